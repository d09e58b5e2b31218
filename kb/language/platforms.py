"""Platforms as merchants write them, as the words that shops and conditions use (天猫, 淘宝, 京东, 拼多多, 抖音 …).

One platform has one word, however a sheet, a trainer or whoever set up the shop writes it (`kb.fitting` compares them).
淘系 and 千牛 are two platforms: one desk serves both.
"""

from __future__ import annotations

import re
from functools import lru_cache

from kb.language.text import clean

EVERYWHERE = frozenset[str]()

_ALIASES: dict[str, str] = {
    "天猫": "天猫 tmall 天猫旗舰店 天猫商城 天猫平台 天猫店 天猫超市 猫",
    "淘宝": "淘宝 taobao 淘宝网 淘宝店 淘宝c店 c店 淘宝平台 淘",
    "京东": "京东 jd 京东商城 京东pop 京东自营 京东店 京东平台 jingdong",
    "拼多多": "拼多多 pdd 多多 拼多多店 拼多多平台 pinduoduo 拼夕夕",
    "抖音": "抖音 抖店 抖音小店 抖音电商 抖音商城 抖音平台 douyin dy",
    "快手": "快手 快手小店 快手电商 快手商城 kuaishou",
    "小红书": "小红书 小红书店 小红书商城 xhs 红书",
    "视频号": "视频号 视频号小店 微信小店 微信视频号",
    "唯品会": "唯品会 vip vipshop",
    "1688": "1688 阿里巴巴 阿里",
    "得物": "得物 dewu",
    "苏宁": "苏宁 苏宁易购",
}
_TWO = {name: frozenset({"天猫", "淘宝"}) for name in ("淘系", "千牛", "淘天", "阿里系", "天淘")}
_ALL = {
    "全平台",
    "所有平台",
    "全部平台",
    "各平台",
    "全渠道",
    "所有渠道",
    "通用",
    "全部",
    "所有",
    "不限",
    "全网",
    "all",
    "都适用",
    "/",
    "-",
}
_BETWEEN = re.compile(r"[,，、;；/|+&\s和及与或()（）【】\[\]]+")
# Beside a platform's name these say no more than the name: 仅限天猫, 天猫店铺适用, 京东旗舰店. 除, 非 and 不 are none of them.
_AROUND = "仅限 仅 只限 只 限 适用于 适用 专用 专享 通用 可用 平台 店铺 旗舰店 专营店 专卖店 自营店 自营 小店 商城 店 端 渠道 官方 等 的"


def platforms_of(text: str) -> frozenset[str]:
    """The platforms that a text names; none for a blank one and for 全平台: it may be any."""
    return read_platforms(text)[0]


def read_platforms(text: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """The platforms that a cell names (none: every one), and the words in it that name no platform we know.

    An unknown word stays in the set as it is: without it the answer would be given on every platform.
    """
    return _read(clean(text).lower()) if text else (EVERYWHERE, ())


@lru_cache(maxsize=1024)
def _read(text: str) -> tuple[frozenset[str], tuple[str, ...]]:
    words = [text] if text in _names() else [word for word in _BETWEEN.split(text) if word]
    if text in _ALL or any(map(_everywhere().fullmatch, words)):
        return EVERYWHERE, ()
    known = {word: _platforms(word) for word in words}
    named = frozenset[str]().union(*filter(None, known.values()))
    # 官方 beside 天猫 adds nothing; 官方 alone means something that we do not know.
    unknown = tuple(word for word, platforms in known.items() if platforms is None or not (platforms or named))
    return named.union(unknown), unknown


def _platforms(word: str) -> frozenset[str] | None:
    """What one word names, perhaps several (淘宝天猫京东) or with words around it; nothing for such words alone, None for
    any other."""
    if word in _names() or not _only_names().fullmatch(word):
        return _names().get(word)
    return frozenset[str]().union(*(_names().get(part, ()) for part in _one_part().findall(word)))


@lru_cache(maxsize=1)
def _names() -> dict[str, frozenset[str]]:
    one = {alias: frozenset({name}) for name, aliases in _ALIASES.items() for alias in aliases.split()}
    return one | _TWO


@lru_cache(maxsize=1)
def _one_part() -> re.Pattern[str]:
    parts = sorted([*_names(), *_AROUND.split()], key=len, reverse=True)
    return re.compile("|".join(map(re.escape, parts)))


@lru_cache(maxsize=1)
def _everywhere() -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(map(re.escape, _ALL))})(?:{'|'.join(_AROUND.split())})*")


@lru_cache(maxsize=1)
def _only_names() -> re.Pattern[str]:
    return re.compile(f"(?:{_one_part().pattern})+")
