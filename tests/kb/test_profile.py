"""Questions about the shop are answered from its handover form, and what the form holds for agents is never offered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.columns.labels import STANDARD
from kb.model import Entry, Fact, Query, Source, StatedKind
from kb.profile import TOLD, known, state_profile
from kb.search import search
from kb.shard import Shard
from kb.store.merchant import Snapshot
from making import faq

CELL = Source("交接表.xlsx", "店铺", 9, "B")


def fact(name: str, value: str) -> Fact:
    return Fact(name, value, source=CELL)


FORM = (
    fact("发货地", "浙江杭州余杭仓"),
    fact("合作快递", "默认中通，乡镇发邮政"),
    fact("合作快递（备注）", "催件找物流群"),
    fact("包邮门槛", "满59元包邮；新疆西藏满199元"),
    fact("运费险", "全店赠送"),
    fact("发票", "电子普票；满500元可开专票"),
    fact("退换货时限", "签收7天内，未使用"),
    fact("退款时效", "签收后48小时内"),
    fact("退货地址", "浙江省杭州市星河路9号 400-000-1234"),
    fact("服务时间", "8:30-24:00；售后主管 9:00-18:00"),
    fact("优惠券", "关注领5元券"),
    fact("售后补偿标准", "破损补5元，超过20元找主管"),
    fact("升级联系人", "值班主管 400-000-1234"),
    fact("对接人", "运营小青"),
    fact("快递对接", "中通对接群"),
    fact("禁用话术", "最好、第一"),
)


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        ("你们从哪里发货", "亲，我们从浙江杭州余杭仓发货哦～"),
        ("发什么快递", "亲，快递是：默认中通，乡镇发邮政"),
        ("包邮吗", "亲，关于运费：满59元包邮；新疆西藏满199元"),
        ("新疆能发吗", "亲，关于偏远地区：满59元包邮；新疆西藏满199元"),
        ("有运费险吗", "亲，关于运费险：全店赠送"),
        ("可以开专票吗", "亲，关于发票：电子普票；满500元可开专票"),
        ("能开发票吗", "亲，关于发票：电子普票；满500元可开专票"),
        ("几天内可以退", "亲，关于退货：签收7天内，未使用"),
        ("退款要多久", "亲，关于退款：签收后48小时内"),
        ("退货寄到哪里", "亲，退货地址：浙江省杭州市星河路9号 400-000-1234"),
    ],
)
def test_a_question_is_answered_with_the_forms_own_words_and_their_cell(ask: str, told: str) -> None:
    (stated,) = state_profile(FORM, ask)
    assert (stated.text, stated.kind, stated.product) == (told, StatedKind.VALUE, None)
    assert stated.facts[0] in FORM and stated.facts[0].source == CELL and stated.attribute == stated.facts[0].name


@pytest.mark.parametrize(
    "ask",
    [
        "怎么还没发货", "快递一直没动", "运费险怎么没赔给我", "发票抬头开错了怎么办", "退货运费谁出", "我要投诉", "破了补偿多少",
        "你们主管电话多少", "找谁对接", "哪些话不能说", "催一下快递", "会员怎么注销", "在吗", "", "？？", "拆开了能退货吗",
        "有优惠券吗", "客服几点下班",
    ],
)  # fmt: skip
def test_it_stays_silent_where_the_form_does_not_answer_or_not_buyers(ask: str) -> None:
    assert state_profile(FORM, ask) == ()


def test_what_the_shop_has_not_said_is_not_stated() -> None:
    assert state_profile((), "从哪里发货") == ()
    assert state_profile((fact("发票", "电子普票"),), "能开专票吗") == ()
    assert state_profile((fact("发货地", " "),), "从哪里发货") == ()


@pytest.mark.parametrize("value", ["超过59元找主管", "联系 13800138000 处理", "满59元包邮" * 60, "客服权限内免运费"])
def test_a_value_that_speaks_to_agents_is_known_but_not_said(value: str) -> None:
    form = (fact("包邮门槛", value),)
    assert known(form, "包邮吗") == form[0]
    assert state_profile(form, "包邮吗") == ()


FOR_AGENTS = sorted(
    {*STANDARD, "转人工主管条件", "店铺对接群", "敏感问题", "账号"} - {n for told in TOLD for n in told.names}
)
ASKED = ["从哪里发货", "发什么快递", "包邮吗", "破损补偿多少", "对接人是谁", "联系主管"]


@given(
    st.sampled_from([*FOR_AGENTS, *(f"{name}（备注）" for name in STANDARD)]),
    st.text(max_size=30),
    st.one_of(st.sampled_from(ASKED), st.text("发货快递包邮退换补偿主管对接什么多少哪里吗", max_size=12)),
)
def test_a_fact_for_agents_is_never_offered_whatever_is_asked(name: str, value: str, ask: str) -> None:
    assert {"售后补偿标准", "升级联系人", "对接人", "快递对接", "禁用话术"} <= set(FOR_AGENTS)
    assert state_profile((fact(name, value),), ask) == ()


@given(st.permutations(FORM), st.sampled_from(ASKED))
def test_every_sentence_holds_one_value_of_the_form(form: list[Fact], ask: str) -> None:
    for stated in state_profile(tuple(form), ask):
        assert stated.facts[0].value in stated.text and stated.facts[0] in form


def with_form(*entries: Entry) -> Shard:
    return Shard.build(Snapshot(1, entries, (), {}, FORM), "")


def test_the_search_states_it_where_no_entry_answers_with_trust() -> None:
    shard = with_form(faq("1", "怎么换货", "亲，可以换"))
    assert [s.attribute for s in search(shard, Query("你们从哪里发货"), None).facts] == ["发货地"]
    answered = with_form(faq("1", "你们从哪里发货", "杭州"))
    assert search(answered, Query("你们从哪里发货"), None).facts == (), "the script answers"
