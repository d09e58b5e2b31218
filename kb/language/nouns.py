"""What buyers call a product: the noun that its name ends in (云朵绒四季通用猫窝 中号 → 猫窝), or its category.

A Chinese name is built towards its end: what stands before the last noun tells it from others, what stands after a space is
size, season and praise. Buyers say the noun, whole or in part (电热水壶: 热水壶, 水壶), or its last character behind any other
part of the name (豆腐猫砂: 豆腐砂; 碎花雪纺连衣裙: 碎花裙).
"""

from __future__ import annotations

import re

from kb.language.text import fold

LONGEST_CALL = 8  # characters
_SHORTEST = 2
_PARTS = re.compile(r"[\s/\\|,，、;；()（）\[\]【】《》<>+＋·•:：\"'“”‘’_\-*×]+")
_WORDLIKE = re.compile(r"[a-z]*[\u3400-\u9fff]")
# What no noun is made of: for whom, how big, when, how many, and what every shop says of its goods.
_QUALITIES = (
    "加大 加长 加厚 加绒 加宽 大号 中号 小号 特大号 超大 超大号 特大 均码 大码 小码 大容量 中长款 中长 短款 长款 "
    "男款 女款 男士 女士 男女 男 女 儿童 成人 宝宝 老人 学生 情侣 亲子 男童 女童 中性 通用 "
    "四季 春秋 秋冬 春夏 夏季 冬季 春季 秋季 夏天 冬天 春 夏 秋 冬 夏款 冬款 家用 商用 宿舍 办公 户外 便携 便携式 车载 "
    "静音 智能 保暖 轻薄 透气 防滑 防水 纯色 简约 ins 网红 高级感 宽松 修身 显瘦 百搭 平底 "
    "礼盒 礼盒装 套装 组合 组合装 家庭装 罐装 袋装 盒装 瓶装 单件 一件 独立包装 小包装 独立小包装 新款 爆款 热卖 正品 专柜 官方 "
    "旗舰店 同款 新品 升级款 升级版 包邮 现货 特价 促销 新 款"
)
QUALITIES = frozenset(_QUALITIES.split())
_TRAILING = re.compile(
    rf"(?:{'|'.join(sorted(QUALITIES, key=len, reverse=True))}|\d[\d.]{{0,6}}[码寸米升克只个包袋盒片条双支瓶罐斤件])$"
)
_VARIANT = re.compile(r".{0,6}[款版]")
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789."
_PACKING = frozenset("盒箱袋瓶包罐件")


def nouns(name: str, category: str = "", brand: str = "") -> list[str]:
    """The nouns of a product, folded: that of its name and that of its category; none where the name is letters or praise."""
    parts = [_noun(part, brand) for part in _PARTS.split(fold(name))]
    of_name = next((part for part in parts if part), "")
    classes = [part for part in _PARTS.split(fold(category)) if part]
    of_class = _noun(classes[-1], brand) if classes else ""
    return list(dict.fromkeys(noun for noun in (of_name, of_class) if noun))


def calls(noun: str) -> list[str]:
    """All that buyers may say for a noun: its endings from two characters on, and 毯子 for a 毛毯."""
    endings = [noun[-length:] for length in range(_SHORTEST, min(len(noun), LONGEST_CALL) + 1)]
    return endings + ([f"{noun[-1]}子"] if noun[-1] not in _PACKING else [])


def _noun(part: str, brand: str) -> str:
    """A part of a name up to the last character of its noun; "" when it holds none."""
    part = part.replace(fold(brand), "") if brand else part
    while part and (shorter := _shorter(part)) != part:
        part = shorter
    return part if len(part) >= _SHORTEST and _WORDLIKE.match(part[-_SHORTEST:]) and part[-1] >= "\u3400" else ""


def _shorter(part: str) -> str:
    if _VARIANT.fullmatch(part):
        return ""
    stem = part.rstrip(_LETTERS)
    return stem if stem != part else _TRAILING.sub("", part)
