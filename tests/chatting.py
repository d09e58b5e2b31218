"""Chat logs of our own, for tests: conversations as rows below the header that every reader gives."""

from __future__ import annotations

from collections.abc import Sequence

HEADER = ("会话", "时间", "发送者", "角色", "内容")
Talked = Sequence[tuple[str, str]]  # (who, text); who is 买 or 服

ANSWER = "鞋面不能机洗，建议用软刷蘸清水刷洗后阴干"
CLEANING: list[Talked] = [
    [("买", "亲，鞋面可以机洗吗"), ("服", f"亲，{ANSWER}哦"), ("买", "好的"), ("服", "请问还有其他还可以帮到您的吗?")],
    [("买", "在吗"), ("服", "在的亲"), ("买", "鞋面能放洗衣机机洗吗"), ("服", "请稍等"), ("服", ANSWER)],
    [("买", "刷鞋要注意什么"), ("服", f"您好，{ANSWER}哈~")],
]


def rows(talks: Sequence[Talked], *, named: bool = True) -> list[list[str]]:
    """The sheet of these conversations, header first; without `named` nobody's role is said."""
    found = [list(HEADER)]
    for number, talk in enumerate(talks, start=1):
        for minute, (who, text) in enumerate(talk):
            sender = f"buyer_{number:02}" if who == "买" else "暖步小美"
            role = {"买": "买家", "服": "客服"}[who] if named else ""
            found.append([f"S{number}", f"2026-11-01 10:{minute:02}:00", sender, role, text])
    return found
