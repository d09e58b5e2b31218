"""The header is found under junk, its columns under any name, and what stands below it is guessed."""

from __future__ import annotations

import pytest

from ingest.columns.fields import FIELDS, SheetKind
from ingest.columns.header import find_header, make_table
from ingest.columns.naming import is_secret, plain
from ingest.columns.table import Table
from ingest.draft import SheetDraft
from ingest.drafting import draft_sheets
from ingest.sheet import Row, Sheet


def sheet(*rows: str) -> Sheet:
    """A sheet from lines with cells between bars."""
    cells = [Row(i, tuple(row.split("|"))) for i, row in enumerate(rows, start=1)]
    return Sheet("表", tuple(row for row in cells if any(row.cells)))


def table(*rows: str, kind: SheetKind | None = None) -> Table:
    found = find_header(sheet(*rows), kind)
    assert found is not None
    assert not found.missing
    return make_table("文件.xlsx", sheet(*rows), found)


def fields(*rows: str) -> dict[str, str]:
    return {column.header: column.field or str(column.use) for column in table(*rows).columns}


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("商品编号|型号|品名|颜色/规格|规格编码|接口|售价|库存|主图", SheetKind.PRODUCT),
        ("update_time|id|title|price|sale_count|comment_count|店名", SheetKind.PRODUCT),
        ("宝贝标题|备案号", SheetKind.PRODUCT),
        ("ID|类目|客户问题|其他问法|回复内容|生效时间|失效时间", SheetKind.FAQ),
        ("知识编号|场景|标准问题|相似问1|相似问2|反例|话术", SheetKind.FAQ),
        ("id|question|answer|url", SheetKind.FAQ),
        ("问|答", SheetKind.FAQ),
        ("商品ID|商品名称|品牌|问题|答案", SheetKind.FAQ),
        ("快捷短语编码|快捷短语|快捷短语分组", SheetKind.PHRASE),
        ("快捷编码|快捷短语|快捷短语分组", SheetKind.PHRASE),
        ("快捷短语", SheetKind.PHRASE),
        ("标题|内容|生效时间|失效时间|是否必读|类型", SheetKind.NOTICE),
        ("標題|內容", SheetKind.NOTICE),
    ],
)
def test_the_kind_follows_from_the_header(header: str, kind: SheetKind) -> None:
    assert table(header, "x|y|z").kind is kind


@pytest.mark.parametrize("kind", list(SheetKind))
def test_every_alias_is_understood(kind: SheetKind) -> None:
    for field in FIELDS[kind]:
        for alias in field.aliases:
            others = [f.label for f in FIELDS[kind] if f.required and f.name != field.name]
            found = table("|".join([alias, *others, "另一列"]), kind=kind)
            assert found.by_field[field.name][0].header == alias


def test_junk_rows_above_the_header_are_passed_over() -> None:
    found = table("商品资料总表", "制表人：运营部|||价格以页面为准", "", "编号|问题|答案", "1|怎么退|可以")
    assert (found.header_row, found.rows[0].number) == (4, 5)
    assert (found.letter("question"), found.letter("scene")) == ("B", "")


def test_remarks_spaces_and_slips_do_not_matter() -> None:
    assert plain(" 日常价 （元）＊ ") == "日常价"
    assert plain("（必填）") == "(必填)"
    assert fields("＊商品名称（必填）|商 品 编 码|销售价格（元）|update-time")["update-time"] == "date"


def test_several_columns_of_phrasings_and_only_one_of_anything_else() -> None:
    found = fields("编号|问题|相似问1|相似问2|相似问法三|答案|问题")
    assert [found[h] for h in ("相似问1", "相似问2", "相似问法三")] == ["phrasing"] * 3
    assert len(table("编号|问题|答案|客户问题").by_field["question"]) == 1


def test_unknown_columns_of_products_are_facts_and_of_questions_unused() -> None:
    assert fields("商品名称|面料|首图|备注|后台密码") == {
        "商品名称": "name",
        "面料": "fact",
        "首图": "skip",
        "备注": "skip",
        "后台密码": "secret",
    }
    assert fields("问题|答案|链接")["链接"] == ""
    assert table("问题|答案|链接").columns[2].to_json() == {
        "column": "C", "header": "链接", "field": "", "field_label": "未使用", "sure": True,
    }  # fmt: skip


def test_a_similar_product_column_does_not_steal_an_exact_one() -> None:
    assert fields("副产品名称|产品名称")["产品名称"] == "name"


def test_secrets_are_known_by_their_header() -> None:
    assert all(map(is_secret, ["登陆密码", "子账号", "Password", "店铺 Token"]))
    assert not is_secret("忘记密码了怎么办，页面上找不到入口该怎么办呢")


def test_a_given_kind_is_the_only_one_tried() -> None:
    assert table("标题|内容|价格", kind=SheetKind.PRODUCT).kind is SheetKind.PRODUCT


# -- order lists and forms are never read as anything else


def seen(*rows: str, kind: SheetKind | None = None) -> SheetDraft:
    (draft,) = draft_sheets("文件.xlsx", [sheet(*rows)], kind)
    return draft


def why(*rows: str, kind: SheetKind | None = None) -> str:
    return seen(*rows, kind=kind).problems[0].text


def test_orders_are_orders_though_they_name_products() -> None:
    found = seen(
        "订单编号|下单时间|商品编码|规格编码|商品名称|颜色|尺码|品牌|售价|数量", "1|2026-11-01|3|4|5|6|7|8|9|1"
    )
    assert found.kind is SheetKind.ORDER


def test_a_question_about_an_order_number_is_no_order() -> None:
    assert seen("问题|相似问|答案", "订单号|在哪看|首页").kind is SheetKind.FAQ


@pytest.mark.parametrize("kind", [SheetKind.PRODUCT, SheetKind.FAQ, SheetKind.NOTICE, SheetKind.PHRASE])
@pytest.mark.parametrize(
    "rows",
    [
        ("项目|内容|备注", "登陆密码|hunter2|", "发货地|杭州|"),
        ("店铺名称|某店", "平台|天猫", "登陆账号|boss", "登陆密码|hunter2"),
        ("订单编号|标题|内容|快捷短语|问题|答案", "hunter2|hunter2|hunter2|hunter2|hunter2|hunter2"),
    ],
)
def test_they_are_not_read_under_a_wrong_name(kind: SheetKind, rows: tuple[str, ...]) -> None:
    draft = seen(*rows, kind=kind)
    assert draft.kind is None
    assert "自动识别" in draft.problems[0].text
    assert "hunter2" not in repr(draft)


def test_questions_sorted_under_handover_words_are_questions() -> None:
    rows = ("分类|问题|答案", "发货时效|几天发|两天", "退货地址|寄到哪|见页面", "发票|能开吗|能", "平台|哪个|猫")
    assert seen(*rows).kind is SheetKind.FAQ


def test_questions_about_accounts_are_questions() -> None:
    rows = ("分类|问题|答案", "账号问题|怎么改|点设置", "发货时效|几天发|两天", "发票|能开吗|能", "会员|怎么入|点入会")
    assert seen(*rows).kind is SheetKind.FAQ


def test_products_with_a_column_of_the_shop_are_products() -> None:
    head = "店铺名称|平台|发货地|合作快递|商品名称|价格"
    assert seen(head, "某店|天猫|杭州|中通|大衣|9").kind is SheetKind.PRODUCT


def test_the_unknown_is_told_what_was_seen_and_what_is_needed() -> None:
    text = why("甲|乙", "1|2")
    assert "看不出这是什么表" in text
    assert "甲、乙" in text
    assert "“标准问题”和“答复”" in text


def test_a_missing_column_is_named() -> None:
    text = why("编号|问题|相似问", "1|a|b")
    assert "缺少“答复”" in text
    assert "第1行" in text
    assert "缺少“内容”" in why("标题|x", kind=SheetKind.NOTICE)


def test_nothing_of_a_sheet_with_secrets_is_quoted() -> None:
    assert "hunter2" not in why("某后台|hunter2", "密码|hunter3")


def test_a_sheet_of_long_texts_quotes_nothing() -> None:
    assert "看到的列" not in why("一" * 40)
