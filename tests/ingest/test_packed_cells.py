"""Several attributes in one cell become several facts, or stay the one text that they are."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.importer import read_file
from ingest.kinds.pairs import read_pairs
from kb.facts import state
from kb.model import Product, ProductHit
from making import shard_of

Make = Callable[..., bytes]


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("材质:棉；重量:200g；产地：江苏", "材质=棉 重量=200g 产地=江苏"),
        ("材质：棉\n产地：江苏", "材质=棉 产地=江苏"),
        ("材质:棉 产地:江苏", "材质=棉 产地=江苏"),
        ("材质=棉|产地=江苏|", "材质=棉 产地=江苏"),
        ("材质：棉，产地：江苏", "材质=棉 产地=江苏"),
        ("材质：棉，涤；产地：江苏", "材质=棉，涤 产地=江苏"),
        ("【材质】棉【产地】江苏", "材质=棉 产地=江苏"),
        ("比例：1:1；产地：江苏", "比例=1:1 产地=江苏"),
        ("产地：江苏", "产地=江苏"),
        # Half of a cell is a guess: nothing of it is taken apart.
        ("材质:棉；可机洗", ""),
        ("材质:棉；材质:麻", ""),
        ("尺寸:长:10；产地:江苏", ""),
        ("棉；江苏", ""),
        ("详见 http://a.b/c", ""),
        ("10:30；11:30", ""),
        ("请注意，颜色：以实物为准。产地：江苏", ""),
        (":；:", ""),
    ],
)
def test_an_announced_cell(text: str, pairs: str) -> None:
    assert read_pairs(text, announced=True) == [tuple(each.split("=", 1)) for each in pairs.split()]


@pytest.mark.parametrize("text", ["早：取适量；晚：再取适量", "产地：江苏", "问：能洗吗；答：能"])
def test_a_cell_that_nothing_announces_stays_one_text(text: str) -> None:
    assert read_pairs(text, announced=False) == []


WORDS = st.text(alphabet="棉麻丝绒江苏浙广东青白", min_size=1, max_size=6)


@given(
    st.dictionaries(WORDS, WORDS, min_size=1, max_size=5),
    st.sampled_from(["；", "\n", ";", "|"]),
    st.sampled_from(":：="),
)
def test_what_was_packed_is_unpacked(pairs: dict[str, str], between: str, colon: str) -> None:
    text = between.join(f"{name}{colon}{value}" for name, value in pairs.items())
    assert dict(read_pairs(text, announced=True)) == pairs


def read(make: Make, *rows: list[object]) -> tuple[Product, list[str]]:
    draft = read_file(make([*rows]), "商品表.csv")
    return draft.sheets[0].products[0], [problem.code for problem in draft.problems]


def test_facts_of_one_cell_share_their_place_and_have_their_units(make_csv: Make) -> None:
    product, problems = read(
        make_csv, ["款号", "商品名称", "规格参数"], ["K1", "杯", "材质:不锈钢；重量(g):200；容量：500毫升"]
    )
    assert [(f.name, f.value, f.unit) for f in product.facts] == [
        ("材质", "不锈钢", ""), ("重量", "200", "g"), ("容量", "500", "ml"),
    ]  # fmt: skip
    assert ({str(f.source) for f in product.facts}, problems) == ({"商品表.csv › Sheet1 › C2"}, [])


def test_an_attribute_with_a_column_of_its_own_is_not_said_twice(make_csv: Make) -> None:
    product, problems = read(make_csv, ["款号", "商品名称", "参数", "材质"], ["K1", "杯", "材质:铁；产地:江苏", "钢"])
    assert {f.name: f.value for f in product.facts} == {"材质": "钢", "产地": "江苏"}
    assert problems == ["attribute_twice"]


def test_credentials_among_the_attributes_are_not_read(make_csv: Make) -> None:
    product, _ = read(make_csv, ["款号", "商品名称", "参数"], ["K1", "锁", "材质:铁；登录密码:hunter2"])
    assert "hunter2" not in repr(product)


def test_a_selling_point_is_shown_and_never_stated(make_csv: Make) -> None:
    product, _ = read(make_csv, ["款号", "商品名称", "卖点1", "亮点"], ["K1", "保温水杯", "65W快充", "500ml"])
    assert [(f.name, f.value, f.unit) for f in product.facts] == [("卖点", "65W快充", ""), ("卖点", "500ml", "")]
    shard = shard_of([], [product])
    for text in ("卖点是什么", "亮点呢？", "功率多少", "容量多少", "多少毫升"):
        assert state(shard, text, [ProductHit(product, 1.0)], "K1") == ()
