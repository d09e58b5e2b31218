"""Makes qini_golden.json with scikit-uplift 0.5.1 (pip install scikit-uplift): python tests/eval/uplift/qini_golden.py"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from sklift.metrics import qini_auc_score, qini_curve, uplift_auc_score, uplift_curve


def case(seed: int, n: int, *, ties: bool) -> dict[str, object]:
    rng = np.random.default_rng(seed)
    treated = (rng.random(n) < 0.5).astype(int)
    score = rng.integers(0, 8, n) / 8 if ties else rng.random(n).round(6)
    y = (rng.random(n) < 0.2 + 0.3 * treated * score).astype(int)
    curves = {name: [part.tolist() for part in of(y, score, treated)] for name, of in CURVES.items()}
    areas = {"qini": qini_auc_score(y, score, treated), "auuc": uplift_auc_score(y, score, treated)}
    return {"y": y.tolist(), "score": score.tolist(), "treated": treated.tolist(), **curves, **areas}


CURVES = {"uplift_curve": uplift_curve, "qini_curve": qini_curve}
CASES = [case(1, 40, ties=False), case(2, 60, ties=True), case(3, 25, ties=False), case(4, 80, ties=True)]
Path(__file__).with_name("qini_golden.json").write_text(json.dumps(CASES) + "\n", encoding="utf-8")
