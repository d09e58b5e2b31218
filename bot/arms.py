"""Which treatments a conversation gets: asked once for every suggestion, before anything is searched.

Nothing runs in the shop, or there is no conversation: everything. Otherwise each running experiment is asked for its arm
(`kb.experiment.arm`), and that it could act is on disk before the reply leaves, in both arms alike: a control that is
recorded less often than a treatment would be another kind of buyer.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass

from bot.access import Shop
from bot.shapes.assist import SuggestionOut, Withheld
from kb.errors import HuashuError
from kb.experiment.arm import arm, unit_id
from kb.experiment.experiment import Arm, Experiment, Treatment
from kb.experiment.exposure import Exposure
from kb.store.grant import Role

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Arms:
    """What a conversation gets. `withheld` says why there is no assist."""

    upsell: bool = True
    assist: bool = True
    withheld: Withheld = Withheld.NOT


ALL = Arms()


def arms_of(shop: Shop, conversation: str) -> Arms:
    """The arms of a conversation for a suggestion that is made now; that it was exposed is on disk when this returns."""
    running = shop.running_experiments()
    if not running or not conversation:
        return ALL
    now = int(time.time())
    found = list(_assigned(shop, running, conversation, now))
    for one in found:
        _note(shop, one, conversation, now)
    return _arms(found)


def may_see(shop: Shop, conversation: str, told: SuggestionOut) -> bool:
    """Whether what was suggested before may still be shown: not after the conversation came to the other arm, because another
    agent took over, the shift ended or the share was changed. Whoever looks asks anew. Nothing is noted."""
    running = shop.running_experiments()
    arms = _arms(list(_assigned(shop, running, conversation, int(time.time())))) if running else ALL
    return told.withheld == arms.withheld and (arms.upsell or told.upsell is None)


@dataclass(frozen=True, slots=True)
class _Assigned:
    """An experiment with the unit of the conversation and its arm; None: the unit is not known yet."""

    experiment: Experiment
    agent: str
    unit: str
    arm: Arm | None


def _assigned(shop: Shop, running: tuple[Experiment, ...], conversation: str, now: int) -> Iterator[_Assigned]:
    agent = _agent(shop, conversation)
    for one in running:
        unit = unit_id(one, shop=shop.merchant.slug, conversation=conversation, agent=agent, at=now)
        if unit:
            yield _Assigned(one, agent, unit, arm(one, unit, now))
        elif Role.SERVICE not in shop.grant.roles:  # a host with one key for all its agents: no shift of anybody's
            yield _Assigned(one, agent, unit, None)


def _agent(shop: Shop, conversation: str) -> str:
    """Who serves the conversation; else whoever asks, if that is a person and not the service itself or a host."""
    if serving := shop.serving(conversation):
        return serving
    return "" if Role.SERVICE in shop.grant.roles else shop.grant.key_id


def _arms(found: list[_Assigned]) -> Arms:
    upsell = all(one.arm is Arm.TREATMENT for one in found if one.experiment.treatment is Treatment.UPSELL)
    assist = [one.arm for one in found if one.experiment.treatment is Treatment.ASSIST]
    if Arm.CONTROL in assist:
        return Arms(False, False, Withheld.CONTROL)
    if None in assist:
        return Arms(False, False, Withheld.UNCLAIMED)
    return Arms(upsell)


def _note(shop: Shop, one: _Assigned, conversation: str, now: int) -> None:
    """Note the exposure. A shop whose file cannot be written still serves its buyers; the arm is the hash's either way."""
    if one.arm is None:
        return
    try:
        shop.store.expose(Exposure(one.experiment.id, conversation, one.arm, one.unit, one.agent, now))
    except HuashuError:
        _log.exception("an exposure of experiment %s was not stored", one.experiment.id)
