"""Fitting and measuring the tone: an independent optimum, no leakage, figures that count as a person would."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from eval.fitting import ngrams
from eval.fitting.tone import Heards, calm_texts, fit_tone, threshold, to_text
from eval.metrics import auroc
from eval.understanding import scenes
from eval.understanding.moods import Mood, read_calm, read_moods
from eval.understanding.tone import Flagged, hear, to_json, to_table
from kb.errors import BadFile
from kb.language.tone import ear_from, grams, listen

GOOD, BAD = "很好用喜欢推荐满意", "太差坏了失望难用退"


def lines(path: Path, *values: object) -> Path:
    path.write_text("".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values), encoding="utf-8")
    return path


def reviews(count: int = 400) -> list[Mood]:
    """Made of characters that say it all, with a little noise, about four sorts of goods."""
    draw = np.random.default_rng(7)
    made = []
    for i in range(count):
        unhappy = bool(i % 2)
        words = draw.choice(list(BAD if unhappy else GOOD), 6).tolist() + draw.choice(list(GOOD + BAD), 2).tolist()
        made.append(Mood("".join(words), unhappy, about=f"货{i % 4}"))
    return made


# -- reading


def test_moods_and_calm_texts_are_read(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "m", {"text": "差", "negative": 1, "cat": "鞋"}, {"text": "好", "complaint": False, "urgent": True}
    )
    assert read_moods(path) == (Mood("差", True, about="鞋"), Mood("好", False, urgent=True))
    calm = lines(
        tmp_path / "c",
        {"question": "几天到", "phrasings": ["多久到"]},
        {"q1": "几天到", "q2": "怎么退"},
        {"turns": [{"role": "customer", "messages": ["在吗", "问下"]}, {"role": "agent", "messages": ["在的"]}]},
        {"query": "你们是骗子"},
    )
    assert read_calm(calm) == ("几天到", "多久到", "怎么退", "在吗 问下", "你们是骗子")
    assert calm_texts(calm) == ["几天到", "多久到", "怎么退", "在吗 问下"]


@pytest.mark.parametrize(
    "row", [{"text": "差"}, {"text": "差", "negative": 2}, {"negative": 1}, {"text": "差", "complaint": "是"}]
)
def test_an_unlabelled_line_is_named(tmp_path: Path, row: dict[str, object]) -> None:
    with pytest.raises(BadFile, match="第 2 行"):
        read_moods(lines(tmp_path / "m", {"text": "好", "negative": 0}, row))


# -- the first step


def test_no_weights_nearby_are_better() -> None:
    draw = np.random.default_rng(1)
    found = csr_matrix((draw.random((200, 6)) < 0.4).astype(float))
    right = draw.random(200) < 1 / (1 + np.exp(-(found @ np.array([2.0, -1, 0.5, 0, 0, -2]))))
    weight = draw.random(200) + 0.5

    def loss(beta: np.ndarray) -> float:  # type: ignore[type-arg]
        score = found @ beta[1:] + beta[0]
        return float(weight @ (np.log1p(np.exp(score)) - right * score) + 1.0 * (beta[1:] @ beta[1:]))

    best = ngrams.logistic(found, right, weight, ridge=2.0)
    for _ in range(200):
        assert loss(best + draw.standard_normal(7) * 0.05) >= loss(best) - 1e-6


def test_cross_fitted_scores_cannot_know_random_labels() -> None:
    draw = np.random.default_rng(3)
    told = [Mood(mood.text, bool(draw.integers(2)), about=mood.about) for mood in reviews(600)]
    _, texts = ngrams.gather(told, [])
    crossed = ngrams.cross_score(texts, ridge=0.01)
    seen = ngrams.learn(texts, ridge=0.01).score(texts.found)

    def tell(score: np.ndarray) -> float:  # type: ignore[type-arg]
        return auroc(score[texts.unhappy].tolist(), score[~texts.unhappy].tolist())

    assert tell(seen) > 0.6 and abs(tell(crossed) - 0.5) < 0.1


def test_n_grams_of_one_sort_of_goods_rare_ones_and_names_are_not_learned() -> None:
    told = [Mood("好评火龙" if i % 4 == 0 else "好评", False, about=f"货{i % 4}") for i in range(100)]
    told += [Mood("淘宝差评", True, about=f"货{i % 4}") for i in range(100)] + [Mood("罕", True, about="货1")]
    vocabulary, _ = ngrams.gather(told, [])
    assert "好评" in vocabulary and "差" in vocabulary
    assert not {"火", "火龙", "罕", "淘宝", "淘宝差"} & set(vocabulary)


def test_calm_sources_weigh_alike_but_no_text_too_much() -> None:
    _, texts = ngrams.gather(reviews(40), [["几天到"] * 10, ["怎么退"] * 100])
    weight = texts.weights(calm=50.0)
    assert weight[:40].tolist() == [1.0] * 40
    assert weight[texts.source == 1].tolist() == [ngrams.LOUDEST] * 10
    assert weight[texts.source == 2].sum() == pytest.approx(50)


# -- the file


def test_the_whole_fit_writes_a_file_that_scores_as_it_was_learned(tmp_path: Path) -> None:
    told = reviews()
    review = lines(tmp_path / "r", *({"text": m.text, "negative": int(m.complaint), "cat": m.about} for m in told))
    chat = lines(tmp_path / "t", *({"text": m.text, "complaint": m.complaint} for m in reviews(60)))
    calm = lines(tmp_path / "c", *({"question": f"几天能到{i}"} for i in range(30)))
    text = to_text(fit_tone(review, chat, [calm]))
    assert text == to_text(fit_tone(review, chat, [calm]))  # the same fit, the same bytes
    data = json.loads(text)
    ear = ear_from(data)
    assert data["cross_fitted"]["reviews"]["auroc"] > 0.9
    _, texts = ngrams.gather(told, [calm_texts(calm)])
    learned = ngrams.learn(texts)
    for i, mood in enumerate(told[:50]):
        assert ear.review(grams(listen(mood.text))) == pytest.approx(learned.score(texts.found[[i]])[0])


def test_the_threshold_is_the_lowest_that_keeps_its_promises() -> None:
    chance = np.linspace(0, 1, 101)
    exact = Heards("a", np.zeros((101, 5)), chance >= 0.5)  # above .5 all are complaints
    assert 0.45 <= threshold([exact], [chance]) <= 0.5
    calm = Heards("c", np.zeros((1000, 5)), np.zeros(1000, bool))
    assert threshold([exact, calm], [chance, np.linspace(0, 0.9, 1000)]) == pytest.approx(0.896, abs=0.002)


# -- measuring


def test_flags_are_counted_as_by_hand() -> None:
    figures = Flagged.of([True, True, True, False, False], [True, True, False, True, False]).figures()
    assert figures["precision"].value == pytest.approx(2 / 3) and figures["precision"].n == 3
    assert figures["recall"].value == pytest.approx(2 / 3) and figures["recall"].n == 3
    f1 = figures["f1"]
    assert f1.value == pytest.approx(2 / 3) and f1.n == 5
    assert f1.low is not None and f1.high is not None and f1.low <= 2 / 3 <= f1.high


def test_what_was_never_raised_has_no_precision() -> None:
    figures = Flagged.of([False, False], [True, False]).figures()
    assert figures["precision"].value is None and figures["recall"].value == 0.0 and figures["f1"].value == 0.0


def test_only_flags_that_the_file_speaks_of_are_reported() -> None:
    found = hear([Mood("骗子，质量太差了", True), Mood("几天到", False)])
    assert list(found) == ["complaint"] and found["complaint"]["recall"].value == 1.0
    assert to_table(found).row_count == len(found["complaint"])
    told = hear([Mood("我要起诉", True, escalation=True), Mood("急用，快点", False, urgent=True, escalation=False)])
    assert list(told) == ["complaint", "escalation", "urgent"]
    assert json.dumps(to_json(told))
    assert told["escalation"]["recall"].n == 1 and told["urgent"]["recall"].value == 1.0
    assert "auroc" not in hear([Mood("几天到", False)])["complaint"]  # of one sort there is none


def test_scenes_are_counted_over_messages_whose_answer_has_one(tmp_path: Path) -> None:
    faq = lines(
        tmp_path / "f",
        {"id": "1", "question": "几天发货", "scene": "售中"},
        {"id": "2", "question": "有几个颜色", "scene": "售前"},
        {"id": "3", "question": "怎么注销账号"},
    )
    queries = lines(
        tmp_path / "q",
        {"qid": "a", "query": "几天发货", "gold": ["1"]},
        {"qid": "b", "query": "几天发货呀", "gold": ["2"]},
        {"qid": "c", "query": "怎么注销账号", "gold": ["3"]},
    )
    found = scenes.on_files(faq, queries, None, lambda done, total: None)
    assert found["scene"].n == found["first_hit"].n == 2
    assert found["scene"].value == found["first_hit"].value == 0.5
