"""How one conversation stands: what is stored of it, and what was last suggested, which is not (it can be asked again)."""

from __future__ import annotations

from dataclasses import dataclass

from bot.shapes.assist import ToneOut
from bot.shapes.brief import KeyFactsOut
from kb.store.chats import Chat


@dataclass(frozen=True, slots=True)
class Advice:
    """The last suggestion: what its page gets as it goes over the line, and what the queue shows of it."""

    after: str  # id of the last message it has read
    suggestion: str  # SuggestionOut as JSON: a tenth of the memory of the objects
    tone: ToneOut
    key_facts: KeyFactsOut  # drafted


@dataclass(frozen=True, slots=True)
class Standing:
    chat: Chat
    advice: Advice | None = None
