"""Distinct values: numpy's own `unique` is the oracle."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from kb.distinct import distinct


@given(arrays(st.sampled_from([np.uint64, np.int64]), st.integers(0, 60), elements=st.integers(0, 9)))
def test_as_numpy_has_it(values: np.ndarray) -> None:
    found = distinct(values)
    assert found.dtype == values.dtype and found.tolist() == np.unique(values).tolist()
