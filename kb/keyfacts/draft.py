"""Key facts drafted from a chat by rules and lists: no model, so that the same chat says the same, and in less than two milliseconds.

The agent confirms or corrects them; what the chat does not say is "". Masked like everything that is stored.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kb.keyfacts.cues import ASKS, OTHER, said, wishes
from kb.keyfacts.promises import promises_of
from kb.keyfacts.topic import topic_of
from kb.keyfacts.wish import wish_of
from kb.language.conversation import gist, prepared
from kb.language.mask import mask
from kb.language.order_states import WORDS
from kb.language.tail import LABEL, LENGTH, labelled
from kb.language.text import fold
from kb.model import Entry, KeyFacts, Order, Product, Scene, Speaker, Tone, Turn

CALM, HURRIED, UNHAPPY, THREATENING = "平静", "着急", "不满", "要投诉"
MOODS = (CALM, HURRIED, UNHAPPY, THREATENING)
_TURNS = 30  # the latest that are read
_LONGEST = 200  # characters read of one of them
_READ = 600  # characters of the buyer's that are read, the latest
_SAID = re.compile(rf"(?:{LABEL}|末四位|后四位)\D{{0,3}}([0-9A-Za-z]{{{LENGTH}}})(?![0-9A-Za-z])")
_NUMBER = re.compile(r"(?<![0-9A-Za-z-])(?:\d{6}-\d{11})?\d{10,20}(\d{4})(?![0-9A-Za-z])")


def draft(
    turns: Sequence[Turn],
    tone: Tone = Tone(),  # noqa: B008 (frozen)
    *,
    product: Product | None = None,
    order: Order | None = None,
    entry: Entry | None = None,
) -> KeyFacts:
    """The key facts of a chat; `turns` are oldest first and end with the latest message, `tone` is that of the buyer's last.

    `entry` is what was found for it: its question tells the topic where the buyer's own words do not.
    """
    latest = turns[-_TURNS:]
    heard = said(_heard(latest))
    wish = wish_of(heard)
    promises = promises_of([_read(turn) for turn in latest if turn.speaker is Speaker.AGENT])
    return KeyFacts(
        topic=_topic(topic_of(heard), entry, tone),
        product=mask(product.name) if product else "",
        order=_order(latest, order),
        wish=wish,
        mood=_mood(tone),
        promises=promises,
        next_step=_next(wish, promises, order),
    )


def _heard(turns: Sequence[Turn]) -> list[str]:
    """What the buyer said, folded, oldest first; of much the latest."""
    found: list[str] = []
    left = _READ
    for turn in reversed(turns):
        if turn.speaker is Speaker.BUYER and left > 0:
            found.append(fold(gist(_read(turn)))[:left])
            left -= len(found[-1])
    return found[::-1]


def _read(turn: Turn) -> str:
    return prepared(turn.text[:_LONGEST])


def _topic(topic: str, entry: Entry | None, tone: Tone) -> str:
    """What the buyer's words tell, else what the found question tells, else the scene alone."""
    if topic == OTHER and entry is not None:
        topic = topic_of(said([fold(entry.question)]))
    if topic == OTHER and tone.scene is not Scene.OTHER and entry is not None:
        return f"{tone.scene}·{OTHER}"
    return topic


def _order(turns: Sequence[Turn], order: Order | None) -> str:
    """The order's last four: as the host says, else as the chat does."""
    if order is not None and order.tail:
        return labelled(mask(order.tail))
    for turn in reversed(turns):
        found = [*_SAID.findall(turn.text[:_LONGEST]), *_NUMBER.findall(turn.text[:_LONGEST])]
        if found:
            return labelled(found[-1])
    return ""


def _mood(tone: Tone) -> str:
    if tone.escalation:
        return THREATENING
    if tone.complaining:
        return UNHAPPY
    return HURRIED if tone.urgent else CALM


def _next(wish: str, promises: Sequence[str], order: Order | None) -> str:
    """What is to be done: what was promised first, then what the wish asks for in this state of the order."""
    if wish == ASKS and promises:
        wish = ""
    steps = next((cue.next for cue in wishes() if cue.name == wish), {})
    states = [state for state in (order.refund, order.logistics) if state] if order else []
    step = next((steps[str(state)] for state in states if str(state) in steps), steps.get("", ""))
    known = "、".join(WORDS[state] for state in states)
    step = f"{step}（订单{known}）" if step and known else step
    return "；".join(filter(None, [f"兑现承诺：{promises[-1]}" if promises else "", step]))
