"""Laws of contradiction, whatever the question: mutual, blind to spelling, silent about conditions, moved by the value only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.review.disagree import disagree
from ingest.review.question import Kind, question
from ingest.review.spelling import spelt

QUESTIONS = (
    "",
    "能机洗吗",
    "什么皮",
    "多久发货",
    "退货运费谁出",
    "先水还是先霜",
    "会不会掉色",
    "怎么退货",
    "满多少包邮",
    "几点上班",
)
ASKED = st.sampled_from(QUESTIONS).map(question)
ANSWER = st.lists(
    st.sampled_from(
        [
            *"亲可不能没有会需要只先再前后在的了，。、 /*:-",
            *"质量新疆棉款皮水霜",
            *"我们出 您出 自理 机洗 手洗 每月 一次 周二 初八 3月 10月3日 9点 晚上 三五 半 天 元 斤 2米 5 百分之 万 折 60*50cm".split(),
        ]
    ),
    max_size=9,
).map("".join)
COUNT = st.integers(2, 9)
SMALL = "零一二三四五六七八九"


@given(ANSWER, ANSWER, ASKED)
def test_disagreeing_is_mutual_under_every_question(one: str, other: str, asked: object) -> None:
    assert (disagree(one, other, asked) is None) is (disagree(other, one, asked) is None)  # type: ignore[arg-type]


@given(ANSWER, ASKED)
def test_wide_letters_are_the_same_answer(answer: str, asked: object) -> None:
    wide = "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in answer)
    assert disagree(answer, wide, asked) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    ["发货时间是{}天", "{}天内发出", "保修{}年", "一箱{}瓶", "每天{}次", "{}点上班", "高{}米", "{}折", "每{}个月一次"],
)
@given(COUNT, st.sampled_from(["", "亲，", "您好，"]), st.sampled_from(["", "哦", "的呢", "。"]))
def test_a_number_in_other_signs_is_the_same_and_another_is_not(text: str, count: int, before: str, after: str) -> None:
    asked = question("多久一次")
    answer = text.format(count)
    assert disagree(answer, before + text.format(SMALL[count]) + after, asked) is None
    clash = disagree(answer, before + text.format(SMALL[11 - count]) + after, asked)
    assert clash is not None and str(count) in clash.ours


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("三五天", "3-5天"),
        ("一刻钟", "15分钟"),
        ("2米2", "2.2米"),
        ("2万毫安", "20000毫安"),
        ("79块9", "79.9元"),
        ("百分之九十", "90%"),
        ("早八点到晚六点", "早8点到晚6点"),
        ("60*50cm", "60cm*50cm"),
        ("一个半小时", "1.5个小时"),
        ("12/20起", "12月20日起"),
    ],
)
def test_one_value_has_one_spelling(one: str, other: str) -> None:
    assert spelt(one) == spelt(other)


CONDITIONS = (
    ("电机", "整机"),
    ("银卡", "金卡"),
    ("男款", "女款"),
    ("原味", "巧克力味"),
    ("小件", "大件"),
    ("工作日", "周末"),
    ("新米", "陈米"),
    ("白天", "夜间"),
)


@pytest.mark.parametrize("pair", CONDITIONS)
@given(
    COUNT,
    COUNT,
    st.sampled_from([("{}年", "质保几年"), ("{}折", "打几折"), ("{}天", "多久发货"), ("{}元", "运费多少")]),
)
def test_values_for_different_cases_stand_side_by_side(
    pair: tuple[str, str], a: int, b: int, form: tuple[str, str]
) -> None:
    text, asked = form
    assert disagree(pair[0] + text.format(a), pair[1] + text.format(b), question(asked)) is None
    if a != b:
        assert disagree(pair[0] + text.format(a), pair[0] + text.format(b), question(asked)) is not None


WORDS = st.sampled_from(["水洗", "加热", "开票", "换码", "上门取件", "退押金"])
YES = st.sampled_from(["可以{}", "支持{}", "能{}的", "{}没问题"])
NO = st.sampled_from(["不能{}", "不支持{}", "请勿{}", "暂不{}", "{}不行", "谢绝{}", "不建议{}"])


@given(WORDS, YES, NO, YES, NO)
def test_yes_and_no_in_any_words(what: str, yes: str, no: str, too: str, neither: str) -> None:
    asked = question(f"这款能{what}吗")
    assert asked.kind is Kind.WHETHER
    assert disagree(yes.format(what), no.format(what), asked) is not None
    assert disagree(yes.format(what), too.format(what), asked) is None
    assert disagree(no.format(what), neither.format(what), asked) is None


@pytest.mark.parametrize(
    ("asked", "one", "other"),
    [
        ("先水还是先霜", "先用水再用霜", "霜在水之前"),
        ("上楼费谁付", "商家包上楼", "顾客自己付给师傅"),
        ("桌腿是什么材质", "碳钢", "实木桌腿"),
        ("哪里产的", "产地新西兰", "智利原产"),
        ("滤芯多久换", "半年换", "一年一次"),
        ("优惠多少", "满300减30", "满300减40"),
    ],
)
def test_what_no_list_names(asked: str, one: str, other: str) -> None:
    assert disagree(one, other, question(asked)) is not None


@pytest.mark.parametrize(
    ("asked", "one", "other"),
    [
        ("优惠多少", "满300减30", "满500减60"),
        ("保存多久", "冷藏3天", "冷冻30天"),
        ("什么面料", "纯棉的", "建议冷水洗"),
        ("能退吗", "没拆封可以退", "拆封后不支持"),
        ("面料会皱吗", "不容易皱", "可以低温熨烫"),
        ("尺寸多大", "120*60cm", "长120宽60高75cm"),
        ("怎么退货", "点申请退款", "保留吊牌"),
    ],
)
def test_what_only_looks_like_a_contradiction(asked: str, one: str, other: str) -> None:
    assert disagree(one, other, question(asked)) is None
