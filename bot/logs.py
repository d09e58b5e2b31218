"""What may be written to a log: never a buyer's number, never a key. One place, so that no caller can forget it."""

from __future__ import annotations

import logging
import re

from kb.language.mask import mask

_SECRET = re.compile(r"hs_[A-Za-z0-9_\-]{16,}")
_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


def safe(text: str) -> str:
    """The text without personal data and access keys."""
    return mask(_SECRET.sub("[密钥]", text))


class SafeFormatter(logging.Formatter):
    """Masks the finished line, traceback included: an exception may quote what a client sent (T12)."""

    def __init__(self) -> None:
        super().__init__(_FORMAT)

    def format(self, record: logging.LogRecord) -> str:
        return safe(super().format(record))


def to_stderr() -> None:
    """Send what this process logs to stderr, masked."""
    handler = logging.StreamHandler()
    handler.setFormatter(SafeFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("faiss").setLevel(logging.WARNING)  # it reports every CPU feature that it does not find
