"""Mining what was said once: a clear reply to a question of anybody's is a draft, and a question sure of its entry is a lead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatting import Talked
from ingest.draft import Talk
from ingest.mine import once
from ingest.mine.mine import mine
from ingest.mine.once import worthy
from ingest.mine.reply import Reply, asked_by_anybody, polished, replies
from ingest.mine.worth import worths
from kb.model import Speaker, Turn
from kb.vectorise import missing_vectors, texts_of
from making import BagEngine, faq

WHO = {"买": Speaker.BUYER, "服": Speaker.AGENT}
ASKED, TOLD = "换货可以换成别的颜色吗", "换货只能换同一款同一色的商品，想要别的颜色可以先退货再重新下单"


def talk(said: Talked, number: int = 1) -> Talk:
    return Talk(f"t{number}", tuple(Turn(WHO[who], text) for who, text in said), number)


def found(*said: tuple[str, str]) -> list[tuple[str, str]]:
    """The last question and the reply of each reply in one conversation."""
    return [(reply.questions[0][0], reply.text) for reply in replies([talk(said)])]


# -- which replies there are


def test_a_reply_is_the_sentences_that_answer_without_greeting_and_tone() -> None:
    said = [("买", f"亲，{ASKED}？"), ("服", "亲亲 换货只能换同一款的哦 想要别的可以先退货呢 祝您生活愉快，再见!")]
    assert found(*said) == [(ASKED, "换货只能换同一款的，想要别的可以先退货")]


def test_a_question_waits_for_what_the_agent_asks_back_and_for_nothing_else() -> None:
    back = [("买", ASKED), ("服", "请问您是哪个地区的呢?"), ("买", "江苏的"), ("服", TOLD)]
    assert found(*back) == [(ASKED, TOLD)]
    settled = [("买", ASKED), ("服", "不支持换别的颜色"), ("买", "江苏的"), ("服", "一般都是送货上门的")]
    assert found(*settled) == [(ASKED, "不支持换别的颜色")]


@pytest.mark.parametrize(
    "text",
    [
        "您的订单预计明天送达", "正在为您查询", "已经帮您申请了退款", "小妹这边给您催一下站点", "请提供一下订单号",
        "退款审核后[数字x]个工作日到账", "这款是支持机洗的", "您放心", "请问是这个商品吗", "拨打13812345678联系仓库",
        "商品签收后", "如果提交不了", "有什么问题可以帮您处理呢",
    ],
)  # fmt: skip
def test_what_is_about_one_buyer_or_one_day_or_is_cut_short_is_no_reply(text: str) -> None:
    assert found(("买", ASKED), ("服", text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "我的快递到哪里了", "今天能送到吗", "帮我改一下地址可以吗", "怎么还没有发货", "退款成功了吗", "这款可以机洗吗",
        "还需要运费吗", "麻烦补一张发票", "要多久", "然后怎么弄", "我着急用什么时候到", "",
    ],
)  # fmt: skip
def test_what_only_this_buyer_can_ask_is_no_question_of_anybodys(text: str) -> None:
    assert asked_by_anybody(text) == ""


def test_below_a_products_link_only_terms_of_service_are_asked_of_every_product() -> None:
    shown = ("买", "https://item.example.com/1")
    features = (("买", "靠垫里面可以填什么材料"), ("服", "可以填荞麦壳和棉花"))
    assert found(shown, *features) == [] and len(found(*features)) == 1
    assert found(shown, ("买", ASKED), ("服", TOLD)) == [(ASKED, TOLD)]


def test_what_goes_on_with_something_left_out_is_no_reply() -> None:
    said = [("买", "换货的邮费怎么收"), ("服", "上门取件是[数字x]元的 从余额里面扣的")]
    assert found(*said) == []


@given(st.text("呢哦亲换货只能的~。,，哈 ", max_size=40))
def test_polishing_takes_away_from_the_ends_only_and_nothing_twice(text: str) -> None:
    assert polished(text) in text and polished(polished(text)) == polished(text)


# -- which are worth reading

PAIRS = [(ASKED, TOLD, 0), ("我的快递到哪里了", "在路上", 0), ("保修期内维修要钱吗", "人为损坏需要付费维修", 1)]


@given(st.permutations(PAIRS))
@settings(max_examples=6, deadline=None)
def test_a_pair_is_worth_the_same_whatever_is_judged_beside_it(pairs: list[tuple[str, str, int]]) -> None:
    alone = {pair: worths([pair], BagEngine())[0] for pair in PAIRS}
    together = worths(pairs, BagEngine())
    assert all(abs(alone[pair] - p) < 1e-5 and 0 <= p <= 1 for pair, p in zip(pairs, together, strict=True))
    assert worths([], BagEngine()) == []


def test_a_later_reply_and_one_that_states_nothing_are_worth_less() -> None:
    now, later, empty = worths([(ASKED, TOLD, 0), (ASKED, TOLD, 1), (ASKED, "颜色", 0)], BagEngine())
    assert now > later and now > empty


def test_each_reply_keeps_one_question_and_a_log_proposes_a_bounded_number(monkeypatch: pytest.MonkeyPatch) -> None:
    several = [Reply("t1", ((ASKED, 0), ("退货的运费由谁出", 1)), TOLD), Reply("t1", ((ASKED, 0),), "换货只能换同款")]
    assert [each.exchange.questions for each in worthy(several, BagEngine(), least=0.0)] in (
        [(ASKED,), ("退货的运费由谁出",)], [(ASKED,)],
    )  # fmt: skip
    monkeypatch.setattr(once, "MOST", 3)
    many = [Reply(f"t{i}", ((f"{ASKED}{i}", 0),), f"{TOLD}{i}") for i in range(9)]
    assert len(worthy(many, BagEngine(), least=0.0)) == 3


# -- what becomes of them

CLEAR: Talked = [("买", ASKED), ("服", TOLD)]
OTHERS: Sequence[Talked] = [
    [("买", "发票抬头开错了可以重开吗"), ("服", "订单完成后可以在发票详情里申请换开，需要重新填写抬头")],
    [("买", "我的快递到哪里了"), ("服", "已经帮您催了")],
]


def test_a_clear_reply_said_once_is_a_draft_with_a_model_and_none_without() -> None:
    log = [talk(said, i) for i, said in enumerate([CLEAR, *OTHERS], 1)]
    with_model = mine(log, engine=BagEngine())
    drafts = {e.question: e.answers[0].text for e in with_model.entries}
    assert drafts[ASKED] == TOLD and "我的快递到哪里了" not in drafts
    assert set(with_model.support) == {1} and with_model.groups == 0
    assert mine(log).entries == ()
    assert mine(list(reversed(log)), engine=BagEngine()).entries == with_model.entries


def test_what_an_entry_says_already_is_a_lead_after_one_conversation_that_was_judged() -> None:
    known = [faq("1", "想换一个颜色怎么办", f"您好，{TOLD}")]
    log = mine([talk(CLEAR)], known, engine=BagEngine())
    assert log.entries == () and [(lead.entry, lead.text, lead.support) for lead in log.leads] == [("e1", ASKED, 1)]


def test_a_question_near_a_wording_of_an_entry_is_a_lead_by_itself() -> None:
    known = [
        faq("1", "退货的运费由谁承担", "质量问题由我们承担"), faq("2", "可以开增值税专用发票吗", "可以"),
        faq("3", "鞋面可以机洗吗", "不可以"), faq("4", "订单什么时候发货出库", "48小时内"),
    ]  # fmt: skip
    engine = BagEngine()
    vectors = missing_vectors(engine, [text for e in known for text in texts_of(e)], set())
    said: Talked = [("买", "退货的运费是由谁承担"), ("服", "仓库那边会看的")]
    leads = mine([talk(said)], known, engine=engine, vectors=vectors).leads
    assert [(lead.entry, lead.support) for lead in leads] == [("e1", 1)]
    assert mine([talk(said)], known).leads == ()  # by words alone nothing is sure


def test_a_conversation_twice_is_said_by_two() -> None:
    twice = mine([talk(CLEAR, 1), replace(talk(CLEAR, 2))], engine=BagEngine())
    assert [e.question for e in twice.entries] == [ASKED] and twice.support == (2,)
