"""Which variants of a product a message names: its colours, sizes, amounts, and what it names in vain."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kb.facts.attributes import plain_name
from kb.facts.sentences import worth
from kb.language import names
from kb.language.units import amounts
from kb.model import Fact, Product, Sku

_PARTS = re.compile(r"[\s/+，,、;；（）()【】\[\]]+")
_SIZE = re.compile(
    r"(?<![a-z0-9])(x{0,4}[sl]|[2-6]xl|m|均码)(?=码|号|的|$|[^a-z0-9])|(?<!\d)(\d{2}(?:\.5)?)码|(?<![a-z0-9])(f)码"
)
_TINTS = "深浅暗亮淡米奶月藏墨酒粉湖天卡咖雾曜银金玫香豆杏驼焦燕砖炭樱青藕紫灰"
_COLOUR = re.compile(rf"[{_TINTS}]?[红橙黄绿青蓝紫黑白灰粉棕褐金银杏驼咖米]色|[黑白灰红粉蓝绿黄紫棕](?=的|款)")
SIZE_WORD = re.compile(r"x{0,6}[sl]|[2-6]xl|[mf]|\d{2}(?:\.5)?", re.IGNORECASE)
_CALLED = {
    "colour": frozenset(map(plain_name, names.COLOUR.split())),
    "size": frozenset(map(plain_name, names.SIZE.split())),
}
_VARIANT_NAMES = frozenset(map(plain_name, f"{names.COLOUR} {names.SIZE} {names.SPEC}".split()))
_LONGEST_SIZE = 8  # characters at the start of a fact's name
_OUT = frozenset("0 0.0 无 缺货 无货 断货 售罄 没货 已售罄 卖完".split())
_STOCK_NAMES = frozenset(map(plain_name, names.STOCK.split()))


@dataclass(frozen=True, slots=True)
class Wanted:
    """The variants a message names. `missing` is what it names that no variant has, nearest kind first."""

    skus: tuple[Sku, ...]  # all of the product's when none is named; none when no variant is all that was said
    words: tuple[str, ...]  # the parts of their names that were said, sorted
    missing: tuple[str, ...]
    missing_kind: str = ""  # of `missing`: colour, size, amount, or both (each exists, but not together)


def wanted(product: Product, text: str) -> Wanted:
    """Which variants of the product a prepared, lower-case message means."""
    parts = [_parts_of(sku) for sku in product.skus]
    said = _said(frozenset().union(*parts), text)
    missing, kind = _unmet(product, parts, said, text)
    if not said:
        return Wanted(product.skus, (), missing, kind)
    best = max(len(said & mine) for mine in parts)
    if best < len({_kind(part) for part in said} - {"other"}):
        return Wanted((), (), tuple(sorted(said)), "both")
    # Of "iPhone 17" and "iPhone 17 Pro" the one with less else in its name is meant.
    plainest = min(_extras(mine - said) for mine in parts if len(said & mine) == best)
    chosen = [i for i, mine in enumerate(parts) if len(said & mine) == best and _extras(mine - said) == plainest]
    words = {part for i in chosen for part in parts[i] & said}
    return Wanted(tuple(product.skus[i] for i in chosen), tuple(sorted(words)), missing, kind)


def variant_facts(sku: Sku, kind: str = "") -> list[Fact]:
    """The facts that make the variant what it is; those of one kind (colour, size) when it is given."""
    return [fact for fact in sku.facts if is_variant_name(fact.name) and (not kind or kind_of(fact.name) == kind)]


def is_variant_name(name: str) -> bool:
    """Whether facts of this name tell the variants of a product apart."""
    return plain_name(name) in _VARIANT_NAMES


def kind_of(name: str) -> str:
    """Whether facts of this name are a colour or a size and nothing else; "" for mixtures and specifications."""
    return next((kind for kind, called in _CALLED.items() if plain_name(name) in called), "")


def stock_of(sku: Sku) -> Fact | None:
    return next((fact for fact in sku.facts if plain_name(fact.name) in _STOCK_NAMES), None)


def is_out(sku: Sku) -> bool:
    """Whether the sheet says that none is left; unknown is not out."""
    fact = stock_of(sku)
    return fact is not None and fact.value.strip() in _OUT


def out_of_stock(product: Product, sku: Sku | None) -> Fact | None:
    """The cell that says that none is left: of the variant, else of the whole product, or of each of its variants."""
    if sku is not None:
        return stock_of(sku) if is_out(sku) else None
    if product.skus and all(map(is_out, product.skus)):
        return stock_of(product.skus[0])
    own = next((fact for fact in product.facts if plain_name(fact.name) in _STOCK_NAMES), None)
    return own if own is not None and own.value.strip() in _OUT and not any(map(stock_of, product.skus)) else None


def sizes_in(text: str) -> list[str]:
    """The sizes a lower-case text names: "有xl和38码" → ["xl", "38"]; 2xl is xxl."""
    return [_size(next(filter(None, match.groups()))) for match in _SIZE.finditer(text)]


def tells_size(name: str, sizes: Sequence[str]) -> bool:
    """Whether a fact's name begins with one of these sizes and no other is meant: M码胸围 for M."""
    told = sizes_in(plain_name(name)[:_LONGEST_SIZE])
    return bool(told) and told == [_size(size) for size in sizes]


def colours_in(text: str) -> list[str]:
    return [match[0] for match in _COLOUR.finditer(text)]


def _folded(text: str) -> str:
    """Width and case aside; cheaper than `kb.language.text.fold`, which a product with a hundred variants would wait for."""
    return unicodedata.normalize("NFKC", text).lower()


def _size(text: str) -> str:
    plain = text.lower().removesuffix("码").removesuffix("号")
    return "x" * int(plain[0]) + plain[2:] if re.fullmatch(r"[2-6]xl", plain) else plain


def _parts_of(sku: Sku) -> frozenset[str]:
    """The parts of a variant's name as they are compared: 豆绿 XL → {豆绿, xl}; 白色+1米C对C线 → {白色, 1m}."""
    texts = [sku.name, *(worth(fact) for fact in variant_facts(sku) if fact.value not in sku.name)]
    found: set[str] = set()
    for part in (part for text in texts for part in _PARTS.split(_folded(text)) if part):
        quantities = amounts(part)
        found |= set(quantities) or {_size(part) if _SIZE.fullmatch(part) else part}
    return frozenset(found)


def _kind(part: str) -> str:
    if part.isdigit() or amounts(part):
        return "amount"
    if _SIZE.fullmatch(part) or re.fullmatch(r"x{2,6}[sl]", part):
        return "size"
    return "colour" if re.search(r"[\u4e00-\u9fff]", part) else "other"


def _said(vocabulary: frozenset[str], text: str) -> frozenset[str]:
    quantities, sizes = amounts(text), sizes_in(text)
    return frozenset(
        part
        for part in vocabulary
        if part in quantities or part in sizes or (_kind(part) != "size" and _mentions(text, part))
    )


def _mentions(text: str, part: str) -> bool:
    if not part.isascii():
        short = part.removesuffix("色")
        return f"{short}色" in text or f"{short}的" in text or (len(short) > 1 and short in text)
    return re.search(rf"(?<![a-z0-9]){re.escape(part)}(?![a-z0-9])", text) is not None


def _extras(parts: frozenset[str]) -> int:
    return sum(part.isascii() for part in parts if _kind(part) == "other")


def _unmet(
    product: Product, parts: Sequence[frozenset[str]], said: frozenset[str], text: str
) -> tuple[tuple[str, ...], str]:
    """What the message names like a variant and no variant is, and of what kind."""
    sizes = tuple(size.upper() for size in sizes_in(text) if size not in said)
    if sizes:
        return sizes, "size"
    name = _folded(product.name)
    colours = tuple(word for word in colours_in(_without(said, text)) if word not in name)
    if colours:
        return colours, "colour"
    left = {key: written for key, written in amounts(text).items() if not any(key in mine for mine in parts)}
    known = {*amounts(name), *_amounts_of(product)} if left else set()
    unknown = tuple(written for key, written in left.items() if key not in known)
    return unknown, "amount" if unknown else ""


def _without(said: Iterable[str], text: str) -> str:
    """The text without the colours that were found: 豆绿色 names the 豆绿 that there is, 黑的 the 黑色."""
    for part in said:
        stem = part.removesuffix("色")
        if not part.isascii():
            text = re.sub(re.escape(stem) + ("色?" if len(stem) > 1 else "(?=色|的|款)"), "", text)
    return text


def _amounts_of(product: Product) -> set[str]:
    facts = [*product.facts, *(fact for sku in product.skus for fact in sku.facts)]
    return {key for fact in facts for key in amounts(_folded(worth(fact)))}
