"""Key facts drafted from a chat: what the buyer wants at the end, what agents have promised, and what is to be done."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.keyfacts import draft
from kb.keyfacts.cues import ASKS, OTHER, topics, wishes
from kb.keyfacts.draft import MOODS
from kb.language.mask import mask
from kb.model import KeyFacts, Logistics, Order, Refund, Speaker, Tone, Turn
from making import faq, product

A, B = Speaker.AGENT, Speaker.BUYER


def of(*said: tuple[Speaker, str], **more: object) -> KeyFacts:
    return draft([Turn(who, text) for who, text in said], **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("不要退货了", ""), ("我不是要退款", ""), ("能不能退货", "退货"), ("可不可以退货", "退货"), ("不合适想退货", "退货"),
        ("不退了给我换大一码", "换货"),
        ("退货算了", ""), ("撤销退款", ""), ("不处理我就投诉你们", "投诉"), ("如果不合适可以退货吗", ASKS), ("在吗", ""),
        ("还没发货吗", "催发货"), ("帮我开张发票", "开发票"), ("快递到哪了", "查物流"), ("地址填错了", "改地址"),
    ],
)  # fmt: skip
def test_the_wish_that_stands(text: str, wish: str) -> None:
    assert of((B, text)).wish == wish


def test_the_last_wish_wins_and_one_taken_back_is_gone() -> None:
    assert of((B, "我要退货"), (A, "好的"), (B, "算了不退货了，换一件吧")).wish == "换货"
    assert of((B, "换个L码"), (A, "没货了"), (B, "那退款吧")).wish == "退款"
    assert of((B, "我要退货"), (B, "不退货了")).wish == ""


def test_what_caused_it_is_the_topic_not_what_is_asked_for() -> None:
    facts = of((B, "衣服洗一次就掉色"), (A, "抱歉"), (B, "我要退货"))
    assert (facts.topic, facts.wish) == ("售后·质量问题", "退货")


def test_only_agents_promise_and_only_of_what_they_will_do() -> None:
    facts = of(
        (B, "我今天给您补发"),
        (A, "亲，一般48小时发货哦。我明天下午三点前给您回电，差价8元今天退给您"),
        (A, "您先寄回可以吗"),
    )
    assert facts.promises == ("我明天下午三点前给您回电，差价8元今天退给您",)
    assert facts.next_step.startswith("兑现承诺：我明天下午三点前给您回电")
    assert of((A, "可以给您补发吗？")).promises == ()


def test_the_order_is_known_by_its_tail_only() -> None:
    assert of((B, "查下26010112345678004471")).order == "尾号4471"
    assert of((B, "尾号0093的"), order=Order("8820")).order == "尾号8820"
    assert of((B, "我身高165")).order == ""


def test_the_next_step_goes_by_the_state_of_the_order() -> None:
    def step(order: Order | None) -> str:
        return of((B, "我要取消订单"), order=order).next_step

    assert "拦截" in step(Order(logistics=Logistics.SHIPPED)) and "运输中" in step(Order(logistics=Logistics.SHIPPED))
    assert step(Order(logistics=Logistics.WAITING)).startswith("确认未发货后取消")
    assert step(None) == "确认未发货后取消，告诉买家退款时间"
    assert "已同意退款" in of((B, "我要退货"), order=Order(refund=Refund.AGREED)).next_step


def test_the_product_is_named_and_the_found_entry_tells_the_topic_of_who_says_little() -> None:
    facts = of((B, "这个呢"), product=product("P1", "羊毛大衣"), entry=faq("1", "可以开发票吗", "可以"))
    assert (facts.product, facts.topic) == ("羊毛大衣", "售后·发票")


def test_nothing_personal_stays() -> None:
    facts = of((B, "改地址，电话13812345678"), (A, "好的给您改成13812345678，今天给您发出"))
    assert "13812345678" not in repr(facts)
    assert facts.promises and all(mask(promise) == promise for promise in facts.promises)


TURNS = st.lists(
    st.tuples(st.sampled_from(Speaker), st.text("亲退换货款发补不要没了吗？，。 今天给您马上12元a", max_size=30)),
    max_size=8,
)


@given(TURNS, st.builds(Tone, complaining=st.booleans(), escalation=st.booleans(), urgent=st.booleans()))
def test_every_field_is_of_its_list_and_every_promise_is_a_quote(turns: list[tuple[Speaker, str]], tone: Tone) -> None:
    facts = of(*turns, tone=tone)
    assert facts.topic in {OTHER, *(cue.name for cue in topics())}
    assert facts.wish in {"", *(cue.name for cue in wishes())}
    assert facts.mood in MOODS
    said = re.sub(r"\W", "", "".join(text for who, text in turns if who is A))
    assert all(re.sub(r"\W", "", promise) in said for promise in facts.promises)
    assert draft([Turn(*turn) for turn in turns], tone) == facts


def test_every_wish_has_a_next_step_and_knows_the_states() -> None:
    states = {str(state) for kind in (Logistics, Refund) for state in kind}
    for cue in wishes():
        assert cue.next[""] and set(cue.next) - {""} <= states
    assert len({cue.name for cue in topics()}) == len(topics()) >= 25
