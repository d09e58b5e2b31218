"""Whether what one conversation says is worth a trainer's reading: P(this answers that, and would answer the next buyer too).

What two conversations say vouches for itself; what only one says needs a judge. This one weighs six things that can be
read off a question and its reply: how near they lie in meaning, whether the question is more like one about terms of
service or like one about a parcel, how long both are, whether the reply states anything, and whether it came at once. A
logistic regression, fitted to 94 hand-labelled pairs of a real log (docs/ingest.md). The examples were written for this
project.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ingest.mine.generic import statement
from kb.embed import Engine

ANYBODYS = (
    "下单以后还能改收货地址吗", "怎么申请价格保护", "退货的运费由谁出", "发票抬头开错了可以重开吗", "换货可以换成别的款式吗",
    "质量问题怎么申请售后", "保修期内维修要钱吗", "店铺优惠券在哪里领取", "可以货到付款吗", "退款退到哪个账户",
    "增值税专用发票怎么开", "送货能送上楼吗", "商家怎么报名参加活动", "收到货发现坏了怎么赔", "赠品可以不要吗",
)  # fmt: skip
ONE_BUYERS = (
    "我的快递到哪里了", "今天能送到吗", "帮我催一下订单", "怎么还没有发货", "我没有收到货",
    "你帮我查一下", "我不想要了", "什么意思", "现在怎么处理", "这个要多久",
    "麻烦帮我操作一下", "你们给我打电话了吗", "我着急用", "那怎么办呢", "钱退了没有",
)  # fmt: skip
_NEAREST = 3  # examples that speak for a side
_STATES = re.compile(r"不支持|可以|不能|无法|需要|申请|点击|选择|联系|如果|会|只能|以.{2,8}为准|建议")

# Per feature, in the order of `features`, and the constant.
WEIGHTS = (2.45, 2.63, 1.5, 1.03, 1.09, -0.88)
BIAS = -4.26

Pair = tuple[str, str, int]  # question, reply, buyer's turns since the question
Vectors = NDArray[np.float32]


def worths(pairs: Sequence[Pair], engine: Engine) -> list[float]:
    """P(right) of each pair, in [0, 1]. Raises what the engine raises."""
    if not pairs:
        return []
    logits = features(pairs, engine) @ np.array(WEIGHTS) + BIAS
    return [float(p) for p in 1 / (1 + np.exp(-logits))]


def features(pairs: Sequence[Pair], engine: Engine) -> NDArray[np.float64]:
    """shape (len(pairs), 6), before weighing"""
    examples = engine.embed([*ANYBODYS, *ONE_BUYERS])
    centre = examples.mean(axis=0)
    examples = _around(centre, examples)
    asked = _around(centre, engine.embed([question for question, _, _ in pairs]))
    said = _around(centre, engine.embed([reply for _, reply, _ in pairs]))
    return np.column_stack(
        [
            (asked * said).sum(axis=1),
            _near(asked, examples[: len(ANYBODYS)]) - _near(asked, examples[len(ANYBODYS) :]),
            [min(len(question), 30) / 10 for question, _, _ in pairs],
            [min(len(statement(reply)), 60) / 20 for _, reply, _ in pairs],
            [bool(_STATES.search(reply)) for _, reply, _ in pairs],
            [since for _, _, since in pairs],
        ]
    ).astype(np.float64)


def _around(centre: Vectors, rows: Vectors) -> Vectors:
    """Directions from a centre: texts of one trade lie close together to begin with."""
    away = rows - centre
    return np.asarray(away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-9), np.float32)


def _near(rows: Vectors, examples: Vectors) -> Vectors:
    """The mean cosine with the nearest examples; shape (len(rows),)."""
    return np.asarray(np.sort(rows @ examples.T, axis=1)[:, -_NEAREST:].mean(axis=1), np.float32)
