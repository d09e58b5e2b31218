"""Which statements of an agent are knowledge: true for the next buyer too, and said in full.

The rules would rather lose a good answer than keep a bad one: what is said often is said again. A statement is left out
when it is small talk or a plea for a good rating; when it asks the buyer for something; when it is about this very order,
parcel or person, or what this agent will do about it; when it is bound to this day; when it points at what was said before
it (这个, 那款), or goes on with it; and when it says too little. One with a stand-in ([手机号]) has a hole: it can confirm
what the shop says already, but cannot be sent.
"""

from __future__ import annotations

import re

from kb.language.conversation import understand
from kb.language.mask import mask
from kb.language.text import fold

SHORTEST, LONGEST = 8, 300  # characters of a statement; menus of paths are long, terms of service are no chat
_LEAST_CONTENT = 0.8  # of `kb.language.conversation`: four telling characters

HOLE = re.compile(r"\[[^\[\]]{1,12}\]")

# Platform marks that no reader sees as text: message separators, emoticons by number, kaomoji.
MARKS = re.compile(
    r"!@@@!|<sep>|#?E-[sS](?:\[\w{1,6}\]|\d{1,3})|#E\b|/:[0-9a-z<>()^$*:&@-]{2,5}|~?O\(∩_∩\)O/?~?|\(?\^[_oO.]\^\)?"
)

_SMALL_TALK = re.compile(
    r"评价|好评|满意度|小红心|桃心|打赏|五星|祝[您你亲]|愉快|再见|拜拜|感谢|谢谢|多谢|客气|应该做的|分内|荣幸|善解人意|有眼光|"
    r"抱歉|不好意思|见谅|谅解|海涵|包容|包涵|怠慢|添麻烦|不便|理解[您你一]|心情|放心哦?$|加油|么么哒|打扰|很高兴|欢迎(?:光临|咨询|您)|"
    r"为[您你](?:服务|效劳|解答)|帮(?:助|到)[您你]|随时(?:联系|咨询|来问|提问|反馈)|稍等|稍候|稍后为|等(?:一下|待一下|会儿?)|"
    r"工号|缘分|小主|保证我们会|尽快(?:为|给|帮)|耐心等|电话畅通|手机畅通|不要离开|表情栏|聊天框|右边的“|发财|小手|感激|祝福|缘|妹[子纸]上班|尽快的|等待|放心[的哦呢]|后期|查收|排忧|随时问|动力|打心|赞下|完善的|不要下线|还有(?:什么|其他|其它|啥|没有)|什么问题|哪里不明白|不明白"
)
ASKS_BUYER = re.compile(
    r"[吗么嘛?？]\s*[~。.,，]*$|请问|留(?:个|一下)|[您你](?:是|指|用的是|支付|具体|到底)|还是|(?:是|对|好|行|可以|需要)吗|您看|哪[个款位]?呢?$|什么呢?$|多少呢?$|"
    r"(?:提供|告知|告诉|发送?|说明?|描述|核对|确认|报|选择|复制|回复|联系)(?:一?下|给|到)?(?:我|小?妹|您?的?订单|您?需要咨询|这边|商品|单号|问题|截图|链接|照片|图片)|"
    r"(?:麻烦|辛苦|烦请|需要|还请|请)[您你亲]?(?:先)?(?:提供|告知|告诉|描述|核对|确认下|报)|方便(?:说|问|提供|告)|(?:提供|告知)一?下"
)
_ASKS_WHICH = re.compile(r"(?:订单号|单号|编号|截图|链接|照片|图片|哪个商品|这个商品|这个订单)|查(?:询|看|一下)|核实")
_THIS_CASE = re.compile(
    r"(?:[这此该]个?|[这此该]笔|您|你|亲)的?(?:[订运]?单(?!独)|包裹|快递|货物|件)(?!完成|号|页|详情|里|中|列表|签收后|状态)|"
    r"(?:您|你|亲)的?(?:商品|退款|发票|申请|服务单|取消申请|专票|资质|地址|价保|售后|情况|问题|反馈|账[户号]|货)(?:已|预计|正|还|目前|现|拦截|显示|在|是|会|被|需|没|由)|"
    r"(?:已经?|刚|在|正在|先|再|马上|现在|可以|会|来|去|就|将|立刻|直接)?(?:为|帮|替|给|跟|和|与)[您你亲]们?(?:这边)?(?:查|看|登记|备注|反馈|申请|催|联系|核实|核对|核|"
    r"提交|取消|操作|转|安排|升级|处理|加急|留言|记录|预约|修改|改|开|补|退|换|发|寄|取|送|派|配|审|回|打|说|问|确认|沟通|协商|协调|争取|解决|做|弄|调|报|落实|介绍|推荐|下单|协助|通知)|"
    r"(?:我|小?妹[子纸]?|咱|客服)(?:们?这[边里])?(?:也|就|再|先|马上|立刻|现在|已|会|去|来|帮|看|查|尽|给|为|和|跟|把|让|刚|没|有|需要|建议|是|理解|这里)|"
    r"已经?(?:签收|发货|出库|到达|取消|退款|申请|提交|开具|反馈|登记|备注|催|通知|联系|安排|操作|完成|送达|审核|受理|更新|下发|派|到|在|返|收|寄|转|超|有|是|成功|修|记录|帮|为|给|用)|"
    r"查询?到|看到|显示|系统[这里]|成功了?[哦呢哈的]*$|拦截|分拣|调度|站长|配送员[:：]|师傅[:：]|先生|女士|小姐|审核通过，退款中|正在|师傅您|客户(?:要|说|那边|申请|拒|没)|"
    r"预计(?:送|到|今|明|会|在|给)|应价保|在途|途中|目的站|第一时间|专员|专人|回电|回访|致电"
)
_THIS_DAY = re.compile(
    r"今[天日晚早]|明[天日早晚]|昨[天日晚]|后天|前天|上午|下午|中午|晚上|早上|刚[刚才]|目前|现在|最近|近期|这[几两]天|当前|暂时|暂无|临时|活动(?:已|结束|期间)|大促|[双雙]\s?1[12]|"
    r"周[一二三四五六日末]|星期|礼拜|本[周月]|下[周月个]|月底|年底|春节|国庆|过年"
)
POINTS_BACK = re.compile(
    r"^(?:[这那此该它其]|这[款个件种些]|一样|同样|都是?$|就是|是的?|不是|对|嗯|哦|好|行|有的|没有的?$|可以的?$|不可以|不能的?$|不行|会的|不会的?|"
    r"那|然后|或者|或|并|且|而|但|不过|所以|因为|因此|也|还|再|另外|同时|之后|后期|到时|到时候|如果没|进行|以及|和|及|与|的|了|,|，|、|\)|）|:|：)|"
    r"[这那该此](?:个|款|件|种|台|双|套|支|瓶|盒|条|样|边|里|就)|该(?:商品|产品|店|型号)|本(?:品|店商品|产品)|此(?:商品|产品|款)|它"
)
VOCATIVE = re.compile(
    r"^(?:亲爱[的哒滴]?(?:客户|商家(?:朋友)?|顾客)?|尊敬的(?:客户|商家)(?:朋友)?|小主|[您你]好|亲+|[呢哦哈的呀额嗯]+|[\s,，.。~～!！、…])+"
)
# Names of goods, lists of parts and lines of a parcel's journey state nothing.
_PREDICATE = re.compile(
    r"[是会能要须需可请不没无按让]|支持|建议|点击|选择|打开|联系|退[还回款到]|返[还回]|到账|以.{2,12}为准|只有|都有|有的|享受|申请"
)
UNFINISHED = re.compile(r"(?:[,，:：、(（“]|的话|如果|因为|并且|以及|或者?|和|请|在|可在|可以在|需要您?|[您你])$")


def statement(text: str) -> str:
    """What a statement says, for the rules: folded, without platform marks and without whom it calls."""
    return VOCATIVE.sub("", fold(MARKS.sub(" ", text)))


def is_generic(text: str) -> bool:
    """Whether a masked statement may answer other buyers as well; see the module for the rules."""
    said = statement(text)
    if not SHORTEST <= len(said) <= LONGEST or mask(said) != said:
        return False
    if said.count("(") != said.count(")"):  # cut in the middle
        return False
    if not _PREDICATE.search(said) or any(
        rule.search(said) for rule in (_SMALL_TALK, ASKS_BUYER, _THIS_CASE, _THIS_DAY, POINTS_BACK, UNFINISHED)
    ):
        return False
    return says_enough(said)


def is_small_talk(text: str) -> bool:
    """Whether a statement only keeps the conversation going, so that the question before it is still open."""
    said = statement(text)
    return len(said) < 3 or bool(_SMALL_TALK.search(said)) or bool(_ASKS_WHICH.search(said))


def says_enough(text: str) -> bool:
    """Whether anything telling is left when holes and empty words are gone."""
    return understand(HOLE.sub(" ", text)).content >= _LEAST_CONTENT


def has_hole(text: str) -> bool:
    """Whether something was masked out of it, by us or by whoever gave the log away."""
    return bool(HOLE.search(text))
