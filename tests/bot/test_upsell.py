"""The offer beside a suggestion, over HTTP: it comes once, stays while nobody has answered, and is remembered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from running import client, inside

from bot.offered import Offered
from bot.settings import Settings
from bot.trained import HOUR_S, Trained
from kb.events.tally import tally
from kb.model import Basket, Event, EventKind, Fact, OfferRule, OfferWay, Product
from kb.store.change import Change
from kb.store.folder import DataFolder
from kb.store.hub import Role
from kb.upsell.offer import Offer
from making import faq


def goods(key: str, name: str, price: str) -> Product:
    return Product(f"p_{key}", key, name, facts=(Fact("价格", price, "元"),), version=0)


def fill(folder: DataFolder, slug: str) -> None:
    folder.hub.add_merchant(slug, f"{slug}店", color="#0aaaaa")
    rules = [
        OfferRule("o_1", "1", OfferWay.PAIR, ("C",), "K", "配{商品名}，{价格}元"),
        OfferRule("o_2", "2", OfferWay.PAIR, ("C",), "S", "再配{商品名}", stages=frozenset({"售中"})),
    ]
    products = [goods("C", "羊毛大衣", "899"), goods("K", "高领毛衣", "199"), goods("S", "羊绒围巾", "99")]
    texts = [faq("A", "大衣多少钱", "八百九十九"), faq("B", "什么时候发货", "今天发"), faq("D", "有什么颜色", "米白")]
    folder.merchant(slug).apply(Change(entries=texts, products=products, offers=rules))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("upsell") / "data"


@pytest.fixture(scope="module")
def http(data: Path) -> Iterator[httpx.Client]:
    with DataFolder(data) as folder:
        fill(folder, "a")
        key = folder.hub.issue_key("客服", Role.AGENT, ["a"])
    with inside(Settings(data=data, engine="none")) as server, client(server.address, key) as made:
        yield made


def ask(http: httpx.Client, text: str, conversation: str, *turns: tuple[str, str], **more: object) -> dict[str, Any]:
    told = [{"speaker": speaker, "text": said} for speaker, said in turns]
    body = {"text": text, "turns": told, "product": "C", "conversation": conversation, **more}
    found: dict[str, Any] = http.post("/v1/suggest", json=body).raise_for_status().json()
    assert (found["upsell"] is None) == bool(found["no_upsell"])
    return found


def test_an_offer_comes_once_a_stage_and_stays_until_the_agent_has_answered(http: httpx.Client) -> None:
    first = ask(http, "大衣多少钱", "c1")["upsell"]
    assert first == {
        "product": "K", "name": "高领毛衣", "price": "199元", "text": "配高领毛衣，199元", "why": "商家写的搭配", "origin": "搭配",
        "stage": "售前", "source": "", "reason": "upsell:搭配:售前:K",
    }  # fmt: skip
    burst = ask(http, "有什么颜色", "c1", ("buyer", "大衣多少钱"))
    assert burst["upsell"] == first
    answered = ask(http, "有什么颜色", "c1", ("buyer", "大衣多少钱"), ("agent", "八百九十九"))
    assert answered["no_upsell"] == "stage_spent"
    paid = {"product": "C", "payment": "paid", "logistics": "waiting"}
    later = ask(http, "什么时候发货", "c1", ("buyer", "大衣多少钱"), ("agent", "八百九十九"), order=paid)
    assert later["upsell"]["product"] == "S" and later["upsell"]["stage"] == "售中"


def test_silence_says_why(http: httpx.Client) -> None:
    assert ask(http, "大衣多少钱", "c2", ("buyer", "别的不要了"))["no_upsell"] == "declined"
    named = ask(http, "大衣多少钱", "c3", ("agent", "高领毛衣和羊绒围巾要不要看看"))
    assert named["no_upsell"] == "offered"
    assert ask(http, "好的谢谢", "c4")["no_upsell"] == "unanswered"
    assert ask(http, "大衣多少钱", "c5", order={"product": "C", "refund": "asked"})["no_upsell"] == "refund"


def test_a_no_is_remembered_when_the_turns_that_are_sent_no_longer_hold_it(http: httpx.Client) -> None:
    assert ask(http, "大衣多少钱", "c9", ("buyer", "别推了"))["no_upsell"] == "declined"
    assert ask(http, "大衣多少钱", "c9")["no_upsell"] == "declined"
    assert ask(http, "大衣多少钱", "c10")["upsell"]  # of another conversation nothing is held back


def test_a_chat_without_a_number_gets_one_too(http: httpx.Client) -> None:
    assert ask(http, "大衣多少钱", "")["upsell"]["product"] == "K"
    assert ask(http, "有什么颜色", "", ("buyer", "大衣多少钱"), ("agent", "八百九十九"))["no_upsell"] == "stage_spent"


def test_an_offer_is_a_card_of_the_record(http: httpx.Client) -> None:
    found = ask(http, "大衣多少钱", "c6")
    event = {"suggestion": found["suggestion"], "rank": 8, "reason": found["upsell"]["reason"], "conversation": "c6"}
    events = [{**event, "kind": kind, "id": f"offer-{kind}-c6"} for kind in ("shown", "inserted")]
    http.post("/v1/events", json={"events": events}).raise_for_status()


def test_what_was_shown_outlives_the_process(folder: DataFolder) -> None:
    fill(folder, "a")
    store = folder.merchant("a")
    shown = Event("offer-1", EventKind.SHOWN, "sg_1", rank=8, reason="upsell:搭配:售前:K", conversation="c", at=1)
    hit = Event("hit-1", EventKind.SHOWN, "sg_1", "e_1", rank=1, reason="", conversation="c", at=1)
    store.record_events([shown, hit, replace(shown, id="offer-2", suggestion="sg_2", conversation="d")], actor="x")
    had = Offered().had("a", "c", store.offers_shown)
    assert (had.spent((0, "")), had.barred((0, ""))) == ({"售前"}, {"K"})
    assert Offered().had("a", "nobody", store.offers_shown).stages == {}
    assert tally(store.events()).offers["shown"] == 2
    assert store.end_open(10_000, 1_800) == 3  # what a page leaves open is ended, offers like answers
    told = tally(store.events())
    assert told.open == 0 and told.offers["ignored"] == 2


def test_memory_is_made_of_the_record() -> None:
    memory, mark = Offered(), (0, "")
    had = memory.had("a", "c", lambda _: ["upsell:搭配:售前:K", "fact:x:y"])
    assert (had.spent(mark), had.barred(mark)) == ({"售前"}, {"K"})
    memory.note(had, Offer("S", "围巾", "", "配围巾", "", "搭配", "售中"), mark)
    assert "售中" not in had.spent(mark) and "S" not in had.barred(mark)
    assert "售中" in had.spent((1, "好")) and "S" in had.barred((1, "好"))
    assert memory.had("a", "c", lambda _: pytest.fail("asked twice")) is had
    assert memory.had("b", "c", lambda _: []) is not had  # another shop's conversation of the same name


def test_a_model_is_made_of_the_shops_own_orders_and_anew_when_they_change(folder: DataFolder) -> None:
    for slug, other in (("a", "K"), ("b", "S")):
        fill(folder, slug)
        baskets = [Basket(f"{slug}{number}", ("C", other)) for number in range(30)]
        folder.merchant(slug).apply(Change(baskets=baskets))
    trained = Trained(folder)
    assert trained.model("a") is None
    assert trained.make("a", now=0) and trained.make("b", now=0) and not trained.make("a", now=2 * HOUR_S)
    one, two = trained.model("a"), trained.model("b")
    assert one and two and one.items == ("C", "K") and two.items == ("C", "S")
    folder.merchant("a").apply(Change(baskets=[Basket("a0", ("C", "S"))]))
    assert trained.make("a", now=1.0)
    model = trained.model("a")
    assert model and "S" in model.items


def test_few_orders_teach_nothing(folder: DataFolder) -> None:
    fill(folder, "a")
    folder.merchant("a").apply(Change(baskets=[Basket("1", ("C", "K"))]))
    trained = Trained(folder)
    assert trained.make("a") and trained.model("a") is None
