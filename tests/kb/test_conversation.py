"""How a message is read: by itself and in its conversation. Laws for any text, and the words that must not be lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cost import cost
from kb.language.conversation import LONGEST_MESSAGE, Said, alone, follows_up, gist, prepared, understand
from kb.model import Speaker, Turn

PIECES = st.sampled_from(
    "你好 您好 亲 亲亲 亲爱的 在吗 在不在 请问 想问一下 谢谢您 客服 老板 人呢 咨询 ? ?? [ ] [微笑] [手机号] 订单号: 商品编号:X9 "
    "https://a.example/b ¥AbCd1234¥ 顾客通过点击 发送: ， 。 A 8 怎么退 白色 呢 好评 母".split()
)
NOISY = st.lists(st.one_of(PIECES, st.just(" ")), max_size=14).map("".join)
ANY = st.one_of(NOISY, st.text(max_size=60), st.text(st.characters(categories=["Cs", "So", "Cf", "Nd"]), max_size=30))
TURNS = st.lists(st.builds(Turn, st.sampled_from(Speaker), ANY), max_size=8)
HOSTILE = [
    "", " ", "\x00", "\ud83d", "\udc00好", "👨‍👩‍👧‍👦" * 50, "\u202e反了", "好" * 10_000, "[" * 10_000, "[a" * 5_000 + "]" * 5_000,
    "你好亲" * 4_000, "https://" * 2_000, "¥" * 10_000, "&amp;" * 3_000, "订单号:" * 3_000, "顾客通过点击" * 2_000, "问" * 10_000,
]  # fmt: skip


def buyer(*texts: str) -> list[Turn]:
    return [Turn(Speaker.BUYER, text) for text in texts]


def agent(text: str) -> Turn:
    return Turn(Speaker.AGENT, text)


def read(text: str, *turns: Turn) -> Said:
    return understand(prepared(text), turns)


# -- laws


@given(NOISY)
def test_what_is_left_has_nothing_more_to_take_away(text: str) -> None:
    once = gist(prepared(text))
    assert gist(once) == once


@given(ANY, TURNS)
def test_any_conversation_can_be_read_and_is_bounded(text: str, turns: list[Turn]) -> None:
    said = read(text, *turns)
    assert len(said.own) <= LONGEST_MESSAGE and len(said.talk) <= 2 * LONGEST_MESSAGE + 3 * 60 + 4
    assert 0 <= said.content <= 1
    assert said.continued is (said.own != said.talk)
    assert said.own in said.talk
    assert said.told.endswith(alone(said)) and len(said.told) <= 3 * (2 + 60) + 2 + 120 + 3
    assert not any("\ud800" <= char <= "\udfff" for char in said.talk)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:9]))
def test_hostile_messages_and_turns_are_read_in_no_time(text: str) -> None:
    turns = [*buyer(text[:100], text), agent(text), *buyer(text[:30], text[:30])]
    assert cost(lambda: read(text, *turns)) < 0.05
    assert len(read(text, *turns).talk) <= 1200


@given(ANY)
def test_without_turns_there_is_one_reading(text: str) -> None:
    said = read(text)
    assert said.talk == said.own and said.told == alone(said)


def test_it_is_told_who_said_what() -> None:
    said = read("那白色的呢", *buyer("这件黑色有货吗"), agent("亲,黑色有货的哦"))
    assert said.told == "户:这件黑色有货吗 服:黑色有货的 户:那白色的呢" and alone(said) == "户:那白色的呢"


@given(ANY)
def test_a_message_in_which_nothing_is_noise_or_all_of_it_stays_as_it_is(text: str) -> None:
    text = prepared(text)
    assert understand(text).own == (gist(text) or text)


@given(st.lists(PIECES, max_size=6).map("".join), st.sampled_from(["13812345678", "zhang@example.com"]))
def test_no_personal_number_is_read_from_message_or_turns(text: str, number: str) -> None:
    said = read(f"{text} {number} {text}", agent(f"电话 {number} 对吗"), *buyer(f"{number} 怎么", f"改 {number}"))
    assert number not in said.talk


# -- what goes, what stays


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("你好，在吗，什么时候发货", "什么时候发货"),
        ("亲 请问一下 能退吗", "能退吗"),
        ("您好亲您好什么面料", "什么面料"),
        ("客服，客服，人呢？？怎么还不发", "怎么还不发"),
        ("[微笑]这款[强]有货没[玫瑰]", "这款 有货没"),
        ("我电话13812345678，可以改吗", "我电话 ,可以改吗"),
        ("[[手机号]]改号码", "改号码"),
        ("https://item.example.com/123.html?id=4 这个有货吗", "这个有货吗"),
        ("看¥AbCd12345¥ 还有货吗", "看 还有货吗"),
        ("商品编号:X9-21 能便宜点吗", "能便宜点吗"),
        ("咨询订单号:123456 怎么还没到", "怎么还没到"),
        ("麻烦您帮我改地址，谢谢", "帮我改地址"),
    ],
)
def test_greetings_cards_links_and_stand_ins_go(text: str, left: str) -> None:
    assert read(text).own == left


@pytest.mark.parametrize(
    "text",
    "亲肤吗 母亲节有活动吗 母亲亲手洗坏了 双亲亲自去取行吗 客服电话是多少 给你好评能返现吗 我现在不在家能改派送吗 优惠还在吗 "
    "这功能还存在吗 现在吗 顾问下单有优惠吗 老板椅多重 老板娘同款 掌柜的店在哪里 在不在家都能送吗 你好评返现吗 咨询费退吗".split(),
)
def test_words_that_hold_a_greeting_are_not_damaged(text: str) -> None:
    assert read(text).own == text


@pytest.mark.parametrize(
    "text", ["你好", "在吗", "亲", "有人在吗", "你好 在吗", "谢谢您", "[手机号]", "[微笑]", "https://a.example/b"]
)
def test_a_greeting_or_a_number_alone_stays_whole(text: str) -> None:
    assert read(text).own == text
    assert read(text, agent("已经给您发出了哦")).own == text


# -- the conversation


def test_messages_that_nobody_answered_are_one_question() -> None:
    said = read("能退吗", agent("您好"), *buyer("你好", "白色那件", "穿了一次"))
    assert said.own == "白色那件 穿了一次 能退吗"


def test_answered_messages_are_no_part_of_the_question() -> None:
    said = read("能退吗", *buyer("白色那件"), agent("有货的"))
    assert said.own == "能退吗"
    assert "白色那件" in said.talk and said.talk.endswith("能退吗 能退吗")


def test_at_most_three_short_messages_are_one_question() -> None:
    assert read("能退吗", *buyer("一二", "三四", "五六", "七八")).own == "三四 五六 七八 能退吗"
    assert read("能退吗", *buyer("长" * 121)).own == "能退吗"
    assert read("能退吗", *buyer("长" * 119, "尾")).own == "长" * 119 + " 尾 能退吗"


@given(st.lists(st.sampled_from(["在吗", "你好亲", "[微笑]"]), max_size=3))
def test_greetings_before_it_add_nothing(greetings: list[str]) -> None:
    assert read("什么时候发货", *buyer(*greetings)) == read("什么时候发货")


@pytest.mark.parametrize(
    "routine",
    ["亲，在的呢", "请您稍等，正在为您查询", "有什么问题我可以帮您处理或解决呢", "好的，不客气哦"],
)
def test_what_every_agent_says_is_not_read(routine: str) -> None:
    assert read("怎么操作", agent(routine)).talk == "怎么操作"


def test_only_the_last_turns_count_and_little_of_each() -> None:
    turns = [agent(f"说明{n}" + "长" * 500) for n in range(9)]
    said = read("怎么操作", *turns)
    assert all((f"说明{n}" in said.talk) is (n >= 6) for n in range(9))
    assert len(said.talk) <= 3 * 61 + 2 * len("怎么操作") + 1
    assert read("怎么操作", *turns[-3:]) == said


# -- what it says and asks


@pytest.mark.parametrize("text", ["好的谢谢", "嗯嗯", "收到了，再见", "哦", "666", "非常感谢您", "🙏🙏"])
def test_small_talk_has_no_content_and_asks_nothing(text: str) -> None:
    said = read(text)
    assert (said.content, said.asking) == (0, False)


@pytest.mark.parametrize(
    "text", ["怎么退货", "几天能到", "有没有大一号的", "面料是纯棉吗", "那白色的呢", "这款能机洗不", "可以开票吗"]
)
def test_a_question_is_known_by_its_words(text: str) -> None:
    said = read(text)
    assert said.asking and said.content > 0


@given(st.text("退货发票面料尺码", max_size=30), st.text("退货发票面料尺码", max_size=30))
def test_who_says_more_has_more_content(text: str, more: str) -> None:
    assert read(text + more).content >= read(text).content


@pytest.mark.parametrize(
    ("text", "follows"), [("那白色的呢", True), ("换成大码呢？", True), ("什么时候发货", False), ("呢", False)]
)
def test_a_message_that_varies_the_one_before(text: str, follows: bool) -> None:
    assert follows_up(read(text)) is follows


def test_a_long_message_ending_so_is_no_variation() -> None:
    assert not follows_up(read("我上个星期在你们店里买的那件白色的衣服到现在都没有发货呢"))
