"""Privacy at the door: personal data is replaced before a message is stored, logged or embedded.

Numbers with check digits (ID cards, bank cards) are verified with python-stdnum so that product numbers stay;
a pattern must not touch letters or digits on either side, or the item number A18164178225 would be a phone.
PIPL art. 6 (minimum necessary); threats T12 of the reliability notes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from stdnum import luhn
from stdnum.cn import ric

_LEFT = r"(?<![0-9A-Za-z])"
_RIGHT = r"(?![0-9A-Za-z])"
_GAP = r"[\s\-—–.]?"

_EMAIL = re.compile(r"(?<![\w.+\-])[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{2,63}){1,4}", re.ASCII)
_ID_CARD = re.compile(rf"{_LEFT}\d{{6}}{_GAP}\d{{8}}{_GAP}\d{{3}}[\dXx]{_RIGHT}")
_CARD = re.compile(rf"{_LEFT}\d{{4}}(?:{_GAP}\d{{4}}){{3}}(?:{_GAP}\d{{1,3}})?{_RIGHT}")
_MOBILE = re.compile(rf"{_LEFT}(?:(?:\+|00)?86{_GAP})?1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}{_RIGHT}")
_LANDLINE = re.compile(rf"{_LEFT}0\d{{2,3}}[\s\-—–]\d{{7,8}}{_RIGHT}")
_ORDER = re.compile(rf"{_LEFT}(?:\d{{6}}-\d{{15}}|\d{{15,24}}){_RIGHT}")
_WECHAT = re.compile(
    r"((?:微信|薇信|威信|v信|V信|VX|vx|Vx|wx|WX|QQ|qq)(?:号|号码|id|ID)?(?:是|为|[:：])?\s{0,3})"
    r"([A-Za-z][A-Za-z0-9_\-]{5,19}|\d{5,11})" + _RIGHT
)
_ADDRESS = re.compile(
    r"((?:收货|收件|地址|我家|配送|寄|送|发|邮|住|在|到|是|改成|换成|为|[:：])*)"
    r"(?:[\u4e00-\u9fff]{2,8}(?:省|自治区))?(?:[\u4e00-\u9fff]{1,7}(?:市|州|盟))?[\u4e00-\u9fff]{1,8}?(?:区|县|市|镇|乡|街道)"
    r"[\u4e00-\u9fff0-9A-Za-z\-]{0,24}?"
    r"(?:路|街|道|巷|弄|村|庄|苑|园|小区|花园|大厦|广场)[\u4e00-\u9fff]{0,10}?"
    r"\d{1,5}[\u4e00-\u9fff]{0,2}?(?:号|栋|幢|座|单元|室|楼|弄)"
    r"(?:[\u4e00-\u9fff0-9A-Za-z\-]{0,16}?\d{1,5}(?:号楼|号|栋|幢|座|单元|室|楼|户))*"
)


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit() or c in "Xx")


def _is_id_card(number: str) -> bool:
    """By its check digit (GB 11643). Not `ric.is_valid`: it raises KeyError on a county it does not list."""
    return ric.calc_check_digit(number.upper()) == number[-1].upper()


def _if_valid(check: Callable[[str], bool], label: str, match: re.Match[str]) -> str:
    return label if check(_digits(match.group())) else match.group()


# Order matters: the most certain pattern first, the greedy run of digits last.
_RULES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (_EMAIL, "[邮箱]"),
    (_ADDRESS, r"\1[地址]"),
    (_ID_CARD, partial(_if_valid, _is_id_card, "[身份证号]")),
    (_CARD, partial(_if_valid, luhn.is_valid, "[银行卡号]")),
    (_WECHAT, r"\1[账号]"),
    (_MOBILE, "[手机号]"),
    (_LANDLINE, "[电话]"),
    (_ORDER, "[订单号]"),
)


def mask(text: str) -> str:
    """The text with phone, e-mail, ID, bank-card, order numbers, WeChat/QQ accounts and addresses replaced.

    Idempotent: a mask is never masked again.
    """
    for pattern, label in _RULES:
        text = pattern.sub(label, text)
    return text


def holds_personal_data(text: str) -> bool:
    """Whether `mask` would change the text."""
    return mask(text) != text
