"""Texts in two languages: a table of (Chinese, English) pairs, and `say` to take one of them out.

Another report keeps its own table beside its code (a dict, or `read_words` of a TOML file) and makes its own `say` of it by
`sayer`, so that no two reports write into the same list. Values are put in by name: `say("more_rows", lang, count=3)`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, TypeAlias

from kb.errors import Invalid

Words: TypeAlias = Mapping[str, tuple[str, str]]
LANGUAGES = ("zh", "en")
ABOUT = ("data_range", "n", "knowledge", "model", "seed", "method")  # what every report says of itself

_COMMON: Words = {
    "data_range": ("数据范围", "Data range"),
    "n": ("样本数", "Sample size"),
    "knowledge": ("知识版本", "Knowledge version"),
    "model": ("模型指纹", "Model fingerprint"),
    "seed": ("种子", "Seed"),
    "method": ("生成方法", "Method"),
    "about": ("本报告的依据", "What this report rests on"),
    "figure": ("指标", "Figure"),
    "value": ("数值", "Value"),
    "low": ("下限", "Low"),
    "high": ("上限", "High"),
    "interval": ("95% 区间", "95% interval"),
    "definition": ("定义", "Definition"),
    "unit": ("单位", "Unit"),
    "section": ("部分", "Section"),
    "note": ("注意", "Note"),
    "report": ("报告", "Report"),
    "figures": ("指标", "Figures"),
    "more_rows": ("其余 {count} 行见 Excel 文件。", "{count} more rows are in the workbook."),
    "%": ("%", "%"),
    "pp": (" 个百分点", " pp"),
    "元": (" 元", " CNY"),
    "秒": (" 秒", " s"),
    "毫秒": (" 毫秒", " ms"),
    "": ("", ""),
}


def read_words(path: Path) -> Words:
    """A table that lies in a TOML file: key = [Chinese, English]."""
    return {
        key: (chinese, english) for key, (chinese, english) in tomllib.loads(path.read_text(encoding="utf-8")).items()
    }


class Say(Protocol):
    """A text by its key in a language, with values put in by name. Raises KeyError where there is no such text."""

    def __call__(self, key: str, lang: str = "zh", /, **values: object) -> str: ...


def sayer(table: Words) -> Say:
    """What says the texts of this table."""

    def say_of(key: str, lang: str = "zh", /, **values: object) -> str:
        text = table[key][LANGUAGES.index(lang)]
        return text.format(**values) if values else text

    return say_of


say = sayer(_COMMON)


def language(named: str) -> str:
    """The language that is named. Raises Invalid where there is none."""
    if named not in LANGUAGES:
        raise Invalid(f"没有语言“{named}”。", remedy="可选：" + "、".join(LANGUAGES))
    return named
