"""Word, PDF, Markdown and plain text become sheets of questions, with the place of each and every byte of the answers."""

from __future__ import annotations

import io

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.gate import Format
from ingest.importer import read_file
from ingest.readers import docx as docx_reader
from ingest.readers import read
from ingest.readers.parse import parse
from ingest.sheet import Sheet
from kb.errors import BadFile, TooLarge
from office import docx_bytes, pdf_bytes

RETURNS = "七天内可以退的哦～  记得留好吊牌"


def grid(sheet: Sheet) -> list[tuple[str, ...]]:
    return [row.cells for row in sheet.rows]


def text(content: str, name: str = "问答.txt") -> list[Sheet]:
    return read(content.encode(), name)


def pairs(content: str, name: str = "问答.txt") -> list[tuple[str, ...]]:
    (sheet,) = text(content, name)
    assert sheet.rows[0].number == 0
    return [(str(row.number), *row.cells) for row in sheet.rows[1:]]


# -- how questions are written


@pytest.mark.parametrize(
    ("ask", "reply"),
    [
        ("问：", "答："), ("问:", "答:"), ("Q：", "A："), ("Q1: ", "A1: "), ("Q1. ", "A1. "), ("【问】", "【答】"), ("3. 问：", "答："),
        ("问题：", "回复："), ("问题2、", "答案："), ("q: ", "a: "), ("**Q：** ", "**A：** "), ("提问：", "回答："),
    ],
)  # fmt: skip
def test_marked_questions(ask: str, reply: str) -> None:
    content = f"{ask}怎么退货\n{reply}{RETURNS}\n第二段\n\n{ask}几天发货\n{reply}48小时\n"
    found = [(number, question, answer.removeprefix("** ")) for number, question, answer in pairs(content)]
    assert found == [("1", "怎么退货", f"{RETURNS}\n第二段"), ("5", "几天发货", "48小时")]


def test_question_and_answer_on_one_line() -> None:
    assert pairs("问：怎么退？答：可以退\nQ：能改地址吗 A：不能\n") == [
        ("1", "怎么退？", "可以退"),
        ("2", "能改地址吗", "不能"),
    ]


def test_numbered_questions_keep_numbered_steps_in_their_answer() -> None:
    content = "一、售后\n1. 怎么退货？\n七天内。\n1）打开订单\n2）点退款\n2. 运费谁出？\n我们出\n二、发货\n3、几天发货\n48小时\n"
    assert pairs(content) == [
        ("2", "怎么退货？", "七天内。\n1）打开订单\n2）点退款", "售后"),
        ("6", "运费谁出？", "我们出", "售后"),
        ("9", "几天发货", "48小时", "发货"),
    ]


def test_questions_that_nothing_marks() -> None:
    assert pairs("怎么退货？\n亲，您想退哪一件呢？\n七天内可以。\n\n几天发货?\n48小时\n") == [
        ("1", "怎么退货？", "亲，您想退哪一件呢？\n七天内可以。"),
        ("5", "几天发货?", "48小时"),
    ]


def test_headings_with_paragraphs_below() -> None:
    content = (
        "# 客服手册\n\n## 售后\n\n### 怎么退货\n\n第一段\n\n- 一\n- 二\n\n### 多久到账\n三天\n\n## 发货\n48小时内\n"
    )
    assert pairs(content, "手册.md") == [
        ("5", "怎么退货", "第一段\n- 一\n- 二", "售后"),
        ("12", "多久到账", "三天", "售后"),
        ("15", "发货", "48小时内", "客服手册"),
    ]


def test_other_ways_to_ask_have_their_own_column() -> None:
    content = "问：怎么退货\n相似问：能退吗；不想要了\n答：可以\n"
    assert pairs(content) == [("1", "怎么退货", "可以", "能退吗；不想要了")]
    draft = read_file(content.encode(), "问答.txt")
    assert [p.text for p in draft.sheets[0].entries[0].entry.phrasings] == ["能退吗", "不想要了"]


def test_a_question_without_an_answer_is_pointed_at_and_never_invented() -> None:
    draft = read_file("问：怎么退货\n问：几天发货\n答：48小时\n".encode(), "问答.txt")
    assert [(p.code, p.row) for p in draft.problems] == [("answer_missing", 1)]


def test_a_table_of_contents_is_no_list_of_unanswered_questions() -> None:
    content = "1. 怎么退货？\n2. 几天发货？\n\n1. 怎么退货？\n可以退\n2. 几天发货？\n48小时\n"
    assert [row[1:] for row in pairs(content)] == [("怎么退货？", "可以退"), ("几天发货？", "48小时")]


def test_what_belongs_to_no_question_is_handed_on_by_itself() -> None:
    long = "本店成立于二零一八年，主营女装。" * 5
    questions, left = text(f"{long}\n问：怎么退货\n答：可以\n")
    assert (grid(questions)[1], grid(left)) == (("怎么退货", "可以"), [(long,)])


@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_prose_without_questions_is_refused_in_words(name: str) -> None:
    with pytest.raises(BadFile, match="没有找到问答和通知，也没有表格") as caught:
        text("今天天气很好，适合出门。\n我们一起去公园玩吧。\n", name)
    assert "问：" in caught.value.advice


WORD = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20)
TELLING = st.builds("{}退货{}".format, st.text("亲这件衣服", max_size=4), st.text("能的嘛", max_size=4))
PAIRS = st.lists(st.tuples(TELLING, st.lists(WORD.map("内容".__add__), min_size=1, max_size=3)), min_size=2, max_size=6)


@settings(max_examples=60)
@given(
    PAIRS,
    st.sampled_from([("问：", "答："), ("Q: ", "A: "), ("【问】", "【答】")]),
    st.sampled_from(["\n", "\n\n", "\r\n"]),
)
def test_any_marked_pairs_come_back_byte_for_byte(
    written: list[tuple[str, list[str]]], marks: tuple[str, str], end: str
) -> None:
    content = "".join(f"{marks[0]}{ask}{end}{marks[1]}{end.join(lines)}{end}" for ask, lines in written)
    (sheet,) = parse(Format.TEXT, content.encode(), "问答.txt")
    assert [row[:2] for row in grid(sheet)[1:]] == [(ask, "\n".join(lines)) for ask, lines in written]


def test_a_text_of_columns_is_still_a_table() -> None:
    assert grid(text("问题\t答案\n怎么退，急\t可以\n几天\t两天\n")[0])[1] == ("怎么退，急", "可以")
    assert grid(text("问题,答案\n怎么退,可以\n几天,两天\n")[0])[2] == ("几天", "两天")
    assert grid(text("快捷短语\n亲，在的\n")[0]) == [("快捷短语",), ("亲，在的",)]
    assert text(" \n\n") == []


# -- Word


def test_a_word_document_gives_its_questions_and_its_tables() -> None:
    sizes = [["尺码", "胸围", "衣长"], ["S", "92", "60"], ["M", "96", "61"]]
    data = docx_bytes([("售后", 1), ("怎么退货", 2), RETURNS, "第二段", ("多久到账", 2), "三天", sizes])
    questions, table = read(data, "手册.docx")
    assert grid(questions) == [
        ("标准问题", "答复", "分类"), ("怎么退货", f"{RETURNS}\n第二段", "售后"), ("多久到账", "三天", "售后"),
    ]  # fmt: skip
    assert [row.number for row in questions.rows] == [0, 2, 5]
    assert grid(table) == [tuple(row) for row in sizes]


def test_a_word_table_of_questions_needs_no_header() -> None:
    rows = [["怎么退货？", "可以退"], ["几天发货", "48小时"]]
    (bare,) = read(docx_bytes([rows]), "表.docx")
    (headed,) = read(docx_bytes([[["问题", "答案"], *rows]]), "表.docx")
    assert grid(bare) == [("标准问题", "答复"), *map(tuple, rows)]
    assert grid(headed) == [("问题", "答案"), *map(tuple, rows)]


def test_soft_breaks_and_bold_lines_are_read_as_they_look() -> None:
    document = docx.Document()
    document.add_paragraph("问：怎么退货\n答：可以\n两天到账")
    out = io.BytesIO()
    document.save(out)
    (soft,) = parse(Format.DOCX, out.getvalue(), "a.docx")
    assert grid(soft)[1] == ("怎么退货", "可以\n两天到账")

    document = docx.Document()
    for heading, body in (("怎么退货", "可以"), ("几天发货", "两天")):
        document.add_paragraph().add_run(heading).bold = True
        document.add_paragraph(body)
    out = io.BytesIO()
    document.save(out)
    (bold,) = parse(Format.DOCX, out.getvalue(), "a.docx")
    assert grid(bold)[1:] == [("怎么退货", "可以"), ("几天发货", "两天")]


def test_merged_word_cells_are_blank_below() -> None:
    document = docx.Document()
    table = document.add_table(3, 3)
    for number, cell in enumerate(table._cells):
        cell.text = f"格{number}"
    table.cell(1, 0).merge(table.cell(2, 0))
    table.cell(1, 1).merge(table.cell(1, 2))
    out = io.BytesIO()
    document.save(out)
    (sheet,) = parse(Format.DOCX, out.getvalue(), "a.docx")
    assert grid(sheet) == [("格0", "格1", "格2"), ("格3\n格6", "格4\n格5"), ("", "格7", "格8")]


def test_word_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docx_reader, "MAX_ROWS", 2)
    with pytest.raises(TooLarge, match="2 段"):
        parse(Format.DOCX, docx_bytes(["a", "b", "c"]), "长.docx")
    with pytest.raises(TooLarge, match="太大"):
        parse(Format.DOCX, docx_bytes([[["a"]] * 3]), "长.docx")
    monkeypatch.setattr(docx_reader, "MAX_COLUMNS", 2)
    with pytest.raises(TooLarge, match="太宽"):
        parse(Format.DOCX, docx_bytes([[["a", "b", "c"]]]), "宽.docx")


# -- PDF


def test_a_pdf_is_read_by_its_text_layer() -> None:
    (sheet,) = read(
        pdf_bytes([["问：怎么退货？", "答：七天内可以", "都可以"], ["问：几天发货", "答：48小时"]]), "手册.pdf"
    )
    assert [(row.number, *row.cells) for row in sheet.rows[1:]] == [
        (1, "怎么退货？", "七天内可以\n都可以"), (4, "几天发货", "48小时"),
    ]  # fmt: skip


def test_lines_that_the_page_broke_are_joined_again() -> None:
    lines = ["问：怎么退货？", "答：" + "亲" * 28, "也" * 10, "问：能 wash 吗", "答：" + "b" * 26 + "ok", "by hand"]
    (sheet,) = parse(Format.PDF, pdf_bytes([lines]), "手册.pdf")
    assert [row.cells[1] for row in sheet.rows[1:]] == ["亲" * 28 + "也" * 10, "b" * 26 + "ok by hand"]


def test_a_scan_is_called_a_scan() -> None:
    with pytest.raises(BadFile, match="扫描件") as caught:
        read(pdf_bytes([[], []]), "扫描.pdf")
    assert "文字版" in caught.value.advice


def test_locked_and_endless_pdfs_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    locked = pdf_bytes(
        [["a"]], extra=f"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O ({'o' * 32}) /U ({'u' * 32}) >>"
    )
    with pytest.raises(BadFile, match="密码"):
        parse(Format.PDF, locked, "锁.pdf")
    from ingest.readers import pdf

    monkeypatch.setattr(pdf, "_MAX_PAGES", 1)
    with pytest.raises(TooLarge, match="2 页"):
        parse(Format.PDF, pdf_bytes([["a"], ["b"]]), "长.pdf")
    monkeypatch.setattr(pdf, "MAX_ROWS", 1)
    with pytest.raises(TooLarge, match="1 行"):
        parse(Format.PDF, pdf_bytes([["a", "b"]]), "长.pdf")


# -- Markdown


def test_markdown_tables_are_sheets_with_the_lines_they_stand_in() -> None:
    content = (
        "# 尺码\n\n| 问题 | 答案 |\n|:---|---:|\n| 怎么退 | 可以\\|能 |\n| 几天 | 两天<br>三天 |\n\n问：a\n答：b\n"
    )
    questions, table = text(content, "表.md")
    assert [(row.number, row.cells) for row in table.rows] == [
        (3, ("问题", "答案")), (5, ("怎么退", "可以|能")), (6, ("几天", "两天\n三天")),
    ]  # fmt: skip
    assert grid(questions)[1] == ("a", "b", "尺码")


def test_underlined_headings() -> None:
    assert pairs("手册\n====\n\n怎么退货\n----\n可以\n\n几天发货\n----\n两天\n", "a.md") == [
        ("4", "怎么退货", "可以", "手册"), ("8", "几天发货", "两天", "手册"),
    ]  # fmt: skip
