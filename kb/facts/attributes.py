"""What buyers ask of a product, and under which names its sheet may hold the answer. Data only.

The order decides: where one word can mean two attributes ("多少克": weight or content), the first that the product
has a fact for is meant. What is not here is still found by its own name (asked.py): 衣长, 里料, 备案号.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from kb.language import names
from kb.language.text import fold


class Shape(Enum):
    """How an attribute is answered."""

    VALUE = "value"
    CHOICE = "choice"  # which there are: colours, sizes
    EXISTENCE = "existence"  # whether there is this one


@dataclass(frozen=True, slots=True)
class Attribute:
    """One thing that is asked: how buyers ask (and what tells that they do not), and what sheets call it."""

    code: str
    names: frozenset[str]
    asks: re.Pattern[str]
    unless: re.Pattern[str] | None
    compounds: bool  # 外壳材质 is a 材质; but 会员价 is not the price
    shape: Shape

    def called(self, name: str) -> bool:
        """Whether a fact of this name holds this attribute."""
        plain = plain_name(name)
        return plain in self.names or (self.compounds and plain.endswith(tuple(self.names)))


@lru_cache(maxsize=4096)
def plain_name(name: str) -> str:
    """A fact's name as it is compared."""
    return fold(name).replace(" ", "")


def _ask(code: str, asks: str, *, unless: str = "", compounds: bool = True, shape: Shape = Shape.VALUE) -> Attribute:
    words = frozenset(map(plain_name, names.ATTRIBUTES[code].split()))
    return Attribute(code, words, re.compile(asks), re.compile(unless) if unless else None, compounds, shape)


_WHAT = "(?:什么|啥|哪种|哪些)"
_HOW_MUCH = "(?:多少|几|多大)"
_FIBRES = "(?:棉|麻|丝|真丝|桑蚕丝|羊毛|羊绒|真皮|牛皮|羊皮|鹅绒|鸭绒|羽绒|不锈钢|实木|纯铜|亚麻|天丝|莫代尔|塑料|硅胶|陶瓷|玻璃)"
_DEVICES = "(?:苹果|华为|小米|荣耀|三星|安卓|鸿蒙|oppo|vivo|iphone ?[\\w ]*|ipad|macbook|switch|笔记本|电脑|平板|手机)"

ATTRIBUTES: tuple[Attribute, ...] = (
    _ask(
        "price",
        r"多少钱|什么价|啥价|几块钱|几多钱|多钱|价格(?:是|多少|呢|几)|价格$|怎么卖|咋卖|卖多少|多少一[件条瓶盒个支双套包]",
        unless="差价|保价|价保|原价|秒杀|给多少|多少钱[以之能可才就]",
        compounds=False,
    ),
    _ask(
        "stock",
        r"有(?:没有)?(?:现)?货|[还没]有货|库存|现货(?:吗|么|不)|缺货|断货|卖完|售罄|还剩",
        unless="什么时候|啥时候|何时|多久|补货|几号|哪里|货号|水货|假货|尾货|货到|说|取消|下单|拍|不足|一会|报备|临时",
        compounds=False,
    ),
    _ask(
        "colour",
        rf"{_WHAT}(?:颜色|色[^差]|色$)|[几多]少?[个种款]颜色|颜色有?(?:{_WHAT}|几)|颜色(?:都|可)?有",
        compounds=False,
        shape=Shape.CHOICE,
    ),
    _ask(
        "size",
        rf"有(?:{_WHAT}|几个)(?:尺码|码)|(?:{_WHAT}|几个)尺码|(?:尺码|码数|码子)(?:都|是|可)?有(?:{_WHAT}|几)?|最[大小]码?是?(?:多大|几|什么)码?",
        unless="穿|推荐|身高|体重|斤",
        compounds=False,
        shape=Shape.CHOICE,
    ),
    _ask(
        "fit_weight",
        r"体重(?:是|多少|范围)|适合多[重少]|多少斤(?:能|可以|的人)?穿|多重的人",
    ),
    _ask(
        "weight",
        r"多重|[几多]少?(?:斤|公斤|千克|kg|克|g)(?![a-z])|几克|克数|重量|有多沉|沉不沉|重不重|重吗",
        unless="体重|穿|人|适合",
    ),
    _ask("surface_weight", r"多少克|几克|克重|克数"),
    _ask(
        "opened_life",
        r"(?:开封|开盖|打开).{0,6}(?:多久|多长|几个月|保质|用完|能放|能用)",
    ),
    _ask("made_on", r"生产日期|什么时候生产|日期新", compounds=False),
    _ask(
        "shelf_life",
        r"保质|(?:能|可以)放(?:多久|多长|几)|放多久|多久(?:会)?(?:过期|坏|变质)|几年过期",
        unless="怎么看|过了|快到|临期|优惠券|券",
        compounds=False,
    ),
    _ask(
        "content",
        r"净含量|多少(?:ml|毫升|g|克|片|粒|支|包)(?![a-z])|几[片粒支包]|多大[一]?[瓶盒罐袋]|多少毫升",
        unless="一天|每天|每次|一次|用几|用多少|挤",
        compounds=False,
    ),
    _ask(
        "spec",
        rf"{_WHAT}规格|几[种个]规格|规格(?:有|是|{_WHAT})",
        compounds=False,
        shape=Shape.CHOICE,
    ),
    _ask(
        "capacity",
        r"容量|多少(?:毫安|mah|升|l|g内存|gb|g)(?![a-z])|几升|内存(?:多|是|几)|多大内存|毫安",
    ),
    _ask(
        "power",
        r"(?:多少|几)(?:瓦|w)|功率|\d+ ?(?:w|瓦)(?:的)?(?:吗|么|吧)",
    ),
    _ask("voltage", r"(?:多少|几)(?:伏|v)(?![a-z])|电压"),
    _ask(
        "endurance",
        r"续航|(?:能|可以)(?:用|听|播)(?:多久|几个?小时)|充一次",
    ),
    _ask("plug", rf"{_WHAT}(?:接口|插口|口的|头的)|接口|type-?c(?:口)?的?(?:吗|么)|几个口"),
    _ask("protocol", rf"协议|{_WHAT}快充|支持快充|快充(?:吗|么)"),
    _ask(
        "fits",
        rf"兼容|适配|(?:适用|支持){_WHAT}?(?:手机|机型|型号|设备)|{_WHAT}(?:手机|机型)|{_DEVICES}.{{0,4}}(?:能|可以|可)(?:以)?用",
    ),
    _ask("cable", r"线(?:有)?多长|线长|多长的线|线(?:是)?(?:几|多少)米"),
    _ask(
        "with_cable",
        r"带(?:不带)?(?:充电|数据)?线(?:吗|么|不|没)|带不带线|有(?:没有)?线(?:吗|么|送)?$",
    ),
    _ask("certificate", r"3c|认证"),
    _ask("model", rf"{_WHAT}型号|型号是|型号(?:多少|呢)", compounds=False),
    _ask("brand", rf"{_WHAT}(?:牌子|品牌)|哪个(?:牌子|品牌)|品牌是", compounds=False),
    _ask("lining", r"里料|里布|内衬|里衬|衬里", compounds=False),
    _ask(
        "material",
        rf"{_WHAT}(?:材质|材料|面料|料子|料|布料|布|成分|配料|原料|做的)|(?:材质|材料|面料|料子|布料|成分|配料)(?:是|有|里)?(?:{_WHAT}|呢|$|\?)"
        rf"|(?:是|是不是|是否)(?:100%)?(?:纯|全|真)?{_FIBRES}(?:的|做的|材质)?(?:吗|么|嘛|不|吧|$)|是不是(?:纯|全|真)?{_FIBRES}"
        rf"|{_FIBRES}(?:的)?(?:含量|成分)|含(?:多少|量)(?:棉|羊|丝|绒)",
        unless="酒精",
    ),
    _ask("stretch", r"弹[性力]|弹不弹|有弹(?:吗|么|没)"),
    _ask("thickness", r"厚不厚|薄不薄|厚吗|薄吗|厚薄|多厚|厚度|加[厚绒]的?(?:吗|么)"),
    _ask("cut", rf"{_WHAT}版型?|版型|(?:是)?(?:宽松|修身|直筒|收腰)(?:的|款|版)?(?:吗|么)"),
    _ask("collar", rf"{_WHAT}领|领型|领子是"),
    _ask("sleeve", rf"{_WHAT}袖|袖长|袖子(?:有)?多长|(?:长|短|七分)袖(?:的)?(?:吗|么)"),
    _ask("season", rf"{_WHAT}季节|哪个季节|季节|[春夏秋冬][天季](?:能|可以|可)穿"),
    _ask(
        "washing",
        r"怎么(?:清)?洗|(?:能|可以|可)(?:不能|不可以)?(?:用洗衣机|机|水|手|干)洗|[机水手干]洗(?:吗|么)|洗涤|洗护",
        unless="退|掉|缩",
    ),
    _ask(
        "usage",
        r"怎么[使用]用?(?:的|啊|呀|呢)?$|如何使用|使用方法|用法",
        unless="券|卡|红包|分|买",
    ),
    _ask(
        "skin",
        rf"{_WHAT}(?:肤质|皮肤|肤色)|肤质|(?:敏感肌|敏感皮|[干油]皮|混油皮?|混干皮?|痘[痘肌]).{{0,4}}(?:能|可以|可|适)",
    ),
    _ask("effect", rf"{_WHAT}(?:功效|作用|功能)|(?:功效|作用|功能)(?:是|有|{_WHAT})|干(?:什么|啥)用的"),
    _ask("texture", rf"{_WHAT}质地|质地"),
    _ask("scent", rf"{_WHAT}味|{_WHAT}香|香味|香型|(?:有没有|有)(?:香|味)(?:味|道)?(?:吗|么|$)"),
    _ask("alcohol", r"酒精"),
    _ask("pregnancy", r"(?:孕妇|怀孕|孕期|孕妈|哺乳|备孕).{0,6}(?:能|可以|可|用)"),
    _ask("waterproof", r"防水"),
    _ask("sun", r"spf|防晒(?:指数|值|系数|倍数)|pa值|几个加"),
    _ask("filing", r"备案|注册证|妆字号|批准文号"),
    _ask("safety", r"安全(?:类别|等级|技术)|[abc]类(?:的)?(?:吗|么)|哪一?类"),
    _ask(
        "ages",
        r"(?:几|多大)岁?.{0,4}(?:能|可以|孩子|宝宝|小孩).{0,4}(?:用|穿|玩|吃)|适用年龄|年龄段",
    ),
    _ask(
        "origin",
        r"产地|哪[里儿]?(?:生)?产的?|哪[里儿]生产|产自|原产|国产(?:的)?(?:吗|还是)|哪[里儿]做的",
        compounds=False,
    ),
    _ask(
        "warranty",
        r"(?:质保|保修)(?:期)?(?:是)?(?:多久|多长|几|多少|$|呢|\?)|保(?:几年|多久)",
    ),
    _ask("length", r"长度|[裙裤衣][子服]?(?:有)?多长|(?:^| )有?多长(?=[呢啊呀?]|$)", compounds=False),
    _ask("existence", r"有没有|有.{0,10}(?:吗|么|嘛|没|不)", compounds=False, shape=Shape.EXISTENCE),
    _ask(
        "dimensions",
        r"尺寸|长宽高|多大的?(?:\?|呢|啊|$)",
        unless="码|穿|岁|年",
    ),
)

# Names that answer no question by themselves: what is said of them is asked in other words (above), or never.
_UNASKED = (
    f"{names.COLOUR} {names.SIZE} {names.SPEC} {names.PRICE} {names.STOCK} {names.POINTS}"
    " 类目 分类 销量 评论数 更新时间 品牌 型号"
)
UNASKED = frozenset(map(plain_name, _UNASKED.split())) - {plain_name("净含量")}
