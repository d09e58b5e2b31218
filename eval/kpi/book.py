"""A log worked out once, and the part of it that figures are made of: a period, a shop, an agent, a shift."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from eval.kpi.log import Log, Mark, MarkKind, Told, Use
from eval.kpi.rules import Rules, day_of
from eval.kpi.sales import Sale, sales
from eval.kpi.sessions import Session, Wait, sessions
from kb.events.life import Life, lives
from kb.model import Event


@dataclass(frozen=True, slots=True)
class Contact:
    """One buyer at one shop on one day: what 询单 counts. A chat over midnight is of the day on which it began."""

    shop: str
    buyer: str
    day: str
    sessions: tuple[Session, ...]
    presale: bool  # not about an order that was paid before
    sales: tuple[Sale, ...]  # that follow one of its sessions

    def paid_within(self, span_ms: int) -> bool:
        return any(sale.paid_ms - self.sessions[0].begun_ms <= span_ms for sale in self.sales)


@dataclass(frozen=True, slots=True)
class Card:
    """What became of one card, and when it was shown and used."""

    use: Use
    life: Life


@dataclass(frozen=True, slots=True)
class Book:
    """What the formulas see. `end_ms` is the end of the whole log: what had no time to happen by then is not judged."""

    rules: Rules
    end_ms: int
    sessions: tuple[Session, ...]
    contacts: tuple[Contact, ...]
    sales: tuple[Sale, ...]
    again: Mapping[
        tuple[str, str, int], bool | None
    ]  # whether the buyer came again within `recontact`; None: too early to say
    marks: tuple[Mark, ...]
    cards: tuple[Card, ...]
    told: tuple[Told, ...]

    @property
    def waits(self) -> tuple[Wait, ...]:
        return tuple(wait for one in self.sessions for wait in one.waits)

    def marks_of(self, kind: MarkKind) -> tuple[Mark, ...]:
        return tuple(mark for mark in self.marks if mark.kind is kind)

    def part(
        self,
        *,
        shop: str | None = None,
        agent: str | None = None,
        shift: str | None = None,
        days: tuple[str, str] | None = None,
    ) -> Book:
        """Only what is of one shop, agent, shift, and of days from the first to the last.

        A session is of whoever replied first, and all that hangs on it goes with it; a wait is of whoever ended it.
        """

        def day(at: int) -> bool:
            return days is None or days[0] <= day_of(at) <= days[1]

        def wanted(one: Session) -> bool:
            return (
                shop in (None, one.shop)
                and agent in (None, one.agent)
                and shift in (None, self.rules.shift_of(one.begun_ms))
                and day(one.begun_ms)
            )

        kept = tuple(one for one in self.sessions if wanted(one))
        if agent is not None:
            kept = tuple(_of_agent(one, agent) for one in kept)
        named = {(one.shop, one.conversation) for one in kept}
        alone = agent is None and shift is None  # what hangs on no session is of a shop and a day only
        chosen = {one.key for one in kept}

        def sold(sale: Sale) -> bool:
            if sale.session is not None:
                return sale.session.key in chosen
            return alone and shop in (None, sale.shop) and day(sale.paid_ms)

        def noted(shop_: str, conversation: str, at: int) -> bool:
            return (shop_, conversation) in named and day(at)

        return replace(
            self,
            sessions=kept,
            contacts=tuple(one for one in self.contacts if one.sessions[0].key in chosen),
            sales=tuple(filter(sold, self.sales)),
            marks=tuple(one for one in self.marks if noted(one.shop, one.conversation, one.at_ms)),
            cards=tuple(
                one
                for one in self.cards
                if shop in (None, one.use.shop) and day(one.use.at_ms)
                and agent in (None, one.use.agent) and shift in (None, self.rules.shift_of(one.use.at_ms))
            ),
            told=tuple(one for one in self.told if alone and shop in (None, one.shop) and day(one.at_ms)),
        )  # fmt: skip


def open_book(log: Log, rules: Rules, until_ms: int | None = None) -> Book:
    """Work a log out. `until_ms`: up to when everything is known, where that is later than its last line."""
    found = sessions(log, rules)
    sold = sales(log, found, rules)
    end = max(log.end_ms, until_ms or 0)
    return Book(
        rules,
        end,
        found,
        tuple(_contacts(found, sold, rules)),
        sold,
        _again(found, rules, end),
        log.marks,
        tuple(_cards(log.uses)),
        log.told,
    )


def _of_agent(one: Session, agent: str) -> Session:
    """The session with the waits that this agent ended, and those that nobody did if it is hers."""
    return replace(one, waits=tuple(wait for wait in one.waits if (wait.agent or one.agent) == agent))


def _grouped(
    found: Iterable[Session], key: Callable[[Session], tuple[str, ...]]
) -> dict[tuple[str, ...], list[Session]]:
    groups: dict[tuple[str, ...], list[Session]] = defaultdict(list)
    for one in found:
        groups[key(one)].append(one)
    return groups


def _contacts(found: Iterable[Session], sold: Iterable[Sale], rules: Rules) -> Iterable[Contact]:
    follows: dict[tuple[str, str, int], list[Sale]] = defaultdict(list)
    bought: dict[tuple[str, str], list[int]] = defaultdict(list)
    for sale in sold:
        if sale.session is not None:
            follows[sale.session.key].append(sale)
        if buyer := sale.buyer or (sale.session.buyer if sale.session else ""):
            bought[sale.shop, buyer].append(sale.paid_ms)
    for (shop, buyer, day), mine in _grouped(found, lambda one: (one.shop, one.buyer, day_of(one.begun_ms))).items():
        begun = mine[0].begun_ms
        after = any(0 <= begun - paid <= rules.after_sale_ms for paid in bought[shop, buyer])
        presale = not after and mine[0].scene not in ("售后", "投诉")
        yield Contact(shop, buyer, day, tuple(mine), presale, tuple(sale for one in mine for sale in follows[one.key]))


def _again(found: Iterable[Session], rules: Rules, end_ms: int) -> Mapping[tuple[str, str, int], bool | None]:
    told: dict[tuple[str, str, int], bool | None] = {}
    for mine in _grouped(found, lambda one: (one.shop, one.buyer)).values():
        for one, after in zip(mine, [*mine[1:], None], strict=True):
            back = after is not None and after.begun_ms - one.ended_ms <= rules.recontact_ms
            told[one.key] = True if back else False if end_ms - one.ended_ms >= rules.recontact_ms else None
    return told


def _cards(uses: Iterable[Use]) -> Iterable[Card]:
    by_shop: dict[str, list[Use]] = defaultdict(list)
    for use in uses:
        by_shop[use.shop].append(use)
    for mine in by_shop.values():
        first: dict[str, Use] = {use.suggestion: use for use in reversed(mine)}
        for card, life in lives(map(_event, mine)).items():
            yield Card(first[card.suggestion], life)


def _event(use: Use) -> Event:
    return Event(use.id, use.kind, use.suggestion, use.entry, use.rank, at=use.at_ms, conversation=use.conversation)
