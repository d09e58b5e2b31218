"""A changed row over the entry the store holds: the sheet decides what it has a column for, the rest stays.

A sheet without validity columns says nothing about validity; a promise that a trainer let end must not become
valid for ever because the merchant mended a comma.

Answers with a condition (a platform, a product, a time of their own) have an owner. What a trainer has stated stays. What
a sheet has stated is replaced by what it states now, 天猫 becoming 京东 leaves nothing behind for 天猫; but only by a sheet
that has the columns to state it: one without 平台 says nothing about platforms. Answers without a condition are the
sheet's, as ever. Where both state the same, text and condition, it is one answer and stays its owner's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile

from ingest.columns.fields import SheetKind
from kb.language.text import fold
from kb.model import Answer, Entry, Origin, Phrasing, Polarity, Window
from kb.store.codec import new_id

# What a sheet of a kind can say of an entry: the column that says it, blank cells included, and one whose cell may
# say it as well ("售前-尺码" is a scene and a category).
_SAID_BY: Mapping[SheetKind, Mapping[str, tuple[str, str]]] = {
    SheetKind.FAQ: {
        "question": ("question", ""),
        "scene": ("scene", "category"),
        "category": ("category", "scene"),
        "shortcut": ("shortcut", ""),
    },
    SheetKind.PHRASE: {"category": ("group", ""), "shortcut": ("key", "")},
    SheetKind.NOTICE: {"question": ("title", ""), "category": ("category", ""), "must_read": ("must_read", "title")},
}
_SAYABLE = ("question", "scene", "category", "shortcut", "must_read")
_PHRASING_COLUMNS = {Polarity.POSITIVE: "phrasing", Polarity.NEGATIVE: "negative"}


def merge_entry(new: Entry, old: Entry, kind: SheetKind, fields: Collection[str]) -> Entry:
    """The entry of a changed row, under the stored id; `fields` are those its sheet has a column for.

    What no column says, phrasings of others than the merchant, and answers for which a person stated a condition stay
    as stored.
    """
    kept = {name: getattr(old, name) for name in _SAYABLE if not _says(new, kind, fields, name)}
    merged: Entry = replace(new, **kept)
    return replace(
        merged,
        id=old.id,
        kind=old.kind,
        version=old.version,
        status=old.status,
        window=_merge_window(new.window, old.window, fields),
        phrasings=_merge_phrasings(merged, old, fields),
        answers=_merge_answers(new.answers, old.answers, fields),
    )


def is_conditional(answer: Answer) -> bool:
    """Whether an answer is meant for some platform, product or time only."""
    return answer.condition.weight > 0 or answer.window != Window()


def is_anothers(answer: Answer) -> bool:
    """Whether a person, not the merchant's sheet, said when an answer is the right one."""
    return is_conditional(answer) and answer.origin is not Origin.MERCHANT


def _says(new: Entry, kind: SheetKind, fields: Collection[str], name: str) -> bool:
    column, other = _SAID_BY[kind].get(name, ("", ""))
    return column in fields or (other in fields and bool(getattr(new, name)))


def _merge_window(new: Window, old: Window, fields: Collection[str]) -> Window:
    """Each side from the sheet where it has a column for it; 有效期 is a column for both."""
    start, end = ("valid" in fields or side in fields for side in ("start", "end"))
    return Window(new.start if start else old.start, new.end if end else old.end)


def _merge_phrasings(new: Entry, old: Entry, fields: Collection[str]) -> tuple[Phrasing, ...]:
    """The merchant's phrasings of today and everybody else's; for the same text, what a person decided stands.

    Without a column for them, the merchant's phrasings of last time are also those of today.
    """
    stated = {fold(new.question), *(fold(p.text) for p in new.phrasings)}
    kept = [p for p in old.phrasings if p.origin is not Origin.MERCHANT and fold(p.text) != fold(new.question)]
    decided = {fold(p.text) for p in kept}
    merchants = [p for p in old.phrasings if p.origin is Origin.MERCHANT]
    ids = {(p.text, p.polarity): p.id for p in merchants}
    fresh = [
        replace(p, id=ids.get((p.text, p.polarity)) or new_id("p"))
        for p in new.phrasings
        if fold(p.text) not in decided
    ]
    unsaid = [
        p for p in merchants if _PHRASING_COLUMNS[p.polarity] not in fields and fold(p.text) not in stated | decided
    ]
    return (*fresh, *unsaid, *kept)


def _merge_answers(new: Sequence[Answer], old: Sequence[Answer], fields: Collection[str]) -> tuple[Answer, ...]:
    """What the sheet states now instead of what it stated and of the general answers; what others stated stays.

    A text that is as before keeps all that the store has under it: one for 天猫 and one for 京东 stay two. A
    conditional answer that stood before the general one still does, since the first of equals is sent.
    """
    stated = [_as_before(answer, old) for answer in new if is_conditional(answer)]
    old = [a for a in old if a not in stated and not (is_conditional(a) and _was_the_sheets(a, fields))]
    texts = list(dict.fromkeys(answer.text for answer in new if not is_conditional(answer)))
    before = _unstated(takewhile(is_conditional, old), texts)
    after = _unstated(filter(is_conditional, old), texts)[len(before) :]
    twins = [answer for text in texts for answer in _twins(text, old)]
    if any(not is_conditional(answer) for answer in old) and all(map(is_conditional, twins)):
        # The general text is gone and what the sheet says now is stored for some buyers only: all need it.
        twins += [Answer(new_id("a"), text) for text in texts]
    return (*before, *stated, *twins, *after)


def _was_the_sheets(answer: Answer, fields: Collection[str]) -> bool:
    """Whether an earlier sheet stated a condition, and this one has the columns to state it."""
    needed = {"platform"} if answer.condition.platforms else set()
    needed |= {"products"} if answer.condition.products else set()
    needed |= {"order_state"} if answer.condition.states else set()
    timed = answer.window == Window() or bool({"start", "end", "valid"} & set(fields))
    return answer.origin is Origin.MERCHANT and needed <= set(fields) and timed


def _as_before(answer: Answer, old: Sequence[Answer]) -> Answer:
    """The stored answer of this text under this condition, with its id and owner; else a new one."""
    same = (a for a in old if (a.text, a.condition, a.window) == (answer.text, answer.condition, answer.window))
    return next(same, None) or replace(answer, id=new_id("a"))


def _twins(text: str, old: Sequence[Answer]) -> list[Answer]:
    return [answer for answer in old if answer.text == text] or [Answer(new_id("a"), text)]


def _unstated(answers: Iterable[Answer], texts: Collection[str]) -> list[Answer]:
    return [answer for answer in answers if answer.text not in texts]
