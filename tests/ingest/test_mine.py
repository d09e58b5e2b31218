"""Mining: repeated answers become drafts, what the shop knows becomes leads, and nobody's business becomes either."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatting import ANSWER, CLEANING, Talked, rows
from cost import cost
from ingest.draft import Talk
from ingest.importer import commit, preview
from ingest.mine.alike import same, saying
from ingest.mine.exchange import exchanges, question_in
from ingest.mine.generic import is_generic
from ingest.mine.mine import Mined, mine
from kb.edit import save_entry, set_status
from kb.embed import Vectors
from kb.model import Origin, Speaker, Status, Turn
from kb.store.merchant import MerchantStore
from making import BagEngine, faq

Make = Callable[..., bytes]


def talks(of: Sequence[Talked] = CLEANING) -> list[Talk]:
    speakers = {"买": Speaker.BUYER, "服": Speaker.AGENT}
    return [Talk(f"t{i}", tuple(Turn(speakers[who], text) for who, text in said), i) for i, said in enumerate(of, 1)]


def told(found: Mined) -> list[object]:
    return [[(replace(e, source=None), s) for e, s in zip(found.entries, found.support, strict=True)], found.leads]


def test_a_repeated_answer_becomes_a_draft_with_the_questions_that_led_to_it() -> None:
    found = mine(talks())
    [entry] = found.entries
    assert (entry.status, entry.origin, found.support, found.talks, found.groups) == (
        Status.DRAFT,
        Origin.CHAT,
        (3,),
        3,
        1,
    )
    asked = [entry.question, *(p.text for p in entry.phrasings)]
    assert sorted(asked) == ["鞋面可以机洗吗", "鞋面能放洗衣机机洗吗"]  # 刷鞋要注意什么 shares no word with the answer
    said = {text for talk in CLEANING for who, text in talk if who == "服"}
    assert entry.answers[0].text in said and ANSWER in entry.answers[0].text  # byte for byte


def test_what_was_said_in_one_conversation_only_is_not_enough() -> None:
    assert mine(talks(CLEANING[:1])).entries == ()
    assert len(mine(talks(CLEANING[:1]), least=1).entries) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("签收后7天内可以申请退货", "签收后15天内可以申请退货"), ("质量问题不需要您承担运费", "非质量问题需要您承担运费"),
     ("这个尺码支持机洗和烘干", "这个尺码不支持机洗和烘干"), ("退货需要承担运费12元", "退货需要承担运费21元")],
)  # fmt: skip
def test_answers_that_differ_in_a_number_or_a_denial_are_never_one(one: str, other: str) -> None:
    assert not same(saying(one), saying(other))


def test_padding_and_greetings_make_no_other_answer() -> None:
    assert same(saying("亲，鞋面不能机洗的哦~"), saying("您好，鞋面不能机洗呢"))


@pytest.mark.parametrize(
    "text",
    [
        "请问还有其他还可以帮到您的吗?", "还请您稍等，马上为您查询~", "感谢您的支持，祝您生活愉快，再见!", "麻烦给小妹打个五星评价哦",
        "亲，请提供下订单号", "您的订单预计明天上午送达", "已经为您登记退款了哦", "这边帮您催促一下快递", "今天下午可以发货的哈",
        "这款是支持机洗的哦", "那您可以申请退货的", "退款会打到尾号[数字]的卡里吗", "好的", "", "拨打13812345678联系仓库退货",
        "夏季薄款透气男士运动鞋黑色", "不支持机洗的话",
    ],
)  # fmt: skip
def test_what_is_no_knowledge_is_left_out(text: str) -> None:
    assert not is_generic(text)


@pytest.mark.parametrize(
    "text", [ANSWER, "下单后不支持修改收货地址哦", "会员每月可以领取一张免运费券", "发票在订单完成后可以申请换开"]
)
def test_what_holds_for_the_next_buyer_is_kept(text: str) -> None:
    assert is_generic(text)


@pytest.mark.parametrize(
    "text", ["那白色的呢", "好的谢谢", "可以", "[订单号]什么时候发货", "广东省河源市和平县能送到吗", "这个多少钱"]
)
def test_a_question_that_needs_its_conversation_is_no_phrasing(text: str) -> None:
    assert question_in(text) == ""


def test_a_question_stays_open_through_small_talk_and_closes_when_the_buyer_goes_on() -> None:
    said = [("买", "鞋面能机洗吗"), ("服", "请稍等"), ("买", "嗯嗯"), ("服", ANSWER), ("服", "还请您放心购买")]
    assert [e.questions for e in exchanges(talks([said]))][:1] == [("鞋面能机洗吗",)]
    moved = [("买", "鞋面能机洗吗"), ("服", "不可以机洗"), ("买", "我那双颜色发黄了"), ("服", ANSWER)]
    assert exchanges(talks([moved]))[-1].questions == ()


def test_a_hole_is_never_sent_and_marks_of_platforms_are_avoided() -> None:
    holed = [
        [("买", "退款多久到银行卡"), ("服", f"退款审核后[数字x]个工作日退到银行卡{end}")] for end in ("", "哦", "呢")
    ]
    assert mine(talks(holed)).entries == ()
    marked = [*CLEANING, [("买", "鞋面可以机洗不"), ("服", ANSWER + "#E-s[数字x]")]]
    assert "#E" not in mine(talks(marked)).entries[0].answers[0].text


def test_what_an_entry_says_or_is_asked_already_becomes_a_lead() -> None:
    known = [faq("1", "鞋子脏了怎么清洗", f"亲亲，{ANSWER}"), faq("2", "几天发货", "48小时内发货")]
    found = mine(talks(), known)
    assert found.entries == () and {lead.entry for lead in found.leads} == {"e1"}
    assert {lead.text for lead in found.leads} >= {"鞋面可以机洗吗", "鞋面能放洗衣机机洗吗"}
    assert all(lead.support == 3 for lead in found.leads) and found.homes == {"e1": "鞋子脏了怎么清洗"}
    asked = [faq("1", "鞋面可以机洗吗", ANSWER, "鞋面能放洗衣机机洗吗", "刷鞋要注意什么")]
    assert mine(talks(), asked).leads == ()


def test_an_answer_that_says_another_number_goes_to_no_entry() -> None:
    said = [[("买", f"退货{word}几天内申请"), ("服", "签收后7天内都可以申请退货")] for word in ("要", "需要在", "得在")]
    found = mine(talks(said), [faq("1", "鞋子脏了怎么清洗", "签收后15天内都可以申请退货")])
    assert found.leads == () and len(found.entries) == 1


MORE: list[Talked] = [
    *CLEANING,
    [("买", "会员有运费券吗"), ("服", "会员每月可以领取一张免运费券")],
    [("买", "会员的运费券怎么领"), ("服", "亲，会员每月可以领取一张免运费券哦")],
    [("买", "鞋垫可以拆下来吗"), ("服", "鞋垫可以拆下来单独清洗")],
]


@given(st.permutations(MORE))
@settings(max_examples=25)
def test_the_order_of_conversations_does_not_matter(shuffled: list[Talked]) -> None:
    known = [faq("1", "会员有什么好处", "会员每月可以领取一张免运费券")]
    first = [Talk(str(MORE.index(said)), *_rest(said)) for said in MORE]
    moved = [Talk(str(MORE.index(said)), *_rest(said)) for said in shuffled]
    assert told(mine(first)) == told(mine(moved)) and told(mine(first, known)) == told(mine(moved, known))


def _rest(said: Talked) -> tuple[tuple[Turn, ...]]:
    return (talks([said])[0].turns,)


def test_an_engine_joins_what_words_do_not_and_a_broken_one_is_done_without() -> None:
    class Broken(BagEngine):
        def embed(self, texts: Sequence[str]) -> Vectors:
            raise RuntimeError

    by_words = told(mine(talks(MORE)))
    assert told(mine(talks(MORE), engine=Broken())) == by_words
    keys = {e.key for e in mine(talks(MORE), engine=BagEngine()).entries}
    assert {e.key for e in mine(talks(MORE)).entries} <= keys  # and what was said once but clearly


def test_the_same_log_again_changes_nothing_and_never_writes_over_a_trainer(
    shop: MerchantStore, make_csv: Make
) -> None:
    data = make_csv(rows(MORE))
    first = commit(shop, None, data, "聊天.csv")
    assert (first.added, first.sheets[0].talks, first.sheets[0].leads) == (2, 6, 0)
    stored, leads = shop.entries(), shop.leads()
    again = commit(shop, None, data, "另存.csv")
    assert (again.added, again.changed, again.generation) == (0, 0, first.generation)
    assert shop.entries() == stored and shop.leads() == leads

    edited = save_entry(shop, None, replace(stored[0], question="我改过的问题", phrasings=()))
    retired = set_status(shop, stored[1], Status.RETIRED)
    commit(shop, None, data, "聊天.csv")
    assert {e.id: e for e in shop.entries()} == {edited.id: edited, retired.id: retired} and shop.leads() == leads


def test_mined_entries_are_drafts_whatever_was_asked_for(shop: MerchantStore, make_csv: Make) -> None:
    commit(shop, BagEngine(), make_csv(rows(CLEANING)), "聊天.csv", as_draft=False)
    assert [e.status for e in shop.entries()] == [Status.DRAFT] and shop.snapshot("").entries == ()


def test_the_report_says_what_goes_where_first(shop: MerchantStore, make_csv: Make) -> None:
    commit(
        shop,
        None,
        make_csv([["编号", "问题", "答案"], ["1", "会员有什么好处", "会员每月可以领取一张免运费券"]]),
        "问答.csv",
    )
    two = preview(shop, make_csv(rows(MORE)), "聊天.csv")
    assert two.sheets[0].leads == 0  # what only two conversations led to is wrong too often
    third = [("买", "运费券每个会员都有吗"), ("服", "会员每月可以领取一张免运费券")]
    report = preview(shop, make_csv(rows([*MORE, third])), "聊天.csv")
    [sheet] = report.sheets
    assert (sheet.talks, sheet.groups, sheet.added, sheet.leads) == (7, 2, 1, 3)
    assert sheet.sample[0].detail == "加到已有：会员有什么好处" and ANSWER in sheet.sample[-1].detail
    assert "7 段会话" in report.text() and "可加到已有 3" in report.text()


CANARIES = [
    "13912345678",
    "18600001111",
    "110101199003074514",
    "赵雨晴",
    "花园路12号",
    "tb_star_99",
    "6222020200112233",
]


def test_nobodys_data_is_found_in_drafts_leads_reports_or_the_file(shop: MerchantStore, make_csv: Make) -> None:
    personal = "收货人：赵雨晴 电话13912345678 地址：杭州市西湖区花园路12号3幢"
    said = [
        [
            (who, text.replace("鞋面", f"{personal} 鞋面", 1) if who == "买" else f"赵雨晴您好，{text}")
            for who, text in talk
        ]
        for talk in MORE
    ]
    said += [
        [("买", "我身份证110101199003074514怎么退"), ("服", "请打18600001111退货，卡号6222020200112233可以退")]
    ] * 2
    grid = rows(said)
    for row in grid[1:]:
        row[2] = "tb_star_99" if row[3] == "买家" else row[2]
        row[4] += " tb_star_99"
    report = commit(shop, None, make_csv(grid), "聊天13912345678.csv")
    kept = json.dumps(report.to_json(), ensure_ascii=False) + report.text() + repr(shop.entries()) + repr(shop.leads())
    shop.close()
    files = b"".join(path.read_bytes() for path in Path(shop._file.path).parent.iterdir())
    # A name that nothing calls a name cannot be known for one: only the card's is hidden.
    assert not [c for c in CANARIES if c in kept or c.encode() in files]


def test_ten_times_the_log_is_about_ten_times_the_work() -> None:
    made = random.Random(7)
    letters = "洗晒烫拆装换补修寄退领查开关调试包送量选"

    def log(size: int) -> list[Talk]:
        words = ["".join(made.choices(letters, k=14)) for _ in range(size // 3)]
        return talks(
            [
                [("买", f"{made.choice(words)[:6]}怎么办"), ("服", f"需要{made.choice(words)}才可以")]
                for _ in range(size)
            ]
        )

    small, large = log(300), log(3_000)
    mine(small)  # what is read once
    assert cost(lambda: mine(large)) < 25 * max(cost(lambda: mine(small)), 0.05)


def test_long_and_empty_messages_harm_nothing() -> None:
    said = [("买", ""), ("服", "洗" * 10_000), ("买", "怎么" * 5_000), ("服", "可以 " * 3_000), ("服", "")]
    assert mine(talks([said] * 3)).entries == ()
    assert cost(lambda: mine(talks([said] * 3))) < 0.1
