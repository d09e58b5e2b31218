"""Measuring the check: what is planted is another's, what is clean is one's own, and figures count what they say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from eval.check import compliance
from eval.check.facts import wrong_facts
from eval.check.measure import measure
from eval.check.sends import clean_sends, planted_sends, texts_of
from kb.check.finding import Concern
from kb.check.told import Told
from kb.errors import BadFile
from kb.model import Fact, Product, Sku
from making import faq, write_lines

NOW = 1_800_000_000


def shop(slug: str, name: str, word: str, price: str, courier: str) -> Told:
    products = [
        Product(f"p{slug}", f"{slug.upper()}-{word}88", f"{name}手作{word}长名商品", facts=(Fact("价格", price, "元"),))
    ]
    entries = [
        faq("1", "发货", f"亲，{word}都是当天下午四点以前付款的当天发出哦。{word}要轻拿轻放，收到请先检查外箱。")
    ]
    profile = (Fact("合作快递", courier), Fact("退货地址", f"某省某市{word}路{price}号{name}仓库一楼退货组"))
    return Told(slug, name, 1, entries, products, profile)


SHOPS = [shop("aa", "松果文具", "羊皮本", "137", "圆通"), shop("bb", "蓝鳍户外", "登山杖", "246", "极兔")]


def test_sends_are_the_same_each_time_and_of_every_kind() -> None:
    planted = list(planted_sends(SHOPS, 200, NOW))
    assert planted == list(planted_sends(SHOPS, 200, NOW))
    assert {one.kind for one in planted} == {"sentence", "price", "code", "product", "courier", "shop", "address"}
    assert all(0 <= start < end <= len(one.text) for one in planted for start, end in [one.planted])
    clean = list(clean_sends(SHOPS, 50, NOW))
    assert {one.slug for one in clean} == {"aa", "bb"} and all(one.text for one in clean)
    assert all(texts_of(told, NOW) for told in SHOPS)


def test_the_report_counts_what_was_caught_and_what_was_flagged() -> None:
    report = measure(SHOPS, 60, 120, NOW)
    figures = report.figures()
    assert figures["false_alarm"].value == 0 and figures["false_alarm"].n == 60
    assert (figures["caught"].value or 0) > 0.95 and figures["caught"].n == 120
    assert sum(f.n for name, f in figures.items() if name.startswith("caught ")) == 120
    assert 0 < report.times_ms()["p50"] <= report.times_ms()["p95"] <= report.times_ms()["max"]


def test_wrong_facts_are_none_of_the_shops_own_and_stand_where_they_are_said() -> None:
    skus = tuple(Sku(f"s{n}", f"K{n}", f"{n}ml", (Fact("价格", str(n * 3)),)) for n in (30, 50, 90))
    form = {
        "发货地": "广东广州仓", "退货地址": "广东省广州市测试路88号", "服务时间": "8:30-24:00", "发货时效": "48小时内发出",
        "禁用话术": "走量、清仓",
    }  # fmt: skip
    profile = tuple(Fact(name, value) for name, value in form.items())
    cream = replace(SHOPS[0].products[0], name="山茶花润手霜", facts=(), skus=skus)
    told = replace(
        SHOPS[0],
        products=(cream,),
        profile=profile,
        entries=[faq("1", "润手霜多少钱", "亲，在页面上看哦", "这支润手霜呢")],
    )
    sends = list(wrong_facts([told], 200, NOW))
    assert sends == list(wrong_facts([told], 200, NOW)) and len(sends) == 200
    kinds = "price variant origin return street hours dispatch banned"
    assert {one.kind for one in sends} == {f"fact {kind}" for kind in kinds.split()}
    for one in sends:
        part = one.text[slice(*one.planted)]
        assert part and (one.kind in {"fact banned", "fact variant"} or part not in "\n".join(told.texts()))
    report = measure([told], 20, 0, NOW, facts=200)
    assert report.figures()["wrong facts"].n == 200 and (report.figures()["wrong facts"].value or 0) > 0.8


ROWS = [
    {
        "id": "1", "text": "加V❤聊，保证明天到", "half": "held",
        "findings": [{"kind": "contact", "text": "加V❤"}, {"kind": "promise", "text": "保证明天到"}],
    },
    {"id": "2", "text": "最晚明天发", "findings": [{"kind": "absolute", "text": "最晚"}], "half": "held"},
    {"id": "3", "text": "能治疗湿疹", "findings": [], "half": "held"},
    {"id": "4", "text": "亲，在的", "findings": [], "half": "seen"},
]  # fmt: skip


def test_recall_and_precision_of_sentences(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "set.jsonl", ROWS)
    assert [one.id for one in compliance.read_sentences(path, "seen")] == ["4"]
    figures = compliance.figures(compliance.judge(compliance.read_sentences(path, "held")))
    assert figures["contact"]["recall"].value == figures["promise"]["precision"].value == 1
    assert figures["absolute"]["recall"].value == 0 and figures["medical"]["precision"].value == 0
    assert (figures["all"]["recall"].n, figures["all"]["recall"].value) == (3, pytest.approx(2 / 3))
    assert (figures["sentences"]["recall"].n, figures["sentences"]["precision"].value) == (2, pytest.approx(1 / 2))


def test_spans_are_code_points(tmp_path: Path) -> None:
    row = {"id": "1", "text": "😀加V❤", "findings": [{"kind": "contact", "text": "加V❤"}]}
    (one,) = compliance.read_sentences(write_lines(tmp_path / "set.jsonl", [row]))
    assert one.breaches == ((Concern.CONTACT, 1, 4),)


BAD = [
    {"id": "1"},
    {"id": "1", "text": "好", "findings": [{"kind": "x", "text": "好"}]},
    {"id": "1", "text": "好", "findings": [{"kind": "contact", "text": "坏"}]},
]


@pytest.mark.parametrize("row", BAD)
def test_a_line_that_is_not_as_agreed_is_named(row: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="第 1 行"):
        compliance.read_sentences(write_lines(tmp_path / "set.jsonl", [row]))
