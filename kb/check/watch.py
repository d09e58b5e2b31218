"""The watch over what is sent: every shop's marks, kept as fresh as its shard, and the check of one sentence."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache, partial

from kb.check.context import Context
from kb.check.finding import Concern, Finding, in_order
from kb.check.forbidden import forbidden
from kb.check.marks import marks_of
from kb.check.neighbours import Neighbours, foreign
from kb.check.own import Own
from kb.check.pack import shipped
from kb.check.salted import Salted
from kb.check.told import Told
from kb.check.truth import untrue
from kb.check.view import View, solid
from kb.check.weigh import objections
from kb.precedence import at_once

_AROUND = 6  # letters and digits at least that are compared with what the shop says, by runs


@dataclass(frozen=True, slots=True)
class Draft:
    """A text that is about to be sent: to whom of which product it goes, on which platform, when (unix seconds)."""

    text: str
    product: str = ""
    platform: str = ""
    category: str = ""
    now: int = 0


class Watch:
    """Knows every shop of the vendor by its marks, and the shops being served by what they say. Threads may share it."""

    def __init__(self, salt: bytes, context: Callable[[], Context | None] = lambda: None) -> None:
        """`context` is called by whoever needs it first; where it gives none, what was learned goes by words alone."""
        self._salted, self._context = Salted.by(salt), cache(context)
        self._own: dict[str, Own] = {}
        self._neighbours = Neighbours()
        self._lock = threading.Lock()

    def generation(self, slug: str) -> int:
        """The generation of a shop that is known; -1 for a shop that is not."""
        own = self._own.get(slug)
        return own.told.generation if own is not None else -1

    def prepare(self) -> None:
        """Have everything at hand before anybody waits for it."""
        self._context()

    @property
    def shops(self) -> frozenset[str]:
        """The shops that a check compares with."""
        return frozenset(self._neighbours.marks)

    def learn(self, told: Told, pause: Callable[[], None] = at_once) -> None:
        """Know a shop as it is now, from the next check on. What is older than what is known changes nothing: of two
        publications the later may arrive first. `pause` as of `marks_of`."""
        marks, own = marks_of(told, self._salted, pause), Own(told, self._salted)
        with self._lock:
            if told.generation >= self.generation(told.slug):
                self._neighbours.put(told.slug, marks)
                self._own[told.slug] = own

    def forget(self, slug: str) -> None:
        """A shop that is no longer the vendor's."""
        with self._lock:
            self._neighbours.put(slug, None)
            self._own.pop(slug, None)

    def check(self, slug: str, draft: Draft) -> tuple[Finding, ...]:
        """What is wrong with a draft of this shop, in a stable order. The shop must be known."""
        own, view = self._own[slug], View(draft.text)
        platform, category = draft.platform or own.told.platforms, draft.category or own.told.category
        found = objections(view, shipped(), platform, category, self._context(), partial(_says, own, draft.text))
        said = [f for f in found if not _ours(f, draft.text, own)]
        wrong = list(foreign(view, own, self._neighbours, self._salted, draft.now))
        said = [f for f in said if not (f.rule.endswith(".learned") and _known(f, draft.text, own, wrong))]
        taken = {(f.start, f.end) for f in wrong}  # it is another shop's: that it is not ours needs no saying
        untruths = [f for f in untrue(view, own, draft.product, draft.now) if (f.start, f.end) not in taken]
        known = {(f.start, f.end) for f in said if not f.rule.endswith(".learned")}
        bans = [f for f in forbidden(view, own, draft.product, draft.now) if not _within(f, known)]
        hinted = {(f.start, f.end) for f in bans}
        said = [f for f in said if not (f.rule.endswith(".learned") and _within(f, hinted))]
        return in_order([*said, *wrong, *untruths, *bans])


def _within(finding: Finding, told: Collection[tuple[int, int]]) -> bool:
    """Whether something else is told of the same words already."""
    return any(start < finding.end and finding.start < end for start, end in told)


def _ours(finding: Finding, text: str, own: Own) -> bool:
    """Whether it is the shop's own number or address, which buyers are told."""
    written = solid(text[finding.start : finding.end])
    return finding.concern is Concern.CONTACT and any(map(str.isdigit, written)) and own.has(written)


def _known(found: Finding, text: str, own: Own, wrong: Sequence[Finding]) -> bool:
    """Whether what was learned adds nothing: the words are told as another shop's, or the shop itself says them and those
    around. It is a hint, and what a trainer has published stands above it."""
    start, end = found.start, found.end
    return any(other.start < end and start < other.end for other in wrong) or _says(own, text, start, end)


def _says(own: Own, text: str, start: int, end: int) -> bool:
    """Whether the shop itself says half of what stands there, with what stands around it where that is short."""
    while len(solid(text[start:end])) < _AROUND and (start, end) != (0, len(text)):
        start, end = max(0, start - 1), min(len(text), end + 1)
    return own.says_half(solid(text[start:end]))
