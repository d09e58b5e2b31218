"""Units of measure: every way merchants and buyers write one → the one we keep, and the amounts in a text."""

from __future__ import annotations

import re
import unicodedata

# Left out on purpose, for only a person knows which is meant: 64G is storage and 100G weight, 1M a metre and 12M a
# year, 寸 an inch or a third of a foot.
_UNITS = {
    "ml": "ml ML Ml mL 毫升",
    "L": "l L 升",
    "g": "g 克",
    "kg": "kg KG Kg 千克 公斤",
    "mg": "mg MG 毫克",
    "斤": "斤",
    "oz": "oz OZ Oz 盎司",
    "mm": "mm MM 毫米",
    "cm": "cm CM Cm 厘米 公分",
    "m": "m 米",
    "英寸": "英寸 inch",
    "g/㎡": "g/㎡ g/m2 g/m² 克/平方米 克/平米 克/㎡ gsm",
    "kg/㎡": "kg/㎡ kg/m2 kg/m² 千克/平方米",
    "W": "w W 瓦",
    "kW": "kW KW kw 千瓦",
    "V": "V v 伏",
    "A": "A 安",
    "mA": "mA",
    "mAh": "mAh mah MAH MAh 毫安 毫安时",
    "Wh": "Wh wh WH 瓦时",
    "MB": "MB mb",
    "GB": "GB gb Gb",
    "TB": "TB tb",
    "Hz": "Hz hz HZ 赫兹",
    "dB": "dB db 分贝",
    "℃": "℃ °C",
    "%": "%",
    "年": "年",
    "个月": "个月",
    "天": "天",
    "小时": "小时 h",
    "分钟": "分钟 min",
    "片": "片",
    "件": "件",
    "支": "支",
    "瓶": "瓶",
    "盒": "盒",
    "包": "包",
    "袋": "袋",
    "只": "只",
    "双": "双",
    "粒": "粒",
    "元": "元",
}
CANONICAL = {unicodedata.normalize("NFKC", form): unit for unit, forms in _UNITS.items() for form in forms.split()}

# Numerals that buyers spell out before a unit: 两米, 三件. 一 is left out: 一盒多少片 names no amount.
_SPELT = {"两": "2", "二": "2", "三": "3", "四": "4", "五": "5", "六": "6", "七": "7", "八": "8", "九": "9", "十": "10"}
_LONGEST_FIRST = sorted({*(form.lower() for form in CANONICAL), "t"} - {"%"}, key=lambda form: (-len(form), form))
_ANY_UNIT = "|".join(map(re.escape, _LONGEST_FIRST))
_AMOUNT = re.compile(
    rf"(?:(?<![\d.a-z])(\d{{1,9}}(?:\.\d{{1,4}})?)\s*|([{''.join(_SPELT)}]))({_ANY_UNIT})(?![a-z])", re.IGNORECASE
)


def unit_of(text: str) -> str:
    """The one way we write a unit: 毫升 → ml; "" for anything else."""
    return CANONICAL.get(unicodedata.normalize("NFKC", text).strip(), "")


def amounts(text: str) -> dict[str, str]:
    """Every number with its unit in a clean text, as a key that two spellings share → the text as written.

    "100毫升" and "100ML" share "100ml", "256G" and "256GB" share "256g": whether G is a gram or a gigabyte does not
    matter within the variants of one product.
    """
    found = {}
    for match in _AMOUNT.finditer(text):
        number, unit = match[1] or _SPELT[match[2]], match[3]
        found[plain_number(number) + _short(CANONICAL.get(unit, unit).lower())] = match[0]
    return found


def plain_number(number: str) -> str:
    """ "01.50" → "1.5": the one way we write a number."""
    whole, _, fraction = number.partition(".")
    fraction = fraction.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{fraction}" if fraction else "")


def _short(unit: str) -> str:
    return unit.removesuffix("b") if unit in {"gb", "tb"} else unit
