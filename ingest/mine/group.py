"""Repeated answers together, whoever said them and in whatever order they came.

Statements with the same words are one; each of these, the most repeated first, joins the first group whose leader says the
same (leader clustering, Hartigan 1975: no chain of likeness ends in something else). Candidates come from an index of the
rarest letter pairs, a bounded number each, so that twice the log is twice the work.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingest.mine.alike import Saying, same, saying
from ingest.mine.exchange import Exchange

_RAREST = 8  # letter pairs by which a statement looks for its group
_MOST = 40  # groups looked at for each of them


@dataclass(frozen=True, slots=True)
class Group:
    """Exchanges whose statements say the same; the first is the leader's. `talks` are the distinct conversations."""

    exchanges: tuple[Exchange, ...]
    talks: frozenset[str]

    @property
    def support(self) -> int:
        return len(self.talks)


def group(found: Iterable[Exchange]) -> list[Group]:
    """All groups, best supported first, the same whatever the order of the exchanges."""
    by_words: defaultdict[str, list[Exchange]] = defaultdict(list)
    sayings: dict[str, Saying] = {}
    for each in sorted(found, key=lambda e: (e.statement, e.questions, e.talk)):
        said = saying(each.statement)
        sayings.setdefault(said.words, said)
        by_words[said.words].append(each)
    ranked = sorted(by_words, key=lambda words: (-len(_talks(by_words[words])), -len(words), words))
    members = _cluster([sayings[words] for words in ranked])
    groups = [_group([each for words in of for each in by_words[words]]) for of in members]
    return sorted(groups, key=lambda g: (-g.support, g.exchanges[0].statement))


def _cluster(ranked: Sequence[Saying]) -> list[list[str]]:
    """The words of each group's members, its leader's first."""
    common = Counter(pair for said in ranked for pair in said.pairs)
    led: defaultdict[str, list[int]] = defaultdict(list)  # groups by the pairs of their leaders
    leaders: list[Saying] = []
    members: list[list[str]] = []
    for said in ranked:
        rarest = sorted(said.pairs, key=lambda pair: (common[pair], pair))[:_RAREST]
        near = sorted({number for pair in rarest for number in led[pair][:_MOST]})
        home = next((number for number in near if same(leaders[number], said)), None)
        if home is not None:
            members[home].append(said.words)
            continue
        for pair in said.pairs:
            led[pair].append(len(leaders))
        leaders.append(said)
        members.append([said.words])
    return members


def _group(found: Sequence[Exchange]) -> Group:
    return Group(tuple(found), frozenset(_talks(found)))


def _talks(found: Iterable[Exchange]) -> set[str]:
    return {each.talk for each in found}
