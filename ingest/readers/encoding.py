"""The text in the bytes: the encodings merchants really send."""

from __future__ import annotations

import codecs

from kb.errors import BadFile

_MAX_BROKEN_SHARE = 0.1  # of the characters beyond ASCII; more means that the guess of the encoding is wrong
_DETECT_BYTES = 64 * 1024


def decode(data: bytes, name: str) -> str:
    """Strict guesses in a fixed order: short files fool every detector. Broken bytes become U+FFFD."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    if data.startswith(codecs.BOM_UTF8):
        return data.decode("utf-8-sig", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            if (text := _mended(data, encoding)) is not None:
                return text
    return data.decode(_detected(data, name), "replace")


def _mended(data: bytes, encoding: str) -> str | None:
    """The text of a file that is in this encoding but for a few broken bytes; None when it is not."""
    text = data.decode(encoding, "replace")
    broken = text.count("\ufffd")
    beyond_ascii = sum(1 for char in text if char > "\x7f")
    return text if broken < _MAX_BROKEN_SHARE * beyond_ascii else None


def _detected(data: bytes, name: str) -> str:
    from charset_normalizer import from_bytes  # 60 ms to import, and almost never needed

    best = from_bytes(data[:_DETECT_BYTES]).best()
    if best is None:
        raise BadFile(
            f"文件“{name}”的文字编码认不出来。",
            remedy="请用 Excel 或 WPS 打开，另存为“CSV UTF-8”或 xlsx 后再导入。",
        )
    return best.encoding
