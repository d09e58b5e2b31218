"""Small shops: the sets keep their promises, and the verdicts count what they say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import huashu
from cli.places import NAMES
from eval.understanding.names import LABELS, Named, judge, measure, read_shops
from kb.errors import BadFile
from kb.language.text import fold
from kb.model import Band, Fact, Found, Hit, Mode, ProductHit, Stated, StatedKind
from making import BagEngine, faq, product

SHOPS = read_shops(NAMES)


def test_the_sets_are_as_large_as_promised_and_hang_together() -> None:
    for held in (False, True):
        assert sum(len(shop.cases) for shop in SHOPS if shop.held is held) >= 60
    for shop in SHOPS:
        keys, ids = {p.key for p in shop.products}, {line.id for line in shop.faq}
        assert len(keys) == len(shop.products) and len(ids) == len(shop.faq) and 5 <= len(ids) <= 30
        questions = {fold(text) for line in shop.faq for text in (line.question, *line.phrasings)}
        for case in shop.cases:
            assert case.products <= keys and case.states <= case.products and case.entries <= ids
            assert fold(case.says) not in questions, case.says


def test_the_held_out_shops_share_no_message_with_the_others() -> None:
    dev = {case.says for shop in SHOPS if not shop.held for case in shop.cases}
    assert dev.isdisjoint(case.says for shop in SHOPS if shop.held for case in shop.cases)


BED, BOX = product("P1", "猫窝"), product("P2", "航空箱")


def found(*hits: tuple[str, Band], products: tuple[tuple[str, float], ...] = (), stated: str = "") -> Found:
    by_key = {"P1": BED, "P2": BOX}
    told = (Stated(StatedKind.VALUE, by_key[stated], "材质", "棉", (Fact("材质", "棉"),)),) if stated else ()
    return Found(
        tuple(Hit(faq(key, "问", "答"), None, "问", 0.5, band) for key, band in hits),
        tuple(ProductHit(by_key[key], score) for key, score in products),
        Mode.LEXICAL,
        1,
        facts=told,
    )


def verdicts(case: Named, told: Found) -> dict[str, bool]:
    return dict(judge("店", case, told).verdicts)


def named(products: str = "", entries: str = "", states: str = "") -> Named:
    return Named("问", "kind", *(frozenset(text.split()) for text in (products, entries, states)))


def test_a_wrong_answer_counts_only_where_it_is_called_direct() -> None:
    case = named(entries="1")
    assert verdicts(case, found(("1", Band.DIRECT)))["wrong_direct"] is False
    assert verdicts(case, found(("2", Band.REFERENCE)))["wrong_direct"] is False
    assert verdicts(case, found(("1", Band.DIRECT), ("2", Band.DIRECT)))["wrong_direct"] is True
    assert verdicts(case, found(("2", Band.DIRECT)))["hit@1"] is False


@pytest.mark.parametrize(
    ("products", "told", "right"),
    [
        ("P1", (("P1", 1.0), ("P2", 0.4)), True),
        ("P1", (("P1", 1.0), ("P2", 1.0)), False),
        ("P1", (), False),
        ("P1 P2", (("P1", 1.0), ("P2", 1.0)), True),
        ("P1 P2", (), True),
        ("P1 P2", (("P1", 1.0), ("P2", 0.9)), False),
    ],
)
def test_one_product_must_stand_alone_and_several_together(
    products: str, told: tuple[tuple[str, float], ...], right: bool
) -> None:
    assert verdicts(named(products), found(products=told))["product"] is right


def test_none_must_be_told_where_none_is_named_and_no_foreign_fact_stated() -> None:
    assert verdicts(named(), found(products=(("P1", 1.0),)))["no_product"] is False
    told = verdicts(named("P1", states="P1"), found(stated="P2"))
    assert told["stated"] is False and told["wrong_stated"] is True


def test_every_message_is_asked_in_its_own_shop() -> None:
    report = measure(SHOPS[:1], BagEngine())
    assert len(report.judged) == len(SHOPS[0].cases) and set(report.figures) == set(LABELS)


def test_the_command_prints_one_object() -> None:
    told = CliRunner().invoke(huashu.app, ["eval", "names", "--engine", "none", "--json"])
    assert told.exit_code == 0, told.output
    figures = json.loads(told.stdout)
    assert figures["about"]["shops"] == len(SHOPS)
    assert figures["wrong_direct"]["value"] < 0.1 and figures["product"]["value"] > 0.9


def test_a_file_that_is_not_as_agreed_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="没有店铺"):
        read_shops(tmp_path)
    (tmp_path / "x.toml").write_text("set = 'dev'", encoding="utf-8")
    with pytest.raises(BadFile, match=r"x\.toml"):
        read_shops(tmp_path)
