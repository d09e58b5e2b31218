"""Notices as running text: a title, a paragraph, a line that says when; and places told by words, not by paragraph numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.importer import commit, preview, read_file
from ingest.kinds.values import CHINA
from ingest.readers import read
from kb.errors import BadFile
from kb.model import Entry, EntryKind
from kb.store.merchant import MerchantStore
from office import docx_bytes, pdf_bytes

TWO = [
    "双11大促", "全店满300减50，可叠加店铺券。", "活动时间：2026年11月1日0点至11月11日24点",
    "双12预售", "定金翻倍，详见商品页。", "活动时间：2026年12月1日20:00至12月12日24:00", "特此通知",
]  # fmt: skip


def at(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=CHINA).timestamp())


def notices(data: bytes, name: str) -> list[Entry]:
    return [each.entry for sheet in read_file(data, name).sheets for each in sheet.entries]


def text(*lines: str) -> list[Entry]:
    return notices("\n".join(lines).encode(), "活动.txt")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ("\n".join(TWO).encode(), "活动.txt"),
        ("\n\n".join(TWO).encode("gb18030"), "活动.txt"),
        ("\n\n".join(TWO).encode(), "活动.md"),
        (docx_bytes(TWO), "活动.docx"),
        (docx_bytes([(TWO[0], 1), *TWO[1:3], (TWO[3], 1), *TWO[4:]]), "活动.docx"),
        (pdf_bytes([TWO]), "活动.pdf"),
    ],
)
def test_several_notices_in_one_text(data: bytes, name: str) -> None:
    first, second = notices(data, name)
    assert {first.kind, second.kind} == {EntryKind.NOTICE}
    assert (first.question, first.answers[0].text) == (TWO[0], "\n".join(TWO[1:3]))
    assert (second.question, second.answers[0].text) == (TWO[3], "\n".join(TWO[4:]))
    assert (first.window.start, first.window.end) == (at("2026-11-01"), at("2026-11-12"))
    assert (second.window.start, second.window.end) == (at("2026-12-01 20:00"), at("2026-12-13"))
    assert not first.must_read


def test_the_time_may_stand_right_below_each_title() -> None:
    first, second = text(
        "双11大促", "活动时间：11月1日-11月11日", "全店满300减50", "双12预售", "活动时间：12月1日-12月12日", "定金翻倍"
    )
    assert [entry.question for entry in (first, second)] == ["双11大促", "双12预售"]
    assert first.answers[0].text == "活动时间：11月1日-11月11日\n全店满300减50"


@pytest.mark.parametrize(
    ("title", "body", "must"),
    [
        ("关于仓库搬迁的通知", "仓库搬到杭州。", False),
        ("【紧急】顺丰停运公告", "新疆停运。", True),
        ("重要：价保调整", "下单后15天价保。", True),
        ("一、售后政策调整公告", "七天改十五天。", False),
        ("发货通知", "请全员务必阅读，不再用圆通。", True),
        ("发货通知（非必读）", "不再用圆通。", False),
    ],
)
def test_the_words_of_a_title_make_a_notice_and_say_who_must_read_it(title: str, body: str, must: bool) -> None:
    (entry,) = text(title, body)
    assert (entry.kind, entry.question) == (EntryKind.NOTICE, title.removeprefix("一、"))
    assert (entry.answers[0].text, entry.must_read) == (body, must)


def test_a_notice_on_one_line_keeps_all_of_it() -> None:
    line = "【紧急通知】11月5日仓库盘点停发一天，已下单的顺延。"
    (entry,) = text(line)
    assert (entry.question, entry.answers[0].text, entry.must_read) == (
        "【紧急通知】11月5日仓库盘点停发一天",
        line,
        True,
    )


def test_days_within_the_text_are_read_where_there_is_one_span_only() -> None:
    (one,) = text("仓库搬迁通知", "因搬迁，2026年11月5日至11月7日停发，8日恢复。")
    assert (one.window.start, one.window.end) == (at("2026-11-05"), at("2026-11-08"))
    (two,) = text("大促通知", "2026年11月1日至11月3日预售，11月8日至11月11日现货。")
    assert (two.window.start, two.window.end) == (None, None)


def test_how_each_notice_was_understood_is_said(shop: MerchantStore) -> None:
    told = preview(shop, docx_bytes([*TWO, "【必读】停发公告", "停发三天。"]), "活动.docx").problems
    assert [p.text for p in told if p.code == "notice_read"] == [
        "“双11大促”：读成一条通知，2026-11-01 00:00 至 2026-11-11 24:00 有效，不是必读，请核对",
        "“双12预售”：读成一条通知，2026-12-01 20:00 至 2026-12-12 24:00 有效，不是必读，请核对",
        "“【必读】停发公告”：读成一条通知，没有读出起止时间，一直有效，必读，请核对",
    ]


@pytest.mark.parametrize("when", ["双11期间", "2026年11月1日至11月3日\n活动时间：2026年11月8日至11月11日"])
def test_a_time_nobody_can_read_keeps_its_notice_out(when: str, shop: MerchantStore) -> None:
    data = f"双11公告\n活动时间：{when}\n满300减50\n发货公告\n改发中通\n".encode()
    report = commit(shop, None, data, "活动.txt", partial=True)
    assert [(p.code, p.row, p.quote) for p in report.problems if p.severity == "error"] == [
        ("date_unreadable", 1, "双11公告")
    ]
    assert [entry.question for entry in shop.entries()] == ["发货公告"]
    assert preview(shop, data, "活动.txt").unchanged == 1


def test_questions_and_notices_may_stand_in_one_document() -> None:
    parts = [("怎么退货", 2), "七天内可以", ("双11公告", 2), "满300减50", ("几天发货", 2), "48小时"]
    questions, news = read(docx_bytes(parts), "手册.docx")
    assert [row.cells[:2] for row in questions.rows[1:]] == [("怎么退货", "七天内可以"), ("几天发货", "48小时")]
    assert [row.cells[:2] for row in news.rows[1:]] == [("双11公告", "满300减50")]


def test_an_answer_that_looks_like_a_notice_stays_an_answer() -> None:
    (entry,) = text("问：双11怎么算", "答：满减", "【重要】看公告", "活动时间：11月1日-11月11日", "活动公告")
    assert entry.kind is EntryKind.FAQ
    assert entry.answers[0].text == "满减\n【重要】看公告\n活动时间：11月1日-11月11日\n活动公告"


def test_paragraphs_that_are_neither_are_named_one_by_one(shop: MerchantStore) -> None:
    intro = "本店成立于二零一八年，主营女装，坚持原创设计，欢迎选购。" * 2
    report = preview(shop, docx_bytes([intro, "第二段话。", "双11公告", "满300减50"]), "活动.docx")
    left = [(p.code, p.row, p.text.split("：")[0]) for p in report.problems if p.code == "text_left"]
    assert left == [("text_left", 1, f"“{intro[:20]}…”"), ("text_left", 2, "“第二段话。”")]


def test_a_text_without_any_is_told_how_to_write_one() -> None:
    with pytest.raises(BadFile, match="没有找到问答和通知") as caught:
        read("今天天气很好，适合出门。\n".encode(), "a.txt")
    assert "活动时间" in caught.value.advice


LINE = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=15).map("内容{}。".format)
NAMES = st.lists(st.text("甲乙丙丁双十一大促", min_size=1, max_size=8), min_size=1, max_size=5, unique=True)


@settings(max_examples=60)
@given(NAMES, st.lists(LINE, min_size=1, max_size=3), st.sampled_from(["\n", "\n\n", "\r\n"]))
def test_any_titled_notices_come_back_byte_for_byte(names: list[str], body: list[str], end: str) -> None:
    content = "".join(f"{name}通知{end}{end.join(body)}{end}" for name in names)
    sheets = read(content.encode(), "a.txt")
    assert [row.cells[:2] for row in sheets[0].rows[1:]] == [(f"{name}通知", "\n".join(body)) for name in names]


# -- places


def test_a_document_tells_places_by_what_stands_there(shop: MerchantStore, make_xlsx: Callable[..., bytes]) -> None:
    lines = ["问：怎么退货", "问：几天发货", "答：48小时", "问：几天发货？", "答：72小时"]
    for data, name in ((docx_bytes(lines), "a.docx"), (pdf_bytes([lines]), "a.pdf")):
        missing, twice = [p for p in preview(shop, data, name).problems if p.severity == "error"]
        assert (missing.row, missing.column, missing.quote) == (1, "B", "怎么退货")
        assert missing.text.startswith("“怎么退货”：")
        assert (twice.row, twice.text.startswith("“几天发货？”："), "第" in twice.text) == (4, True, False)
    # A spreadsheet shows its numbers.
    sheet = make_xlsx({"问答": [["问题", "答案"], ["怎么退货", ""], ["几天发货", "48小时"]]})
    (problem,) = [p for p in preview(shop, sheet, "a.xlsx").problems if p.severity == "error"]
    assert (problem.text[:9], problem.quote) == ("第2行 B列：缺少", "")


def test_a_place_in_words_holds_no_personal_data(shop: MerchantStore) -> None:
    report = preview(shop, docx_bytes(["问：找13800138000怎么退货", "问：几天发货", "答：48小时"]), "a.docx")
    assert all("13800138000" not in p.text + p.quote for p in report.problems)


def test_the_other_place_of_a_contradiction_is_told_in_words_too(shop: MerchantStore) -> None:
    lines = ["问：几天发货", "答：48小时内发货", "问：请问几天能发货呀", "答：72小时内发货"]
    told = [p for p in preview(shop, docx_bytes(lines), "a.docx").problems if p.sides]
    assert told
    assert all("行" not in p.text and p.sides and "行" not in p.sides.where for p in told)
