"""Order lists: what stood in one order, which products that is, and nothing about who bought."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.columns.fields import SheetKind
from ingest.draft import Draft
from ingest.importer import commit, preview, read_file
from ingest.kinds.order import status_says_bought
from kb.store.merchant import MerchantStore

Make = Callable[..., bytes]
HEAD = ["订单编号", "下单时间", "商品编码", "规格编码", "宝贝标题", "数量", "订单状态"]
AT = "2026-11-01 08:00:00"


def line(
    order: str, product: str = "", sku: str = "", name: str = "", count: str = "1", state: str = "交易成功"
) -> list[str]:
    return [order, AT, product, sku, name, count, state]


def bought(draft: Draft) -> list[tuple[str, ...]]:
    return [tuple(name or product or sku for product, sku, name in order.bought) for order in draft.sheets[0].orders]


def test_lines_of_one_order_are_one_basket_wherever_they_stand(make_csv: Make) -> None:
    rows = [line("1001", "K1"), line("1002", "K2"), line("1001", "K3"), line("1001", "K1")]
    draft = read_file(make_csv([["订单明细"], HEAD, *rows]), "订单.csv")
    assert bought(draft) == [("K1", "K3"), ("K2",)]
    assert draft.sheets[0].orders[0].at == 1793491200
    assert draft.problems == []


def test_order_numbers_are_digests_from_the_start(make_csv: Make) -> None:
    draft = read_file(make_csv([HEAD, line("2699080214670783866", "K1")]), "订单.csv")
    assert "2699080214670783866" not in repr(draft)


@pytest.mark.parametrize(
    "number", ['="2699080214670783866"', "'2699080214670783866", "２６９９０８０２１４６７０７８３８６６"]
)
def test_a_protected_number_is_the_same_number(make_csv: Make, number: str) -> None:
    plain, wrapped = (read_file(make_csv([HEAD, line(n, "K1")]), "订单.csv") for n in ("2699080214670783866", number))
    assert plain.sheets[0].orders == wrapped.sheets[0].orders


def test_a_number_the_spreadsheet_has_rounded_is_an_error(make_csv: Make) -> None:
    draft = read_file(make_csv([HEAD, line("2.69908E+18", "K1"), line("1002", "K1")]), "订单.csv")
    assert [(p.severity, p.code, p.row, p.column) for p in draft.problems] == [
        ("error", "order_number_rounded", 2, "A")
    ]
    assert len(draft.sheets[0].orders) == 1


def test_merged_cells_of_an_order_go_down(make_csv: Make) -> None:
    rows = [line("1001", "K1", state="交易关闭"), ["", "", "K2", "", "", "1", ""], line("1002", "K3", state="")]
    assert [len(order.returned) for order in read_file(make_csv([HEAD, *rows]), "订单.csv").sheets[0].orders] == [2, 0]


@pytest.mark.parametrize(
    ("status", "refund", "yes"),
    [
        ("交易成功", "", True),
        ("卖家已发货", "没有申请退款", True),
        ("已完成", "未退款", True),
        ("已完成", "退款关闭", True),
        ("已发货", "售后取消", True),
        ("卖家已发货", "退款中", True),
        ("", "", True),
        ("交易关闭", "", False),
        ("已取消", "", False),
        ("等待买家付款", "", False),
        ("待付款", "", False),
        ("退款成功", "", False),
        ("已退款", "", False),
        ("交易成功", "退款成功", False),
        ("已签收", "退货退款成功", False),
        ("CANCELLED", "", False),
    ],
)
def test_which_orders_count(status: str, refund: str, yes: bool) -> None:
    assert status_says_bought(status, refund) is yes


def test_none_of_something_is_not_bought(make_csv: Make) -> None:
    draft = read_file(
        make_csv([HEAD, line("1", "K1", count="0"), line("1", "K2", count="-1"), line("1", "K3")]), "订单.csv"
    )
    assert bought(draft) == [("K3",)]
    assert [(p.code, draft.sheets[0].skipped) for p in draft.problems] == [("orders_left_out", 2)]


def test_buyers_are_not_read_and_it_is_said(make_csv: Make) -> None:
    head = [*HEAD, "买家昵称", "收货人姓名", "收货地址", "联系手机", "支付宝账号", "买家留言"]
    who = ["小白兔", "王某某", "测试路8号", "13800138000", "a@b.cn", "尽快发"]
    draft = read_file(make_csv([head, [*line("1001", "K1"), *who]]), "订单.csv")
    assert not any(text in repr(draft) for text in who)
    told = next(p for p in draft.problems if p.code == "buyer_columns_unread")
    assert all(
        name in told.text for name in ("买家昵称", "收货人姓名", "收货地址", "联系手机", "支付宝账号", "买家留言")
    )


def test_a_sheet_of_ids_and_goods_is_baskets_where_its_rows_say_so(make_csv: Make) -> None:
    rows = [["1", "苹果"], ["1", "梨"], ["2", "苹果"], ["3", "梨"], ["3", "桃"]]
    draft = read_file(b"\xef\xbb\xbf" + make_csv([["id", "Goods"], *rows]), "x.csv")
    assert (draft.sheets[0].kind, bought(draft)) == (SheetKind.ORDER, [("苹果", "梨"), ("苹果",), ("梨", "桃")])
    products = [["1", "苹果"], ["2", "梨"], ["3", "桃"], ["4", "杏"]]
    assert read_file(make_csv([["id", "name"], *products]), "x.csv").sheets[0].kind is SheetKind.PRODUCT
    assert read_file(make_csv([["id", "goods"], *products]), "x.csv", "order").sheets[0].kind is SheetKind.ORDER
    assert bought(read_file(make_csv(rows), "x.csv", "order")) == bought(draft)


def test_without_an_item_there_is_nothing_to_read(make_csv: Make) -> None:
    draft = read_file(make_csv([["订单编号", "物流单号"], ["1001", "SF1"]]), "订单.csv")
    assert not draft.importable
    assert "订单表" in draft.problems[0].text and "“商品名称”" in draft.problems[0].text


# -- beside the shop's products

PRODUCTS = [
    ["款号", "商品名称", "规格编码", "规格"],
    ["K1", "羊毛大衣", "K1-S", "S"],
    ["K1", "羊毛大衣", "K1-M", "M"],
    ["K2", "围巾", "", ""],
]


def items(shop: MerchantStore) -> list[tuple[str, ...]]:
    return sorted(basket.items for basket in shop.baskets())


def test_number_sku_or_name_is_the_shops_product_else_the_name_stays(shop: MerchantStore, make_csv: Make) -> None:
    commit(shop, None, make_csv(PRODUCTS), "商品表.csv")
    rows = [
        line("1", "k1"),
        line("1", "", "", "围巾"),
        line("2", "", "K1-M", "大衣 中号"),
        line("2", "K9", "", "赠品袋 13800138000"),
    ]
    commit(shop, None, make_csv([HEAD, *rows]), "订单.csv")
    assert items(shop) == [("K1", "K2"), ("K1", "赠品袋 [手机号]")]


def test_the_same_list_again_changes_nothing_in_whatever_order(shop: MerchantStore, make_csv: Make) -> None:
    rows = [line(str(order), f"K{(order * item) % 7}") for order in range(40) for item in range(3)]
    first = commit(shop, None, make_csv([HEAD, *rows]), "订单.csv")
    random.Random(4).shuffle(rows)
    again = commit(shop, None, make_csv([HEAD, *rows]), "另存.csv")
    assert (first.added, again.added, again.changed, again.unchanged) == (40, 0, 0, 40)
    assert again.generation == first.generation


def test_a_refund_takes_its_item_away_and_a_split_order_grows(shop: MerchantStore, make_csv: Make) -> None:
    commit(shop, None, make_csv([HEAD, line("1", "A"), line("1", "B"), line("2", "C")]), "一.csv")
    commit(
        shop,
        None,
        make_csv([HEAD, line("1", "D"), line("1", "B", state="退款成功"), line("2", "C", state="已退款")]),
        "二.csv",
    )
    assert items(shop) == [(), ("A", "D")]
    commit(shop, None, make_csv([HEAD, line("3", "E", state="交易关闭")]), "三.csv")
    assert len(shop.baskets()) == 2


def test_names_become_products_once_the_products_are_known(shop: MerchantStore, make_csv: Make) -> None:
    orders = make_csv([HEAD, line("1", "", "", "羊毛大衣"), line("1", "K2")])
    commit(shop, None, orders, "订单.csv")
    assert items(shop) == [("K2", "羊毛大衣")]
    commit(shop, None, make_csv(PRODUCTS), "商品表.csv")
    report = commit(shop, None, orders, "订单.csv")
    assert (report.changed, items(shop)) == (1, [("K1", "K2")])


def test_two_shops_know_one_order_by_different_digests(tmp_path: Path, make_csv: Make) -> None:
    ids = []
    for slug in "ab":
        store = MerchantStore(tmp_path / f"{slug}.db", slug)
        commit(store, None, make_csv([HEAD, line("1001", "K1")]), "订单.csv")
        ids += [basket.id for basket in store.baskets()]
        store.close()
    assert len(set(ids)) == 2
    assert all(len(key) == 32 for key in ids)


def test_an_order_on_two_sheets_is_one(shop: MerchantStore, make_xlsx: Make) -> None:
    book = make_xlsx({"一": [HEAD, line("1", "A")], "二": [HEAD, line("1", "B"), line("2", "C")]})
    assert commit(shop, None, book, "订单.xlsx").added == 2
    assert items(shop) == [("A", "B"), ("C",)]
    assert commit(shop, None, book, "订单.xlsx").unchanged == 2


def test_an_import_of_orders_can_be_undone_and_previewed(shop: MerchantStore, make_csv: Make) -> None:
    data = make_csv([HEAD, line("1", "A"), line("1", "B")])
    report = preview(shop, data, "订单.csv").sheets[0]
    assert (report.added, report.sample[0].title, report.sample[0].detail) == (1, "一单 2 种商品", "A、B")
    assert shop.baskets() == []
    commit(shop, None, data, "订单.csv")
    shop.undo(shop.imports()[0].id, actor="训练师")
    assert shop.baskets() == []


LINES = st.lists(st.tuples(st.sampled_from("123"), st.sampled_from("ABCD"), st.booleans()), max_size=8)


@settings(max_examples=25, deadline=None)
@given(files=st.lists(LINES, min_size=1, max_size=3))
def test_each_order_holds_what_the_last_file_said_of_each_item(
    files: list[list[tuple[str, str, bool]]], make_csv: Make
) -> None:
    """Oracle: a dictionary of (order, item), overwritten file by file; in one file, bought wins over returned."""
    said: dict[tuple[str, str], bool] = {}
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        store = MerchantStore(Path(folder) / "kb.db", "shop")
        for rows in files:
            grid = [HEAD, *(line(o, item, state="交易成功" if yes else "已退款") for o, item, yes in rows)]
            commit(store, None, make_csv(grid), "订单.csv", kind="order")
            now: dict[tuple[str, str], bool] = {}
            for order, item, yes in rows:
                now[order, item] = now.get((order, item), False) or yes
            said |= now
        orders = {order for order, _ in said}
        wanted = sorted(tuple(sorted(i for (o, i), yes in said.items() if o == order and yes)) for order in orders)
        assert [found for found in items(store) if found] == [found for found in wanted if found]
        store.close()
