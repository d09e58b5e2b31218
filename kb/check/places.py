"""Places of China in a text, and whether two of them can be one: 余杭, 杭州 and 浙江 can, 杭州 and 宁波 cannot.

The names are data (`places.toml`). A place is its way down from the province, so that what is said less exactly contradicts
nothing.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files

Place = tuple[str, ...]  # (province,), (province, city) or (province, city, county)


def places_in(plain: str) -> Iterator[tuple[int, int, Place]]:
    """The places that a plain text names: (start, end, place), each as exactly as it stands there."""
    known = _known()
    for match in _any().finditer(plain):
        yield *match.span(), known[match[0]]


def agree(one: Place, other: Place) -> bool:
    """Whether one of them lies in the other, or they are the same."""
    return all(a == b for a, b in zip(one, other, strict=False))


@lru_cache(maxsize=1)
def _known() -> dict[str, Place]:
    text = (files("kb.check") / "places.toml").read_text("utf-8")
    found: dict[str, Place] = {}
    for province, cities in tomllib.loads(text)["provinces"].items():
        for city, *counties in (group.split("/") for group in cities.split()):
            found |= {county: (province, city, county) for county in counties}
            found[city] = (province, city)
        found[province] = (province,)
    return found


@lru_cache(maxsize=1)
def _any() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(_known(), key=len, reverse=True))))
