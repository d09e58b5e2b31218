"""Privacy at the door: personal data is replaced before a message is stored, logged or embedded.

Patterns look at a *view* of the text, so that full-width digits, a zero-width space or an HTML entity hide nothing
that `kb.language.text.clean` would later uncover; a text in whose view nothing is found is returned byte for byte.

Numbers with check digits (ID cards, bank cards) are verified with python-stdnum so that product numbers stay;
a pattern must not touch letters or digits on either side, or the item number A18164178225 would be a phone.
Every repetition is bounded: a hostile text costs milliseconds (tests/kb/test_mask.py).
PIPL art. 6 (minimum necessary); threats T12 of the reliability notes.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from functools import partial

from stdnum import luhn
from stdnum.cn import ric

_MAX_VIEW_ROUNDS = 8
_SPACES = re.compile(r"\s{2,}|[^\S \n]")  # what is not one blank or one line break already
# Seen by nobody, yet letters or marks to Unicode: joiners, Hangul fillers, variation selectors, the keycap of 1️⃣.
_BLANKS = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u20e3\u2800\u3164\ufe00-\ufe0f\uffa0]")


def _visible(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Cn", "Co"}


def _one_space(match: re.Match[str]) -> str:
    return "\n" if "\n" in match.group() else " "


def _view_once(text: str) -> str:
    text = _BLANKS.sub("", html.unescape(text))
    if not text.isprintable():
        text = "".join(filter(_visible, text))
    return _SPACES.sub(_one_space, unicodedata.normalize("NFKC", text))


def _view(text: str) -> str:
    """What a reader sees, on as many lines. Like `kb.language.text.clean` (a room on the same layer) it uncovers at least as much.

    One round can uncover another entity. Without its ampersands a text that hides more than the bound is final
    too, so that masking twice still changes nothing.
    """
    for _ in range(_MAX_VIEW_ROUNDS):
        once = _view_once(text)
        if once == text:
            return text
        text = once
    return text.replace("&", " ")


_LEFT = r"(?<![0-9A-Za-z])"
_RIGHT = r"(?![0-9A-Za-z])"
_TELEPHONE_LEFT = rf"(?:{_LEFT}|(?<=phone)|(?<=tel)|(?<=mobile)|(?<=mob)|(?<=cell)|(?<=call))"
_SEPARATOR = r"[\s\-\u2010-\u2015\u2212._·]"
_GAP = _SEPARATOR + "{0,3}"

_EMAIL = re.compile(r"(?<![\w.+\-])[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{2,63}){1,4}", re.ASCII)
_ID_CARD = re.compile(rf"{_LEFT}\d{{6}}{_GAP}\d{{8}}{_GAP}\d{{3}}[\dXx]{_RIGHT}")
_CARD = re.compile(rf"{_LEFT}\d{{4}}(?:{_GAP}\d{{4}}){{3}}(?:{_GAP}\d{{1,3}})?{_RIGHT}")
# In threes and fours, or every digit by itself. Any other grouping would take a row of sizes for a number.
_MOBILE = re.compile(
    rf"(?=[+018]){_TELEPHONE_LEFT}(?:(?:\+|00)?86{_GAP})?"
    rf"(?:1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}|1{_SEPARATOR}{{1,3}}[3-9](?:{_SEPARATOR}{{1,3}}\d){{9}}){_RIGHT}",
    re.IGNORECASE,
)
# Without a separator only behind a real area code, and never before 0: a bar code may begin with a zero.
_LANDLINE = re.compile(
    rf"(?=[0(])(?:{_TELEPHONE_LEFT}(?:0\d{{2,3}}{_SEPARATOR}{{1,3}}(?:\d{{7,8}}|\d{{3,4}}{_SEPARATOR}\d{{4}})"
    rf"|0(?:10|2\d|[3-9]\d\d)[1-9]\d{{6,7}})|\(0\d{{2,3}}\){_GAP}\d{{3,4}}{_SEPARATOR}?\d{{4}}){_RIGHT}",
    re.IGNORECASE,
)
_ORDER = re.compile(rf"{_LEFT}(?:\d{{6}}-\d{{15}}|\d{{14,24}}){_RIGHT}")


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit() or c in "Xx")


def _is_id_card(number: str) -> bool:
    """By its check digit (GB 11643). Not `ric.is_valid`: it raises KeyError on a county it does not list."""
    return ric.calc_check_digit(number.upper()) == number[-1].upper()


def _if_valid(check: Callable[[str], bool], label: str, match: re.Match[str]) -> str:
    return label if check(_digits(match.group())) else match.group()


_NAME = r"[A-Za-z_][A-Za-z0-9_\-]{5,19}"
_NAME_WITH_DIGIT = rf"(?=[A-Za-z_\-]{{1,19}}\d){_NAME}"
_NUMBER = r"\d{5,11}"
_IS = r"\s?(?:号码?|號碼?|账号|帐号|id)?\s?(?:是|为|為)?[\s:：=]{0,3}"
_WECHAT = re.compile(
    rf"((?:微信|薇信|威信|扣扣|(?<![A-Za-z])(?:v信|vx|wx|qq)){_IS})(?:{_NAME}|{_NUMBER}){_RIGHT}", re.IGNORECASE
)
# "wechat payment" is no account: after the Latin word a colon, or a digit in the name, must say so.
_WECHAT_LATIN = re.compile(
    rf"((?<![A-Za-z])(?:we ?chat|weixin)(?:{_IS}(?={_NAME_WITH_DIGIT}|\d)|\s?(?:id)?\s?[:：=]\s?))"
    rf"(?:{_NAME}|{_NUMBER}){_RIGHT}",
    re.IGNORECASE,
)
# 加v …: with something between, any name; written together, one with a number in it, or 加vitamin would be one.
_ADD_ME = re.compile(
    r"((?:加\s?(?:我|个|下|一下)?\s?|\+)[v微薇威])"
    rf"(?:(信?[\s:：=是号]{{1,4}})(?:{_NAME}|{_NUMBER})|(?:(?=[A-Za-z_\-]{{1,16}}\d{{3}}){_NAME}|{_NUMBER})){_RIGHT}",
    re.IGNORECASE,
)
# "V:" alone is also what a data sheet calls the voltage.
_V = re.compile(
    rf"((?<![0-9A-Za-z压])v\s?[:：]\s?)(?!(?:ac|dc)\d)(?:{_NAME_WITH_DIGIT}|\d{{7,11}}){_RIGHT}", re.IGNORECASE
)


def _mask_added(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2] or ''}[账号]"


_HAN = r"\u3400-\u9fff"
_IN_ADDRESS = rf"(?:[\s,，]?[{_HAN}0-9A-Za-z\-])"  # single spaces and commas: people write an address in parts
_HOUSE = r"(?:号楼|號樓|单元|單元|[号號栋棟幢座室楼樓弄户戶])"
# From the end of a district's name to the last house number. It starts at a fixed word, so most of a text is skipped.
_STREET = re.compile(
    rf"(?:[区區县縣市镇鎮乡鄉]|街道){_IN_ADDRESS}{{0,24}}?"
    r"(?:小区|小區|花园|花園|大厦|大廈|广场|廣場|[路街道巷弄村庄莊苑园園])"
    rf"(?=[\s{_HAN}]{{0,21}}\d)(?:\s?[{_HAN}]){{0,10}}?\s?\d{{1,5}}\s?[{_HAN}]{{0,2}}?{_HOUSE}"
    rf"(?:{_IN_ADDRESS}{{0,16}}?\s?\d{{1,5}}\s?{_HOUSE}){{0,9}}"
)
_LONGEST_REGION = 28
# The name of province, city and district that ends where the street begins.
_REGION = re.compile(
    rf"(?:[{_HAN}]{{2,8}}(?:省|自治区|自治區)[\s,，]?)?(?:[{_HAN}]{{1,7}}[市州盟][\s,，]?)?[{_HAN}]{{1,8}}$"
)
# What leads to an address and stays: 寄到 [地址]. Not 邮 or 发 alone: they are in names (高邮, 新发).
_LEADING = re.compile(
    r"(?:收货|收貨|收件|地址|我家|配送|改成|换成|換成|[送发發邮郵](?=[到往给給去至在])|[寄住在到往给給至是为為]|[\s:：,，])+"
)


def _mask_addresses(text: str) -> str:
    parts: list[str] = []
    done = at = 0
    while street := _STREET.search(text, at):
        start = _address_start(text, done, street.start())
        at = street.start() + 1 if start is None else street.end()
        if start is not None:
            parts += text[done:start], "[地址]"
            done = at
    return "".join([*parts, text[done:]])


def _address_start(text: str, after: int, street: int) -> int | None:
    """Where the region before a street begins; None when nothing is named there ("这个 | 区…" needs a name)."""
    begin = max(after, street - _LONGEST_REGION)
    before = text[begin:street]
    lead = next((m.end() for m in _LEADING.finditer(before) if m.group().strip(" ,，\n")), 0)
    region = _REGION.search(before, lead)
    return begin + region.start() if region else None


_Rule = Callable[[str], str]

# What every rule of a group needs is looked for first: eleven patterns cost ten times as much, and most texts hold nothing
# of anybody.
_DISTRICT = "区區县縣市镇鎮乡鄉街"  # an address has one of them
_ACCOUNT = "vVxXqQwW微薇威扣"  # what announces an account has one of them
_MANY_DIGITS = re.compile(r"\D*+(?:\d\D*+){10}").match  # the shortest number of a person has as many

# Order matters: the most certain pattern first, the greedy run of digits last.
_GROUPS: tuple[tuple[Callable[[str], object], tuple[_Rule, ...]], ...] = (
    (re.compile("@").search, (partial(_EMAIL.sub, "[邮箱]"),)),
    (re.compile(f"[{_DISTRICT}]").search, (_mask_addresses,)),
    (
        _MANY_DIGITS,
        (
            partial(_ID_CARD.sub, partial(_if_valid, _is_id_card, "[身份证号]")),
            partial(_CARD.sub, partial(_if_valid, luhn.is_valid, "[银行卡号]")),
        ),
    ),
    (
        re.compile(f"[{_ACCOUNT}]").search,
        (
            partial(_WECHAT.sub, r"\1[账号]"),
            partial(_WECHAT_LATIN.sub, r"\1[账号]"),
            partial(_ADD_ME.sub, _mask_added),
            partial(_V.sub, r"\1[账号]"),
        ),
    ),
    (
        _MANY_DIGITS,
        (partial(_MOBILE.sub, "[手机号]"), partial(_LANDLINE.sub, "[电话]"), partial(_ORDER.sub, "[订单号]")),
    ),
)


def _runs(first: int, last: int, without: str) -> str:
    """The characters from one to another as ranges of a pattern, without some."""
    runs = re.split(f"[{without}]", "".join(map(chr, range(first, last + 1))))
    return "".join(f"{re.escape(run[0])}-{re.escape(run[-1])}" for run in runs if run)


# Sentences of shops: what the view shows as it is or as a mark, and no group looks for. With fewer digits than a number
# has there is nothing to find, and no view is needed. tests/kb/test_mask.py asks this of every such character.
_LOOKED_FOR = f"&@0-9{_DISTRICT}{_ACCOUNT}"
_CALM = _runs(0x20, 0x7E, _LOOKED_FOR) + _runs(0x4E00, 0x9FFF, _LOOKED_FOR) + "\n、。《》【】“”‘’—…·～，！？：；（）￥"
_NOTHING = re.compile(rf"[{_CALM}]*+(?:[0-9][{_CALM}]*+){{0,9}}").fullmatch


def mask(text: str) -> str:
    """The text with phone, e-mail, ID, bank-card, order numbers, WeChat/QQ accounts and addresses replaced.

    A text in whose view there is none comes back byte for byte. One that has any keeps what else was typed, unless
    something was in disguise: then its masked view comes back. Idempotent.
    """
    return text if _NOTHING(text) else _mask(text)


def _mask(text: str) -> str:
    view = _view(text)
    masked = _masked(view)
    if masked == view:
        return text
    as_typed = _masked(text)
    return as_typed if _view(as_typed) == masked else masked


def _masked(text: str) -> str:
    """All rules, until none finds anything: a label can free what stood beside it."""
    while (once := _apply(text)) != text:
        text = once
    return text


def _apply(text: str) -> str:
    for needed, rules in _GROUPS:
        if needed(text):
            for rule in rules:
                text = rule(text)
    return text
