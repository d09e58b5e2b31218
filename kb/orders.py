"""Digests of order numbers: what is stored in place of a number, so that nobody can look one up.

In two steps, because a sheet is read before it is known whose it is: a plain digest when it is read, and one under the
shop's own salt when it is stored. The same number from an order list and from an outcome meets in the same digest.
"""

from __future__ import annotations

import hashlib
import unicodedata


def plain_digest(number: str) -> str:
    """Of a number as written, full-width digits or not; 128 bits. Never stored: short numbers could be tried out."""
    plain = unicodedata.normalize("NFKC", number)
    return hashlib.blake2b(plain.encode(), digest_size=16, person=b"huashu-order").hexdigest()


def salted(digest: str, salt: bytes) -> str:
    """A digest of a digest that nobody without the shop's salt can look up; 128 bits."""
    return hashlib.blake2b(digest.encode(), key=salt, digest_size=16).hexdigest()
