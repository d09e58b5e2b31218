"""Does a sentence say what this merchant forbids? A warning with the cell that says so.

Let pass: what is denied (没有美白功效), asked (您是想美白吗) or only quoted, what an exemption of a shipped rule lets pass (第一次),
and what the shop's own published answers say in just this way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kb.check.banned import Ban
from kb.check.finding import Concern, Finding, Severity
from kb.check.own import Own
from kb.check.pack import quoted, shipped, spared
from kb.check.view import View

_DENIED = re.compile(r"(?:不(?![仅但只光错同])|没|无|非|别|勿|未|禁)[^，。！？；\n]{0,5}$")
_ASKED = re.compile(r"[^，。！？；\n]{0,6}[吗么？]")
_BESIDE = 3  # characters on each side that tell how the shop itself uses a word
_WINDOW = 8
# What such a word says when it praises nothing: 第一次, 最好先试穿, 最快明天到.
_ORDINARY = re.compile(
    r"第一(?=[次时步天件个条单种点批句页行层遍回张季款期双位车])|最[好快](?![的了呢哦啊吗。！，~]|$)"
)
_EXEMPT = (Concern.ABSOLUTE, Concern.PROMISE, Concern.MEDICAL)
_WHY, _ADVICE = "本店的资料里写明不能说“{}”。", "请换一种说法。"


def forbidden(view: View, own: Own, focus: str, now: int) -> Iterator[Finding]:
    """Every place where a word stands that the shop forbids now. `focus` is the key of the product that the chat is about."""
    text = view.solid.text
    said = [ban for ban in own.bans if ban.word in text and ban.said.holds(now)]
    if not said:
        return
    exempt = [view.plain.span(*match.span()) for match in _ORDINARY.finditer(view.plain.text)]
    exempt += [span for concern in _EXEMPT for span in spared(view, shipped(), concern)]
    for ban in said:
        if ban.codes and not _about(view, own, focus, ban):
            continue
        for match in re.finditer(re.escape(ban.word), text):
            start, end = view.solid.span(*match.span())
            if not (_allowed(view, start, end, exempt) or _usual(own, text, *match.span())):
                why = _WHY.format(view.typed[start:end])
                stated = f"{ban.said.label}：{ban.said.text[:80]}"
                yield Finding(
                    start, end, "banned.word", Concern.BANNED, Severity.WARN, why, _ADVICE, stated, ban.said.source
                )


def _about(view: View, own: Own, focus: str, ban: Ban) -> bool:
    """Whether a word that is forbidden of some products is said of one of them."""
    keys = {product.key for code in ban.codes for product in own.named(code)}
    plain = view.plain.text
    return not keys or focus in keys or any(p.key in keys for p in (*own.named(plain), *own.called(plain)[1]))


def _allowed(view: View, start: int, end: int, exempt: list[tuple[int, int]]) -> bool:
    typed = view.typed
    before, after = typed[max(0, start - _WINDOW) : start], typed[end : end + _WINDOW]
    inside = (
        typed[start:end].isascii() and (before[-1:] + after[:1]).strip().isascii() and _word(before[-1:] + after[:1])
    )
    return bool(
        inside
        or _DENIED.search(before)
        or _ASKED.match(after)
        or quoted(typed, start, end)
        or any(a < end and start < b for a, b in exempt)
    )


def _word(around: str) -> bool:
    return any(c.isascii() and c.isalnum() for c in around)


def _usual(own: Own, text: str, start: int, end: int) -> bool:
    """Whether the shop's own answers hold the word with what stands before it here, or after it."""
    around = (text[max(0, start - _BESIDE) : end], text[start : end + _BESIDE])
    return any(len(part) > end - start + 1 and own.answers(part) for part in around)
