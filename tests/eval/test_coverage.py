"""Coverage: what a shop answers of what buyers usually ask, what its sheet lacks, and what to ask its merchant first."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.coverage.cover import Cover, Covered, cover, coverage
from eval.coverage.gaps import LABELS, gaps
from eval.coverage.report import QUESTIONS, report
from eval.coverage.usual import GENERAL, Usual, trades, trades_of
from kb.errors import Invalid
from kb.facts.attributes import ATTRIBUTES
from kb.model import Fact, Product, Sku, Source
from kb.shard import Shard
from kb.store.merchant import Snapshot
from making import faq, product, shard_of

DRESS = "碎花连衣裙"


def usual(number: int, often: int = 1) -> Usual:
    return Usual(f"U{number}", f"第{number}问", (), "售前", often, f"请问{number}？")


def sold(key: str, name: str, **facts: str) -> Product:
    return dataclasses.replace(product(key, name), facts=tuple(Fact(n, v) for n, v in facts.items()))


def test_the_sets_are_sound() -> None:
    known = trades()
    assert next(iter(known)) == GENERAL
    questions = [usual for trade in known.values() for usual in trade.questions]
    assert len(questions) >= 100
    assert len({u.id for u in questions}) == len(questions)
    codes = {attribute.code for attribute in ATTRIBUTES}
    for trade in known.values():
        wordings = [wording for u in trade.questions for wording in u.wordings]
        assert len(set(wordings)) == len(wordings)
        assert all(u.often in (1, 2, 3) and len(u.wordings) >= 3 for u in trade.questions)
        assert all(u.to_merchant.endswith(("？", "。")) for u in trade.questions)
        assert {w.code for w in trade.attributes} <= codes & set(LABELS)


def test_a_label_is_a_name_that_the_importer_would_give_the_attribute() -> None:
    by_code = {attribute.code: attribute for attribute in ATTRIBUTES}
    for code, label in LABELS.items():
        assert any(by_code[code].called(name) for name in label.split("/")), code


def test_trades_are_told_by_what_is_sold() -> None:
    dresses = [product(str(i), DRESS) for i in range(9)]
    assert [t.code for t in trades_of(dresses)] == ["general", "apparel"]
    assert [t.code for t in trades_of([*dresses, product("x", "手机壳")])] == ["general", "apparel"]
    assert [t.code for t in trades_of([])] == ["general"]


def test_a_question_that_the_shop_has_is_answered_and_one_it_knows_nothing_of_is_open() -> None:
    shard = shard_of([faq("1", "可以开发票吗", "可以", "能开票吗", "电子发票怎么申请")], vectors=False)
    found = {c.usual.id: c for c in cover(shard, None, trades()[GENERAL].questions)}
    assert found["G20"].state is Cover.ANSWERED
    assert found["G20"].entry is not None and found["G20"].entry.key == "1"
    assert found["G16"].state is Cover.OPEN
    assert all(0 <= c.probability <= 1 for c in found.values())


def test_an_empty_shop_answers_nothing_and_is_told_what_to_ask() -> None:
    told = report(shard_of([], vectors=False), None)
    assert told.coverage == 0
    assert len(told.asks) == len(trades()[GENERAL].questions)
    assert told.coverage_after() > 0
    assert told.coverage_after(len(told.asks)) == 1
    assert "先问商家这 12 个问题" in told.text()


def test_a_value_in_the_product_sheet_answers_too() -> None:
    shirt = sold("A1", "云柔衬衫", 材质="棉")
    asked = Usual("X", "云柔衬衫什么材质", ("云柔衬衫是什么面料的",), "售前", 1, "？")
    (found,) = cover(shard_of([], [shirt], vectors=False), None, [asked])
    assert found.state is Cover.ANSWERED and found.entry is None


def test_gaps_name_the_products_that_lack_what_is_asked_of_them() -> None:
    full = sold("1", DRESS, 价格="99", 库存="3", 材质="棉", 尺码="S", 颜色="白", 裙长="90cm")
    by_sku = dataclasses.replace(
        product("2", "短裤"), skus=(Sku("s", "k", "白 M", (Fact("尺码", "M"), Fact("价格", "9"))),)
    )
    found = {gap.code: gap for gap in gaps([full, by_sku], trades_of([full, by_sku]))}
    assert {p.key for p in found["material"].missing} == {"2"}
    assert "size" not in found and "price" not in found
    assert found["lining"].asked == 1  # a lining is asked of dresses, not of shorts
    assert found["washing"].share == 1


def test_a_gap_becomes_one_question_that_names_products() -> None:
    shard = shard_of([], [product(str(i), f"{DRESS}{i}号") for i in range(5)], vectors=False)
    texts = [ask.text for ask in report(shard, None).asks]
    assert any("洗涤方式" in text and f"{DRESS}0号" in text for text in texts)


def test_an_unknown_trade_is_said() -> None:
    with pytest.raises(Invalid, match="beauty"):
        report(shard_of([], vectors=False), None, "fishing")


STATES = st.lists(st.tuples(st.integers(1, 3), st.floats(0, 1)), min_size=1, max_size=12)


@settings(max_examples=60)
@given(STATES)
def test_coverage_is_the_share_of_what_is_asked(states: list[tuple[int, float]]) -> None:
    covered = [Covered(usual(i, often), p) for i, (often, p) in enumerate(states)]
    answered = sum(often for often, p in states if p >= 0.6)
    assert coverage(covered) == pytest.approx(answered / sum(often for often, _ in states))


@settings(max_examples=20)
@given(st.sets(st.integers(0, 57), max_size=20), st.integers(0, 20))
def test_more_answers_never_cover_less(known: set[int], count: int) -> None:
    questions = trades()[GENERAL].questions
    entries = [faq(str(i), questions[i].question, "答", *questions[i].asks) for i in known]
    told = report(shard_of(entries, vectors=False), None)
    assert told.coverage <= told.coverage_after(count) <= told.coverage_after(count + 1) <= 1
    assert [ask.gain for ask in told.asks] == sorted((ask.gain for ask in told.asks), reverse=True)
    shown = json.loads(json.dumps(told.to_json()))
    assert len(shown["asks"]) <= QUESTIONS and len(shown["questions"]) == len(questions)


def test_what_the_handover_form_answers_is_told_apart_and_not_asked_of_the_merchant() -> None:
    form = (
        Fact("发货地", "浙江杭州仓", source=Source("交接表.xlsx", "店铺", 3, "B")),
        Fact("合作快递", "中通，问题找 13800138000"),
        Fact("升级联系人", "值班主管"),
    )
    shard = Shard.build(Snapshot(1, (), (), {}, form), "")
    made = report(shard, None)
    told = {c.usual.id: c for c in made.of(Cover.TOLD)}
    assert set(told) == {"G02", "G04"}
    assert {ask.usual for ask in made.asks}.isdisjoint(told)
    assert made.coverage == 0, "no script says it yet"
    text = made.text()
    assert "从哪里发货 → 发货地：浙江杭州仓（交接表.xlsx › 店铺 › B3）" in text and "13800138000" not in text
    assert {q["id"]: q["fact"] for q in made.to_json()["questions"]}["G04"] == "发货地"  # type: ignore[attr-defined]


def test_an_entry_that_answers_comes_before_the_form() -> None:
    entry = faq("1", "从哪里发货", "杭州", "发货地是哪", "你们仓库在哪个城市")
    shard = Shard.build(Snapshot(1, (entry,), (), {}, (Fact("发货地", "杭州"),)), "")
    found = {c.usual.id: c.state for c in cover(shard, None, trades()[GENERAL].questions)}
    assert found["G04"] is Cover.ANSWERED
