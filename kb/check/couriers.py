"""Couriers and what they are called. Data only."""

from __future__ import annotations

import re
from collections.abc import Iterator

_NAMES = {
    "中通": "中通 zto",
    "圆通": "圆通 yto",
    "申通": "申通 sto快递",
    "韵达": "韵达 韵达快递",
    "极兔": "极兔 j&t 兔兔快递",
    "顺丰": "顺丰 sf express",
    "京东快递": "京东快递 京东物流 京东配送 jd快递",
    "邮政": "邮政 ems 邮政小包",
    "德邦": "德邦",
    "百世": "百世 汇通",
    "天天": "天天快递",
    "菜鸟": "菜鸟速递 菜鸟直送 丹鸟",
    "安能": "安能",
    "跨越": "跨越速运",
    "优速": "优速",
    "宅急送": "宅急送",
}
_CALLED = {called: name for name, all_called in _NAMES.items() for called in all_called.split()}
_ANY = re.compile("(?:" + "|".join(map(re.escape, sorted(_CALLED, key=len, reverse=True))) + ")(?!储蓄|银行|编码|支付)")
# Said of a courier that is not used: 不能指定圆通、韵达; 不发顺丰.
_NOT = re.compile(
    r"(?:不(?:能|可|支持|接受|发|走|用|合作|是|保证|会|提供|指定)|没有|无法|没法|暂无|除了|别的|而非|停发|勿|别)[^，。；！？\n]{0,10}$"
)
_LONGEST = 14


def couriers_in(plain: str) -> Iterator[tuple[int, int, str]]:
    """The couriers that a plain text says are used: (start, end, name). Those it denies are left out."""
    for match in _ANY.finditer(plain):
        if not _NOT.search(plain[max(0, match.start() - _LONGEST) : match.start()]):
            yield *match.span(), _CALLED[match[0]]
