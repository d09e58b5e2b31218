"""承诺: what agents have promised in a chat, in their own words: a time, money, something sent, a call back.

What holds for everybody (一般48小时发货) and what the buyer shall do (您先寄回) is no promise, and neither is a question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

MOST = 5
_LONGEST = 60  # characters of one promise
_PIECE = re.compile(r"[^,，。;；!！?？~～\n]+[?？]?")
_WHEN = (
    r"(?:今[天晚早日]|明[天晚早日]|后天|当天|下周|本周|周[一二三四五六日末]|月底前?|下班前|中午前|晚上|上午|下午"
    r"|稍后|等下|一会儿?|马上|立刻|立即|立马|尽快|第一时间"
    r"|[\d一二两三四五六七八九十半]{1,3} ?(?:个)?(?:小时|分钟|天|工作日|日|点)(?:内|之内|前|左右)?)"
)
_DO = (
    r"(?:发(?!现)|寄|补|退|换|回(?:复|电|您|访)|答复|联系|打款|打[电给]|到账|处理|通知|送|安装|上门|开好|修|催|拦|核实|查|反馈|申请"
    r"|登记|备注|安排|盯|跟进|审核|加急|改|留|赔|补偿|来电)"
)
_PROMISE = re.compile(
    rf"(?:帮|给|为|替)(?:您|你|亲|咱).{{0,14}}{_DO}|{_DO}.{{0,6}}(?:给|帮)?(?:您|你)(?!看|说|的|先|可以|点)"
    rf"|{_WHEN}.{{0,14}}{_DO}"
    rf"|(?:我|我们|这边|咱们?|仓库|财务|主管|师傅|店里|运费险)(?:这边|们)?(?:会|马上|现在就?|立即|立刻|去|来|今天|明天|帮|给|先|已经).{{0,12}}{_DO}"
    r"|(?:补偿|赔付?|退还?|返还?|补)(?:给)?(?:您|你)?.{0,6}\d+(?:\.\d+)? ?(?:元|块)"
    r"|全额退|(?:运费|邮费|费用)(?:由)?(?:我们|我方|店里|商家|这边)(?:承担|出|报销|来出)"
    r"|(?:我们|我方|店里|商家)(?:承担|出|报销)(?:来回)?(?:运费|邮费)|不会?(?:扣|收)您"
    r"|(?:寄回|收到)后.{0,14}(?:修好|退|换|发|寄|补|打款)"
    r"|(?:我|这边)(?:申请|登记|安排|补偿)"
)
_NO_PROMISE = re.compile(
    r"[吗么嘛呢]$|[?？]$|是否|可以吗|好不好|要不|需要(?:您|补)|需补"
    r"|建议|推荐您|麻烦您|辛苦您|请您|(?<![给帮为替])您(?:先|点|可以|拍|发|看|把|需|自|申请)|一般|正常|通常|默认|大概|预计|如果|若"
    r"|自动|系统|核实到了|不(?:能|可以|支持|好意思)|没法|无法|发下|发一下|发来|发我|拍照|亲(?:先|可以)|谢谢|感谢|抱歉$"
)


def promises_of(texts: Sequence[str]) -> tuple[str, ...]:
    """The promises in agents' messages (masked, oldest first), the latest `MOST`, each once."""
    found = dict.fromkeys(promise for text in texts for promise in _of(text))
    return tuple(found)[-MOST:]


def _of(text: str) -> Iterator[str]:
    """Promises of one message; clauses that follow each other are one: 今天补发，单号发您."""
    run: list[str] = []
    for piece in (piece.strip() for piece in _PIECE.findall(text)):
        if _PROMISE.search(piece) and not _NO_PROMISE.search(piece):
            run.append(piece)
        else:
            yield from _joined(run)
            run = []
    yield from _joined(run)


def _joined(run: Sequence[str]) -> Iterator[str]:
    if run:
        yield "，".join(run)[:_LONGEST]
