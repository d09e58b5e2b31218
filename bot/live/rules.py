"""The rules of the clocks, per platform, from `clocks.toml` and the operator's own file of the same form."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Self

from bot.live.clock import Rules
from kb.errors import Invalid
from kb.language.platforms import platforms_of

_SHIPPED = Path(__file__).with_name("clocks.toml")
_SPANS = tuple(one.name for one in fields(Rules))  # first_reply_ms …; in the file first_reply_s …
_BESIDE = {"name", "source", "date"}
_LONGEST_S = 86_400


@dataclass(frozen=True, slots=True)
class Rulebook:
    """What each platform allows; a platform that is not named is held to the default."""

    default: Rules = field(default_factory=Rules)
    platforms: Mapping[str, Rules] = field(default_factory=dict)

    @classmethod
    def read(cls, own: Path | None = None) -> Self:
        """The shipped rules, and over them those of a file. Raises Invalid on one that cannot be read or understood."""
        book = cls().over(_parsed(_SHIPPED), _SHIPPED.name)
        return book if own is None else book.over(_parsed(own), own.name)

    def over(self, told: Mapping[str, Any], name: str) -> Self:
        default = _changed(self.default, told.get("default", {}), name)
        named = {platform: _again(rules, self.default, default) for platform, rules in self.platforms.items()}
        for row in told.get("platform", ()):
            for platform in platforms_of(str(row.get("name", ""))):
                named[platform] = _changed(named.get(platform, default), row, name)
        return type(self)(default, named)

    def of(self, platform: str) -> Rules:
        """The rules of a platform, however it is written; of several (淘系) the strictest of each."""
        found = [self.platforms.get(name, self.default) for name in platforms_of(platform)] or [self.default]
        return Rules(**{span: min(getattr(rules, span) for rules in found) for span in _SPANS})


def _parsed(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Invalid(
            f"时限规则文件 {path.name} 读不出来：{error}", remedy="请对照 docs/live.md 里的样例改正。"
        ) from error


def _changed(rules: Rules, row: Mapping[str, Any], name: str) -> Rules:
    """The rules with what a table of the file says."""
    known = {span.removesuffix("_ms") + "_s": span for span in _SPANS}
    spans = {key: value for key, value in row.items() if key not in _BESIDE}
    for key, value in spans.items():
        if key not in known or type(value) is not int or not 0 < value <= _LONGEST_S:
            raise Invalid(
                f"时限规则文件 {name} 里的 {key} = {value} 不对。",
                remedy=f"可写的有 {'、'.join(known)}，值是 1 到 {_LONGEST_S} 的整数（秒）。",
            )
    return replace(rules, **{known[key]: value * 1000 for key, value in spans.items()})


def _again(rules: Rules, before: Rules, now: Rules) -> Rules:
    """A platform's rules where the default has changed: what it had from the default, it has from the new one."""
    return replace(
        rules, **{span: getattr(now, span) for span in _SPANS if getattr(rules, span) == getattr(before, span)}
    )
