"""What the encoder adds to the check: asked only where it is needed, at a cost that a text's length bounds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.check import scorer as scoring
from kb.check.context import AFTER, LONGEST, Context, Head, load_context
from kb.check.finding import Concern, Finding, in_order
from kb.check.pack import shipped
from kb.check.scorer import AT, CONCERNS, Scores, Sign, learned, signs
from kb.check.told import Told
from kb.check.view import Read, View
from kb.check.watch import Draft, Watch
from kb.check.weigh import objections

TEXTS = st.text("加微信v最好第一治湿疹保证不坏返现群裙199元，。 ·绿泡😊亻言", max_size=40)


class Asked:
    """A stand-in for the encoder that says what it is told to, and remembers what it was asked."""

    def __init__(self, odds: float) -> None:
        self.odds, self.texts = odds, list[str]()
        self.bars = learned().bars

    def scores(self, read: Read, by_words: Scores) -> Scores:
        self.texts.append(read.text)
        return np.full_like(by_words, self.odds)


def told(text: str, context: object = None, *, known: bool = False) -> tuple[Finding, ...]:
    return in_order(objections(View(text), shipped(), "", "", context, lambda *_: known))  # type: ignore[arg-type]


@given(TEXTS, st.integers(0, 40), st.integers(0, 40))
def test_what_was_typed_at_a_span_is_what_overlaps_it(text: str, start: int, end: int) -> None:
    read = View(text).tight
    first, last = read.within(start, end)
    inside = [at for at in range(len(read.text)) if read.starts[at] < end and start < read.ends[at]]
    assert list(range(first, last)) == inside if start < end else first >= last


@given(TEXTS)
@settings(max_examples=40)
def test_reasons_of_all_places_are_those_of_each_place(text: str) -> None:
    read, found = View(text).tight, learned()
    for column, concern in enumerate(CONCERNS):
        best: dict[int, str] = {}
        for place in range(len(read.text)):
            said = [
                (float(found.weights[sign][column]), read.text[first:last])
                for sign, first, last in signs(read)
                if first <= place < last and sign[0] == AT and sign in found.weights
            ]
            if max(said, default=(0.0, ""))[0] > 0:
                best[place] = max(said)[1]
        assert found.reasons(read, range(len(read.text)), concern) == best


@pytest.mark.parametrize("breach", ["全网最好第一名，", "治湿疹祛斑，", "加薇信私聊，", "保证不坏包赔，"])
def test_a_text_of_breaches_costs_no_more_than_its_length(breach: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signs are by far most of the work; each is linear in the text, so that the text may be gone through only so often,
    however much is found in it."""
    times = list[str]()

    def counted(read: Read, hits: Iterable[Finding] = ()) -> Iterator[Sign]:
        times.append(read.text)
        return signs(read, hits)

    monkeypatch.setattr(scoring, "signs", counted)
    counts = []
    for many in (20, 200):
        times.clear()
        assert len(told(breach * many)) >= 20
        counts.append(len(times))
    assert counts[0] == counts[1] <= 1 + len(CONCERNS)


def test_the_encoder_is_asked_only_where_words_do_not_decide() -> None:
    asked = Asked(9.0)
    assert told("好的亲，这边帮您看一下", asked) == () and asked.texts == []
    assert told("加我微信聊", asked) and len(asked.texts) == 1
    assert told("加我微信聊" * LONGEST, asked) and len(asked.texts) == 1  # too long: by words alone
    told("绿油油的那个上面说", asked)
    count = len(asked.texts)
    told("绿油油的那个上面说", asked, known=True)  # the shop says it itself
    assert len(asked.texts) == count


def test_what_the_encoder_says_decides_where_it_is_asked() -> None:
    assert told("加我微信聊", Asked(-9.0)) == ()
    assert {f.concern for f in told("加我微信聊", Asked(9.0))} == set(CONCERNS)


@given(st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_the_head_is_two_layers(rows: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    mean, scale, inner, low, outer, high = (
        chance.normal(size=shape).astype(np.float32) for shape in ((6,), (6,), (6, 3), (3,), (3, 4), (4,))
    )
    states = chance.normal(size=(rows, 6)).astype(np.float32)
    wanted = [
        [
            sum(
                max(sum((row[i] - mean[i]) * scale[i] * inner[i, h] for i in range(6)) + low[h], 0.0) * outer[h, c]
                for h in range(3)
            )
            + high[c]
            for c in range(4)
        ]
        for row in states
    ]
    assert np.allclose(Head(mean, scale, inner, low, outer, high).scores(states), wanted, atol=1e-3)


@pytest.fixture(scope="module")
def context() -> Context:
    return load_context()


def test_every_character_has_the_states_of_a_token(context: Context) -> None:
    for text in ("加薇信领券𠮷ok", "，", "v", "好" * LONGEST, "第一行\n第二行"):
        states = context.states(View(text).tight)
        assert states.shape == (len(View(text).tight.text), len(AFTER) * 384)
        assert np.isfinite(states).all()


def test_a_text_that_comes_again_is_not_read_again_and_gets_the_same(context: Context) -> None:
    read, by_words = (
        View("您加下我那个绿色软件").tight,
        np.zeros((len(View("您加下我那个绿色软件").tight.text), len(CONCERNS))),
    )
    first = context.scores(read, by_words)
    deaf = replace(context, states=None)  # type: ignore[arg-type]
    assert (context.scores(View("您加下我那个绿色软件").tight, by_words) == first).all()
    with pytest.raises(TypeError):
        deaf.scores(read, by_words)  # another context remembers nothing of it


def test_a_watch_asks_for_the_encoder_once_and_only_when_it_is_needed(context: Context) -> None:
    asked: list[int] = []

    def load() -> Context:
        asked.append(1)
        return context

    watch = Watch(b"salt of a test", load)
    watch.learn(Told("a", "甲店", 1, (), (), ()))
    assert not asked
    draft = Draft("您加下我那个绿色软件，号发您")
    assert {f.concern for f in watch.check("a", draft)} == {f.concern for f in told(draft.text, context)}
    watch.prepare()
    assert len(asked) == 1


def test_what_is_shipped_fits_together_and_is_steady(context: Context) -> None:
    assert context.head.inner.shape[0] == len(context.head.mean) == len(AFTER) * 384
    assert set(context.bars) == set(CONCERNS) and (context.blend[:, 1:] > 0).all()
    text = "您加下我那个绿色软件，号发您"
    assert told(text, context) == told(text, context)
    assert Concern.CONTACT in {f.concern for f in told(text, context)}


@pytest.mark.parametrize("text", ["百褶裙199元", "半身裙129元", "百褶裙 89元包邮", "短裙59元两条", "裙子199"])
@pytest.mark.parametrize("whole", [False, True])
def test_a_price_of_a_skirt_is_no_group(text: str, whole: bool, context: Context) -> None:
    assert told(text, context if whole else None) == ()
