"""A drawn month as a log: what was said, shown, paid and noted (docs/kpi.md). Texts are the demo shops' own test messages."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eval.cases import read_cases
from eval.kpi.log import By, Line, Mark, MarkKind, Money, Said, Told, ToldName, Use
from eval.month.draw import Month
from eval.month.rows import conversation
from eval.month.world import Shop
from kb.model import EventKind, OutcomeKind

SETTLED_DAYS = 10  # after its last day the month is exported: by then every payment and refund has come
_ENDS = (EventKind.SENT, EventKind.SENT, EventKind.SENT, EventKind.INSERTED, EventKind.EDITED)
_SILENT = 0.018  # of visitors who do not ask, the share that buys
_REPLY, _GREETING, _THANKS = "亲，这款有现货，今天下单今天发出哦", "您好，很高兴为您服务", "好的谢谢"


@dataclass(frozen=True, slots=True)
class Sayings:
    """What buyers of a shop ask: what it can answer, and what it cannot yet."""

    known: tuple[str, ...]
    unknown: tuple[str, ...]


def sayings(demo: Path, slugs: Sequence[str]) -> dict[str, Sayings]:
    """The messages of the demo shops. Raises BadFile."""
    found = {}
    for slug in slugs:
        known = tuple(case.query for case in read_cases(demo / slug / "gold.jsonl") if not case.needs_context)
        refused = (case for case in read_cases(demo / slug / "refuse.jsonl") if case.none == "no_entry")
        found[slug] = Sayings(known, tuple(case.query for case in refused if not case.turns))
    return found


def story(month: Month, told: Mapping[str, Sayings], seed: int, *, cards: bool) -> Iterator[Line]:
    """Every line of the month, conversation by conversation; `cards`: with what became of suggestions."""
    rng = np.random.default_rng(np.random.SeedSequence([seed, len(month)]))
    for place in range(len(month)):
        shop = month.world.shops[int(month.shop[place])]
        yield from _chat(month, place, shop, told[shop.slug], rng, cards)
        yield from _sale(month, place, shop, rng)
        if month.converted[place] and rng.random() < 0.08:
            yield from _again(month, place, shop, rng)
    for shop in month.world.shops:
        yield from _beside(month, shop, rng)


@dataclass(slots=True)
class _Chat:
    """One conversation being written."""

    shop: str
    id: str
    agent: str
    buyer: str
    at: int  # ms

    def said(self, by: By, text: str, scene: str = "") -> Said:
        agent = self.agent if by is By.AGENT else ""
        return Said(self.shop, self.id, self.at, by, agent, self.buyer if by is By.BUYER else "", text, scene)

    def mark(self, at: int, kind: MarkKind, value: str = "") -> Mark:
        return Mark(self.shop, self.id, at, kind, value, self.agent)


def _chat(month: Month, place: int, shop: Shop, told: Sayings, rng: np.random.Generator, cards: bool) -> Iterator[Line]:
    world = month.world
    agent = world.agents[int(month.agent[place])]
    chat = _Chat(shop.slug, conversation(month, place), agent.name, _buyer(month, place), int(month.at[place]) * 1000)
    begun, reply = chat.at, float(month.reply_s[place])
    unknown = rng.random() < 0.06
    texts = told.unknown if unknown else told.known
    text = texts[int(len(texts) * rng.random() ** 2)]  # a few questions are asked much more often
    yield chat.said(By.BUYER, text, world.scenes[int(month.scene[place])].name)
    if unknown:
        yield chat.mark(begun + 500, MarkKind.NO_ANSWER, text)
    elif cards:
        yield from _shown(chat, rng)
    if rng.random() < 0.3:
        chat.at = begun + 400
        yield chat.said(By.BOT, _GREETING)
    if not math.isnan(reply):
        chat.at = begun + int(reply * 1000)
        yield chat.said(By.AGENT, _REPLY)
        yield from _rounds(chat, told, reply, rng)
    yield from _noted(month, place, chat, begun, rng)
    yield chat.mark(chat.at + 600_000, MarkKind.CLOSED)


def _buyer(month: Month, place: int) -> str:
    return f"b{month.world.first_day:%y%m}-{place + 1:05d}"


def _again(month: Month, place: int, shop: Shop, rng: np.random.Generator) -> Iterator[Line]:
    """Who has bought asks once more within two days where it is: a new session, and no 询单."""
    paid = (int(month.at[place]) + int(month.delay_s[place])) * 1000
    agent = month.world.agents[int(month.agent[place])].name
    chat = _Chat(
        shop.slug,
        conversation(month, place),
        agent,
        _buyer(month, place),
        paid + int(rng.uniform(0.5, 1.5) * 86_400_000),
    )
    yield chat.said(By.BUYER, "什么时候能到", "售中")
    chat.at += int(rng.lognormal(2.5, 0.6) * 1000)
    yield chat.said(By.AGENT, _REPLY)
    yield chat.mark(chat.at + 600_000, MarkKind.CLOSED)


def _rounds(chat: _Chat, told: Sayings, reply: float, rng: np.random.Generator) -> Iterator[Line]:
    for _ in range(int(rng.poisson(0.9))):
        chat.at += int(rng.uniform(8, 90) * 1000)
        yield chat.said(By.BUYER, told.known[int(rng.integers(len(told.known)))])
        chat.at += int((4 + reply * rng.lognormal(0, 0.5)) * 1000)
        yield chat.said(By.AGENT, _REPLY)
    if rng.random() < 0.4:
        chat.at += int(rng.uniform(3, 40) * 1000)
        yield chat.said(By.BUYER, _THANKS)


def _shown(chat: _Chat, rng: np.random.Generator) -> Iterator[Use]:
    """Three cards, and what became of each: of a hundred suggestions 77 are used, 60 by the first card."""
    at, suggestion = chat.at + 60, f"s-{chat.id}"
    used = int(rng.choice(4, p=(0.23, 0.60, 0.12, 0.05)))  # 0: none
    took = int((1.5 + rng.lognormal(1.6, 0.7)) * 1000)
    end, seen = _ENDS[int(rng.integers(len(_ENDS)))], rng.random() < 0.8

    def use(kind: EventKind, rank: int, moment: int) -> Use:
        key = f"{suggestion}-{rank}-{kind}"
        return Use(chat.shop, chat.id, moment, kind, suggestion, f"e{rank}", rank, chat.agent, key)

    for rank in (1, 2, 3):
        yield use(EventKind.SHOWN, rank, at)
        if rank <= used or (seen and (rank == 1 or rng.random() < 0.4)):
            yield use(EventKind.VIEWED, rank, at + 1000)
        yield use(end if rank == used else EventKind.IGNORED, rank, at + took)


def _noted(month: Month, place: int, chat: _Chat, begun: int, rng: np.random.Generator) -> Iterator[Mark]:
    chances = rng.random(6)
    if chances[0] < 0.9:
        yield chat.mark(begun + int(rng.gamma(6, 6) * 1000), MarkKind.KEY_FACTS)
    if chances[1] < 0.03:
        yield chat.mark(begun + 5000, MarkKind.HELP, chat.id)
        yield chat.mark(begun + 5000 + int(rng.gamma(4, 5) * 1000), MarkKind.HELPED, chat.id)
    if chances[2] < 0.02:
        yield chat.mark(chat.at, MarkKind.TRANSFER)
    if chances[3] < 0.25:
        yield chat.mark(chat.at + 30_000, MarkKind.CSAT, str(int(rng.choice((100, 100, 100, 80, 60)))))
    if chances[4] < 0.012:
        yield chat.mark(chat.at, MarkKind.MINOR)
    if chances[5] < 0.002:
        yield chat.mark(chat.at, MarkKind.FATAL)
    if month.complaint[place]:
        yield chat.mark(chat.at + 60_000, MarkKind.COMPLAINT)


def _sale(month: Month, place: int, shop: Shop, rng: np.random.Generator) -> Iterator[Money]:
    if not month.converted[place]:
        return
    items, fen = int(month.items[place]), int(month.paid[place])
    products = [shop.products[int(rng.integers(len(shop.products)))]]
    sold_along = month.treated[place] and month.items1[place] > month.items0[place]
    if sold_along or (items > 1 and rng.random() < 0.4):
        products.append(shop.along[int(len(shop.along) * rng.random() ** 1.7)])
    chat = conversation(month, place)
    at = (int(month.at[place]) + int(month.delay_s[place])) * 1000
    buyer, order = _buyer(month, place), f"o-{chat}"
    yield Money(shop.slug, at, OutcomeKind.PAYMENT, fen, chat, order, buyer, items, tuple(products), f"p-{chat}")
    if month.refund[place]:
        later = at + int(rng.uniform(0.5, 4) * 86_400_000)
        yield Money(shop.slug, later, OutcomeKind.REFUND, fen, chat, order, buyer, id=f"r-{chat}")


def _beside(month: Month, shop: Shop, rng: np.random.Generator) -> Iterator[Line]:
    """Visitors, those of them who buy without asking, and what the platform says of the shop in the end."""
    world = month.world
    for day in range(world.days):
        midnight = (world.start + day * 86_400) * 1000
        visitors = int(rng.poisson(shop.visitors))
        yield Told(shop.slug, midnight, ToldName.VISITORS, visitors)
        for number in range(int(rng.poisson(visitors * _SILENT))):
            at = midnight + int(rng.integers(86_400)) * 1000
            fen = int(shop.value * 100 * rng.lognormal(-(shop.spread**2) / 2, shop.spread))
            key = f"q-{shop.slug}-{world.first_day:%y%m}-{day + 1:02d}-{number + 1:03d}"
            yield Money(shop.slug, at, OutcomeKind.PAYMENT, fen, "", key, f"v{key}", 1, shop.products[:1], key)
    end = (world.start + world.days * 86_400) * 1000
    names = (ToldName.DSR_DESCRIBE, ToldName.DSR_SERVICE, ToldName.DSR_LOGISTICS)
    for name, value in zip(names, shop.dsr, strict=True):
        yield Told(shop.slug, end - 86_400_000, name, round(value + float(rng.normal(0, 0.01)), 2))
    yield Mark(shop.slug, "", end + SETTLED_DAYS * 86_400_000, MarkKind.CLOSED)
