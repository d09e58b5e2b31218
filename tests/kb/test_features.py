"""What is measured of a candidate, against plain loops over plain numbers; random small shops."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz

from kb.features import HYBRID_FEATURES, LEXICAL_FEATURES, Measured, Reading, measure
from kb.language import contrast
from kb.language.cover import cover
from kb.language.text import fold
from kb.model import Entry, Polarity
from kb.shard import Shard
from making import BagEngine, faq, shard_of

ENGINE = BagEngine()
TOLERANCE = 1e-3  # half floats, and the shop's centre in single precision

TEXTS = st.sampled_from(
    "什么时候发货 几时能发 能退吗 不能退怎么办 怎么换货 怎么退货 256G多少钱 512g多少钱 XL码 包邮吗 满2件包邮吗 "
    "七天无理由 还没付款 发货后能改地址吗 ？？ 在吗".split()
)


@st.composite
def some_entry(draw: st.DrawFn) -> Entry:
    """With a question or without one (then its answers are its lines), with phrasings of both kinds."""
    number = str(draw(st.integers(0, 10**9)))
    asked, against = draw(st.lists(TEXTS, max_size=5)), draw(st.lists(TEXTS, max_size=3))
    entry = faq(number, draw(TEXTS), "亲，" + draw(TEXTS), *asked, negative=against)
    return entry if draw(st.booleans()) else replace(entry, question="")


SHOPS = st.lists(some_entry(), min_size=1, max_size=6, unique_by=lambda entry: entry.key)
MESSAGES = st.one_of(
    TEXTS, st.lists(TEXTS, min_size=2, max_size=3).map("，".join), st.text("发退换货2件吗", max_size=6)
)


def reading(shard: Shard, own: str, talk: str, *, vectors: bool = True) -> Reading:
    bm25 = [shard.lexical.scores(shard.analyzer.tokens(text)) for text in (own, talk)]
    return Reading(fold(own), fold(talk), own != talk, *bm25, ENGINE.embed([talk])[0] if vectors else None)


# -- the oracle


def lines_of(shop: Sequence[Entry]) -> list[tuple[int, str, bool]]:
    """(entry, text, positive) of every line of a shop, in the order in which a shard keeps them."""
    found = []
    for place, entry in enumerate(shop):
        asked = ([entry.question] if entry.question else []) + [
            p.text for p in entry.phrasings if p.polarity is Polarity.POSITIVE
        ]
        found += [(place, text, True) for text in asked or [answer.text for answer in entry.answers]]
        found += [(place, p.text, False) for p in entry.phrasings if p.polarity is Polarity.NEGATIVE]
    return found


def cosines(shop: Sequence[Entry], vector: np.ndarray) -> list[float]:  # type: ignore[type-arg]
    """Around the mean of all lines, in double precision."""
    rows = ENGINE.embed([text for _, text, _ in lines_of(shop)]).astype(np.float16).astype(float)
    centre = rows.mean(axis=0)
    away = vector.astype(float) - centre
    found = []
    for row in rows:
        length = max(float(np.linalg.norm(row - centre)), 1e-3) * max(float(np.linalg.norm(away)), 1e-3)
        found.append(min(1.0, max(-1.0, float((row - centre) @ away) / length)))
    return found


def marks_of(message: str, line: str) -> dict[str, float]:
    found = contrast.contrast(contrast.marks(fold(message)), contrast.marks(fold(line)))
    return {n: -v if n.endswith("_clash") else v for n, v in zip(contrast.FEATURES, found, strict=True)}


def pieces(text: str) -> set[str]:
    """Its letters, and its pairs of neighbouring letters."""
    letters = "".join(c for c in fold(text) if c == "_" or c.isalnum())
    return {*letters, *(a + b for a, b in pairwise(letters))}


def covered(shop: Sequence[Entry], talk: str, line: str) -> float:
    """The share of a line that a conversation says, its pieces weighed by how few entries of the shop have them."""
    of_each = [
        set().union(*(pieces(text) for owner, text, positive in lines_of(shop) if owner == place and positive))
        for place in range(len(shop))
    ]
    weight = {p: math.log((len(shop) + 1) / (sum(p in held for held in of_each) + 0.5)) for p in pieces(line)}
    return sum(weight[p] for p in pieces(line) & pieces(talk)) / (sum(weight.values()) or 1.0)


def expected(shop: Sequence[Entry], place: int, message: str, read: Reading) -> dict[str, float]:
    """Every feature of one entry by its definition."""
    lines = lines_of(shop)
    ours = [i for i, (owner, _, positive) in enumerate(lines) if owner == place and positive]
    alone = "own" if read.continued else "alone"
    features = dict.fromkeys(HYBRID_FEATURES if read.vector is not None else LEXICAL_FEATURES, 0.0) | {
        f"{alone}_bm25": max(float(read.own_bm25[i]) for i in ours) / 10,
        f"{alone}_fuzzy": max(fuzz.partial_ratio(fold(message), fold(lines[i][1])) for i in ours) / 100,
    }
    if read.continued:
        features["talk_bm25"] = max(float(read.talk_bm25[i]) for i in ours) / 10
        said = sorted((covered(shop, read.talk, lines[i][1]) for i in ours), reverse=True)[:3]
        features |= {"talk_cover": said[0], "talk_cover_agreement": sum(said) / len(said)}
    else:
        features["alone_ratio"] = max(fuzz.ratio(fold(message), fold(lines[i][1])) for i in ours) / 100
    for name in contrast.FEATURES:
        features[name] = max(marks_of(message, lines[i][1])[name] for i in ours)
    if read.vector is not None:
        near = cosines(shop, read.vector)
        best = sorted((near[i] for i in ours), reverse=True)[:3]
        view = "talk" if read.continued else "alone"
        features |= {f"{view}_cosine": best[0], f"{view}_agreement": sum(best) / len(best)}
    return features


def likeness(shop: Sequence[Entry], message: str, read: Reading) -> list[float]:
    """Of every line: what decides which one is shown."""
    if read.vector is not None:
        return cosines(shop, read.vector)
    return [fuzz.partial_ratio(fold(message), fold(text)) / 100 for _, text, _ in lines_of(shop)]


# -- the laws


@pytest.mark.parametrize("vectors", [True, False], ids=["hybrid", "lexical"])
@given(SHOPS, MESSAGES, MESSAGES)
def test_every_feature_is_what_plain_loops_find(vectors: bool, shop: list[Entry], message: str, before: str) -> None:
    shard = shard_of(shop)
    read = reading(shard, message, f"{before} {message}", vectors=vectors)
    found = measure(shard, range(len(shop)), read)
    names = HYBRID_FEATURES if vectors else LEXICAL_FEATURES
    assert found.values.shape == (len(shop), len(names))
    near, lines = likeness(shop, message, read), lines_of(shop)
    for place in range(len(shop)):
        row = dict(zip(names, found.values[place].tolist(), strict=True))
        assert row == pytest.approx(expected(shop, place, message, read), abs=TOLERANCE)
        ours = [near[i] for i, (owner, _, positive) in enumerate(lines) if owner == place and positive]
        against = [near[i] for i, (owner, _, positive) in enumerate(lines) if owner == place and not positive]
        shown = int(found.best_line[place])
        assert lines[shown][0] == place and lines[shown][2]
        assert float(found.near[place]) == pytest.approx(max(ours), abs=TOLERANCE)
        assert near[shown] == pytest.approx(max(ours), abs=TOLERANCE)
        lead = max(against, default=-1.0) - max(max(ours), 0.0)
        assert abs(lead) < TOLERANCE or bool(found.negative_wins[place]) is (lead > 0)


@given(SHOPS, MESSAGES, st.permutations(range(6)))
def test_the_order_of_entries_and_candidates_is_nothing(shop: list[Entry], message: str, order: list[int]) -> None:
    rows = []
    moved = [shop[i] for i in order if i < len(shop)]
    for entries in (shop, moved):
        shard = shard_of(entries)
        found = measure(shard, range(len(entries)), reading(shard, message, message))
        rows.append({entry.key: found.values[i] for i, entry in enumerate(entries)})
    assert all(np.allclose(rows[0][key], rows[1][key], atol=TOLERANCE) for key in rows[0])
    one_by_one = [measure(shard, [i], reading(shard, message, message)).values[0] for i in range(len(moved))]
    assert np.allclose(found.values, one_by_one, atol=1e-6)


@given(SHOPS, MESSAGES)
def test_a_message_alone_has_no_features_of_a_conversation_and_the_other_way_round(
    shop: list[Entry], message: str
) -> None:
    """The same vectors and words stand in other columns, because they are weighed otherwise."""
    shard = shard_of(shop)
    read = reading(shard, message, message)
    lone, told = (measure(shard, range(len(shop)), replace(read, continued=continued)) for continued in (False, True))
    columns = [dict(zip(HYBRID_FEATURES, found.values.T, strict=True)) for found in (lone, told)]
    for name in HYBRID_FEATURES:
        kind = name.partition("_")[2]
        if name == "alone_ratio":  # within a conversation it says nothing: what is asked is rarely said in one piece
            assert not columns[1][name].any()
        elif name.startswith("alone_"):
            same = f"own_{kind}" if f"own_{kind}" in HYBRID_FEATURES else f"talk_{kind}"
            assert np.allclose(columns[0][name], columns[1][same], atol=1e-6) and not columns[1][name].any()
        if name.startswith(("own_", "talk_")):
            assert not columns[0][name].any()
    assert (lone.near == told.near).all()


@given(SHOPS, MESSAGES, MESSAGES)
def test_features_lie_where_the_docstring_says(shop: list[Entry], message: str, before: str) -> None:
    shard = shard_of(shop)
    found = measure(shard, range(len(shop)), reading(shard, message, before))
    for name, column in zip(HYBRID_FEATURES, found.values.T, strict=True):
        low = 0.0 if name.endswith(("bm25", "fuzzy", "ratio", "shared")) or "cover" in name else -1.0
        high = 0.0 if name.endswith("clash") else np.inf if name.endswith("bm25") else 1.0
        assert ((column >= low) & (column <= high)).all(), name


@given(st.integers(1, 5), st.integers(1, 5))
def test_agreement_is_the_mean_of_the_three_nearest(same: int, other: int) -> None:
    """Of identical phrasings it is the best one's likeness; phrasings about something else pull it down."""
    shop = [faq("1", "包邮吗", "满99", *["包邮吗"] * (same - 1), *["什么时候发货"] * other), faq("2", "能退吗", "能")]
    shard = shard_of(shop)
    found = measure(shard, [0], reading(shard, "包邮吗", "包邮吗"))
    columns = dict(zip(HYBRID_FEATURES, found.values[0].tolist(), strict=True))
    assert columns["alone_cosine"] == pytest.approx(1, abs=1e-2)
    assert (columns["alone_agreement"] > 0.99) is (same >= 3)


def test_a_counter_example_stops_only_what_is_nearer_to_it() -> None:
    shop = [
        faq("Q", "怎么退货", "答", negative=["怎么换货"]),
        *(faq(str(i), text, "答") for i, text in enumerate("在吗 包邮吗".split())),
    ]
    shard = shard_of(shop)

    def wins(message: str) -> bool:
        found: Measured = measure(shard, [0], reading(shard, message, message))
        return bool(found.negative_wins[0])

    assert wins("怎么换货") and not wins("怎么退货")
    assert not wins("今天天气不错"), "far from both: nobody said that this entry does not answer it"


def test_lying_further_away_never_saves_from_a_clash() -> None:
    """Only the nearest candidates are read; one that is not read is no better off than the worst that is."""
    near = [faq(str(i), f"XD-C{i}充电器功率是多少", "答复") for i in range(20, 50)]
    far = faq("far", "XD-C99这一款买给家里老人用的充电器它的功率到底是多少", "答复")
    shard = shard_of([*near, far], vectors=False)
    message = "xd-c65充电器功率是多少"
    bm25 = shard.lexical.scores(shard.analyzer.tokens(message))
    measured = measure(shard, range(len(shard.entries)), Reading(message, message, False, bm25, bm25))
    clash = measured.values[:, LEXICAL_FEATURES.index("model_clash")]
    assert (clash == -1.0).all()


@given(SHOPS, MESSAGES)
def test_of_very_many_lines_each_entry_keeps_its_nearest(shop: list[Entry], message: str) -> None:
    """As where all are compared, but for letters: those of lines that lie further away are not read."""
    shard = shard_of(shop)
    read = reading(shard, message, f"在吗 {message}")
    every = measure(shard, range(len(shop)), read)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kb.features._MOST_LINES", 1)
        few = measure(shard, range(len(shop)), read)
    kept = [i for i, name in enumerate(HYBRID_FEATURES) if name.endswith(("bm25", "_cosine", "_agreement"))]
    kept.remove(HYBRID_FEATURES.index("talk_cover_agreement"))
    assert (few.values[:, kept] == every.values[:, kept]).all()
    fuzzy = HYBRID_FEATURES.index("own_fuzzy")
    assert (few.values[:, fuzzy] <= every.values[:, fuzzy]).all()
    assert (few.best_line == every.best_line).all() and (few.negative_wins == every.negative_wins).all()


@pytest.mark.parametrize("vectors", [True, False], ids=["hybrid", "lexical"])
def test_what_is_read_of_very_many_long_lines_is_bounded(vectors: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """256 entries that tie may have 500 phrasings of 500 characters each: 60 million letters for one message."""
    compared: list[str] = []

    def counted(talk: str, lines: Sequence[str], owner: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
        compared.extend(lines)
        return cover(talk, lines, owner)

    monkeypatch.setattr("kb.features.cover", counted)
    shop = [
        faq(str(i), "怎么退", "答", *(f"怎么退{i}-{n}" + "长" * 60 for n in range(79)), negative=[f"换{i}"])
        for i in range(30)
    ]
    shard = shard_of(shop, vectors=vectors)
    found = measure(shard, range(30), reading(shard, "怎么退", "买了 怎么退", vectors=vectors))
    assert len(compared) <= 2_000 + 30 and sum(map(len, compared)) <= 50_000
    assert {shard.lines[i].text for i in found.best_line} == {"怎么退"}, "the nearest is among those that are read"
