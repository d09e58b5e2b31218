"""Typed search: as written and as it sounds, against a brute force that shares no code with it."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypinyin import lazy_pinyin
from rapidfuzz import fuzz

from eval.shop import shop_from_folder
from kb.language.text import fold
from kb.lookup import MOST, Listed, Match, lookup
from kb.model import Entry, Product, Query, Window
from kb.shard import Shard
from kb.store.merchant import Snapshot
from kb.typed import index as typed_index
from making import ONE_SHOP, faq, product

NOW = 1_000_000
DEMO = Path(__file__).parents[2] / "demo"


def shard_of(entries: Sequence[Entry], products: Sequence[Product] = (), previous: Shard | None = None) -> Shard:
    return Shard.build(Snapshot(1, tuple(entries), tuple(products), {}), "none", previous)


def found(shard: Shard, typed: str, limit: int = MOST) -> list[Listed]:
    return lookup(shard, Query(typed, now=NOW), limit)


def listed(shard: Shard, typed: str) -> list[tuple[Match, str]]:
    return [(one.match, one.thing.key) for one in found(shard, typed)]


# -- what an agent types

SHOP = [
    faq("七天", "七天无理由退货怎么退", "在订单里申请"),
    faq("7天", "7天无理由包含哪些", "不影响二次销售的"),
    faq("发货", "什么时候发货", "两天内", "多久能寄出"),
    faq("重新", "重新发货要多久", "当天"),
    faq("重量", "重量多少", "半斤"),
    faq("长袖", "长袖会不会起球", "不会"),
    faq("绿", "绿色还有吗", "有"),
    faq("牛奶", "牛奶绒厚吗", "厚"),
    faq("正品", "商品是正品吗", "是"),
    faq("接口", "Type-C接口吗", "是"),
    replace(faq("催", "", "亲，正在帮您联系仓库"), shortcut="催仓"),
]
GOODS = [product("A1", "云上 雪域精粹滋润霜50g"), product("B1", "XD-C65 氮化镓充电器")]


@pytest.mark.parametrize(
    ("typed", "match", "keys"),
    [
        ("qtwly", Match.QUESTION_PINYIN, {"七天", "7天"}),
        ("qitian", Match.QUESTION_PINYIN, {"七天", "7天"}),
        ("qit", Match.QUESTION_PINYIN, {"七天", "7天"}),
        ("7tian", Match.QUESTION_PINYIN, {"七天", "7天"}),
        ("七天wly", Match.QUESTION_PINYIN, {"七天"}),
        ("qtly", Match.NEAR, {"七天", "7天"}),
        ("ＱＴＷＬＹ", Match.QUESTION_PINYIN, {"七天", "7天"}),
        ("Qi Tian", Match.QUESTION_PINYIN, {"七天", "7天"}),
        ("qi'tian", Match.QUESTION_PINYIN, {"七天", "7天"}),
        ("tuihuo", Match.QUESTION_PINYIN, {"七天"}),
        ("jichu", Match.PHRASING_PINYIN, {"发货"}),
        ("cc", Match.SHORTCUT_PINYIN, {"催"}),
        ("lianxicangku", Match.TEXT_PINYIN, {"催"}),
        ("xyjc", Match.PRODUCT_PINYIN, {"A1"}),
        ("danhuajia", Match.PRODUCT_PINYIN, {"B1"}),
        ("typec", Match.QUESTION_PINYIN, {"接口"}),
        # a character with two readings is read as its phrase says; the other reading is near
        ("chongxin", Match.QUESTION_PINYIN, {"重新"}),
        ("zhongxin", Match.NEAR, {"重新"}),
        ("zhongliang", Match.QUESTION_PINYIN, {"重量"}),
        ("changxiu", Match.QUESTION_PINYIN, {"长袖"}),
        ("lvse", Match.QUESTION_PINYIN, {"绿"}),
        ("lüse", Match.QUESTION_PINYIN, {"绿"}),
        # what a southern ear does not tell apart
        ("sangpin", Match.NEAR, {"正品"}),
        ("shangping", Match.NEAR, {"正品"}),
        ("liunairong", Match.NEAR, {"牛奶"}),
        ("cangxiu", Match.NEAR, {"长袖"}),
    ],
)
def test_letters_find_what_sounds_like_them(typed: str, match: Match, keys: set[str]) -> None:
    hits = listed(shard_of(SHOP, GOODS), typed)
    best = [key for kind, key in hits if kind is hits[0][0]]
    assert (hits[0][0], set(best)) == (match, keys)


def test_what_is_written_stands_before_what_sounds_and_that_before_text() -> None:
    entries = [
        faq("text", "怎么联系快递", "找fh快递员"),
        faq("sounds", "发货时间", "两天"),
        faq("phrasing", "其他", "答", "fh是什么"),
        faq("phrasing sounds", "另外", "答", "何时发货"),
        faq("question", "fh时间", "两天"),
        replace(faq("shortcut", "时间", "马上"), shortcut="fh01"),
        replace(faq("shortcut sounds", "几天", "马上"), shortcut="发货"),
        faq("", "", "亲，今天发货"),
    ]
    goods = [product("FH-9", "连衣裙"), product("goods sound", "防滑鞋")]
    assert [key for _, key in listed(shard_of(entries, goods), "fh")] == [
        "shortcut", "question", "phrasing", "FH-9",
        "shortcut sounds", "sounds", "phrasing sounds", "goods sound", "text", "",
    ]  # fmt: skip


def test_one_letter_is_not_yet_pinyin() -> None:
    assert listed(shard_of(SHOP), "q") == []


# -- against brute force

# None of these has a second common reading, so that a plain table is the truth about them.
HAN = "退换货包邮发票尺码七天无理由两几件商品"
TEXT = st.text(HAN + "7a2x-， ", max_size=7)
LETTERS = st.text("tuihaobfpwlyqnsgzjx72七天 ", min_size=1, max_size=6)
NUMERALS = dict(zip("0123456789", "零一二三四五六七八九", strict=True))


def sounds(char: str) -> set[str]:
    if char in NUMERALS:
        return {"er", "liang"} if char == "2" else set(lazy_pinyin(NUMERALS[char]))
    return set(lazy_pinyin(char)) if char in HAN else set()


def spans(letters: str, chars: str) -> list[int]:
    """Over how many characters from the first the letters can be spelled."""
    if not chars:
        return []
    ends = []
    for size in range(1, len(letters) + 1):
        piece, last = letters[:size], size == len(letters)
        same = piece == chars[0] or NUMERALS.get(piece) == chars[0] or (piece == "2" and chars[0] == "两")
        spelled = any(
            piece == sound or piece == sound[0] or ((piece in {"zh", "ch", "sh"} or last) and sound.startswith(piece))
            for sound in sounds(chars[0])
        )
        if same or spelled:
            ends += [1] if last else [1 + more for more in spans(letters[size:], chars[1:])]
    return ends


def sound_of(text: str, typed: str) -> float:
    """The closest way in which a text sounds as typed; 0 when in none."""
    letters, chars = ("".join(filter(str.isalnum, one)) for one in (typed, fold(text)))
    if len(letters) < 2 or not any(c in "abcdefghijklmnopqrstuvwxyz" for c in letters):
        return 0.0
    ways = [
        (at == 0) + (1 / span + 1 / len(chars)) / 2 for at in range(len(chars)) for span in spans(letters, chars[at:])
    ]
    return max(ways, default=0.0)


def writing_of(text: str, typed: str) -> float:
    text = fold(text)
    return text.startswith(typed) + len(typed) / len(text) if typed in text else 0.0


def expected(things: Sequence[Entry | Product], typed: str) -> list[tuple[Match, float, str]]:
    rows = []
    for thing in things:
        if isinstance(thing, Product):
            ways = [
                (Match.PRODUCT, writing_of(thing.name, typed)),
                (Match.PRODUCT, writing_of(thing.key, typed) * fold(thing.key).startswith(typed)),
                (Match.PRODUCT_PINYIN, sound_of(thing.name, typed)),
            ]
        else:
            shortcut, others = thing.shortcut, [p.text for p in thing.phrasings]
            texts = [answer.text for answer in thing.answers]
            ways = [
                (Match.SHORTCUT, writing_of(shortcut, typed) * fold(shortcut).startswith(typed)),
                (Match.QUESTION, writing_of(thing.question, typed)),
                *((Match.PHRASING, writing_of(text, typed)) for text in others),
                (Match.SHORTCUT_PINYIN, sound_of(shortcut, typed) if sound_of(shortcut, typed) > 1 else 0.0),
                (Match.QUESTION_PINYIN, sound_of(thing.question, typed)),
                *((Match.PHRASING_PINYIN, sound_of(text, typed)) for text in others),
                *((Match.TEXT, writing_of(text, typed)) for text in texts),
                *((Match.TEXT_PINYIN, sound_of(text, typed)) for text in texts if not thing.askable()),
            ]
        fitting = sorted((match, -closeness) for match, closeness in ways if closeness)
        rows += [(fitting[0], thing.key)] if fitting else []
    return [(match, -less, key) for (match, less), key in sorted(rows)][:MOST]


ENTRIES = st.lists(st.tuples(TEXT, TEXT, TEXT, st.text(HAN + "7a", max_size=3)), max_size=8)


@settings(max_examples=300)
@given(ENTRIES, st.lists(TEXT.filter(str.strip), max_size=4), LETTERS)
def test_the_list_is_the_one_of_brute_force(
    texts: list[tuple[str, str, str, str]], names: list[str], typed: str
) -> None:
    entries = [
        replace(faq(f"{i}", question, answer or "答", *[p for p in [phrasing] if p]), shortcut=shortcut)
        for i, (question, phrasing, answer, shortcut) in enumerate(texts)
    ]
    goods = [product(f"x{i}", name) for i, name in enumerate(names)]
    hits = found(shard_of(entries, goods), typed)
    exact = [(hit.match, round(hit.closeness, 9), hit.thing.key) for hit in hits if hit.match is not Match.NEAR]
    wanted = expected([*entries, *goods], fold(typed)) if fold(typed) else []
    assert exact == [(match, round(closeness, 9), key) for match, closeness, key in wanted]
    order = [(hit.match, -hit.closeness, hit.thing.key) for hit in hits]
    assert order == sorted(order) and len({hit.thing.id for hit in hits}) == len(hits) <= MOST


@settings(max_examples=200)
@given(st.lists(TEXT.filter(str.strip), max_size=10), st.text(HAN, min_size=3, max_size=8))
def test_no_mistyped_question_is_missed(questions: list[str], typed: str) -> None:
    """Only questions that share enough characters are compared one by one; that must lose none."""
    shard = shard_of([faq(f"{i}", text, "答") for i, text in enumerate(questions)])
    near = {int(hit.thing.key): hit.closeness for hit in found(shard, typed) if hit.match is Match.NEAR}
    ratios = {i: fuzz.partial_ratio(typed, fold(text)) / 100 for i, text in enumerate(questions) if fold(text)}
    wanted = {i: ratio for i, ratio in ratios.items() if ratio >= 0.75 and typed not in fold(questions[i])}
    assert near == pytest.approx(wanted)


# -- the demo shops


@pytest.fixture(scope="module", params=ONE_SHOP)
def demo(request: pytest.FixtureRequest) -> Iterator[Shard]:
    with shop_from_folder(DEMO / request.param, None) as shard:
        yield shard


def spoken(question: str) -> list[str]:
    """How an agent would say it, by pypinyin's own reading; digits and Latin letters stay."""
    return list(lazy_pinyin(fold(question), errors=lambda x: [c for c in x if c.isalnum()]))


def test_every_question_is_found_by_its_pinyin_and_its_initials(demo: Shard) -> None:
    missed = []
    for entry in demo.entries:
        if not entry.question or demo.answer_for(demo.entries.index(entry), Query("", now=0)) is None:
            continue
        said = spoken(entry.question)
        whole, initials = "".join(said), "".join(sound[0] for sound in said)
        for typed in (whole, initials, whole[: len(whole) // 2], fold(entry.question)[:2] + "".join(said[2:])):
            hits = lookup(demo, Query(typed, now=0))
            if len(typed) >= 2 and len(hits) < MOST and entry.id not in [hit.thing.id for hit in hits]:
                missed.append((entry.question, typed))
        if entry.id not in [hit.thing.id for hit in lookup(demo, Query(whole, now=0))[:3]]:
            missed.append((entry.question, "among the first three"))
    assert not missed


# -- restraint


def test_typing_chinese_does_not_pay_for_pinyin(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise AssertionError("nobody typed a letter")

    monkeypatch.setattr(typed_index, "pinyin", refuse)
    assert listed(shard_of(SHOP, GOODS), "发货")[0] == (Match.QUESTION, "发货")
    assert listed(shard_of(SHOP, GOODS), "七天 无理由")[0] == (Match.NEAR, "七天")


def test_a_service_starts_without_tables_for_what_nobody_has_asked() -> None:
    """Neither the readings of characters nor scipy, which only learning from orders needs."""
    check = (
        "import sys, kb.lookup, bot.service; from kb.typed.pinyin import pinyin;"
        " sys.exit(pinyin.__wrapped__.cache_info().currsize or 'scipy' in sys.modules or 'pypinyin' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", check], cwd=DEMO.parent, check=False).returncode == 0


def test_the_next_generation_finds_what_a_new_index_finds() -> None:
    """It carries over the texts of what did not change, wherever that stands now."""
    random_ = random.Random(5)
    shard = shard_of(SHOP, GOODS)
    for version in range(1, 30):
        entries, goods = [*shard.entries], [*shard.catalog.products]
        at = random_.randrange(len(entries))
        changed = replace(entries[at], question=random_.choice(SHOP).question[::-1], version=version)
        entries = random_.sample([*entries[:at], changed, *entries[at + 1 :]], len(entries))
        goods[0] = replace(goods[0], name=random_.choice(SHOP).question, version=version)
        shard = shard_of(entries, goods, shard)
        for typed in ("tuihuo", "发货", "xyjc", "qtly", "cc", "云上", "多少"):
            assert listed(shard, typed) == listed(shard_of(entries, goods), typed)


def test_the_order_of_storing_does_not_matter() -> None:
    twins = [replace(faq(f"{i:02}", "怎么退货", "答"), id=f"e{i}") for i in range(40)]
    for typed in ("退货", "tuihuo", "zmth", "zenmtuihuo"):
        forwards, backwards = (listed(shard_of(twins[::step]), typed) for step in (1, -1))
        assert forwards == backwards and [key for _, key in forwards] == [f"{i:02}" for i in range(25)]


@pytest.mark.parametrize("typed", ["退货", "tuihuo", "th", "tuihou货", "suihuo"])
def test_what_has_expired_is_not_listed_and_takes_no_place(typed: str) -> None:
    over = [replace(faq(f"X{i}", "怎么退货", "旧"), window=Window(None, NOW)) for i in range(200)]
    assert {key for _, key in listed(shard_of([*over, faq("Q", "怎么退货", "新")]), typed)} <= {"Q"}
    assert listed(shard_of([*over, faq("Q", "怎么退货", "新")]), "tuihuo")[0][1] == "Q"


@pytest.mark.parametrize("limit", [1, 3, 25, 1000])
def test_a_shorter_list_is_the_beginning_of_the_longer(limit: int) -> None:
    shard = shard_of([faq(f"{i}", f"{i}天内发货吗", "答") for i in range(60)])
    for typed in ("发货", "fahuo", "tnfh", "7t"):
        assert found(shard, typed, limit) == found(shard, typed)[:limit]


@settings(max_examples=200)
@given(st.text(max_size=200) | st.text("abcdghinouvz' \n\v7七\ue000\ud800", max_size=200))
def test_anything_may_be_typed_and_stored(text: str) -> None:
    shops = (shard_of(SHOP, GOODS), shard_of([]), shard_of([faq("Q", text, text, text or "x")], [product("P", text)]))
    for shard in shops:
        assert len(found(shard, text)) <= MOST


@pytest.mark.parametrize("typed", ["a" * 10_000, "zhuang" * 100, "n" * 500, "啊" * 500, "1" * 500, "an" * 200])
def test_nothing_typed_takes_long(typed: str) -> None:
    """Texts in which every place stays in the running to the end; bounded by the test's own time limit."""
    hostile = [
        faq(f"{i}", text * 300, "答") for i, text in enumerate(["啊", "嗯", "安", "装", "啊嗯安", "1", "一"] * 20)
    ]
    found(shard_of(hostile), typed)
