"""The demo's written conversations: as agreed, about what their shops really sell, and showing all there is to see."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from cli.places import DEMO
from cli.shift.day import Day
from cli.shift.talk import SHOWS, Talk, read_talks
from ingest import importer
from ingest.folder import files_of, read_shops
from kb.errors import BadFile
from kb.model import Product, Speaker

TALKS = read_talks(DEMO)
SHOPS = [shop.slug for shop in read_shops(DEMO)]
WRITTEN = """
[[talk]]
id = "a"
buyer = "b"
order = { payment = "paid" }
lines = [{ wait = 0, buyer = "在吗" }, { agent = "在的" }]
"""


@pytest.fixture(scope="module")
def sold() -> dict[str, dict[str, Product]]:
    """What the shops' own product sheets say, by shop and product key."""
    found: dict[str, dict[str, Product]] = {}
    for shop in read_shops(DEMO):
        [sheet] = [path for path in files_of(shop.folder) if "商品表" in path.name]
        draft = importer.read_file(sheet.read_bytes(), sheet.name)
        found[shop.slug] = {each.key: each for part in draft.sheets for each in part.products}
    return found


def said(talk: Talk, speaker: Speaker = Speaker.BUYER) -> list[str]:
    return [line.text for line in talk.lines if line.speaker is speaker]


def test_every_shop_has_a_dozen_conversations_and_shows_all_there_is_to_see() -> None:
    for slug in SHOPS:
        mine = [talk for talk in TALKS if talk.shop == slug]
        assert len(mine) >= 12
        assert frozenset().union(*(talk.shows for talk in mine)) == SHOWS, slug
        assert {talk.order["logistics"] for talk in mine if talk.order} == {"waiting", "shipped", "signed"}
        assert any(talk.order.get("refund") for talk in mine)


def test_a_conversation_has_three_to_ten_messages_of_a_buyer_of_its_own() -> None:
    assert max(Counter((talk.shop, talk.id) for talk in TALKS).values()) == 1
    assert max(Counter(talk.buyer for talk in TALKS).values()) == 1
    for talk in TALKS:
        assert 3 <= len(said(talk)) <= 10, talk.id
        assert all(0 < len(text) <= 120 for text in said(talk) + said(talk, Speaker.AGENT))


def test_what_a_talk_says_it_shows_is_there() -> None:
    for talk in TALKS:
        quick = [
            a.speaker is b.speaker is Speaker.BUYER and b.wait_s <= 4
            for a, b in zip(talk.lines, talk.lines[1:], strict=False)
        ]
        assert any(quick) or "burst" not in talk.shows, talk.id
        assert ("order" in talk.shows) == bool(talk.order), talk.id
        assert "other_product" not in talk.shows or any(line.product for line in talk.lines), talk.id
        assert ("12315" in "".join(said(talk))) == ("escalation" in talk.shows), talk.id


def test_every_product_is_sold_by_its_shop_in_what_was_chosen(sold: dict[str, dict[str, Product]]) -> None:
    for talk in TALKS:
        keys = {talk.product, talk.order.get("product", ""), *(line.product for line in talk.lines)} - {""}
        assert keys <= sold[talk.shop].keys(), talk.id
        if talk.order:
            product = sold[talk.shop][talk.order["product"]]
            chosen = {part.partition(":")[2] for part in talk.order["sku"].split(";")}
            variants = [{fact.value for fact in (*product.facts, *sku.facts)} | {sku.name} for sku in product.skus]
            assert any(chosen <= values for values in variants), (talk.id, chosen)


def test_talks_lie_beside_the_shops_not_among_the_merchants_files() -> None:
    assert not any("talks" in str(path) for shop in read_shops(DEMO) for path in files_of(shop.folder))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('buyer = "b"', 'who = "b"'),
        ('payment = "paid"', 'payment = "bezahlt"'),
        ("wait = 0", "wait = -1"),
        ('{ wait = 0, buyer = "在吗" }, ', ""),
        ('order = { payment = "paid" }', 'shows = ["fireworks"]'),
        ("[[talk]]", "[[talks]]"),
        ("lines", "lines ="),
    ],
)
def test_a_slip_of_the_pen_is_pointed_at(tmp_path: Path, old: str, new: str) -> None:
    (tmp_path / "talks").mkdir()
    (tmp_path / "shops.toml").write_text('[[shop]]\nslug="s"\nname="店"\nplatform="天猫"\ncolor="#111111"\n', "utf-8")
    file = tmp_path / "talks" / "s.toml"
    file.write_text(WRITTEN, "utf-8")
    [talk] = read_talks(tmp_path)
    assert (talk.platform, talk.order, len(talk.lines)) == ("天猫", {"payment": "paid"}, 2)
    file.write_text(WRITTEN.replace(old, new), "utf-8")
    with pytest.raises(BadFile, match=r"s\.toml"):
        read_talks(tmp_path)


def test_buyers_come_as_the_day_says() -> None:
    day, draw = Day(), random.Random(5)
    arrivals = day.arrivals(draw)
    days = 200
    times = [next(arrivals) for _ in range(day.overnight)]
    while times[-1] < days * day.length_s:
        times.append(next(arrivals))
    assert times == sorted(times)
    # Against the rate's own integral, minute by minute: counts of a Poisson process spread as their square root.
    for minute in range(10):
        expected = days * sum(day.rate(60 * minute + s) for s in range(60)) / 60
        got = sum(int(at % day.length_s // 60) == minute for at in times[day.overnight :])
        assert abs(got - expected) < 5 * expected**0.5
    assert day.rate(0) == day.rate(day.length_s) < day.rate(150) < day.rate(300)


def test_the_same_seed_is_the_same_day() -> None:
    first, second = (Day().arrivals(random.Random(9)) for _ in range(2))
    assert [next(first) for _ in range(40)] == [next(second) for _ in range(40)]
