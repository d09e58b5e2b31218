"""Handover forms: any layout gives the same facts, and no credential is stored or shown, wherever it stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.columns.fields import SheetKind
from ingest.compare.changeset import Mark
from ingest.draft import SheetDraft
from ingest.drafting import draft_sheets
from ingest.importer import commit, preview
from ingest.kinds.handover import tells_credential
from ingest.mark import marked
from ingest.readers import read
from ingest.sheet import Sheet, make_row
from kb.store.merchant import MerchantStore

Make = Callable[..., bytes]
Grid = Sequence[Sequence[str]]
SAID = {
    "店铺名称": "青山家居",
    "平台": "天猫",
    "发货地": "浙江嘉兴仓",
    "合作快递": "中通、圆通",
    "洗护说明": "冷水手洗",
}
PAIRS = list(SAID.items())


def form(grid: Grid, kind: SheetKind | None = None) -> SheetDraft:
    rows = (make_row(number, list(cells)) for number, cells in enumerate(grid, start=1))
    (draft,) = draft_sheets("交接.xlsx", [Sheet("表", tuple(row for row in rows if row))], kind)
    return draft


def said(draft: SheetDraft) -> dict[str, str]:
    return {fact.name: fact.value for fact in draft.profile}


LAYOUTS: dict[str, Grid] = {
    "header": [["某店交接表"], ["项目", "内容"], *PAIRS],
    "header and remarks": [["项目", "内容", "备注"], *([*pair, ""] for pair in PAIRS)],
    "two pairs with headers": [
        ["项目", "内容", "项目", "内容"],
        [*PAIRS[0], *PAIRS[1]],
        [*PAIRS[2], *PAIRS[3]],
        PAIRS[4],
    ],
    "no header": [["交接资料"], *PAIRS],
    "merged values": [[name, "", value] for name, value in PAIRS],
    "label above value": [list(SAID), list(SAID.values())],
    "numbered labels with colons": [[f"{n}、{name}：", value] for n, (name, value) in enumerate(PAIRS, start=1)],
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_says_the_same(layout: str) -> None:
    found = said(form(LAYOUTS[layout]))
    if layout == "numbered labels with colons":
        found["洗护说明"] = found.pop("5、洗护说明")
    assert found == SAID


def test_two_pairs_side_by_side_without_a_header() -> None:
    grid = [[*PAIRS[0], "主营类目", "家纺"], [*PAIRS[1], "发票", "电子普票"], [*PAIRS[2], "质保", "一年"]]
    assert said(form(grid)) == {**dict(PAIRS[:3]), "主营类目": "家纺", "发票": "电子普票", "质保": "一年"}


def test_one_column_and_one_cell() -> None:
    assert said(form([["店铺名称"], ["青山家居"], ["平台"], ["天猫"], ["合作快递"], ["中通"], ["圆通"]])) == {
        "店铺名称": "青山家居",
        "平台": "天猫",
        "合作快递": "中通\n圆通",
    }
    assert said(form([["店铺名称：青山家居"], ["平台: 天猫", "发货地：嘉兴"]])) == {
        "店铺名称": "青山家居",
        "平台": "天猫",
        "发货地": "嘉兴",
    }


def test_a_fact_knows_its_cell_and_its_remark() -> None:
    draft = form([["项目", "内容", "备注"], ["默认快递", "中通", "不发圆通"], ["发货地", "嘉兴", "/"]])
    assert [(f.name, f.value, str(f.source)) for f in draft.profile] == [
        ("合作快递", "中通", "交接.xlsx › 表 › B2"),
        ("合作快递（备注）", "不发圆通", "交接.xlsx › 表 › C2"),
        ("发货地", "嘉兴", "交接.xlsx › 表 › B3"),
    ]
    assert (draft.kind, draft.header_row, draft.rows, draft.skipped) == (SheetKind.HANDOVER, 1, 2, 0)


def test_a_merged_label_and_a_repeated_one_are_one_value() -> None:
    grid = [["项目", "内容"], ["合作快递", "中通"], ["", "圆通"], ["发票", "电子"], ["发票", "纸质"], ["发票", "电子"]]
    assert said(form(grid)) == {"合作快递": "中通\n圆通", "发票": "电子\n纸质"}


def test_two_names_of_one_thing_both_stay() -> None:
    assert said(form([["项目", "内容"], ["合作快递", "中通"], ["快递", "顺丰补差"]])) == {
        "合作快递": "中通",
        "快递": "顺丰补差",
    }


# -- what must never be kept

SECRET = st.sampled_from(["my-secret-9", "token8867", "PwdOfBoss1", "user_cookie_7"]) | st.text(
    "abcdefghjkmnpqrstuvwxyz23456789!@#", min_size=6, max_size=12
).map(lambda text: f"Zq{text}7")
LABELS = st.sampled_from(
    [
        "登陆账号",
        "登录密码",
        "密码",
        "子账号",
        "账号/密码",
        "千牛登录名",
        "后台登录账号及密码（主号）",
        "验证码手机",
        "API token",
    ]
)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_credential_is_nowhere_in_what_was_read(data: st.DataObject) -> None:
    """In any layout, at any place, in a remark, in another's value: neither facts nor messages hold it."""
    secret, label = data.draw(SECRET), data.draw(LABELS)
    pairs = [*PAIRS[:3], (label, secret), *PAIRS[3:]]
    pairs = data.draw(st.permutations(pairs))
    inside = data.draw(
        st.sampled_from(["密码：{}", "账号:boss 密码:{}", "PWD={}", "口令是{}", "密 码 {}", "ｐａｓｓｗｏｒｄ：{}"])
    )
    pairs.append(("其他说明", f"后台资料 {inside.format(secret)}"))
    grids: list[Grid] = [
        [["项目", "内容", "备注"], *([*pair, f"同上 {inside.format(secret)}"] for pair in pairs)],
        pairs,
        [[*one, *other] for one, other in zip(pairs[::2], pairs[1::2], strict=False)],
        [[name for name, _ in pairs[:-1]], [value for _, value in pairs[:-1]]],
        [[text] for pair in pairs for text in pair],
        [[f"{name}：{value}"] for name, value in pairs],
    ]
    for grid in grids:
        for kind in (None, SheetKind.HANDOVER):
            assert secret not in repr(form(grid, kind)), grid


def test_what_is_refused_is_named_and_the_rest_is_kept() -> None:
    draft = form([["项目", "内容"], ["登陆密码", "Hunter22"], ["发货地", "嘉兴"], ["后台", "账号:boss 密码:Hunter22"]])
    assert said(draft) == {"发货地": "嘉兴"}
    assert [(p.severity, p.code, p.row, p.value) for p in draft.problems] == [
        ("warning", "credential_refused", 2, ""),
        ("warning", "credential_refused", 4, ""),
    ]
    assert "“登陆密码”" in draft.problems[0].text
    assert draft.skipped == 2


@pytest.mark.parametrize(
    "text", ["密码不写在本表", "登录后台查看", "买家忘记密码时请他自己找回", "每个子账号分开统计", "运费账目月结"]
)
def test_a_text_about_passwords_tells_none(text: str) -> None:
    assert not tells_credential(text)


def test_a_persons_number_is_masked_and_what_buyers_are_told_stays() -> None:
    draft = form(
        [
            ["项目", "内容"],
            ["快递对接联系方式", "中通小李 13800138000"],
            ["退货地址", "浙江省嘉兴市南湖区测试路8号 13900139000"],
            ["服务时间", "9:00-24:00"],
        ]
    )
    assert said(draft)["快递对接"] == "中通小李 [手机号]"
    assert said(draft)["退货地址"].endswith("13900139000")
    assert [(p.code, p.row) for p in draft.problems] == [("personal_data", 2), ("personal_data", 3)]
    assert "13800138000" not in repr(draft)


# -- beside what is stored


def test_the_form_again_changes_only_what_it_says_otherwise(
    shop: MerchantStore, make_csv: Make, tmp_path: Path
) -> None:
    def file(city: str) -> bytes:
        return make_csv([["项目", "内容"], ["发货地", city], ["合作快递", "中通"], ["登陆密码", "Hunter22"]])

    first = commit(shop, None, file("嘉兴"), "交接表.csv")
    assert (first.added, first.committed) == (2, True)
    again = commit(shop, None, file("嘉兴"), "另存.csv")
    assert (again.added, again.changed, again.unchanged, again.generation) == (0, 0, 2, first.generation)
    moved = preview(shop, file("义乌"), "交接表.csv").sheets[0]
    assert next((s.title, s.detail, s.change) for s in moved.sample) == ("发货地", "义乌", Mark.CHANGED)
    told = next(p for p in moved.problems if p.code == "profile_changed")
    assert "“嘉兴”改为“义乌”" in told.text and (told.row, told.column) == (2, "B")
    assert {f.name: f.value for f in shop.profile()} == {"发货地": "嘉兴", "合作快递": "中通"}
    commit(shop, None, file("义乌"), "交接表.csv")
    assert shop.profile()[0].value == "义乌"
    shop.undo(shop.imports()[0].id, actor="训练师")
    assert shop.profile()[0].value == "嘉兴"
    assert b"Hunter22" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_one_name_on_two_sheets_of_a_file_is_the_first_ones(shop: MerchantStore, make_xlsx: Make) -> None:
    book = make_xlsx({"甲": [["项目", "内容"], ["发货地", "嘉兴"]], "乙": [["项目", "内容"], ["发货地", "义乌"]]})
    report = commit(shop, None, book, "交接表.xlsx")
    assert [fact.value for fact in shop.profile()] == ["嘉兴"]
    assert [p.code for p in report.problems] == ["profile_on_two_sheets"]
    assert commit(shop, None, book, "交接表.xlsx").changed == 0


def test_a_form_that_names_nothing_is_told_how_to_be_written() -> None:
    draft = form([["随便", "写写"]], SheetKind.HANDOVER)
    assert draft.kind is None
    assert "左边是项目" in draft.problems[0].text


PLACES: list[Grid] = [
    [
        ["项目", "内容", "备注"],
        *PAIRS,
        ("登陆密码", "Hunter22", "同 Hunter22"),
        ("其他", "后台 账号:boss 密码:Hunter22"),
    ],
    [*PAIRS[:3], ("登陆密码", "Hunter22")],
    [[*SAID, "登陆密码"], [*SAID.values(), "Hunter22"]],
    [[text] for pair in (*PAIRS[:3], ("登陆密码", "Hunter22")) for text in pair],
    [[f"{name}：{value}"] for name, value in (*PAIRS[:3], ("登陆密码", "Hunter22"))],
]


@pytest.mark.parametrize("grid", PLACES)
def test_the_file_handed_back_has_no_credential_either(shop: MerchantStore, make_xlsx: Make, grid: Grid) -> None:
    book = make_xlsx({"交接": grid})
    back = marked(book, "交接表.xlsx", preview(shop, book, "交接表.xlsx"))
    texts = [text for sheet in read(back, "回.xlsx") for row in sheet.rows for text in row.cells]
    assert "青山家居" in "".join(texts)
    assert not [text for text in texts if "Hunter22" in text]
