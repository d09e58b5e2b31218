"""How merchants write a question in running text: a mark (问：), a number (1. 怎么退货？), or just a question."""

from __future__ import annotations

import re

from ingest.sheet import Row

QUESTION, ANSWER, SIMILAR, CATEGORY = "标准问题", "答复", "相似问", "分类"

_LONGEST_QUESTION = 100  # characters; a longer paragraph with a question in it is an answer
_LONGEST_LONE = 60  # of a question that nothing marks
_LONGEST_HEADER = 12
_LONGEST_MARK = 40
_MOSTLY = 0.5

_WORDS = "标准问题|标准问|客户问题|常见问题|问题|提问|问|Question|Q"
_REPLIES = "标准答案|标准答复|答案|答复|回答|回复|答|Answer|A"
# "问：", "【问】", "Q1.", "问题 3、", "Q12 怎么…": a stop or a blank counts only behind a number.
_MARK = r"[【\[]?(?:{words})(?:\s*\d{{1,3}}\s*[】\]]?(?:\s*[:：.、．)）]|\s)|\s*[】\]]\s*[:：]?|\s*[:：])\s*"
_LEAD = r"[*_>\s]*(?:\d{1,3}\s*[.、．)）]\s*)?[*_]*"
_ASKED = re.compile(_LEAD + _MARK.format(words=_WORDS), re.IGNORECASE)
_REPLIED = re.compile(_LEAD + _MARK.format(words=_REPLIES), re.IGNORECASE)
_REPLY_INSIDE = re.compile(
    rf"(?:(?<=[\s?？。！!；;])A\d{{0,3}}|【?(?:{_REPLIES[: -len('|Answer|A')]})】?)\s{{0,3}}[:：]\s*"
)
_SIMILAR = re.compile(r"[*_>\s]*【?(?:相似问法|相似问题|相似问|相似说法|类似问法|其他问法)\s*\d{0,2}】?\s*[:：]\s*")
_NUMBERED = re.compile(
    r"(?:第?\s*(?:\d{1,3}|[一二三四五六七八九十]{1,3})\s*(?:[、)）]|[.．](?!\d))|[(（]\s*(?:\d{1,3}|[一二三四五六七八九十]{1,3})\s*[)）]|[①-⑳])\s*"
)
_SECTION = re.compile(
    r"第?\s*[一二三四五六七八九十]{1,3}\s*(?:[、)）.．]|部分|章)|[(（][一二三四五六七八九十]{1,3}[)）]|【"
)
_ENDS_ASKING = re.compile(r"[?？][”\"』」)）*_]*$")
_ASKING = re.compile(
    "什么|怎么|怎样|如何|多少|多久|多大|多长|多重|几天|几个|几点|几号|哪|能不能|可不可以|可以.{0,10}吗|能.{0,10}吗|是否|是不是"
    "|为什么|为啥|会不会|有没有|要不要|需不需要|吗$|呢$"
)
_GREETING = re.compile("亲|您好|你好|在吗|请问是|抱歉|不好意思|感谢|谢谢")


def asked(line: str) -> str | None:
    """The question behind a mark; None where there is no mark."""
    return (_behind(_ASKED, line) or "").strip("*_ ") or None


def replied(line: str) -> str | None:
    """The answer behind a mark (perhaps "", it stands below); None where there is no mark."""
    return _behind(_REPLIED, line)


def similar(line: str) -> str | None:
    """Other ways to ask, behind their mark."""
    return _behind(_SIMILAR, line) or None


def split_reply(text: str) -> tuple[str, str]:
    """ "怎么退？答：可以退" → ("怎么退？", "可以退"); without an answer inside, ("怎么退？", "")."""
    match = _REPLY_INSIDE.search(text)
    return (text[: match.start()].strip(), text[match.end() :]) if match and match.start() else (text, "")


def numbered(line: str) -> str | None:
    """What stands behind a number at the beginning of a line; None where there is none."""
    return _behind(_NUMBERED, line) or None


def _behind(mark: re.Pattern[str], line: str) -> str | None:
    """What follows a mark; a mark stands at the beginning, and no line is searched further for one."""
    match = mark.match(line, 0, _LONGEST_MARK)
    return line[match.end() :].lstrip() if match else None


def opens_section(line: str) -> bool:
    """Whether a line begins as the headings of Chinese documents do (一、售后; 【发货】); steps of an answer are 1. 2. 3."""
    return bool(_SECTION.match(line))


def is_question(text: str) -> bool:
    """Whether a short text asks something."""
    return len(text) <= _LONGEST_QUESTION and bool(_ENDS_ASKING.search(text) or _ASKING.search(text))


def is_lone_question(text: str) -> bool:
    """Whether a text that nothing marks is a buyer's question: it ends as one, and no agent speaks."""
    return len(text) <= _LONGEST_LONE and bool(_ENDS_ASKING.search(text)) and not _GREETING.match(text)


def begins_something(line: str) -> bool:
    """Whether a line cannot be the rest of the line before."""
    return any(found(line) is not None for found in (asked, replied, similar, numbered))


def with_header(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """The rows, with a header above where two columns of questions and answers have none."""
    if not rows or any(len(row.cells) > 2 for row in rows) or _is_header(rows[0]):
        return rows
    pairs = [row for row in rows if row.cell(0) and row.cell(1)]
    asking = sum(is_question(row.cell(0)) for row in pairs)
    if not pairs or asking <= _MOSTLY * len(pairs):
        return rows
    return (Row(0, (QUESTION, ANSWER)), *rows)


def _is_header(row: Row) -> bool:
    return all(len(cell) <= _LONGEST_HEADER and not _ENDS_ASKING.search(cell) for cell in row.cells) and not any(
        _ASKING.search(cell) for cell in row.cells
    )
