"""The service's own way to a suggestion, walked in this process: no server, nothing written, the same code as POST /v1/suggest.

Only the command line may know both the service and the evaluation, so they meet here.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cli.console import fail

if TYPE_CHECKING:
    from bot.access import Shop
    from eval.hit.replay import Suggest
    from kb.embed import Engine
    from kb.store.folder import DataFolder
    from kb.vectorise import Progress

_PATIENCE_S = 3600  # the service's rounds are never started here


@contextmanager
def shop_that_knows(knowledge: Path, engine: Engine | None, embedding: Progress) -> Iterator[Shop]:
    """A throw-away shop with what a folder knows: its faq.jsonl, or else its sheets as a trainer would import them."""
    from eval.cases import read_faq
    from eval.shop import SLUG, folder_from_files, folder_from_lines

    if not knowledge.is_dir():
        fail(f"{knowledge} 不是文件夹。", "请给出店铺资料的文件夹，或含 faq.jsonl 的文件夹。")
    faq = knowledge / "faq.jsonl"
    made = (
        folder_from_lines(read_faq(faq), engine, embedding)
        if faq.exists()
        else folder_from_files(knowledge, engine, embedding)
    )
    with made as folder:
        yield shop_in(folder, SLUG, engine)


def shop_in(folder: DataFolder, slug: str, engine: Engine | None) -> Shop:
    """A shop of a data folder as the service would hand it to a request of an agent. Raises NotFound."""
    from bot.access import Shop
    from bot.ending import Ending
    from bot.service import Service
    from bot.upselling import Upsells
    from kb.check.watch import Watch
    from kb.embed import Cached
    from kb.shelf import Shelf
    from kb.store.grant import Grant, Role

    merchant = folder.hub.merchant(slug)
    shelf = Shelf(folder, Cached(engine) if engine else None)
    watch, ending = Watch(folder.hub.check_salt()), Ending(folder, _PATIENCE_S)
    service = Service(folder, shelf, watch, ending, Upsells(folder))
    return Shop(merchant, Grant("replay", "回放", frozenset([Role.AGENT]), (slug,), None), service)


def suggest_as(shop: Shop) -> Suggest:
    """What suggests to a replay. Without a conversation's id: an experiment that runs in the shop takes no notice."""
    from bot.shapes.assist import SuggestIn, TurnIn
    from bot.suggest import suggest
    from eval.hit.replay import SHOWN, Offer, Suggested
    from kb.model import Turn

    longest = 10_000  # characters of a request's text

    def ask(turns: Sequence[Turn], text: str) -> Suggested:
        said = [TurnIn(speaker=turn.speaker, text=turn.text[:longest]) for turn in turns]
        started = time.perf_counter()
        found = suggest(shop, SuggestIn.model_validate({"text": text[:longest], "turns": said, "limit": SHOWN}))
        took = (time.perf_counter() - started) * 1000
        texts = [(hit, hit.filled.text if hit.filled else hit.answer.text if hit.answer else "") for hit in found.hits]
        return Suggested(tuple(Offer(hit.key, said, hit.probability, hit.band) for hit, said in texts if said), took)

    return ask
