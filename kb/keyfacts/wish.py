"""诉求: what the buyer wants, of a closed list: the last thing wished for and not taken back.

不要退货了 takes a return back, 不补差价我就退货 only threatens with one, 能不能退 wants it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from kb.keyfacts.cues import ASKS, Cue, Said, wishes

_ASKING_NOT = re.compile(
    r"[能可是要会行好有肯](?:不|没)|不能不|不得不|不[合喜满想]\w?要|差不多|不(?:合适|喜欢|想要|满意|好用)"
)
_NOT = re.compile(
    r"(?:不|没|别|甭)(?:是|想|用|需要?|打算|再|必|会|准备)?(?:要|想|再|是)?(?:申请|给我|去|办)?$|(?:取消|撤销|撤回)(?:了|掉)?$"
)
_NOT_AFTER = re.compile(r"^.{2,5}(?:就?算了|就?不用了|不必了|撤销了?|撤回了?)$")
_IF = re.compile(
    r"^(?:再不|要是|如果|假如|万一|否则|不然|要不然|除非|不[补赔退换](?:我|\w{0,3}(?:就|的话))|[^\n]{1,8}的话)"
)
_EVEN_IF = {"投诉", "赔偿"}  # who threatens with these wants to be heard
_SMALL = {ASKS, "推荐"}


class Wished(NamedTuple):
    """One wish in the chat: where, and whether the buyer takes it back there."""

    clause: int
    offset: int
    cue: Cue
    refused: bool


def wish_of(said: Said) -> str:
    """The wish that stands at the end, "" where there is none."""
    standing: dict[str, Wished] = {}
    for one in sorted(_wished(said), key=lambda one: (one.clause, one.refused)):
        if one.refused:
            standing.pop(one.cue.name, None)
        else:
            earlier = standing.get(one.cue.name)
            standing[one.cue.name] = earlier if earlier and earlier.clause == one.clause else one
    firm = [one for name, one in standing.items() if name not in _SMALL]
    order = {cue.name: place for place, cue in enumerate(wishes())}
    ranked = sorted(firm or standing.values(), key=lambda one: (-one.clause if firm else 0, order[one.cue.name]))
    return ranked[0].cue.name if ranked else ""


def _wished(said: Said) -> Iterator[Wished]:
    for cue in wishes():
        for clause, offset in cue.places(said):
            text = said.clauses[clause]
            if _IF.search(text) and cue.name not in _EVEN_IF | _SMALL:
                continue
            yield Wished(clause, offset, cue, cue.name not in _SMALL and _refused(text, offset))


def _refused(clause: str, offset: int) -> bool:
    before = _ASKING_NOT.sub("", clause[:offset])
    return bool(_NOT.search(before) or _NOT_AFTER.search(clause[offset:]))
