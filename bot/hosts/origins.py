"""Which other pages may embed the sidebar and talk to it: one list for the browser's frame-ancestors and for postMessage."""

from __future__ import annotations

import re

# What a browser calls an origin, and nothing that could end a header's directive or an HTML attribute.
_ORIGIN = re.compile(r"https?://(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::[1-9][0-9]{0,4})?")
_MOST = 20
_USUAL = {"http": ":80", "https": ":443"}


def read_origins(text: str) -> tuple[str, ...]:
    """The origins in a list separated by spaces, as browsers write them. Raises ValueError, in Chinese, on anything else.

    No wildcard: whoever may talk to the sidebar may hand it any buyer's words and is handed answers.
    """
    found = tuple(dict.fromkeys(_plain(part) for part in text.split()))
    if len(found) > _MOST:
        raise ValueError(f"最多 {_MOST} 个来源，现在有 {len(found)} 个")
    return found


def _plain(part: str) -> str:
    origin = part.lower().removesuffix("/")
    scheme = origin.partition("://")[0]
    if not _ORIGIN.fullmatch(origin) or scheme not in _USUAL:
        raise ValueError(f"“{part[:80]}”不是来源；请写成 https://desk.example.com 这样，不带路径和通配符")
    return origin.removesuffix(_USUAL[scheme])  # a browser leaves the usual port out, and compares letter by letter
