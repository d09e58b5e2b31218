"""Figures of a run: slices divide it, the abstention curve and the bins say what counting says, the file gives it back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval import metrics
from eval.hit.figures import abstention, figure_of, parted, reliability, report_of, trusted
from eval.hit.hit_paper import hit_paper
from eval.hit.outcome import Outcome, Run
from eval.hit.saved import read_run, write_run
from eval.paper.html import to_html
from eval.paper.json_ import to_json
from kb.errors import BadFile
from kb.model import Band
from runs import outcome, run_of

outcomes = st.lists(
    st.tuples(st.sampled_from([1, 2, None]), st.sampled_from([0.0, 0.1, 0.3, 0.31, 0.9, 1.0]), st.booleans()), min_size=1, max_size=25
).map(lambda rows: [outcome(f"q{i}", rank, p, answerable=good) for i, (rank, p, good) in enumerate(rows)])  # fmt: skip


def first_wrong(one: Outcome) -> bool:
    return one.asked.ranked[0] not in one.asked.case.gold


@given(outcomes)
def test_the_abstention_curve_is_what_counting_says(made: list[Outcome]) -> None:
    asked = [one.asked for one in made]
    for coverage, wrong, threshold in abstention(asked):
        sent = [one for one in made if one.asked.top_probability >= threshold]
        assert coverage == pytest.approx(len(sent) / len(made))
        assert wrong == pytest.approx(sum(map(first_wrong, sent)) / len(sent))
    best = max((coverage for coverage, wrong, _ in abstention(asked) if wrong <= metrics.WRONG), default=0.0)
    right = [not first_wrong(one) for one in made]
    assert best == pytest.approx(metrics.coverage([one.top_probability for one in asked], right, len(asked)))


@given(outcomes)
def test_the_bins_weigh_to_the_calibration_error(made: list[Outcome]) -> None:
    bins = reliability([one.asked for one in made])
    assert sum(one.n for one in bins) == len(made)
    told = sum(one.n * abs(one.told - one.right) for one in bins) / len(made)
    right = [not first_wrong(one) for one in made]
    assert told == pytest.approx(metrics.ece([one.asked.top_probability for one in made], right), abs=1e-9)


def test_of_what_is_offered_as_ready_the_wrong_share_is_told() -> None:
    made = [
        outcome("a", 1),
        outcome("b", 2),
        outcome("c", 2, band=Band.REFERENCE),
        outcome("d", 1, quiet=True),
        outcome("e", None, answerable=False),
    ]
    found = {name: (figure.value, figure.n) for name, figure in trusted(made).items()}
    assert found == {"direct": (0.6, 5), "direct_wrong": (pytest.approx(2 / 3), 3), "refused_direct": (1.0, 1)}
    assert trusted([])["direct"].value is None


def test_slices_divide_a_run_largest_first() -> None:
    run = run_of([1, 2, 1])
    assert [(name, len(part)) for name, part in parted(run.outcomes, "scene").items()] == [("售后", 2), ("售前", 1)]
    report = report_of(run)
    assert list(report.by) == ["scene"] and report.by["scene"]["售后"]["hit@1"].value == 1.0
    assert report.to_json()["by"]["scene"]["售前"]["hit@1"]["n"] == 1  # type: ignore[index]


def test_every_figure_of_the_report_can_be_had_by_its_name() -> None:
    run = run_of([1, 2, None])
    for name, figure in report_of(run).figures.items():
        assert figure_of(run.outcomes, name) == figure
    assert figure_of(run.outcomes, "hit@2") is None


@settings(deadline=None, max_examples=25)
@given(outcomes)
def test_a_saved_run_comes_back(tmp_path_factory: pytest.TempPathFactory, made: list[Outcome]) -> None:
    path = tmp_path_factory.mktemp("run") / "run.jsonl"
    run = Run(tuple(made), {"engine": "none", "entries": 3})
    write_run(run, path)
    assert read_run(path) == run
    once = path.read_bytes()
    write_run(read_run(path), path)
    assert path.read_bytes() == once


def test_personal_data_is_masked_in_the_file_and_on_the_page(tmp_path: Path) -> None:
    run = Run((outcome("a", 2, query="我的电话13812345678"),), {})
    write_run(run, tmp_path / "run.jsonl")
    page = to_html(hit_paper(run))
    told = (tmp_path / "run.jsonl").read_text(encoding="utf-8") + page + str(to_json(hit_paper(run)))
    assert "13812345678" not in told and "我的电话" in page


@pytest.mark.parametrize(
    "lines",
    ['{"form": "other"}', "", '{"form": "huashu-run/1"}\n{"qid": "a"}', '{"form": "huashu-run/1"}\n[]', "not json"],
)
def test_what_is_no_saved_run_is_refused(lines: str, tmp_path: Path) -> None:
    (tmp_path / "run.jsonl").write_text(lines, encoding="utf-8")
    with pytest.raises(BadFile, match=r"run\.jsonl"):
        read_run(tmp_path / "run.jsonl")


def test_a_qid_stands_once(tmp_path: Path) -> None:
    write_run(Run((outcome("a", 1), outcome("a", 2)), {}), tmp_path / "run.jsonl")
    with pytest.raises(BadFile, match="重复"):
        read_run(tmp_path / "run.jsonl")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_report_is_the_same_each_time_and_says_when_it_rests_on_little(lang: str) -> None:
    refused = outcome("r", None, answerable=False)
    run = Run((*run_of([1, 2, None, 1]).outcomes, refused), {"shop": "青罗", "seed": 7, "engine": "none"})
    page = to_html(hit_paper(run, lang), lang)
    assert page == to_html(hit_paper(run, lang), lang)
    assert {"zh": "有答案的消息只有 4 条", "en": "Only 4 answerable"}[lang] in page
    assert {"zh": "语义 +1.25", "en": "meaning +1.25"}[lang] in page
    assert to_html(hit_paper(Run((refused,), {}), lang), lang)  # nothing answerable is a report too
