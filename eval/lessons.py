"""What a shop could learn, as a table for the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.table import Table
from rich.text import Text

from kb.learning.trial import Judged, Trial, Verdict
from kb.model import Polarity

VERDICTS = {Verdict.HARMLESS: "无害", Verdict.HARMFUL: "有害", Verdict.OPEN: "待确认"}
POLARITIES = {Polarity.POSITIVE: "相似问", Polarity.NEGATIVE: "反例"}


def to_table(judged: Sequence[Judged], titles: Mapping[str, str]) -> Table:
    """One line a proposal; `titles` names the entries by id."""
    table = Table()
    for name in ("判定", "作为", "买家的话", "条目", "支持", "评测（答对 · 误答）"):
        table.add_column(name, overflow="fold")
    for one in judged:
        proposal = one.proposal
        cells = (
            VERDICTS[one.verdict],
            POLARITIES[proposal.polarity],
            proposal.text,
            titles.get(proposal.entry, proposal.entry),
            f"{proposal.support} 次" + (f"，反对 {proposal.against}" if proposal.against else ""),
            _told(one.trial) if one.trial else "没有评测消息",
        )
        table.add_row(*map(Text, cells))  # Text: what a buyer wrote is no markup
    return table


def _told(trial: Trial) -> str:
    right = f"{trial.right_before}→{trial.right_after}/{trial.answerable}"
    offered = f"{trial.offered_before}→{trial.offered_after}/{trial.refused}"
    return f"{right} · {offered}" + (f"\n变差：{trial.lost[0][:40]}" if trial.lost else "")
