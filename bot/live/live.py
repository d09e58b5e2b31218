"""All shops' boards, the stream and the threads behind them: opened with the service, closed before it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from bot.access import Shop
from bot.live.board import Board, now_ms
from bot.live.rules import Rulebook
from bot.live.stream import Stream
from bot.live.workers import Workers
from bot.service import Service
from bot.shapes.assist import SuggestIn, SuggestionOut, TurnIn
from bot.shapes.order import OrderIn
from bot.suggest import suggest
from kb.store.chats import Chat
from kb.store.conversations import Heard
from kb.store.grant import Grant, Role

_log = logging.getLogger(__name__)
_MINUTE_MS = 60_000
_DAY_MS = 24 * 60 * _MINUTE_MS
_SWEEP_S = 15.0
_ROUNDS = 240  # of sweeping between two of deleting: an hour
_PATIENCE_S = 5.0
_TURNS = 50  # that a suggestion reads, at most


@dataclass(frozen=True, slots=True)
class Terms:
    """How long conversations are kept: open without a word, and closed."""

    idle_minutes: int
    kept_days: int


class Live:
    """The live side of a service."""

    def __init__(
        self,
        service: Service,
        rulebook: Rulebook,
        terms: Terms,
        suggest: Callable[[Shop, SuggestIn], SuggestionOut] = suggest,
    ) -> None:
        self.stream = Stream()
        self._service, self._rulebook, self._terms, self._suggest = service, rulebook, terms, suggest
        self._boards: dict[str, Board] = {}
        self._making = threading.Lock()
        self._stopping = threading.Event()
        self._workers = Workers(self._ask)
        self._sweeper = threading.Thread(target=self._sweep_on, name="sweep", daemon=True)
        self._sweeper.start()

    def board(self, shop: Shop) -> Board:
        """The board of the shop that a caller was given a handle of."""
        return self._board(shop.merchant.slug)

    def hear(self, slug: str, conversation: str, heard: Heard) -> bool:
        """A message that a host's server tells of, for the shop that its hook names; False where it was known already."""
        return self._board(slug).take(conversation, heard)[2]

    def close(self) -> None:
        self._stopping.set()
        self.stream.close()
        self._workers.close(_PATIENCE_S)
        self._sweeper.join(_PATIENCE_S)

    def sweep(self, *, forget: bool) -> None:
        """Close what is idle, and `forget` what was kept long enough; the first round reads every board."""
        for merchant in self._service.folder.hub.merchants():
            if self._stopping.is_set():
                return
            if self._service.folder.has_conversations(merchant.slug):
                try:
                    self._sweep(self._board(merchant.slug), forget=forget)
                except Exception:  # one shop that cannot be read must not keep the others from it
                    _log.exception("the conversations of shop %s were not swept", merchant.slug)

    def _sweep(self, board: Board, *, forget: bool) -> None:
        for closed in board.close_idle(self._terms.idle_minutes * _MINUTE_MS):
            self._service.folder.merchant(board.slug).end_conversation(closed, now_ms() // 1_000)
        if forget:
            board.store.forget(now_ms() - self._terms.kept_days * _DAY_MS)

    def _sweep_on(self) -> None:
        rounds = 0
        while not self._stopping.wait(_SWEEP_S):
            if not self._service.ready.is_set():
                continue
            try:
                self.sweep(forget=rounds % _ROUNDS == 0)
                rounds += 1
            except Exception:  # the hub cannot be read just now; the next round tries again
                _log.exception("conversations were not swept")

    def _board(self, slug: str) -> Board:
        board = self._boards.get(slug)
        if board is None:
            folder = self._service.folder
            with self._making:
                board = self._boards.setdefault(
                    slug,
                    Board(
                        partial(folder.hub.merchant, slug),
                        partial(folder.conversations, slug),
                        self._rulebook,
                        self.stream.publish,
                        partial(self._workers.heard, slug),
                    ),
                )
        return board

    def _ask(self, slug: str, conversation: str) -> None:
        """On a worker's thread: a suggestion for what the buyer has said by now, dropped if that is not the last word."""
        board = self._board(slug)
        asked = board.unasked(conversation)
        if asked is not None:
            board.suggested(asked, self._suggest(self._handle(slug), question(asked)))

    def _handle(self, slug: str) -> Shop:
        """The shop as the service itself sees it: nobody has asked."""
        return Shop(
            self._service.folder.hub.merchant(slug),
            Grant("", "服务", frozenset({Role.AGENT}), (slug,), None),
            self._service,
        )


def question(kept: Chat) -> SuggestIn:
    """What a conversation asks: its last message, with all that was said before; the search joins what is unanswered."""
    one = kept.conversation
    *before, last = one.messages
    return SuggestIn(
        text=last.turn.text,
        turns=[TurnIn(speaker=said.turn.speaker, text=said.turn.text) for said in before[-_TURNS:]],
        product=one.product,
        order=OrderIn.of(one.order) if one.order else None,
        tags=list(one.tags),
        platform=one.platform,
        conversation=one.id,
    )
