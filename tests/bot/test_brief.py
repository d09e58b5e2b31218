"""What stands beside a suggestion: filled texts with their cells, what decided, key facts, cautions. In a shop with an order."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from running import client, inside
from world import faq_csv

from bot.settings import Settings
from ingest import importer
from kb.model import Answer, Condition, EntryKind, Fact, Logistics, Origin, Product, Sku, Source, Window
from kb.store.change import Change
from kb.store.folder import DataFolder
from kb.store.grant import Role
from making import faq

CELL = Source("商品表.xlsx", "表", 2, "E")
COAT = Product(
    "p_1", "DY-1", "羊毛大衣", source=CELL, version=0,
    skus=tuple(
        Sku(
            f"s_{size}", f"DY-1-{size}", f"米白 {size}",
            (Fact("颜色", "米白"), Fact("尺码", size), Fact("价格", price, "元", CELL), Fact("库存", stock, "", CELL)),
        )
        for size, price, stock in (("M", "899", "3"), ("L", "929", "0"))
    ),
)  # fmt: skip


def entries() -> list[Any]:
    ends = Window(None, int(time.time()) + 3600)
    waiting = Condition(states=frozenset({Logistics.WAITING}))
    refund = replace(faq("R", "怎么退款", ""), answers=(
        Answer("a_r1", "还没发货，{商品名}直接退款", waiting, Window(), Origin.TRAINER), Answer("a_r2", "在订单{订单号}里申请"),
    ))  # fmt: skip
    notice = replace(faq("N", "双十一发货安排", "延迟一天"), kind=EntryKind.NOTICE, must_read=True, window=ends)
    return [refund, notice, replace(faq("P", "大衣多少钱", "现在{价格}，{快递}发，XX天到"), window=ends)]


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    data = tmp_path_factory.mktemp("brief") / "data"
    with DataFolder(data) as folder:
        folder.hub.add_merchant("a", "晴萝", platform="天猫", color="#0aaaaa")
        form = [Fact("发货地", "嘉兴", "", CELL), Fact("合作快递", "中通", "", CELL)]
        folder.merchant("a").apply(Change(entries=entries(), products=[COAT], profile=form))
        sheet = faq_csv([["7", "能改地址吗", "", "从{发货地}发出前可以改"]])
        importer.commit(folder.merchant("a"), None, sheet, "常见问题.csv")
        key = folder.hub.issue_key("客服", Role.AGENT, ["a"])
    with inside(Settings(data=data, engine="none")) as server, client(server.address, key) as made:
        yield made


def ask(http: httpx.Client, text: str, **more: object) -> dict[str, Any]:
    reply = http.post("/v1/suggest", json={"text": text, **more})
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


def hit(reply: dict[str, Any], key: str) -> dict[str, Any]:
    found: dict[str, Any] = next(hit for hit in reply["hits"] if hit["key"] == key)
    return found


def test_the_text_is_filled_with_its_cell_and_stored_as_it_was(http: httpx.Client) -> None:
    found = hit(ask(http, "能改地址吗"), "7")
    assert found["answer"]["text"] == "从{发货地}发出前可以改"
    cell = "商品表.xlsx › 表 › E2"
    assert found["filled"] == {
        "text": "从嘉兴发出前可以改", "used": [{"name": "发货地", "value": "嘉兴", "source": cell}], "missing": []
    }  # fmt: skip
    assert found["source"].startswith("常见问题.csv")


def test_the_order_says_the_product_the_variant_and_what_is_missing(http: httpx.Client) -> None:
    order = {"number": "26010112345678004471", "product": "DY-1", "sku": "颜色:米白;尺码:M"}
    filled = hit(ask(http, "大衣多少钱", order=order), "P")["filled"]
    assert (filled["text"], filled["missing"]) == ("现在899元，中通发，XX天到", ["XX天"])
    unsure = hit(ask(http, "大衣多少钱", product="DY-1"), "P")["filled"]
    assert unsure["text"] == "现在{价格}，中通发，XX天到"
    assert unsure["missing"] == ["价格（各规格不同，请先确认规格）", "XX天"]


def test_the_state_of_the_order_decides(http: httpx.Client) -> None:
    def answered(**order: str) -> dict[str, Any]:
        return hit(ask(http, "怎么退款", order={"product": "DY-1", "number": "4471", **order}), "R")

    waiting, signed, untold = answered(logistics="waiting"), answered(logistics="signed"), answered()
    assert waiting["filled"]["text"] == "还没发货，羊毛大衣直接退款"
    assert waiting["conditions"] == [{"code": "order_state", "text": "适用订单状态：待发货"}]
    assert signed["filled"]["text"] == untold["filled"]["text"] == "在订单尾号4471里申请"
    assert signed["conditions"] == []


def test_key_facts_and_an_echo(http: httpx.Client) -> None:
    turns = [{"speaker": "buyer", "text": "在吗"}, {"speaker": "agent", "text": "在的，今天给您补发"}]
    order = {"number": "26010112345678004471", "product": "DY-1"}
    found = ask(http, "少发了一件，快给我补发", turns=turns, order=order, tags=["老客"], conversation="c:1")
    assert found["conversation"] == "c:1" and found["upsell"] is None
    assert found["key_facts"] == {
        "topic": "售后·少发漏发", "product": "羊毛大衣", "order": "尾号4471", "wish": "补发", "mood": found["key_facts"]["mood"],
        "promises": ["今天给您补发"], "next_step": "兑现承诺：今天给您补发；核对订单和照片，登记补发并给单号",
    }  # fmt: skip
    assert "26010112345678" not in str(found)


def test_cautions(http: httpx.Client) -> None:
    said = {
        one["code"]: one["text"]
        for one in ask(http, "大衣多少钱", order={"product": "DY-1", "sku": "尺码:L"})["warnings"]
    }
    assert {"lexical_mode", "ends_soon", "out_of_stock", "must_read"} == said.keys()
    assert "米白 L" in said["out_of_stock"] and "E2" in said["out_of_stock"]
    assert said["must_read"] == "必读通知生效中：双十一发货安排"
    calm = {one["code"] for one in ask(http, "能改地址吗", order={"product": "DY-1", "sku": "尺码:M"})["warnings"]}
    assert calm == {"lexical_mode", "must_read"}
    paid = ask(http, "大衣多少钱", order={"product": "DY-1", "sku": "尺码:L", "payment": "paid"})["warnings"]
    assert "out_of_stock" not in {one["code"] for one in paid}


@pytest.mark.parametrize(
    "wrong",
    [
        {"conversation": "a b"}, {"conversation": "x" * 65}, {"tags": ["x" * 41]}, {"tags": ["x"] * 21}, {"order": {"logistics": "lost"}},
        {"order": {"price": 1}}, {"order": []},
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(http: httpx.Client, wrong: dict[str, object]) -> None:
    assert http.post("/v1/suggest", json={"text": "在吗", **wrong}).status_code == 422
