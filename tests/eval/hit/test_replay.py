"""Replay: what is matched, what time it is worth, and old conversations through the service's own path."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.hit.logs import read_sessions, session_of
from eval.hit.match import Match, like, matched, numbers
from eval.hit.pace import Pace
from eval.hit.replay import Offer, Replay, Suggested, replay
from eval.hit.replay_figures import differences, figures
from eval.hit.replay_paper import replay_paper
from eval.paper.html import to_html
from kb.errors import BadFile
from kb.model import Band, Conversation, Message, Speaker, Turn

PACE = Pace(reading=240, typing=60, press_s=1, glance_s=2)
TOLD = {"log": "旧会话", "knowledge": "青罗", "version": "abc", "engine": "none"}


@pytest.mark.parametrize(
    ("reply", "text", "how"),
    [
        ("亲，48小时内发货哦~", "48小时内发货", Match.SAME),
        ("亲爱的 您好，下单后48小时内就会发货", "您好，下单后48小时内会发货的", Match.NEAR),
        ("下单后24小时内会发货的", "下单后48小时内会发货的", None),
        ("在订单页面点申请退款", "您好，请在订单页面点申请退款，我们会在一天内处理。", Match.PART),
        ("在订单页面点申请退款，3天到账", "您好，请在订单页面点申请退款，我们会在一天内处理。", None),
        ("好的", "好的呢", Match.SAME),
        ("打1.5折", "打15折", None),
        ("可以", "可以的，包邮", None),
        ("", "您好", None),
        ("！！", "您好", None),
    ],
)
def test_a_reply_matches_by_wording_and_numbers(reply: str, text: str, how: Match | None) -> None:
    assert like(reply, text) == how


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_text_matches_itself_and_numbers_never_lie(text: str, other: str) -> None:
    assert like(text, text) in (Match.SAME, None)
    if numbers(text) != numbers(other):
        assert like(text, other) in (None, Match.PART)


def test_the_best_match_wins_then_the_first() -> None:
    offered = ["您好，请在订单页面点申请退款，我们会处理", "在订单页面点申请退款", "在订单页面点申请退款！"]
    assert matched("在订单页面点申请退款", offered) == (2, Match.SAME)
    assert matched("不知道", offered) is None


def test_time_is_saved_by_what_fits_and_lost_by_what_does_not() -> None:
    reply = "好" * 30  # half a minute of typing
    assert PACE.saved(reply, ["四字答复" * 10], 1, None) == pytest.approx(30 - 1 - 10)
    assert PACE.saved(reply, ["四字答复" * 10] * 2, 2, None) == pytest.approx(30 - 1 - 20)
    assert PACE.saved(reply, ["四字答复" * 10], 1, 12.0) == pytest.approx(12 - 1 - 10)  # it really took less
    assert PACE.saved(reply, ["四字答复" * 10], 1, 3600.0) == pytest.approx(30 - 1 - 10)  # the rest was something else
    assert PACE.saved(reply, ["x"], None, None) == -2 and PACE.saved(reply, [], None, 50) == 0


def log(path: Path, *sessions: object) -> Path:
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in sessions), encoding="utf-8")
    return path


SESSION = {
    "session": "s1",
    "turns": [
        {"role": "customer", "messages": ["在吗", "什么时候发货，我电话13812345678"], "at": 100},
        {"role": "system", "text": "欢迎"},
        {"role": "客服", "text": "48小时内发货", "at": 112.5},
        {"speaker": "买家", "text": "  "},
        {"role": "buyer", "text": "谢谢"},
    ],
}


def test_logs_are_read_masked_and_in_order(tmp_path: Path) -> None:
    (session,) = read_sessions(log(tmp_path / "log.jsonl", SESSION))
    assert [one.turn.speaker for one in session.spoken] == [Speaker.BUYER, Speaker.BUYER, Speaker.AGENT, Speaker.BUYER]
    assert [one.at for one in session.spoken] == [100, 100, 112.5, None]
    assert "13812345678" not in session.spoken[1].turn.text
    stored = Conversation("c", "b", messages=(Message("m", Turn(Speaker.BUYER, "在吗"), 5_500),))
    assert session_of(stored).spoken[0].at == 5.5


@pytest.mark.parametrize(
    "line",
    [
        {},
        {"session": "a"},
        {"session": "a", "turns": 3},
        {"session": "a", "turns": [3]},
        {"session": "a", "turns": [{"role": "buyer"}]},
        {"session": "a", "turns": [{"role": "buyer", "text": "x", "at": "noon"}]},
        {"session": "a", "turns": [{"role": "buyer", "messages": [1]}]},
    ],
)
def test_what_is_no_conversation_names_its_line(line: object, tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="第 2 行"):
        read_sessions(log(tmp_path / "log.jsonl", SESSION, line))


def test_a_log_has_sessions_each_once(tmp_path: Path) -> None:
    for lines in ((), (SESSION, SESSION)):
        with pytest.raises(BadFile):
            read_sessions(log(tmp_path / "log.jsonl", *lines))


def fixed(*texts: str) -> object:
    def suggest(turns: Sequence[Turn], text: str) -> Suggested:
        assert all(isinstance(turn, Turn) for turn in turns)
        return Suggested(tuple(Offer(said, said, 0.9, Band.DIRECT) for said in texts) if "发货" in text else (), 4.0)

    return suggest


def replayed(tmp_path: Path, *texts: str) -> Replay:
    sessions = read_sessions(log(tmp_path / "log.jsonl", SESSION, {**SESSION, "session": "s2"}))
    return replay(sessions, fixed(*texts), PACE)  # type: ignore[arg-type]


def test_each_buyers_message_is_asked_with_what_came_before(tmp_path: Path) -> None:
    found = replayed(tmp_path, "别的", "亲，48小时内发货")
    first, second, third = found.moments[:3]
    assert (first.number, first.reply, first.offered) == (1, None, False)  # the buyer went on
    assert (second.reply, second.took_s, second.match) == ("48小时内发货", 12.5, (2, Match.SAME))
    assert (third.reply, third.saved_s) == (None, 0.0)
    told = {name: (figure.value, figure.n) for name, figure in figures(found).items()}
    assert told["offered"] == (pytest.approx(1 / 3), 6) and told["in three"] == (1.0, 2)
    assert told["match same"] == (1.0, 2) and told["match near"] == (0.0, 2)
    assert told["saved"] == (pytest.approx(7 - 1 - 11 * 60 / 240), 2)


def test_whole_conversations_are_resampled(tmp_path: Path) -> None:
    found = figures(replayed(tmp_path, "48小时内发货"))
    # Two conversations that agree: what no resample can differ from is not certain.
    assert found["in three"].value == 1.0 and found["in three"].low == pytest.approx(0.342, abs=1e-3)
    offered = found["offered"]
    assert (offered.low, offered.high) == pytest.approx((1 / 3, 1 / 3))


def test_two_versions_are_compared_message_by_message(tmp_path: Path) -> None:
    a, b = replayed(tmp_path), replayed(tmp_path, "48小时内发货")
    found = {one.name: one for one in differences(a, b)}
    assert found["in three"].change == 1.0 and found["in three"].n == 2
    assert found["in three"].p == 0.5  # two conversations: two of four sign flips are as extreme
    assert found["match part"].change == 0.0 and found["match part"].p == 1.0
    assert not np.isnan([one.low for one in found.values()]).any()
    for lang in ("zh", "en"):
        page = to_html(replay_paper(b, TOLD, PACE, ("旧版", a), lang), lang)
        assert page == to_html(replay_paper(b, TOLD, PACE, ("旧版", a), lang), lang)
        assert "13812345678" not in page and "48小时内发货" in page
