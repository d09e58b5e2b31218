"""What another file had said of the same thing, told before it is written over: only a person knows which file is right.

The same file in a newer version needs no such word; its author has changed it. That a product's number goes with another
name is told whatever file that stood in, for numbers are mistyped and two products would become one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from ingest.problem import Problem, Sides, make_problem, short
from kb.language.mask import mask
from kb.language.text import fold
from kb.model import Answer, Entry, Fact, Origin, Product, Source, Status

_LONGEST_QUOTE = 60
_NAMED = 3  # products of another file that are named
_CODE = "other_file_said"


def other_files_entry(now: Entry, old: Entry) -> Iterator[Problem]:
    """A warning where an entry takes the place of what another file had said; what is only added to contradicts nothing."""
    if not _of_another(now, old) or now.source is None:
        return
    where = f"{old.source}{'，训练师改过' if old.origin is Origin.TRAINER else ''}"
    if said := _said(now, old, where):
        text, here, there = said
        sides = Sides(here, there, where, now.question or now.shortcut)
        yield _warning(now.source, _CODE, text, value=now.question or now.key, sides=sides)


def other_files_products(replaced: Iterable[tuple[Product, Product]]) -> Iterator[Problem]:
    """One warning for each other file whose products lose values: next month's catalogue has hundreds of new prices."""
    files: defaultdict[str, list[tuple[Product, Product, Fact]]] = defaultdict(list)
    for now, old in replaced:
        lost = _lost_facts(now, old) if _of_another(now, old) else []
        if lost and old.source:
            files[old.source.file].append((now, old, lost[0]))
    for file, found in files.items():
        first = found[0][0].source or Source("")
        named = "；".join(_quoted_fact(old, fact) for _, old, fact in found[:_NAMED]) + "等" * (len(found) > _NAMED)
        text = (
            f"有 {len(found)} 个商品是文件“{file}”先写的，那里写的这里没有或不一样，导入后以这里为准：{named}。"
            "请确认哪个文件是对的"
        )
        yield _warning(first, _CODE, text, value=found[0][0].name)


def renamed(now: Product, old: Product) -> Iterator[Problem]:
    """A warning where a number had another name."""
    if now.source and fold(now.name) != fold(old.name):
        place = f"（{old.source}）" if old.source else ""
        text = (
            f"编号“{_quote(now.key)}”在知识库里是“{_quote(old.name)}”{place}，这里是“{_quote(now.name)}”，"
            "导入后当作同一个商品，用这里的名称；不是同一个商品请改编号"
        )
        sides = Sides(now.name, old.name, str(old.source or "知识库"), now.key)
        yield _warning(now.source, "product_two_names", text, value=now.key, sides=sides)


def _of_another(now: Entry | Product, old: Entry | Product) -> bool:
    """Whether what is stored, and still in use, came from a file of another name."""
    files = [thing.source.file for thing in (now, old) if thing.source]
    return len(set(files)) == 2 and old.status is not Status.RETIRED


def _said(now: Entry, old: Entry, where: str) -> tuple[str, str, str] | None:
    """What to tell, and what stands here and there; None where the new row keeps all that was said."""
    if fold(now.question) != fold(old.question):
        text = f"编号“{_quote(now.key)}”在“{where}”里是另一条：“{_quote(old.question)}”，导入后会被这里的代替；"
        return text + "不是同一条请换一个编号", now.question, old.question
    kept = {answer.text for answer in now.answers}
    if lost := [answer for answer in old.answers if answer.text not in kept]:
        text = (
            f"“{where}”里这一条的答复是“{_quote(lost[0].text)}”，和这里不一样，导入后以这里为准，请确认哪个文件是对的"
        )
        return text, _texts(now.answers), _texts(lost)
    if set(map(_terms, old.answers)) - set(map(_terms, now.answers)) or now.window != old.window:
        text = f"“{where}”里这一条的适用范围或有效期和这里不一样，导入后以这里为准，请确认哪个文件是对的"
        return text, _texts(now.answers), _texts(old.answers)
    asked = {fold(phrasing.text) for phrasing in now.phrasings} | {fold(now.question)}
    if gone := [p.text for p in old.phrasings if fold(p.text) not in asked]:
        text = f"“{where}”里这一条还有问法“{_quote(gone[0])}”，这里没有，导入后就没有了，请确认哪个文件是对的"
        return text, "、".join(p.text for p in now.phrasings), "、".join(gone)
    return None


def _terms(answer: Answer) -> tuple[object, ...]:
    return answer.text, answer.condition, answer.window


def _texts(answers: Sequence[Answer]) -> str:
    return "\n".join(answer.text for answer in answers)


def _lost_facts(now: Product, old: Product) -> list[Fact]:
    """What was known of the product or its variants, and is no longer said of any."""
    kept = {(fact.name, fact.value, fact.unit) for fact in _facts(now)}
    return [fact for fact in _facts(old) if (fact.name, fact.value, fact.unit) not in kept]


def _facts(product: Product) -> Iterator[Fact]:
    yield from product.facts
    for sku in product.skus:
        yield from sku.facts


def _quoted_fact(old: Product, fact: Fact) -> str:
    place = f"（{fact.source}）" if fact.source else ""
    return f"“{_quote(old.name)}”的{_quote(fact.name)}那里是“{_quote(fact.value + fact.unit)}”{place}"


def _quote(text: str) -> str:
    return mask(short(text, _LONGEST_QUOTE))


def _warning(source: Source, code: str, text: str, *, value: str, sides: Sides | None = None) -> Problem:
    return make_problem(
        "warning", source.sheet, code, text, row=source.row, column=source.column, value=value, sides=sides
    )
