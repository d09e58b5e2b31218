"""A drawn month as conversation rows: what an experiment's export would hold (docs/evaluation.md)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import timedelta

from eval.month.draw import Month, Unit
from eval.month.world import SHIFTS
from eval.rows.rows import ConversationRow

UPSELL, NULL = "upsell", "null"


def rows(month: Month) -> Iterator[ConversationRow]:
    """The experiment with the upsell, in the order in which conversations began."""
    arms = month.treated.tolist()
    for place, row in enumerate(_seen(month)):
        yield _as(row, UPSELL, arms[place], _unit(month, place))


def null_rows(month: Month) -> Iterator[ConversationRow]:
    """The same conversations by the arms of an experiment that does nothing: its true effect is 0."""
    arms = month.null_treated.tolist()
    for place, row in enumerate(_seen(month)):
        yield _as(row, NULL, arms[place], conversation(month, place))


def conversation(month: Month, place: int) -> str:
    """The id of a conversation: its shop, the month, its number."""
    return f"{month.world.shops[int(month.shop[place])].slug}-{month.world.first_day:%y%m}-{place + 1:05d}"


def day_of(month: Month, place: int) -> str:
    return (month.world.first_day + timedelta(days=int(month.day[place]))).isoformat()


def shift_of(month: Month, place: int) -> str:
    return f"{day_of(month, place)}/{SHIFTS[int(month.shift[place])]}"


def _unit(month: Month, place: int) -> str:
    if month.unit is Unit.CONVERSATION:
        return conversation(month, place)
    return f"{month.world.agents[int(month.agent[place])].name}/{shift_of(month, place)}"


def _as(row: ConversationRow, experiment: str, treated: bool, unit: str) -> ConversationRow:
    values = {name: getattr(row, name) for name in ConversationRow.__slots__}
    arm = "treatment" if treated else "control"
    return ConversationRow(**{**values, "experiment": experiment, "arm": arm, "unit": unit})


def _seen(month: Month) -> Iterator[ConversationRow]:
    world = month.world
    bought, paid, back, items = (
        column.tolist() for column in (month.converted, month.paid, month.refunded, month.items)
    )
    for place in range(len(month)):
        returning = bool(month.returning[place])
        reply = float(month.reply_s[place])
        shop = world.shops[int(month.shop[place])]
        yield ConversationRow(
            conversation=conversation(month, place),
            shop=shop.slug,
            agent=world.agents[int(month.agent[place])].name,
            shift=shift_of(month, place),
            day=day_of(month, place),
            at=int(month.at[place]),
            experiment="",
            arm="",
            unit="",
            platform=shop.platform,
            scene=world.scenes[int(month.scene[place])].name,
            buyer="老客" if returning else "新客",
            converted=int(bought[place]),
            paid=paid[place] / 100,
            refunded=back[place] / 100,
            items=items[place],
            before_converted=float(month.bought_before[place]) if returning else None,
            before_paid=int(month.paid_before[place]) / 100 if returning else None,
            first_reply_s=None if math.isnan(reply) else reply,
            complaint=int(month.complaint[place]),
            refund=int(back[place] > 0),
            exposed=int(month.exposed[place]),
        )
