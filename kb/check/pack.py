"""Packs of rules: what may not be said, as data that a person can read, check against its source and add to.

A pack is a TOML file in `rules/` (docs/check.md says how to write one). Words and patterns are looked for in one form of the
text (`kb.check.view`); what lies within an exemption is let pass. Patterns hold no unbounded repetition, so that no text, however
hostile, costs more than its length: `Pack.load` refuses one that does.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Self

from kb.check.finding import Concern, Finding, Severity
from kb.check.view import Read, View
from kb.errors import Invalid

FORMS = ("plain", "tight", "digits")
_ENDLESS = re.compile(r"(?<!\\)(?:[*+]|\{\d*,\})")
_PLATFORMS = ("淘宝", "天猫", "京东", "拼多多", "抖音", "快手", "小红书", "微信")
_QUOTED = 12  # characters before and after, within one pair of quotation marks
_OPENED = re.compile(r"[“‘「『《\"][^”’」』》\"，。！？]{0,12}$")
_CLOSED = re.compile(r"[^“‘「『《，。！？]{0,12}[”’」』》\"]")
_IN_CLASS = re.compile(r"\[(?:\\.|[^\]])*\]")


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that may not be said. `within` names the form that is searched; `first` are the characters one of which
    must be there, empty where any may begin it."""

    id: str
    concern: Concern
    severity: Severity
    why: str
    advice: str
    within: str
    found: re.Pattern[str]
    unless: re.Pattern[str] | None
    first: frozenset[str]
    weak: bool  # says nothing where another rule of the pack has spoken

    def breaches(self, read: Read) -> Iterator[Finding]:
        """Where the rule is broken in the form that it looks at."""
        for start, end, allowed in self._matches(read):
            if not allowed:
                yield Finding(*read.span(start, end), self.id, self.concern, self.severity, self.why, self.advice)

    def spared(self, read: Read) -> Iterator[tuple[int, int]]:
        """Where in the text as typed it would be broken, were there no exemption."""
        return (read.span(start, end) for start, end, allowed in self._matches(read) if allowed)

    def _matches(self, read: Read) -> Iterator[tuple[int, int, bool]]:
        if self.first and self.first.isdisjoint(read.text):
            return
        allowed: list[tuple[int, int]] | None = None
        for match in self.found.finditer(read.text):
            start, end = match.span("what") if "what" in self.found.groupindex and match["what"] else match.span()
            if allowed is None:
                allowed = [m.span() for m in self.unless.finditer(read.text)] if self.unless else []
            if start < end:
                yield start, end, any(a <= start and end <= b for a, b in allowed)


@dataclass(frozen=True, slots=True)
class Pack:
    """Rules of one kind for some platforms and categories; none named: for all."""

    name: str
    title: str
    source: str
    date: str
    platforms: tuple[str, ...]
    categories: tuple[str, ...]
    not_categories: tuple[str, ...]
    rules: tuple[Rule, ...]

    @classmethod
    def load(cls, name: str, text: str) -> Self:
        """A pack from its TOML text. Raises Invalid where a rule is not as agreed, with its id."""
        try:
            data = tomllib.loads(text)
            concern = Concern(data["kind"])
            words = data.get("words", {})
            rules = tuple(_rule(name, concern, row, words, data) for row in data["rule"])
            on, of, but = (tuple(data.get(key, ())) for key in ("platforms", "categories", "not_categories"))
            return cls(name, data["title"], data["source"], str(data["date"]), on, of, but, rules)
        except (KeyError, ValueError, re.error) as error:
            raise Invalid(f"规则包“{name}”读不懂：{error}", remedy="请对照 docs/check.md 的写法修改。") from error

    @property
    def concern(self) -> Concern:
        return self.rules[0].concern

    def applies(self, platform: str, category: str) -> bool:
        """Whether the pack is meant for a shop of this platform and category, both as merchants write them."""
        return (
            (not self.platforms or not platform or any(one in platform for one in self.platforms))
            and (not self.categories or any(one in category for one in self.categories))
            and not any(one in category for one in self.not_categories)
        )


@lru_cache(maxsize=1)
def shipped() -> tuple[Pack, ...]:
    """The packs that come with the software, by name."""
    folder = files("kb.check") / "rules"
    names = sorted(one.name for one in folder.iterdir() if one.name.endswith(".toml"))
    return tuple(Pack.load(name.removesuffix(".toml"), (folder / name).read_text("utf-8")) for name in names)


def breaches(view: View, packs: Sequence[Pack], platform: str, category: str) -> Iterator[Finding]:
    """Every breach of the packs that are meant for such a shop."""
    for pack in packs:
        if pack.applies(platform, category):
            said = [(rule, f) for rule in pack.rules for f in rule.breaches(getattr(view, rule.within))]
            meant = [(rule, f) for rule, f in said if not let_pass(f, view.typed, platform)]
            yield from [f for rule, f in meant if not rule.weak] or [f for _, f in meant]


def spared(view: View, packs: Sequence[Pack], concern: Concern) -> Iterator[tuple[int, int]]:
    """Where exemptions of a concern let something pass: spans of the text as typed."""
    rules = (rule for pack in packs if pack.concern is concern for rule in pack.rules)
    return (span for rule in rules for span in rule.spared(getattr(view, rule.within)))


def let_pass(found: Finding, typed: str, platform: str) -> bool:
    """Whether it only speaks of the words, in quotes, or names the very platform that it is said on."""
    if found.concern is Concern.CONTACT:
        said = typed[found.start : found.end]
        return found.rule.endswith((".elsewhere", ".learned")) and any(
            own in said for own in _PLATFORMS if own in platform
        )
    return quoted(typed, found.start, found.end)


def quoted(typed: str, start: int, end: int) -> bool:
    """Whether what stands there is spoken of, not said: “ ” or 《 》 around it."""
    before, after = typed[max(0, start - _QUOTED) : start], typed[end - 1 : end + _QUOTED]
    return bool(_OPENED.search(before) and _CLOSED.match(after))


def _rule(
    pack: str, concern: Concern, row: Mapping[str, Any], words: Mapping[str, str], data: Mapping[str, Any]
) -> Rule:
    where = f"{pack}.{row['id']}"
    said = sorted(row.get("words", "").split(), key=lambda word: (-len(word), word))
    shapes = [_filled(where, one, words) for one in row.get("patterns", ())]
    common = () if row.get("strict") else data.get("unless", ())  # a strict rule lets pass only what it names itself
    unless = [_filled(where, one, words) for one in [*row.get("unless", ()), *common]]
    within = row.get("within", "tight")
    if not (said or shapes) or within not in FORMS:
        raise ValueError(f"{where}：缺少 words 或 patterns，或 within 不是 {'、'.join(FORMS)}")
    return Rule(
        where,
        concern,
        Severity(row["severity"]),
        row["why"],
        row["advice"],
        within,
        re.compile("|".join([*shapes, *map(re.escape, said)])),
        re.compile("|".join(unless)) if unless else None,
        frozenset() if shapes else frozenset(word[0] for word in said),
        bool(row.get("weak")),
    )


def _filled(where: str, pattern: str, words: Mapping[str, str]) -> str:
    """A pattern with the pack's lists of words in the places that name them: <W>."""
    for name, listed in words.items():
        pattern = pattern.replace(f"<{name}>", "(?:" + "|".join(map(re.escape, listed.split())) + ")")
    if _ENDLESS.search(_IN_CLASS.sub("", pattern)):
        raise ValueError(f"{where}：重复次数没有上限，请写成 {{0,8}} 这样")
    return pattern
