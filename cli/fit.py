"""Evaluation that learns: the built-in model's tuning, the head, the tone. Each writes a file that says on what.

These make `kb/tuning.npz`, `kb/head.json` and `kb/language/tone.json`; docs/evaluation.md has the commands.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from cli.console import fail, progress_bar, write_json
from cli.options import ENGINE, EngineOption
from cli.places import COMPLIANCE, COMPLIANCE_TAUGHT, DEMO, DESK, HEARD, PAIRS, TALK, TONE

_Labelled = Annotated[Path | None, typer.Option(help="成对的问句：每行 {q1, q2, label}。")]
_Scored = Annotated[list[Path] | None, typer.Option(help="要用来评测的数据文件夹，其中的消息不会用来学；可写多次。")]
_Steps = Annotated[int, typer.Option(min=1, help="学习的步数。")]


@contextmanager
def _extra() -> Iterator[None]:
    """Around imports that need torch: without it, two lines that say what to install."""
    try:
        yield
    except ModuleNotFoundError as error:
        fail(f"微调要用扩展 [models]，缺少 {error.name}。", "请先安装 torch==2.13.0，再安装 huashu[models]。")


def tune(
    output: Annotated[Path, typer.Option("--output", help="写到这个文件；随项目发布的是 kb/tuning.npz。")],
    labelled: _Labelled = None,
    scored: _Scored = None,
    steps: _Steps = 400,
) -> None:
    """用自写的客服问答集微调内置模型（需要扩展 [models]），结果与出处写成 tuning.npz 和 tuning.json。"""
    with _extra():
        from eval.tuning.learn import Lesson
        from eval.tuning.tune import tune as learn

    with progress_bar("准备") as hiding, progress_bar("学习") as learning:
        about = learn([DESK], labelled, scored or (), output, Lesson(steps=steps), hiding, learning)
    write_json(about, indent=1)


def listen(
    output: Annotated[Path, typer.Option("--output", help="写到这个文件；随项目发布的是 kb/listening.npz。")],
    sessions: Annotated[Path | None, typer.Option(help="真实会话：每行 {session, turns}；标注随项目发布。")] = None,
    labelled: _Labelled = None,
    scored: _Scored = None,
    steps: _Steps = 400,
) -> None:
    """教内置模型听懂会话里的消息（需要扩展 [models]），结果与出处写成 listening.npz 和 listening.json。"""
    with _extra():
        from eval.tuning.listen import Listening
        from eval.tuning.tune import tune_listening

    how = Listening(steps=steps)
    with progress_bar("准备") as hiding, progress_bar("学习") as learning:
        about = tune_listening([DESK, TALK], sessions, HEARD, labelled, scored or (), output, how, hiding, learning)
    write_json(about, indent=1)


def head(
    sets: Annotated[list[str], typer.Argument(help="名字=文件夹，每个含 faq.jsonl、queries.jsonl、refuse.jsonl。")],
    output: Annotated[
        Path | None, typer.Option("--output", help="写到这个文件（kb/head.json）；不写则只打印。")
    ] = None,
    incomplete: Annotated[
        list[str] | None,
        typer.Option(help="标注不全的数据（许多能答的条目没有标注）：只学排序，少学可信度；可写多次。"),
    ] = None,
    engine: EngineOption = ENGINE,
) -> None:
    """拟合概率模型（交叉验证），结果与出处写成 head.json。"""
    from eval.fitting.head import fit_head, to_text
    from eval.understanding.pairs import read_pairs
    from kb.embed import load_engine

    folders = {name: Path(path) for name, _, path in (item.partition("=") for item in sets)}
    loaded = load_engine(engine)
    if loaded is None or not all(folder.is_dir() for folder in folders.values()):
        fail("请给出语义模型，以及存在的数据文件夹。", "例：huashu eval fit shop=路径 ant=路径")
    demos = [path for path in sorted(DEMO.iterdir()) if (path / "gold.jsonl").exists()]
    _publish(to_text(fit_head(folders, demos, read_pairs(PAIRS), loaded, incomplete or ())), output)


def tone(
    reviews: Annotated[Path, typer.Argument(help="评价：每行 {text, negative}。")],
    chat: Annotated[Path, typer.Argument(help="消息：每行 {text, complaint}。")] = TONE,
    calm: Annotated[list[Path] | None, typer.Option(help="没有不满的问句或会话，可写多次。")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", help="写到这个文件（kb/language/tone.json）；不写则只打印。")
    ] = None,
) -> None:
    """拟合语气模型（投诉概率），结果与出处写成 tone.json。"""
    from eval.fitting.tone import fit_tone, to_text

    _publish(to_text(fit_tone(reviews, chat, calm or ())), output)


def sentences(
    seen: Annotated[Path, typer.Option(help="标注句子，只用 half 为 seen 的一半。")] = COMPLIANCE,
    taught: Annotated[Path, typer.Option(help="另写的、只用来学的标注句子。")] = COMPLIANCE_TAUGHT,
    output: Annotated[
        Path | None, typer.Option("--output", help="写到这个文件（kb/check/learned.json）；不写则只打印。")
    ] = None,
) -> None:
    """拟合发送前检查里学来的部分，结果与出处写成 learned.json。"""
    from eval.fitting.check import fit_check, to_text

    _publish(to_text(fit_check(seen, taught, [DESK / "faq.jsonl"])), output)


def context(
    output: Annotated[
        Path, typer.Option("--output", help="写到这个文件（kb/check/context.npz）；出处写在旁边的 .json。")
    ],
    seen: Annotated[Path, typer.Option(help="标注句子，只用 half 为 seen 的一半。")] = COMPLIANCE,
    taught: Annotated[Path, typer.Option(help="另写的、只用来学的标注句子。")] = COMPLIANCE_TAUGHT,
) -> None:
    """拟合发送前检查里看整句意思的部分（用内置模型），结果写成 context.npz 和 context.json。"""
    from eval.fitting.context import fit_context, to_text

    learned, about = fit_context(seen, taught, [DESK / "faq.jsonl"])
    output.write_bytes(learned)
    _publish(to_text(about), output.with_suffix(".json"))


def _publish(text: str, output: Path | None) -> None:
    if output is not None:
        output.write_text(text, encoding="utf-8")
    sys.stdout.write(text)
