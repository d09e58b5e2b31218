"""What a process reads once, whoever asks first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def once(make: Callable[P, T]) -> Callable[P, T]:
    """`make`, whose result is kept: made by whoever asks first, while the others wait. `functools.cache` alone lets each of those
    who ask at the same time make one of their own. An error is raised to whoever asked, and not kept.

    The memory, with its `cache_info`, is `__wrapped__`.
    """
    kept, making = lru_cache(maxsize=1)(make), threading.Lock()

    @wraps(kept)
    def found(*given: P.args, **named: P.kwargs) -> T:
        with making:
            return kept(*given, **named)  # type: ignore[arg-type]  # mypy forgets that P may be hashable

    return found
