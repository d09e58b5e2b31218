"""Passwords: argon2id with the parameters of RFC 9106 for little memory (64 MiB, 3 passes), which is argon2-cffi's default.

Pinned here and not left to the library, so that a name that does not exist costs the same as one that does.
"""

from __future__ import annotations

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

from kb.errors import Invalid

SHORTEST, LONGEST = 8, 200

_HASHER = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4, hash_len=32, salt_len=16, type=Type.ID)
# Of a random password that nobody kept: what is checked for a name that nobody has.
NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$Dae/6Hkg2kxdMdyAfJcphw$BxZ9zVRoihvK/hLXDNKI0WSTD3a2doRswgs5GW7QP0k"


def hashed(password: str) -> str:
    """The password as it is stored: parameters, salt and digest in one text."""
    return _HASHER.hash(_plain(password))


def matches(stored: str, password: str) -> bool:
    """Whether this is the password; takes as long for `NOBODY` as for anybody (about 50 ms of two cores)."""
    try:
        return _HASHER.verify(stored, _plain(password))
    except (VerificationError, InvalidHashError):
        return False


def check_password(password: str, name: str) -> None:
    """Raises Invalid for one that is guessed at once (NIST SP 800-63B §3.1.1.2: length and a few bans, no rules of signs)."""
    plain, folded = _plain(password), _plain(password).casefold()
    if not SHORTEST <= len(plain) <= LONGEST:
        raise Invalid(f"密码要有 {SHORTEST} 到 {LONGEST} 个字符。", remedy="可以用几个词连成一句，容易记。")
    if len(set(folded)) < 5 or any(folded in run or folded in run[::-1] for run in _RUNS) or folded in _COMMON:
        raise Invalid("这个密码太容易猜到。", remedy="请换一个，不要用连续的键或常见的词。")
    if len(name) > 1 and _plain(name).casefold() in folded:
        raise Invalid("密码里不要有自己的名字。", remedy="请换一个。")


_RUNS = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn")
_COMMON = {"password", "password1", "passw0rd", "iloveyou", "woaini1314", "woaini520", "a1234567", "a12345678", "qwer1234",
           "abcd1234", "admin123", "admin888", "asdf1234", "aa123456", "1q2w3e4r", "5201314520"}  # fmt: skip


def _plain(text: str) -> str:
    """One form for what looks the same: a password typed on another keyboard must match (RFC 8265)."""
    return unicodedata.normalize("NFC", text)
