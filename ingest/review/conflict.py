"""Two entries that answer one question differently, and one question that stands twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

from ingest.problem import Problem, Sides, make_problem
from ingest.review.asked import bag, same_question
from ingest.review.disagree import Clash, disagree
from ingest.review.known import Item, quoted, where
from ingest.review.question import Question, question
from ingest.review.topics import plain_topic, speaks_of
from kb.model import Answer, EntryKind, Window

_MOST_TWINS = 4  # earlier rows of one bag that a row is compared with: ten rows of one question need no 45 findings
_MOST_COMPARED = 5_000  # pairs of one file: about two seconds; no honest sheet asks so much twice

Found = tuple[int, Problem]  # the sheet that it belongs to


def find_conflicts(items: Sequence[Item], *, everything: bool) -> list[Found]:
    """Warnings for the file's rows. Pairs that nobody has touched since they were reviewed are left out unless
    `everything`."""
    found: list[Found] = []
    told: set[tuple[str, str]] = set()
    compared = 0
    for one, other, ask, asked in _pairs(items, everything=everything):
        if compared == _MOST_COMPARED:
            text = f"重复的问题太多，只核对了前 {_MOST_COMPARED:,} 对，请先合并重复的问题再导入"
            found.append((one.sheet, make_problem("warning", one.place.sheet, "review_cut", text)))
            break
        compared += 1
        pair = (one.entry.id or one.entry.key, other.entry.id or other.entry.key)
        if pair in told:
            continue
        told.add(pair)
        clash = _clash(one, other, question(ask, asked))
        if clash:
            found.append((one.sheet, _conflict(one, other, *clash)))
        elif _twice(one, other, ask, asked):
            found.append((one.sheet, _similar(one, other)))
    found += _against_notices(items, told, everything=everything)
    found += [each for item in items if item.sheet >= 0 and (item.fresh or everything) for each in _within(item)]
    return found


def _pairs(items: Sequence[Item], *, everything: bool) -> Iterator[tuple[Item, Item, str, str]]:
    """(row to tell, the other, its question, the other's) for pairs that ask the same; each row looks back only."""
    seen: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    order = sorted(
        range(len(items)), key=lambda i: items[i].sheet >= 0
    )  # the store first, so that the file's row is told
    for i in order:
        mine: set[str] = set()
        for ask in items[i].asks:
            key = bag(ask)
            if not key or key in mine:
                continue
            mine.add(key)
            twins = seen[key]
            for j, other_ask in twins[-_MOST_TWINS:] if items[i].sheet >= 0 else ():
                if (everything or items[i].fresh or items[j].fresh) and same_question(ask, other_ask):
                    yield items[i], items[j], ask, other_ask
            twins.append((i, ask))


def _clash(one: Item, other: Item, asked: Question) -> tuple[Clash, str, str] | None:
    """The first contradiction, with the two answers that hold it."""
    if not _together(one.entry.window, other.entry.window):
        return None
    for ours in one.answers:
        for theirs in other.answers:
            if _same_case(ours, theirs) and (clash := disagree(ours.text, theirs.text, asked)):
                return clash, ours.text, theirs.text
    return None


def _same_case(one: Answer, other: Answer) -> bool:
    return one.condition == other.condition and _together(one.window, other.window)


def _together(one: Window, other: Window) -> bool:
    """Whether two windows are meant to hold at once: one that ends is an exception to one that does not."""
    if (one.end is None) is not (other.end is None):
        return False
    starts = [w.start for w in (one, other) if w.start is not None]
    ends = [w.end for w in (one, other) if w.end is not None]
    return not starts or not ends or max(starts) < min(ends)


def _within(item: Item) -> Iterator[Found]:
    """Answers of one row, or of a row and those that continue it, that disagree with each other."""
    if len(item.answers) < 2:
        return
    asked = question(item.asks[0])
    for one, other in combinations(item.answers[:_MOST_TWINS], 2):
        clash = disagree(one.text, other.text, asked) if _same_case(one, other) else None
        if clash:
            text = f"这个问题的几条答复自己对不上：一条写“{clash.ours}”，另一条写“{clash.theirs}”，请改成一致"
            sides = Sides(one.text, other.text, "同一条的另一句答复", item.entry.question, clash.ours, clash.theirs)
            yield item.sheet, _problem(item, clash.code, text, sides)
            return


def _against_notices(items: Sequence[Item], told: set[tuple[str, str]], *, everything: bool) -> Iterator[Found]:
    """A notice that changes a rule for good, and the question about that rule."""
    notices = [each for each in items if each.entry.kind is EntryKind.NOTICE and each.entry.window.end is None]
    if not notices:
        return
    asking: defaultdict[str, list[Item]] = defaultdict(list)
    for item in items:
        if item.entry.kind is not EntryKind.NOTICE and item.asks and (topic := plain_topic(item.asks[0])):
            asking[topic].append(item)
    for notice in notices:
        for topic, text in speaks_of(notice.asks[0], notice.answers[0].text if notice.answers else ""):
            for item in asking[topic]:
                one, other = (notice, item) if notice.sheet >= 0 else (item, notice)
                if (
                    one.sheet < 0
                    or not (everything or one.fresh or other.fresh)
                    or (one.entry.id, other.entry.id) in told
                ):
                    continue
                if not _together(notice.entry.window, item.entry.window):
                    continue
                for answer in item.answers[:1]:
                    sides = (text, answer.text) if one is notice else (answer.text, text)
                    if clash := disagree(*sides):
                        yield one.sheet, _conflict(one, other, clash, *sides)


def _twice(one: Item, other: Item, ask: str, asked: str) -> bool:
    """Whether a standard question stands twice. The same words twice in one file are told by `ingest.settle.clash`."""
    if one.entry.kind is not other.entry.kind or one.entry.window != other.entry.window:
        return False
    return ask == one.asks[0] and asked == other.asks[0] and (ask != asked or other.sheet < 0)


def _conflict(one: Item, other: Item, clash: Clash, here: str, there: str) -> Problem:
    about = f"（{clash.about}）" if clash.about and not clash.about.startswith("型号") else ""
    text = (
        f"和{where(other, one)}问的是同一件事，答复{about}却对不上：这里写“{quoted(clash.ours)}”，那里写“{quoted(clash.theirs)}”，"
        "请核对后改成一致，或写明各自适用的情况"
    )
    sides = Sides(here, there, where(other, one), one.entry.question, clash.ours, clash.theirs)
    return _problem(one, clash.code, text, sides)


def _similar(one: Item, other: Item) -> Problem:
    text = f"和{where(other, one)}几乎是同一个问题，请合并成一条，或把其中一条写清楚适用的情况"
    return make_problem(
        "warning",
        one.place.sheet,
        "question_similar",
        text,
        row=one.place.row,
        column=one.place.column,
        value=one.entry.question,
        sides=Sides(one.entry.question, other.entry.question, where(other, one)),
    )


def _problem(item: Item, code: str, text: str, sides: Sides) -> Problem:
    answer = item.answers[0].text if item.answers else ""
    return make_problem(
        "warning",
        item.place.sheet,
        code,
        text,
        row=item.place.row,
        column=item.column or item.place.column,
        value=answer,
        sides=sides,
    )
