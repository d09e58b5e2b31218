"""One shop's open conversations in memory, as they are stored: every change goes to the disk first, then to this board,
then to whoever watches. What is stored is the truth; the board is made of it at first use, and of every reply to a write.

Writers come from many threads and their changes are acknowledged together, so that an older one may arrive here after a
newer one: it is told by its version and does not replace it.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from bot.live.clock import Rules, clocks, due_ms, urgency
from bot.live.rules import Rulebook
from bot.live.standing import Advice, Standing
from bot.live.stream import Told
from bot.shapes.assist import SuggestionOut
from bot.shapes.live import ConversationOut, HelpOut, MessageOut
from kb.model import Conversation, Help, KeyFacts, Message, Speaker
from kb.store.chats import Chat
from kb.store.conversations import ConversationStore, Heard, Who
from kb.store.hub import Merchant

_FRESH_MS = 600_000  # after a restart, who wrote before that is not asked about: the page can ask
SHOWN = 200  # closed conversations, and requests for help, that a list gives


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Board:
    """One shop's. `open_store` gives its file, `publish` tells the watchers, `heard` wants a suggestion for a conversation."""

    def __init__(
        self,
        merchant: Callable[[], Merchant],
        open_store: Callable[[], ConversationStore],
        rulebook: Rulebook,
        publish: Callable[..., None],
        heard: Callable[[str], None],
    ) -> None:
        self._merchant, self._open_store, self._rulebook = merchant, open_store, rulebook
        self._publish, self._heard = publish, heard
        self._lock = threading.RLock()
        self._standing: dict[str, Standing] | None = None

    @property
    def slug(self) -> str:
        return self._merchant().slug

    @property
    def store(self) -> ConversationStore:
        return self._open_store()

    # -- what there is

    def standing(self, conversation: str) -> Standing:
        """Raises NotFound."""
        found = self._open().get(conversation)
        return found or Standing(self.store.chat(conversation))

    def queue(self, *, wanted_open: bool) -> list[Standing]:
        """Open conversations, or the latest closed ones."""
        if not wanted_open:
            return [Standing(kept) for kept in self.store.closed(SHOWN)]
        with self._lock:
            return list(self._open().values())

    def requests(self) -> list[tuple[Chat, Help]]:
        return [(kept, one) for kept in self.store.requested(SHOWN) for one in kept.helps]

    def rules(self, kept: Chat) -> Rules:
        return self._rulebook.of(kept.conversation.platform or self._merchant().platform)

    def shown(self, one: Standing, at_ms: int) -> ConversationOut:
        return ConversationOut.of(self.slug, one, self.rules(one.chat), at_ms)

    def urgency(self, one: Standing) -> tuple[int, int]:
        return urgency(due_ms(clocks(one.chat, self.rules(one.chat))), one.chat.active_ms)

    # -- what happens: each returns when it is on disk

    def take(self, conversation: str, heard: Heard) -> tuple[Standing, Message, bool]:
        """A message of a chat: how the conversation stands, the message as it is stored, and whether it is new."""
        self._open()
        kept, message, new = self.store.take(conversation, heard, now_ms=now_ms())
        if not new:
            return self.standing(conversation), message, False
        standing = self._changed(kept, message)
        if message.turn.speaker is Speaker.BUYER:
            self._heard(conversation)
        return standing, message, True

    def claim(self, conversation: str, agent: Who | None, *, by: str = "", instead: bool) -> Standing:
        return self._changed(self.store.claim(conversation, agent, by=by, instead=instead, now_ms=now_ms()))

    def shut(self, conversation: str, *, by: str = "", instead: bool) -> Standing:
        return self._changed(self.store.shut(conversation, by=by, instead=instead, now_ms=now_ms()))

    def reopen(self, conversation: str, *, by: str = "", instead: bool) -> Standing:
        return self._changed(self.store.reopen(conversation, by=by, instead=instead, now_ms=now_ms()))

    def confirm(self, conversation: str, facts: KeyFacts, version: int | None) -> Standing:
        return self._changed(self.store.confirm(conversation, facts, version=version, now_ms=now_ms()))

    def ask_help(self, conversation: str, request: str, note: str, by: Who) -> tuple[Standing, Help]:
        at, rules = now_ms(), self.rules(self.standing(conversation).chat)
        kept = self.store.ask_help(conversation, request, note, by=by, due_ms=at + rules.help_ms, now_ms=at)
        return self._helped(kept, request)

    def answer_help(self, request: str, text: str, by: Who) -> tuple[Standing, Help]:
        return self._helped(self.store.answer_help(request, text, by=by, now_ms=now_ms()), request)

    def drafted(self, request: str, entry: str) -> tuple[Standing, Help]:
        return self._helped(self.store.drafted(request, entry), request)

    def close_idle(self, idle_ms: int) -> list[str]:
        """Close what nobody has touched for so long; which. The board knows whether there is any: mostly nothing is written."""
        at = now_ms()
        with self._lock:
            idle = any(one.chat.active_ms < at - idle_ms for one in self._open().values())
        closed = self.store.close_idle(at - idle_ms, now_ms=at) if idle else []
        return [self._changed(kept).chat.id for kept in closed]

    # -- suggestions

    def unasked(self, conversation: str) -> Chat | None:
        """The conversation, if its buyer waits and what was said last has not been asked yet."""
        one = self._open().get(conversation)
        if one is None or not one.chat.unanswered or _asked(one):
            return None
        return one.chat

    def suggested(self, asked: Chat, told: SuggestionOut) -> bool:
        """Push what was found for a conversation as it was asked; False where it has moved on meanwhile."""
        assert asked.last is not None  # noqa: S101
        advice = Advice(asked.last.id, told.model_dump_json(), told.tone, told.key_facts)
        with self._lock:
            one = self._open().get(asked.id)
            if one is None or one.chat.unanswered != asked.unanswered:
                return False
            self._open()[asked.id] = standing = replace(one, advice=advice)
            data = _joined(
                {"shop": self.slug, "conversation": asked.id, "after": advice.after}, suggestion=advice.suggestion
            )
            events = [Told(self.slug, "suggestion", data, one.chat.conversation.agent)]
            if one.advice is None or (one.advice.tone, one.advice.key_facts) != (advice.tone, advice.key_facts):
                events.append(self._event(standing, one.chat.conversation.agent))
            self._publish(*events)
        return True

    # -- steps

    def _open(self) -> dict[str, Standing]:
        """The open conversations by id, read at first use; what waits for an answer then is asked about."""
        if self._standing is None:
            with self._lock:
                if self._standing is None:
                    found = {kept.id: Standing(kept) for kept in self.store.opened()}
                    self._standing = found
                    fresh = now_ms() - _FRESH_MS
                    for one in found.values():
                        if one.chat.unanswered and one.chat.active_ms > fresh:
                            self._heard(one.chat.id)
        return self._standing

    def _changed(self, kept: Chat, message: Message | None = None, request: str = "") -> Standing:
        with self._lock:
            known = self._open().get(kept.id)
            if known is None:  # new, opened again, or closed meanwhile by a change that has overtaken this one
                kept = self.store.chat(kept.id)
            if known is not None and known.chat.version >= kept.version:
                standing = known
            else:
                standing = Standing(kept, known.advice if known else None)
                if kept.conversation.open:
                    self._open()[kept.id] = standing
                else:
                    self._open().pop(kept.id, None)
            self._publish(*self._events(kept, known, standing, message, request))
        return standing

    def _events(
        self, kept: Chat, known: Standing | None, standing: Standing, message: Message | None, request: str
    ) -> list[Told]:
        """What watchers are told of a change. Who serves a conversation is told all of it; the others, that it is taken,
        given back, opened or closed."""
        agent, events = kept.conversation.agent, []
        if message is not None:
            said = MessageOut.of(message).model_dump_json()
            events.append(
                Told(self.slug, "message", _joined({"shop": self.slug, "conversation": kept.id}, message=said), agent)
            )
        before, after = known.chat.conversation if known else None, standing.chat.conversation
        same = before is not None and (before.agent, before.open) == (after.agent, after.open)
        if standing is not known:
            events.append(self._event(standing, after.agent if same else ""))
        asked = [one for one in kept.helps if one.id == request] or _ended(before, standing.chat)
        events += (
            Told(self.slug, "help", HelpOut.of(self.slug, kept, one).model_dump_json(), one.asked_by) for one in asked
        )
        return events

    def _event(self, one: Standing, agent: str) -> Told:
        return Told(self.slug, "conversation", self.shown(one, now_ms()).model_dump_json(), agent)

    def _helped(self, kept: Chat, request: str) -> tuple[Standing, Help]:
        return self._changed(kept, request=request), next(one for one in kept.helps if one.id == request)


def _ended(before: Conversation | None, after: Chat) -> list[Help]:
    """The requests for help that nobody waits for any more, since the conversation was just closed."""
    if before is None or not before.open or after.conversation.open:
        return []
    return [one for one in after.helps if one.answered_ms is None and after.given_up_ms(one) == after.closings[-1]]


def _asked(one: Standing) -> bool:
    return one.advice is not None and one.chat.last is not None and one.advice.after == one.chat.last.id


def _joined(plain: dict[str, str], **made: str) -> str:
    """A JSON object of short texts and of values that are JSON already."""
    fields = [f"{json.dumps(name)}:{json.dumps(value, ensure_ascii=False)}" for name, value in plain.items()]
    return "{" + ",".join([*fields, *(f"{json.dumps(name)}:{value}" for name, value in made.items())]) + "}"
