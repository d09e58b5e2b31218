"""问题类型: what caused a conversation, before what was then asked for; the later of two that say as much."""

from __future__ import annotations

from kb.keyfacts.cues import OTHER, Said, topics


def topic_of(said: Said) -> str:
    """The type of the closed list that the buyer's clauses tell; 其他 where they tell none."""
    best, best_rank = OTHER, (-2, -1, 0, 0)
    for order, topic in enumerate(topics()):
        for clause, offset in topic.places(said):
            rank = (topic.weight, clause, -order, -offset)
            if rank > best_rank:
                best, best_rank = topic.name, rank
    return best
