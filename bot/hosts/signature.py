"""Was a delivery written by whoever holds the hook's secret, and just now?

Chatwoot's scheme since 4.11.2 (its pull request 13573): ``X-Chatwoot-Signature: sha256=<hex>`` is the HMAC-SHA256 of
``<timestamp>.<raw body>``, the timestamp in ``X-Chatwoot-Timestamp`` as unix seconds.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from kb.errors import Unauthorised

FRESH_S = 300  # older deliveries are refused: one that was overheard cannot be sent again tomorrow
_NOBODYS = secrets.token_hex(32)  # compared with where there is no secret: an unknown hook answers no sooner


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The header's value for this body."""
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def verify(secret: str, timestamp: str, signature: str, body: bytes, *, now: int) -> None:
    """Raises Unauthorised unless the body is signed with the secret and was so within `FRESH_S` of `now` (unix seconds).

    An empty secret verifies nothing. Every refusal reads alike, so that hooks cannot be probed for.
    """
    right = hmac.compare_digest(sign(secret or _NOBODYS, timestamp, body).encode(), signature.encode())
    if not (right and secret and _fresh(timestamp, now)):
        raise Unauthorised(
            "这条推送的签名不对或已过期，没有接收。",
            remedy="请核对 hook 的密钥（huashu hook secret）和两台机器的时间。",
        )


def _fresh(timestamp: str, now: int) -> bool:
    return (
        timestamp.isascii() and timestamp.isdecimal() and len(timestamp) < 12 and abs(now - int(timestamp)) <= FRESH_S
    )
