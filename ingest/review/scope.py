"""For whom or what something is said: 电机十年 and 整机一年, 银卡9.5折 and 金卡9折 hold side by side.

No list names such conditions; they are what stands before the value and is neither in the question nor light. Two
scopes are apart where both name something and either nothing is shared, or a head is shared and its qualifiers are not
(北方仓, 南方仓), or they take two sides of a known pair (没拆封, 拆封后).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from ingest.review.options import CASES, PROVINCES
from ingest.review.question import Question
from kb.language.contrast import FEATURES, contrast, marks

_LIGHT = re.compile(
    r"大概|大约|约|一般|通常|默认|正常|最多|最少|最高|最低|最大|最迟|最晚|最快|上限|下限|不超过|不低于|至少|左右|只能|只|仅|统一|一律|目前|暂时|暂|现在"
    r"|我们家|我们|咱们|本店|店铺|小店|商家|卖家|买家|客户|顾客|自己|您|你|亲亲|亲|这边|这款|这个|这件|本品|本款|本产品|产品|商品|宝贝|整体|全店|全场"
    r"|可以|可|能够|能|支持|会|是|有|含有|含|带|送|赠送|赠|包|需要|需|要|请|建议|放|用|使用|收取|收|付|加|补|为|在|于|给|到|从|由|再|就|都|也|还|已|才|均|即|内|的|了|哦|呢|哈|啊|呀"
    r"|发货|发出|寄出|下单|拍下|付款|签收|收货|收到|确认|处理|到账|之后|以后|后|前|之前|以内|之内|期限|时间|时长|周期|工期|总共|共|总|净|全|每|单|一|个|款|第|这|那|达|至|起|超|满"
    r"|保修期?|质保期?|联保|保质期?|续航|退货|退换|无理由|退款|邮费|运费|快递费|包邮|赔付|赔偿|补偿|赔|开票|发票|价保|保价|上班|在线|人工客服|开始|容量|净含量|重量"
    r"|每天|每日|一天|1天|每次|一晚上?|夜里?|当月|另外|另|额外|费|订单|打|价|领|立|得|领取|关注|累计|实付|单笔|消费|未发货|没到门槛"
    r"|千万|切|绝|微|一点|有点|点|稍|轻微|少量|个别|可能|难免|会有|元|块|原本|本来|先|折|非常|抱歉|不好意思|您好|你好|放心|估计|预计|差不多|基本|比较|很|挺|完全|绝对|直接|立即|马上"
)
_NOTHING = re.compile(r"[^\u4e00-\u9fffa-z0-9]|(?<![a-z0-9])\d+")  # keeps the 2 of vip2
# Cases are compared as cases; of most, who names one name is another (金卡, 银卡), but these words say the same.
_SAME_CASE = re.compile("|".join("|".join(CASES[case].split()) for case in ("超时", "质量", "拆封")))
_MOMENTS = (":之前", ":之后")
_UNIT_ONLY = re.compile(r"^(?:[a-z]{1,2})$")
_NEGATED = re.compile("没|未|不|无|非|别")
# What follows names a kind: the word before it limits, light or not (补水款, 散装, 银卡).
_KIND = re.compile(r"([\u4e00-\u9fff]{1,3}?)(?:款|版|型|味|号|装|系列|类|卡|色|级|仓|层|位|店|用户|订单)")
_PROVINCE = re.compile(PROVINCES)
_THIS = re.compile("[这那本该此各每]+[款件个种]|宝贝|产品|商品")
_MODIFIES = frozenset(
    "男女大小新陈老旧深浅厚薄冷热冬夏春秋左右上下长短红白黑黄蓝绿灰粉紫干湿生熟内外东南西北早晚轻重前后首续"
)
_CLASH = tuple(i for i, name in enumerate(FEATURES) if name in {"side_clash", "model_clash", "number_clash"})


class Scope(NamedTuple):
    """The words that limit a value, and the moments (发货:之前) that it is said for."""

    words: str
    moments: frozenset[str]


EVERYBODY = Scope("", frozenset())


@lru_cache(maxsize=4096)
def scope(before: str, asked: Question) -> Scope:
    """What limits a value, of the text that stands before it in its clause."""
    if not before:
        return EVERYBODY
    rest = asked.without(before)
    kinds = "".join(match[0] for match in _KIND.finditer(_THIS.sub("", rest)) if not set(match[1]) <= asked.chars)
    rest = _NOTHING.sub("", _LIGHT.sub(" ", _PROVINCE.sub(" ", _SAME_CASE.sub(" ", rest))))
    rest = "".join(char for char in rest if char not in asked.chars)
    if (len(rest) == 1 and rest not in _MODIFIES) or _UNIT_ONLY.match(rest):
        rest = ""
    rest = kinds or rest
    return Scope(rest, frozenset(side for side in marks(before).sides if side.endswith(_MOMENTS)))


def apart(one: Scope, other: Scope) -> bool:
    """Whether two scopes exclude each other; a scope never excludes silence."""
    return _deeds(one, other) or _words_apart(one.words, other.words)


def _deeds(one: Scope, other: Scope) -> bool:
    deeds = [{each.partition(":")[0] for each in side.moments} for side in (one, other)]
    return bool(deeds[0] & deeds[1]) and not one.moments & other.moments


@lru_cache(maxsize=4096)
def _words_apart(one: str, other: str) -> bool:
    if not one or not other or one == other:
        return False
    shared = set(one) & set(other)
    if not shared or (set(one) - shared and set(other) - shared):
        return True
    if bool(_NEGATED.search(one)) is not bool(_NEGATED.search(other)):
        return True
    found = contrast(marks(one), marks(other))
    return any(found[i] for i in _CLASH)
