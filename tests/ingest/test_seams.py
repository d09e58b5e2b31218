"""Where two parts of the importer meet: each is right by itself, and has to stay right beside the other."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace

import openpyxl
import pytest

from chatting import ANSWER, CLEANING, rows
from ingest.columns.correction import read_corrections
from ingest.columns.fields import SheetKind
from ingest.export import export_xlsx, knowledge_of
from ingest.importer import commit, preview
from ingest.mark import marked
from ingest.pace import Stage
from kb.errors import Cancelled, Invalid
from kb.model import EntryKind, Lead
from kb.store.change import Change
from kb.store.merchant import MerchantStore

Make = Callable[..., bytes]

OWN_FORM = [
    ["行类型（店铺交接表）", "项目", "内容", "单位"],
    ["店铺信息", "发货地", "杭州", ""],
    ["店铺信息", "千牛登录密码", "hunter22x", ""],
    ["店铺信息", "备注", "子账号的密码是 hunter22x", ""],
    ["店铺信息", "负责人", "陈某 13812345678", ""],
]


def test_our_own_form_is_no_way_in_for_passwords_and_telephone_numbers(shop: MerchantStore, make_csv: Make) -> None:
    data = make_csv(OWN_FORM)
    report = commit(shop, None, data, "交接.csv")
    assert [(f.name, f.value) for f in shop.profile()] == [("发货地", "杭州"), ("负责人", "陈某 [手机号]")]
    assert [p.code for p in report.problems] == ["credential_refused", "credential_refused", "personal_data"]
    assert report.sheets[0].skipped == 2 and "hunter22x" not in report.text()
    copy = openpyxl.load_workbook(io.BytesIO(marked(data, "交接.csv", report)))
    assert not any("hunter22x" in str(cell.value) for page in copy for row in page.iter_rows() for cell in row)


def test_a_value_of_a_size_table_is_deleted_by_deleting_it_in_our_own_sheet(
    shop: MerchantStore, make_csv: Make, make_xlsx: Make
) -> None:
    commit(shop, None, make_csv([["商品编号", "商品名称"], ["A1", "天丝衬衫"]]), "商品.csv")
    sizes = [["尺码表 A1 天丝衬衫"], ["尺码", "胸围", "肩宽"], ["S", "90", "40"], ["M", "94", "41"]]
    commit(shop, None, make_xlsx({"A1": sizes}), "尺码.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(export_xlsx(knowledge_of(shop), [SheetKind.PRODUCT])))
    [cell] = [c for page in book for row in page.iter_rows() for c in row if c.value == "90"]
    cell.value = None
    out = io.BytesIO()
    book.save(out)
    report = commit(shop, None, out.getvalue(), "导出.xlsx")
    assert report.changed == 1
    assert [f.value for f in shop.products()[0].facts] == ["40", "94", "41"]


def test_two_sheets_with_the_same_chats_bring_each_answer_once(shop: MerchantStore, make_xlsx: Make) -> None:
    data = make_xlsx({"上半月": rows(CLEANING), "下半月": rows(CLEANING)})
    report = commit(shop, None, data, "聊天.xlsx")
    assert report.committed and [s.added for s in report.sheets] == [1, 0]
    [entry] = shop.entries()
    assert ANSWER in entry.answers[0].text
    assert [s.unchanged for s in commit(shop, None, data, "聊天.xlsx").sheets] == [1, 0]


def test_of_two_sheets_that_lead_to_one_entry_the_better_supported_speaks(shop: MerchantStore, make_xlsx: Make) -> None:
    faq = [["编号", "问题", "答案"], ["1", "鞋子脏了怎么清洗", ANSWER]]
    commit(shop, None, make_xlsx({"问答": faq}), "问答.xlsx")
    few, many = CLEANING, [*CLEANING, *CLEANING]
    alone = preview(shop, make_xlsx({"多": rows(many)}), "聊天.xlsx").sheets[0].leads
    report = commit(shop, None, make_xlsx({"多": rows(many), "少": rows(few)}), "聊天.xlsx")
    leads: list[Lead] = shop.leads()
    assert leads and len(leads) == sum(s.leads for s in report.sheets) == alone
    assert max(lead.support for lead in leads) == len(many)


def test_one_entry_is_not_written_twice_under_two_kinds(shop: MerchantStore, make_csv: Make, make_xlsx: Make) -> None:
    header = ["编号", "问题", "答案"]
    commit(shop, None, make_csv([header, ["K", "怎么退货", "可以退"]]), "问答.csv")
    shop.apply(Change(entries=[replace(shop.entries()[0], kind=EntryKind.PROCESS)]))
    ours = [
        ["行类型（问答表）", "编号", "标准问题", "相似问（一行一句）", "答复", "种类"],
        ["知识", "K", "怎么退货", "", "", "流程"],
    ]
    data = make_xlsx({"商家": [header, ["K", "怎么退货", "七天内可以退"]], "我们": ours})
    report = commit(shop, None, data, "一起.xlsx")
    assert (report.added, report.changed, report.unchanged) == (0, 1, 1)
    assert "duplicate_key" in [p.code for p in report.problems]
    [entry] = shop.entries()
    assert (entry.answers[0].text, entry.version) == ("七天内可以退", 3)


def test_our_own_sheet_with_a_number_twice_says_so(shop: MerchantStore, make_csv: Make) -> None:
    header = ["行类型（商品表）", "商品编号", "商品名称", "SKU名称"]
    data = make_csv([header, ["商品", "A1", "衬衫", ""], ["商品", "A1", "长裤", ""], ["规格", "A1", "长裤", "红"]])
    report = commit(shop, None, data, "导出.csv", partial=True)
    assert [(p.code, p.row) for p in report.problems] == [("duplicate_key", 3), ("variant_alone", 4)]
    assert [product.name for product in shop.products()] == ["衬衫"]


def test_what_a_trainer_adds_in_our_own_sheet_outlives_the_merchants_next_one(
    shop: MerchantStore, make_csv: Make
) -> None:
    header = ["编号", "问题", "答案", "相似问", "平台"]
    commit(shop, None, make_csv([header, ["K", "怎么退", "可以退", "能退吗", ""]]), "问答.csv")
    ours = [
        ["行类型（问答表）", "编号", "标准问题", "答复", "相似问（一行一句）", "平台"],
        ["知识", "K", "怎么退", "可以退", "能退吗\n退得了吗", ""],
        ["另一条话术", "K", "怎么退", "京东可以退", "", "京东"],
    ]
    assert commit(shop, None, make_csv(ours), "导出.csv").changed == 1
    commit(shop, None, make_csv([header, ["K", "怎么退", "七天内可以退", "能退吗", ""]]), "问答.csv")
    [entry] = shop.entries()
    assert {p.text for p in entry.phrasings} == {"能退吗", "退得了吗"}
    assert {a.text for a in entry.answers} == {"七天内可以退", "京东可以退"}


def test_half_a_character_in_a_correction_is_refused_without_being_repeated() -> None:
    for text in ('{"sheets": {"\\ud800": {"kind": "faq"}}}', '{"sheets": {"S": {"columns": {"A": "\\udc00"}}}}'):
        with pytest.raises(Invalid) as refused:
            read_corrections(text)
        refused.value.message.encode()


def test_a_preview_can_be_stopped(shop: MerchantStore, make_csv: Make) -> None:
    stages: list[Stage] = []
    with pytest.raises(Cancelled):
        preview(shop, make_csv(OWN_FORM), "交接.csv", at=stages.append, stopped=lambda: bool(stages))
    assert stages == [Stage.READING]


def test_what_is_said_once_on_each_sheet_of_chats_is_said_again_and_again(shop: MerchantStore, make_xlsx: Make) -> None:
    # Every sheet was mined by itself, so a reply given once in each week was never seen to repeat.
    weeks = {f"第{n}周": rows([talk]) for n, talk in enumerate(CLEANING, start=1)}
    report = commit(shop, None, make_xlsx(weeks), "聊天.xlsx")
    [entry] = shop.entries()
    assert ANSWER in entry.answers[0].text
    assert [(s.sheet, s.talks, s.groups, s.added) for s in report.sheets] == [
        ("第1周", 1, 1, 1), ("第2周", 1, 0, 0), ("第3周", 1, 0, 0),
    ]  # fmt: skip
    assert entry.source and (entry.source.file, entry.source.sheet, entry.source.row) == ("聊天.xlsx", "第1周", 2)
    assert commit(shop, None, make_xlsx(weeks), "聊天.xlsx").unchanged == 1
    one = preview(
        shop, make_xlsx({"全": rows(CLEANING)}), "聊天.xlsx"
    )  # on one sheet or on three, it is the same answer
    assert (one.added, one.unchanged) == (0, 1)


def test_one_conversation_on_two_sheets_agrees_with_nobody(shop: MerchantStore, make_xlsx: Make) -> None:
    once = rows(CLEANING[:1])
    report = commit(shop, None, make_xlsx({"全部": once, "备份": once}), "聊天.xlsx")
    assert (shop.entries(), [s.talks for s in report.sheets]) == ([], [1, 1])


# -- corrections


def test_corrections_of_our_own_sheets_are_refused_with_what_to_do(shop: MerchantStore, make_csv: Make) -> None:
    # They were read past, and the trainer believed that they had been obeyed.
    commit(shop, None, make_csv([["编号", "问题", "答案"], ["1", "怎么退货", "申请"]]), "问答.csv")
    ours = export_xlsx(knowledge_of(shop), [SheetKind.FAQ])
    [name] = [sheet.sheet for sheet in preview(shop, ours, "导出.xlsx").sheets if sheet.kind]
    for said in ({"columns": {"C": "answer"}}, {"header_row": 2}, {"kind": "faq", "columns": {"C": ""}}):
        corrections = read_corrections(json.dumps({"sheets": {name: said}}))
        with pytest.raises(Invalid, match="本系统导出") as refused:
            preview(shop, ours, "导出.xlsx", mapping=corrections)
        assert "行类型" in refused.value.advice
    same = read_corrections(json.dumps({"sheets": {name: {"kind": "faq"}}}))
    assert preview(shop, ours, "导出.xlsx", mapping=same).unchanged == 1


def test_an_undone_import_forgets_what_it_was_told_of_columns(shop: MerchantStore, make_csv: Make) -> None:
    data = make_csv([["编号", "问题", "甲", "乙"], ["1", "怎么退货", "申请", "拒绝"]])

    def taught(letter: str) -> str:
        mapping = read_corrections(json.dumps({"sheets": {"Sheet1": {"columns": {letter: "answer"}}}}))
        commit(shop, None, data, "问答.csv", mapping=mapping)
        return shop.imports()[0].id

    assert not preview(shop, data, "问答.csv").sheets[0].kind
    first = taught("C")
    assert preview(shop, data, "问答.csv").unchanged == 1
    again = taught("C")  # nothing else came with it
    shop.undo(first, actor="训练师")
    assert shop.entries() == [] and dict(shop.mappings()) == {("faq", "甲"): "answer"}  # it was said again since
    shop.undo(again, actor="训练师")
    assert dict(shop.mappings()) == {} and not preview(shop, data, "问答.csv").sheets[0].kind
