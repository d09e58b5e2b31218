"""Sheets of what to offer beside what (加购规则): one rule a row, what it is about told by the merchant's own words.

What a product costs the shop is read here and nowhere else, and only to know below which price it is not offered: of cost and
margin nothing but that price is kept (`floor`).
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from ingest.columns.table import Table
from ingest.kinds.named import read_names
from ingest.kinds.period import Year
from ingest.kinds.texts import read_window, sheet_year, warn_of_personal_data
from ingest.kinds.values import parse_flag, parse_price
from ingest.problem import Problems
from ingest.sheet import Row
from kb.language.mask import mask
from kb.language.text import fold
from kb.model import OfferRule, OfferWay

STAGES = ("售前", "售中", "售后")
_WAYS = {
    OfferWay.NEVER: "不推荐 不推 禁推 禁止推荐 不加购 不适合推荐",
    OfferWay.THRESHOLD: "凑单 满减 满减凑单 满折 满额 凑满减",
    OfferWay.SWAP: "换购 加价购 超值换购 加价换购",
    OfferWay.GIFT: "赠品 满赠 买赠 赠送 送赠品",
    OfferWay.PAIR: "搭配 搭售 连带 关联 组合 套装 搭配购 关联推荐 加购 一起买",
}
_LONGEST = {"text": 1000, "why": 200}
_MOST = 50  # products or words of one cell
_PERCENT = re.compile(r"\s*(\d{1,2}(?:\.\d{1,2})?)\s*[%％]?\s*")
_OUT = frozenset("0 无 无货 缺货 断货 售罄 没货 没有 否 停售".split())


def draft_offers(table: Table, rows: Sequence[Row], problems: Problems) -> tuple[list[OfferRule], int]:
    """The rules of a sheet, products still named as the sheet names them, and how many rows were left out."""
    year = sheet_year(table, rows)
    found: dict[str, OfferRule] = {}
    for row in rows:
        rule = _draft(table, row, year, problems)
        if rule is None:
            continue
        if rule.id in found:
            told = "和前面一行是同一条规则（编号相同，或方式、商品都相同），请合成一行或各写一个编号"
            problems.error("offer_twice", told, row=row.number, column=table.letter("key"), value=rule.key)
            continue
        found[rule.id] = rule
    return list(found.values()), len(rows) - len(found)


def _draft(table: Table, row: Row, year: Year, problems: Problems) -> OfferRule | None:
    way = _way(table, row, problems)
    window = read_window(table, row, year, problems)
    money = {name: _fen(table, row, name, problems) for name in ("threshold", "cut", "price", "floor", "cost")}
    if way is None or window is None or None in money.values():
        return None
    amounts = {name: value or 0 for name, value in money.items()}
    products = _names(table, row, "products")
    partner = mask(table.text(row, "partner"))
    if not _is_whole(table, row, way, partner, amounts["threshold"], problems):
        return None
    key = table.text(row, "key") or key_of(way, products, partner, amounts["threshold"])
    return OfferRule(
        id=id_of(key),
        key=key,
        way=way,
        products=products,
        partner=partner,
        text=_text(table, row, "text", problems),
        why=mask(_text(table, row, "why", problems)),
        threshold=amounts["threshold"],
        cut=amounts["cut"],
        price=amounts["price"],
        floor=max(amounts["floor"], _floor(table, row, amounts["cost"], problems)),
        refuse=_names(table, row, "refuse"),
        stages=_stages(table, row, problems),
        in_stock=_stock(table, row),
        active=_flag(table, row, problems),
        window=window,
        source=table.source(row.number, table.letter("partner") or table.letter("threshold")),
    )


def id_of(key: str) -> str:
    """The same for the same row: 64 bits over its key."""
    return "o_" + hashlib.blake2b(key.encode(), digest_size=8).hexdigest()


def is_made(key: str) -> bool:
    """Whether a key was made of the row, for want of a number."""
    return key.startswith("h:")


def key_of(way: OfferWay, products: Iterable[str], partner: str, threshold: int) -> str:
    """What a row without a number is about."""
    about = [str(way), *sorted(map(fold, products)), "→", fold(partner), str(threshold or "")]
    return "h:" + hashlib.blake2b("\n".join(about).encode(), digest_size=8).hexdigest()


def _is_whole(table: Table, row: Row, way: OfferWay, partner: str, threshold: int, problems: Problems) -> bool:
    """Whether the row says enough to act on. A 凑单 may leave open what is added; a 换购 or gift may not."""
    if way is OfferWay.THRESHOLD and not threshold:
        problems.error(
            "threshold_missing", "凑单要写满多少元，请补上", row=row.number, column=table.letter("threshold")
        )
        return False
    if way is not OfferWay.THRESHOLD and not partner:
        problems.error("partner_missing", "缺少推荐商品，请补上", row=row.number, column=table.letter("partner"))
        return False
    return True


def _way(table: Table, row: Row, problems: Problems) -> OfferWay | None:
    """What the column says; without one, a threshold and nothing to add make a 凑单, anything else a 搭配."""
    text = table.text(row, "way")
    if not text:
        alone = table.text(row, "threshold") and not table.text(row, "partner")
        return OfferWay.THRESHOLD if alone else OfferWay.PAIR
    for way, words in _WAYS.items():
        if fold(text) in words.split():
            return way
    found = [way for way, words in _WAYS.items() if any(word in text for word in words.split())]
    if len(found) != 1:
        told = f"看不懂这个方式，可以写：{'、'.join(OfferWay)}"
        problems.error("way_unknown", told, row=row.number, column=table.letter("way"), value=text)
        return None
    return found[0]


def _fen(table: Table, row: Row, name: str, problems: Problems) -> int | None:
    """A sum in fen, 0 where the cell is blank; None (and an error) for what is no plain amount."""
    text = table.text(row, name)
    if text.strip() in ("", "/", "-", "无"):
        return 0
    price = parse_price(text.removeprefix("满").removeprefix("减"))
    if price is None:
        told = "这里要写一个金额，如 39 或 39.9（单位元）"
        shown = "" if name == "cost" else text
        problems.error("amount_unreadable", told, row=row.number, column=table.letter(name), value=shown)
        return None
    return int(Decimal(price) * 100)


def _floor(table: Table, row: Row, cost: int, problems: Problems) -> int:
    """The least price that leaves the margin that is asked for: cost / (1 − margin), to the next fen; 0: nothing asked."""
    text = table.text(row, "margin")
    if not cost:
        if text:
            told = "写了最低毛利率，没有写成本价，算不出最低能卖多少；请补上成本价，或直接写最低成交价"
            problems.warn("margin_without_cost", told, row=row.number, column=table.letter("margin"))
        return 0
    match = _PERCENT.fullmatch(text) if text else None
    if text and match is None:
        told = "最低毛利率要写成 30% 这样的百分数，这一格没有用；先按不低于成本价"
        problems.warn("margin_unreadable", told, row=row.number, column=table.letter("margin"))
    share = Decimal(match[1]) if match else Decimal(0)
    share = (
        share * 100 if "%" not in text and "％" not in text and 0 < share < 1 else share
    )  # 0.3 is how a sheet keeps 30%
    return math.ceil(Decimal(cost) / (1 - share / 100))


def _names(table: Table, row: Row, field: str) -> tuple[str, ...]:
    """What the cells of a field name, each once, sorted: the order of a list says nothing."""
    cells = [cell.text for cell in table.cells(row, field)]
    named = {mask(name) for cell in cells for name in read_names(cell)} - {
        "",
        "全部",
        "全店",
        "全部商品",
        "所有商品",
        "无",
        "/",
        "-",
    }
    return tuple(sorted(named)[:_MOST])


def _text(table: Table, row: Row, field: str, problems: Problems) -> str:
    text = table.text(row, field)
    warn_of_personal_data(text, problems, row=row.number, column=table.letter(field))
    if len(text) <= _LONGEST[field]:
        return text
    told = f"超过 {_LONGEST[field]} 字，没有用，将使用默认的话"
    problems.warn("offer_text_long", told, row=row.number, column=table.letter(field))
    return ""


def _stages(table: Table, row: Row, problems: Problems) -> frozenset[str]:
    text = table.text(row, "stages")
    found = frozenset(stage for stage in STAGES if stage in text)
    if text and not found and "全" not in text and "不限" not in text:
        told = f"看不懂这个阶段，可以写：{'、'.join(STAGES)}；先按售前、售中"
        problems.warn("stage_unknown", told, row=row.number, column=table.letter("stages"), value=text)
    return frozenset(STAGES) if not found and ("全" in text or "不限" in text) else found


def _stock(table: Table, row: Row) -> bool:
    return table.text(row, "in_stock").strip() not in _OUT


def _flag(table: Table, row: Row, problems: Problems) -> bool:
    """启用, unless the cell says no; a word nobody understands keeps the rule back, since it may well be one for stopping it."""
    text = table.text(row, "active").strip()
    if not text or text in ("启用", "有效", "生效", "进行中", "已启用"):
        return True
    if text in ("停用", "无效", "失效", "已停用", "已结束", "暂停", "作废"):
        return False
    flag = parse_flag(text)
    if flag is None:
        told = "“是否启用”要填是或否，这一条先不推荐"
        problems.warn("flag_unreadable", told, row=row.number, column=table.letter("active"), value=text)
    return bool(flag)
