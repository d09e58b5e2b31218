"""The conversation rows of an experiment, and what is to be said of them.

A row for each conversation whose buyer spoke while the experiment ran, and for each that was exposed. Its arm is that of its
first exposure, else the one that it was assigned to when it began (intention to treat). It is contaminated where it met the
other arm as well, or its buyer or its unit (a shift or a shop, when the share was changed) was met in both.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eval.experiment.before import Past, past
from eval.experiment.gather import ShopRecord
from eval.experiment.money import USUAL, Window, attributed
from eval.experiment.talk import Talk
from eval.rows.rows import ConversationRow
from kb.experiment.arm import arm, unit_id
from kb.experiment.experiment import Experiment, Unit
from kb.experiment.exposure import Exposure
from kb.experiment.shifts import day_of
from kb.language.mask import mask
from kb.store.audit import digest

HANDOVER, SHIFT, SHARE, BUYER = "handover", "shift", "share", "buyer"  # why a conversation is contaminated


@dataclass(frozen=True, slots=True)
class Export:
    """The rows, oldest first; contaminations by cause; conversations without a unit (nobody served them), without messages
    (deleted by now, or never told of), and whose window has not ended yet, whether they are in the rows or left out;
    `crossed`: units with rows in both arms, which no estimate may use."""

    rows: tuple[ConversationRow, ...]
    mixed: dict[str, int]
    unassigned: int
    silent: int
    unfinished: int
    crossed: int = 0


@dataclass(frozen=True, slots=True)
class _Met:
    """A conversation of the experiment: what is left of its messages, and its exposure; one of them at least."""

    record: ShopRecord
    talk: Talk
    exposure: Exposure | None
    at: int
    unit: str
    arm: str


def conversation_rows(
    experiment: Experiment, records: Sequence[ShopRecord], *, now: int, window: Window = USUAL, finished: bool = False
) -> Export:
    """Assemble the rows of an experiment as it stands at `now` (unix seconds); `finished`: only those whose window has ended."""
    every = [met for record in records for met in _met(experiment, record)]
    counted = sorted((met for met in every if met.unit), key=lambda met: (met.at, met.record.shop, met.talk.id))
    both, crossed = _buyers_in_both(counted), _units_in_both(counted)
    unfinished = sum(window.paid_until(met.at) > now for met in counted)
    told = [met for met in counted if not finished or window.paid_until(met.at) <= now]
    causes = [_cause(met, both, crossed) for met in told]
    before = past(experiment, records, window)
    rows = [_row(experiment, met, window, before, cause) for met, cause in zip(told, causes, strict=True)]
    return Export(
        tuple(rows),
        dict(sorted(Counter(filter(None, causes)).items())),
        sum(not met.unit for met in every),
        sum(met.talk.began is None for met in told),
        unfinished,
        len(crossed),
    )


def _met(experiment: Experiment, record: ShopRecord) -> Iterator[_Met]:
    talks = {talk.id: talk for talk in record.talks}
    for id in sorted({talk.id for talk in record.talks if talk.began is not None} | set(record.exposures)):
        exposure = record.exposures.get(id)
        talk = talks.get(id) or Talk(id, "", "", "", None, None)
        at = talk.began if talk.began is not None else exposure.at if exposure else 0
        if exposure:
            yield _Met(record, talk, exposure, at, exposure.unit, exposure.arm)
            continue
        unit = unit_id(experiment, shop=record.shop, conversation=id, agent=talk.agent, at=at)
        yield _Met(record, talk, None, at, unit, arm(experiment, unit, at) if unit else "")


def _buyers_in_both(every: Sequence[_Met]) -> set[tuple[str, str]]:
    """Buyers, by shop and digest, whose conversations are in more than one arm."""
    arms: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for met in every:
        if met.talk.buyer:
            arms[met.record.shop, met.talk.buyer].add(met.arm)
    return {buyer for buyer, found in arms.items() if len(found) > 1}


def _units_in_both(every: Sequence[_Met]) -> set[str]:
    """Shifts or shops whose conversations are in more than one arm: a changed share took them along half-way."""
    arms: defaultdict[str, set[str]] = defaultdict(set)
    for met in every:
        arms[met.unit].add(met.arm)
    return {unit for unit, found in arms.items() if len(found) > 1}


def _cause(met: _Met, both: set[tuple[str, str]], crossed: set[str]) -> str:
    """Why a conversation is contaminated; "": it is not."""
    exposure = met.exposure
    if exposure is not None and exposure.mixed_at is not None:
        if exposure.mixed_by == exposure.unit:
            return SHARE
        same = exposure.unit.partition("/")[0] == exposure.mixed_by.partition("/")[0]
        return SHIFT if same else HANDOVER
    if met.unit in crossed:
        return SHARE
    return BUYER if (met.record.shop, met.talk.buyer) in both else ""


def _agent(experiment: Experiment, met: _Met) -> str:
    """Who served it in the end; where agents' shifts were assigned, whose shift it was."""
    exposed = met.exposure.agent if met.exposure else ""
    return exposed or met.talk.agent if experiment.unit is Unit.AGENT_SHIFT else met.talk.agent or exposed


def _row(experiment: Experiment, met: _Met, window: Window, before: Past, cause: str) -> ConversationRow:
    record, talk, at, agent = met.record, met.talk, met.at, _agent(experiment, met)
    known = before.of(record.shop, talk.buyer, agent, at)
    money = attributed(record.outcomes.get(talk.id, ()), at, window, record.pieces)
    name = f"{record.shop}/{_plain(talk.id)}"
    return ConversationRow(
        conversation=name,
        shop=record.shop,
        agent=agent,
        shift=experiment.shifts.of(at),
        day=day_of(at),
        at=at,
        experiment=experiment.id,
        arm=str(met.arm),
        unit=name if experiment.unit is Unit.CONVERSATION else met.unit,
        platform=talk.platform,
        scene=talk.scene,
        buyer=_seen_before(record, talk, at),
        converted=int(money.orders > 0),
        paid=money.paid / 100,
        refunded=money.refunded / 100,
        items=money.items,
        before_converted=known[0],
        before_paid=known[1],
        first_reply_s=talk.first_reply_s,
        complaint=int(talk.complaint),
        refund=int(money.refund),
        exposed=int(met.exposure is not None),
        contaminated=int(bool(cause)),
    )


def _seen_before(record: ShopRecord, talk: Talk, at: int) -> str:
    """Whether the buyer had spoken to the shop before, as far as conversations are kept."""
    if not talk.buyer:
        return ""
    first = record.first_seen.get(talk.buyer, at)
    return "老客" if first < at else "新客"


def _plain(conversation: str) -> str:
    """A host that uses a telephone number as the id of a chat must not have it carried out of the house."""
    return conversation if mask(conversation) == conversation else f"c_{digest(conversation.encode())}"
