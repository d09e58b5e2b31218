"""What a merchant forbids its agents to say: the item 禁用话术 of its handover form, and what its notices and processes put in
quotation marks after 不能说. Each becomes a rule of that shop alone.

A form lists words (治疗、美白) or quotes them among instructions (不说“最快、第一”；不承诺具体几点送达): where anything is quoted, only
what is quoted is a word. An instruction is no word; it stays for people to read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kb.check.marks import codes_in
from kb.check.told import BANNED, Said, Told
from kb.check.view import View, solid
from kb.model import EntryKind

_QUOTED = re.compile(r"[“\"「『‘']([^”\"」』’']{1,60})[”\"」』’']")
_LIST = re.compile(r"[、,，/|\s;；。]+")
_PARTS = re.compile(r"[;；。\n]")
_FORBIDS = re.compile(
    r"(?:不能|不要|不得|不可以?|不许|不准|禁止|严禁|切勿|请勿|勿|别|避免)(?:再|对客户|对买家|跟客户|向客户|跟买家|出现|使用|回复|直接){0,2}(?:说|提|讲|用|出现|使用|回复|写)"
    r"(?:到|出|类似|任何|含有|带有|等|词|字眼|:|：| ){0,3}"
)
_INSTRUCTION = re.compile(
    r"^(?:不|禁|严禁|勿|别|承诺|引导|要求|私|随意|主动|辱骂|与|和|向|对|让|泄露|透露|诱导|使用|发送|违)"
)
_LEAST, _LONGEST = 2, 12  # characters of a forbidden word
FOR_AGENTS = {EntryKind.NOTICE, EntryKind.PROCESS, EntryKind.CASE}


@dataclass(frozen=True, slots=True)
class Ban:
    """A word that may not be said, solid, and where that stands; `codes` are the products that it is forbidden of, all if none."""

    word: str
    said: Said
    codes: frozenset[str] = frozenset()


def bans_of(told: Told) -> tuple[Ban, ...]:
    """The words that a shop forbids, each once, longest first."""
    found: dict[tuple[str, frozenset[str]], Ban] = {}
    for ban in (*_of_form(told), *_of_texts(told)):
        found.setdefault((ban.word, ban.codes), ban)
    return tuple(sorted(found.values(), key=lambda ban: (-len(ban.word), ban.word)))


def _of_form(told: Told) -> Iterator[Ban]:
    for said in told.said:
        if said.label == BANNED:
            quoted = bool(_QUOTED.search(said.text))
            for part in _PARTS.split(said.text):
                words = [w for q in _QUOTED.findall(part) for w in _LIST.split(q)] if quoted else _LIST.split(part)
                yield from _bans(
                    words, said, frozenset(c for _, _, c in codes_in(View(_QUOTED.sub("", part)).plain.text))
                )


def _of_texts(told: Told) -> Iterator[Ban]:
    for entry in told.entries:
        if entry.kind in FOR_AGENTS:
            for answer in entry.answers:
                said = Said(answer.text, entry.question or BANNED, entry.source, (entry.window, answer.window))
                for order in _FORBIDS.finditer(answer.text):
                    yield from _bans(_quoted_from(answer.text, order.end()), said)


def _quoted_from(text: str, at: int) -> Iterator[str]:
    """The words in the quotation marks that follow one another from here."""
    while (quote := _QUOTED.match(text, at)) is not None:
        yield from _LIST.split(quote[1])
        at = quote.end() + (text[quote.end() : quote.end() + 1] in tuple("、，,和或/"))


def _bans(words: Iterable[str], said: Said, codes: frozenset[str] = frozenset()) -> Iterator[Ban]:
    for word in words:
        plain = solid(word)
        if _LEAST <= len(plain) <= _LONGEST and not plain.isdigit() and not _INSTRUCTION.match(word.strip()):
            yield Ban(plain, said, codes)
