"""What a replay is made of: a log, and the knowledge of a folder or of a shop in the data folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cli.console import fail, progress_bar
from cli.live_path import shop_in, shop_that_knows, suggest_as
from cli.options import folder_of

if TYPE_CHECKING:
    from bot.access import Shop
    from eval.hit.logs import Session
    from eval.hit.pace import Pace
    from eval.hit.replay import Replay
    from kb.embed import Engine
    from kb.store.folder import DataFolder

_LATEST = 100_000  # closed conversations of a shop; the service forgets them after some days


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command was given."""

    log: Path | None
    knowledge: Path | None
    data: Path
    shop: str
    engine: Engine | None
    pace: Pace


def first_version(asked: Asked) -> tuple[Replay, dict[str, str], tuple[Session, ...]]:
    """The replay, what it was done with, and the sessions. Of the data folder nothing is changed."""
    from eval.hit.logs import read_sessions

    sessions = read_sessions(asked.log) if asked.log else ()
    if asked.knowledge and asked.log:
        with progress_bar("生成向量") as embedding, shop_that_knows(asked.knowledge, asked.engine, embedding) as shop:
            return _replayed(asked, shop, asked.knowledge.name, asked.log.name, sessions)
    if not asked.shop:
        fail("请给出对话记录和 --knowledge，或用 --shop 指定数据目录里的店铺。", "写法见 docs/evaluation.md。")
    with folder_of(asked.data) as folder:
        sessions = sessions or _stored(folder, asked.shop)
        log = asked.log.name if asked.log else asked.shop
        if asked.knowledge:
            with (
                progress_bar("生成向量") as embedding,
                shop_that_knows(asked.knowledge, asked.engine, embedding) as shop,
            ):
                return _replayed(asked, shop, asked.knowledge.name, log, sessions)
        return _replayed(asked, shop_in(folder, asked.shop, asked.engine), asked.shop, log, sessions)


def against_version(asked: Asked, knowledge: Path, sessions: tuple[Session, ...]) -> Replay:
    """The same sessions with another folder's knowledge."""
    with progress_bar("生成向量") as embedding, shop_that_knows(knowledge, asked.engine, embedding) as shop:
        return _replayed(asked, shop, knowledge.name, "", sessions)[0]


def _replayed(
    asked: Asked, shop: Shop, knowledge: str, log: str, sessions: tuple[Session, ...]
) -> tuple[Replay, dict[str, str], tuple[Session, ...]]:
    from eval.hit.hitrate import version
    from eval.hit.replay import replay

    engine = asked.engine.fingerprint if asked.engine else "none"
    told = {"log": log, "knowledge": knowledge, "version": version(shop.shard()), "engine": engine}
    with progress_bar("回放会话") as replaying:
        return replay(sessions, suggest_as(shop), asked.pace, replaying), told, sessions


def _stored(folder: DataFolder, slug: str) -> tuple[Session, ...]:
    """The conversations that the shop still has, oldest first."""
    from eval.hit.logs import session_of

    if not folder.has_conversations(slug):
        fail(f"{slug} 还没有会话。", "请给出对话记录文件，或先让会话经过服务。")
    store = folder.conversations(slug)
    chats = [*store.closed(_LATEST), *store.opened()]
    chats.sort(key=lambda one: (one.conversation.messages[0].at_ms if one.conversation.messages else 0, one.id))
    return tuple(session_of(one.conversation) for one in chats)
