"""Notices in running text: a title, what it says below, and often a line 活动时间：… that says from when until when.

A title is known by its words (…通知, 公告, 【紧急】…), or by standing over a text with such a line. Everything below it up to the
next title, heading or question is its text, byte for byte; a title without a text is the document's own and is left.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.readers.block import Block
from ingest.readers.questions import asked, is_question, numbered
from ingest.sheet import Row, Sheet, tidy

NOTICE_SHEET = "通知"

_HEADER = ("标题", "内容", "有效期", "开始时间", "结束时间", "是否必读")
_LONGEST_TITLE = 40
_WORD = "通知|公告|通告|公示|启事|活动预告"
_NAMED = re.compile(
    rf"(?:{_WORD})(?:[（(][^（()）]*[)）])?[】\]!！]*$|^[【\[]?(?:紧急|重要|必读|全员必读|置顶|{_WORD})", re.IGNORECASE
)
_NO_TITLE = re.compile(r"特此|敬请|请|以|另行|具体|如有|收到|详见")
# "【紧急通知】仓库停发一天，…。": the title and the text in one line.
_MARKED = rf"[【\[][^】\]]{{0,20}}(?:{_WORD}|紧急|重要|必读)[^】\]]{{0,10}}[】\]]"
_WHOLE = re.compile(rf"(?:{_MARKED}|[^，。,：:]{{0,10}}(?:{_WORD})[:：])(?=.{{6}})")
_CLAUSE = re.compile(r"[，。；！,;!\n]")
_TIMES = {
    "valid": "活动|促销|优惠|有效|执行|适用|放假|大促|预售|停发|盘点|起止|活动有效",
    "start": "生效|开始|起始|活动开始",
    "end": "结束|截止|失效|活动结束|活动截止",
}
_STATED = {
    name: re.compile(
        rf"[•·*\-\s]*(?:\d{{1,2}}[.、)）]\s*)?【?(?:{words})(?:时间|日期|期限|期)】?\s*[:：]\s*(?P<when>.+)"
    )
    for name, words in {**_TIMES, "valid": f"{_TIMES['valid']}|活动"}.items()
}
_BARE = re.compile(r"【?时间】?\s*[:：]\s*(?P<when>.{0,60}?\d.{0,60}?(?:至|到|[-~—～－]).{0,60})")
_LONGEST_TIME = 120  # characters; longer lines cost what their length allows, not its cube
_REMARKS = 4
_DATED = re.compile(r"\d\s*[月./-]\s*\d|\d{8}|即日|长期|双1[12]|\d{1,2}\s*[日号]")
_DAY = r"(?:\d{4}\s*年\s*)?\d{1,2}\s*月\s*\d{1,2}\s*[日号]"
_CLOCK = r"(?:\s*(?:上午|下午|晚上?|凌晨)?\d{1,2}(?:[:：]\d{2}(?:[:：]\d{2})?|[点时]整?))?"
_INLINE = re.compile(
    rf"(?:即日起|{_DAY}{_CLOCK})\s*(?:起|开始)?(?:至|到|[-~—～－]+)\s*(?:{_DAY}|\d{{1,2}}\s*[日号]){_CLOCK}"
)
_REMARK = re.compile(r"\s*[(（][^()（）]*[)）]\s*$|[。；;.\s]+$")
_MUST = re.compile(r"必[读看阅]|重要|紧急|全员(?:阅读|知悉)")
_MUST_BELOW = re.compile(r"全员必读|必读|务必(?:阅读|知悉|认真阅读)|必须(?:阅读|知悉)|全员(?:阅读|知悉)")
_MAY = re.compile(r"非必|不必|无需|选读|不重要|非紧急|不紧急")


@dataclass(slots=True)
class _Notice:
    title: Block
    body: list[Block]
    name: str = ""  # the title, where its line holds the text as well


def notices_of(blocks: Sequence[Block], *, asking: bool) -> tuple[Sheet | None, list[Block]]:
    """The notices of a text as a sheet, None where there are none, and the blocks that belong to none of them.

    `asking`: the questions of the text are marked or numbered, so that a line which looks like a title may be part of an
    answer; only headings are titles then.
    """
    starts = {i for i, block in enumerate(blocks) if (block.level or not asking) and _is_named(block)}
    starts -= {i for i in starts if blocks[i].level and i + 1 < len(blocks) and blocks[i + 1].level > blocks[i].level}
    if not asking:
        starts |= _over_times(blocks, starts)
    found: list[_Notice] = []
    left: list[Block] = []
    current: _Notice | None = None
    for index, block in enumerate(blocks):
        if index in starts:
            current = _Notice(block, [])
            found.append(current)
        elif not asking and (name := _whole(block.text)):
            current = _Notice(block, [block], name)
            found.append(current)
        elif current and not _ends(block, current):
            current.body.append(block)
        else:
            current = None
            left.append(block)
    bare = {notice.title.number for notice in found if not notice.body}
    found = [notice for notice in found if notice.body]
    if not found:
        return None, list(blocks)
    titles = [block for block in blocks if block.number in bare and block not in left]
    left = sorted([*left, *titles], key=lambda block: block.number)
    rows = tuple(Row(notice.title.number, _cells(notice)) for notice in found)
    return Sheet(NOTICE_SHEET, (Row(0, _HEADER), *rows), prose=True), left


def _is_named(block: Block) -> bool:
    """Whether the words of a short line say that it is the title of a notice."""
    text = block.text
    return _may_title(block) and bool(_NAMED.search(numbered(text) or text)) and not _NO_TITLE.match(text)


def _may_title(block: Block) -> bool:
    """Whether a line is short and says nothing to its end."""
    text = block.text
    ends = text[-1] in "。；;，,:：、"
    return len(text) <= _LONGEST_TITLE and not ends and not is_question(text) and not stated_time(text)


def _over_times(blocks: Sequence[Block], starts: set[int]) -> set[int]:
    """Titles that only a stated time below them shows to be ones: the first line after the notice before, or, where the
    first notice has its time right below its title, the line above each time."""
    times = [i for i, block in enumerate(blocks) if stated_time(block.text)]
    found: set[int] = set()
    after = 0
    for at in times:
        above = range(after, at)
        if not any(i in starts or i in found for i in above):
            headings = [i for i in above if blocks[i].level]
            below = bool(found) and all(start + 1 in times for start in found)
            places = headings[-1:] or (above[-1:] if below else above)
            found.update([i for i in places if _may_title(blocks[i])][:1])
        after = at + 1
    return found


def _ends(block: Block, notice: _Notice) -> bool:
    """Whether something else begins: a heading as high as the title, or a question."""
    higher = bool(block.level) and block.level <= (notice.title.level or 9)
    return higher or asked(block.text) is not None or (block.gap and _asks(block.text))


def _asks(text: str) -> bool:
    return text[-1] in "?？" and is_question(numbered(text) or text)


def _whole(text: str) -> str:
    """The title of a line that holds a whole notice: its mark and its first clause; "" for any other."""
    mark = _WHOLE.match(text)
    if not mark or _NO_TITLE.match(text):
        return ""
    first = _CLAUSE.split(text[mark.end() :], maxsplit=1)[0]
    return tidy((mark[0] + first)[: _LONGEST_TITLE + mark.end()])


def stated_time(text: str) -> tuple[str, str] | None:
    """Which end of its time a line states, and how; None for any other line, and one too long to state just that."""
    if len(text) > _LONGEST_TIME:
        return None
    for name, pattern in _STATED.items():
        if (match := pattern.match(text)) and _DATED.search(match["when"]):
            return name, _when(match["when"])
    match = _BARE.match(text)
    return ("valid", _when(match["when"])) if match and _DATED.search(match["when"]) else None


def _when(text: str) -> str:
    for _ in range(_REMARKS):
        text = _REMARK.sub("", text)
    return text


def _cells(notice: _Notice) -> tuple[str, ...]:
    title = notice.name or tidy(numbered(notice.title.text) or notice.title.text)
    lines = [block.text for block in notice.body]
    times: dict[str, str] = {}
    for end, when in filter(None, map(stated_time, lines)):
        # Two times of one notice are two answers to one question: together no date, so that somebody is asked.
        times[end] = when if times.get(end, when) == when else f"{times[end]}；{when}"
    if not times and len(spans := set(_INLINE.findall("\n".join([title, *lines])))) == 1:
        times["valid"] = spans.pop()
    must = _read_by_all(title, lines)
    return (
        title,
        "\n".join(lines),
        *(times.get(name, "") for name in ("valid", "start", "end")),
        "是" if must else "否",
    )


def _read_by_all(title: str, lines: Sequence[str]) -> bool:
    says = [line for line in lines if _MUST_BELOW.search(line)] + ([title] if _MUST.search(title) else [])
    return any(not _MAY.search(text) for text in says)
