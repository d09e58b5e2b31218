"""What an import did or would do: for the trainer's page as JSON, for the command line as lines of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ingest.columns.fields import FIELDS, KIND_LABELS, SheetKind
from ingest.columns.refuse import how_to_map
from ingest.columns.table import Column
from ingest.compare.changeset import Changeset, Identity, Mark, identity
from ingest.draft import Draft, SheetDraft
from ingest.mine.mine import Mined
from ingest.places import Beginnings, told
from ingest.problem import Problem, count_errors, gather, short, urgent_first
from kb.model import Basket, Entry, OfferRule, Product

MAX_PROBLEMS = 500  # in one JSON; the totals count all
_SAMPLES = 8
_SAMPLE_LENGTH = 80
_LINES = 20  # problems of one sheet on the command line
MAX_REMOVED = 100  # rows listed by name; the count counts all
_FIRST = {Mark.ADDED: 0, Mark.CHANGED: 1, Mark.UNCHANGED: 2, Mark.REMOVED: 3}
_NAMED = 5  # removed rows named on the command line
_SEVERITIES = {"error": "错误", "warning": "提醒"}


@dataclass(frozen=True, slots=True)
class Sample:
    """One row as it will be stored."""

    key: str
    title: str
    detail: str
    change: Mark

    def to_json(self) -> dict[str, object]:
        return {"key": self.key, "title": self.title, "detail": self.detail, "change": str(self.change)}


@dataclass(frozen=True, slots=True)
class Gone:
    """Something that an earlier import of the file brought and this one no longer has; it stays unless `retired`, which
    a preview and a refused import only would do."""

    key: str
    title: str
    source: str
    retired: bool

    def to_json(self) -> dict[str, object]:
        return {"key": self.key, "title": self.title, "source": self.source, "retired": self.retired}


@dataclass(frozen=True, slots=True)
class SheetReport:
    """One sheet of the file; `kind` is "" for a sheet that is not imported, `seems` what its columns are read as."""

    sheet: str
    kind: str
    kind_label: str
    header_row: int
    columns: tuple[Column, ...]
    rows: int
    added: int
    changed: int
    unchanged: int
    skipped: int
    problems: tuple[Problem, ...]
    sample: tuple[Sample, ...]
    seems: str = ""
    gone: tuple[Gone, ...] = ()
    most_gone: bool = False  # so much that this may be another file of the same name
    written: bool = False
    talks: int = 0  # of a chat log: conversations read, repeated answers, phrasings for entries that exist
    groups: int = 0
    leads: int = 0

    @property
    def removed(self) -> int:
        return len(self.gone)

    @property
    def retired(self) -> int:
        return sum(gone.retired for gone in self.gone)

    @property
    def conflicts(self) -> int:
        return sum(problem.code.startswith("conflict_") for problem in self.problems)

    @property
    def near_duplicates(self) -> int:
        return sum(problem.code == "question_similar" for problem in self.problems)

    def to_json(self, problem_limit: int = MAX_PROBLEMS) -> dict[str, object]:
        return {
            "sheet": self.sheet,
            "kind": self.kind,
            "kind_label": self.kind_label,
            "header_row": self.header_row,
            "seems": self.seems,
            "columns": [column.to_json() for column in self.columns],
            "fields": _fields(self.seems),
            "rows": self.rows,
            "added": self.added,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "removed": self.removed,
            "retired": self.retired,
            "most_removed": self.most_gone,
            "written": self.written,
            "removed_rows": [gone.to_json() for gone in self.gone[:MAX_REMOVED]],
            "conflicts": self.conflicts,
            "near_duplicates": self.near_duplicates,
            "skipped": self.skipped,
            "problems": [problem.to_json() for problem in self.problems[:problem_limit]],
            "problems_total": len(self.problems),
            "sample": [sample.to_json() for sample in self.sample],
            "talks": self.talks,
            "groups": self.groups,
            "leads": self.leads,
        }

    def lines(self, said: str = "", *, alone: bool = False) -> list[str]:
        """The sheet for a terminal, below the sentence `said` about the file; `alone`: the file has no other."""
        problems = [problem for problem in self.problems if problem.text != said]
        lines = [] if alone and not self.kind else [f"工作表“{self.sheet}”：{self._counts()}"]
        lines += self._decisions()
        lines += [f"  [{_SEVERITIES[problem.severity]}] {problem.text}" for problem in problems[:_LINES]]
        if len(problems) > _LINES:
            lines.append(f"  …… 另有 {len(problems) - _LINES} 条")
        if any(p.code == "sheet_unknown" and (p.severity == "error" or self.seems) for p in self.problems):
            lines.append("  " + how_to_map("" if alone else self.sheet, self.seems, self.columns))
        return lines

    def _counts(self) -> str:
        if not self.kind:
            return "没有导入"
        found = f"，{self.talks} 段会话，{self.groups} 组重复的回答，可加到已有 {self.leads} 条" if self.talks else ""
        return (
            f"{self.kind_label}，{self.rows} 行，新增 {self.added}，更新 {self.changed}，"
            f"未变 {self.unchanged}，跳过 {self.skipped}{found}"
        )

    def _decisions(self) -> list[str]:
        """What somebody has to decide, before the findings one by one."""
        lines = []
        if self.gone:
            names = "、".join(f"“{gone.title}”" for gone in self.gone[:_NAMED]) + (
                "等" if self.removed > _NAMED else ""
            )
            lines.append(f"  上次导入有、这次没有的 {self.removed} 条：{names}，{self._fate()}")
        if self.conflicts:
            lines.append(f"  答复互相矛盾 {self.conflicts} 处，请先核对")
        if self.near_duplicates:
            lines.append(f"  几乎相同的问题 {self.near_duplicates} 处")
        return lines

    def _fate(self) -> str:
        """What becomes of the rows that are gone."""
        if self.retired:
            return "已下架" if self.written else "会下架（还没有写入）"
        if self.most_gone:
            return "没有改动；是同一个文件、确实要下架，请加 --retire-most"
        return "没有改动；要下架请加“下架表里已删除的内容”（--retire-missing）"


@dataclass(frozen=True, slots=True)
class Report:
    """A whole file; `generation` is the store's after the import, `embedded` how many texts got a vector."""

    file: str
    mode: str
    committed: bool
    generation: int
    sheets: tuple[SheetReport, ...]
    embedded: int
    elapsed_ms: int
    message: str

    @property
    def problems(self) -> list[Problem]:
        return gather(self.sheets)

    @property
    def errors(self) -> int:
        return count_errors(self.problems)

    @property
    def added(self) -> int:
        return sum(sheet.added for sheet in self.sheets)

    @property
    def changed(self) -> int:
        return sum(sheet.changed for sheet in self.sheets)

    @property
    def unchanged(self) -> int:
        return sum(sheet.unchanged for sheet in self.sheets)

    def to_json(self) -> dict[str, object]:
        sheets = []
        left = MAX_PROBLEMS
        for sheet in self.sheets:
            sheets.append(sheet.to_json(left))
            left = max(0, left - len(sheet.problems))
        return {
            "file": self.file,
            "mode": self.mode,
            "committed": self.committed,
            "generation": self.generation,
            "sheets": sheets,
            "problems_total": len(self.problems),
            "errors_total": self.errors,
            "removed": sum(sheet.removed for sheet in self.sheets),
            "retired": sum(sheet.retired for sheet in self.sheets),
            "most_removed": any(sheet.most_gone for sheet in self.sheets),
            "conflicts": sum(sheet.conflicts for sheet in self.sheets),
            "near_duplicates": sum(sheet.near_duplicates for sheet in self.sheets),
            "embedded": self.embedded,
            "elapsed_ms": self.elapsed_ms,
            "message": self.message,
        }

    def text(self) -> str:
        """The report for a terminal."""
        alone = len(self.sheets) == 1
        lines = (line for sheet in self.sheets for line in sheet.lines(self.message, alone=alone))
        return "\n".join([f"{self.file}：{self.message}", *lines])


def sheet_report(
    draft: SheetDraft, changes: Changeset | None, places: Mapping[str, Beginnings], *, written: bool = False
) -> SheetReport:
    """One sheet's report from what was read and what it changes, or changed; `places` are the beginnings of each sheet."""
    mined = (changes.mined if changes else None) or Mined()
    return SheetReport(
        sheet=draft.sheet,
        kind=str(draft.kind or ""),
        kind_label=KIND_LABELS[draft.kind] if draft.kind else "未导入",
        header_row=draft.header_row,
        columns=draft.columns,
        rows=draft.rows,
        added=changes.count(Mark.ADDED) if changes else 0,
        changed=changes.count(Mark.CHANGED) if changes else 0,
        unchanged=changes.count(Mark.UNCHANGED) if changes else 0,
        skipped=draft.skipped,
        problems=told(urgent_first(draft.problems + (changes.problems if changes else ())), places),
        sample=_samples(draft, changes) if changes else (),
        seems=str(draft.seems or draft.kind or ""),
        gone=_gone(changes) if changes else (),
        most_gone=bool(changes and changes.most_removed),
        written=written,
        talks=mined.talks,
        groups=mined.groups,
        leads=len(changes.leads) if changes else 0,
    )


def _fields(kind: str) -> list[dict[str, object]]:
    """What a column of this kind may be said to be, beside not read ("") and, of products, an attribute ("fact")."""
    return [
        {"field": each.name, "label": each.label, "required": each.required, "repeats": each.repeats}
        for each in (FIELDS[SheetKind(kind)] if kind else ())
    ]


def _gone(changes: Changeset) -> tuple[Gone, ...]:
    retired = {entry.id for entry in changes.retired_entries} | {product.id for product in changes.retired_products}
    return tuple(
        Gone(thing.key, _cut(_title(thing)), str(thing.source or ""), thing.id in retired) for thing in changes.removed
    )


def _title(thing: Entry | Product) -> str:
    if isinstance(thing, Product):
        return thing.name
    return thing.question or thing.shortcut or (thing.answers[0].text if thing.answers else thing.key)


def message(draft: Draft, sheets: Sequence[SheetReport], *, committed: bool, mode: str) -> str:
    """One sentence for the person who sent the file."""
    if not draft.importable:
        # One sheet says why itself; several say it each at their place.
        return sheets[0].problems[0].text if len(draft.sheets) == 1 else "没有可以导入的表，什么都没有写入。"
    blank = not any(sheet.rows - sheet.skipped for sheet in draft.sheets)
    if blank and not draft.errors and not any(sheet.removed for sheet in sheets):
        return next((p.text for p in draft.problems if p.code == "sheet_empty"), "表里还没有填写内容，没有可以导入的。")
    counts = _counts(sheets, committed=committed)
    if any(sheet.talks for sheet in sheets):
        counts += _mined_counts(sheets)
    if not draft.errors:
        return counts
    if committed:
        return f"{counts}；有 {draft.errors} 处错误，出错的行没有导入"
    if mode == "commit":
        return f"有 {draft.errors} 处错误，什么都没有写入；改好后重新导入，或选择只导入没有错误的行"
    return f"{counts}；有 {draft.errors} 处错误"


def _counts(sheets: Sequence[SheetReport], *, committed: bool) -> str:
    added, changed, unchanged, removed, retired, conflicts = (
        sum(getattr(sheet, name) for sheet in sheets)
        for name in ("added", "changed", "unchanged", "removed", "retired", "conflicts")
    )
    told = f"新增 {added} 条，更新 {changed} 条，未变 {unchanged} 条"
    if removed:
        verb = "下架" if committed else "会下架"
        told += f"，{verb} {retired} 条" if retired else ""
        told += f"，表里已删除 {removed - retired} 条（没有下架）" if removed > retired else ""
    return f"{told}，答复矛盾 {conflicts} 处" if conflicts else told


def _mined_counts(sheets: Sequence[SheetReport]) -> str:
    groups, leads = sum(sheet.groups for sheet in sheets), sum(sheet.leads for sheet in sheets)
    drafts = sum(sheet.added + sheet.unchanged for sheet in sheets if sheet.talks)
    if not groups and not leads and not drafts:
        return "；聊天记录里没有反复出现的回答，记录再多一些才挖得出来"
    return f"；聊天记录里挖出的都是草稿，请在知识条目里看过再发布，另有 {leads} 个问法可加到已有的知识（见待学习）"


def _samples(draft: SheetDraft, changes: Changeset) -> tuple[Sample, ...]:
    if changes.mined:
        return _mined_samples(changes.mined, changes.marks)
    things: list[Entry | Product] = [each.entry for each in draft.entries]
    things += draft.products
    marks = changes.marks
    ranked = sorted(things, key=lambda thing: _FIRST[marks[identity(thing)]])
    samples = [_sample(thing, marks[identity(thing)]) for thing in ranked[:_SAMPLES]]
    facts = sorted(draft.profile, key=lambda fact: _FIRST[marks[identity(fact)]])
    samples += [Sample(fact.name, fact.name, _cut(fact.value), marks[identity(fact)]) for fact in facts]
    samples += [_basket_sample(basket, marks[identity(basket)]) for basket in changes.baskets[:_SAMPLES]]
    samples += [_offer_sample(rule, marks[identity(rule)]) for rule in changes.offers[:_SAMPLES]]
    return tuple(samples[:_SAMPLES])


def _offer_sample(rule: OfferRule, mark: Mark) -> Sample:
    about = f"{'、'.join(rule.products) or '任何商品'} → {rule.partner or '价格刚好的商品'}"
    return Sample(
        "" if rule.key.startswith("h:") else rule.key, f"{rule.way}：{about}", _cut(rule.text or rule.why), mark
    )


def _basket_sample(basket: Basket, mark: Mark) -> Sample:
    return Sample(basket.id, f"一单 {len(basket.items)} 种商品", _cut("、".join(basket.items) or "已全部退款"), mark)


def _mined_samples(mined: Mined, marks: Mapping[Identity, Mark]) -> tuple[Sample, ...]:
    """What goes to entries that exist first, a place for drafts kept."""
    leads = [Sample(x.entry, x.text, _cut(f"加到已有：{mined.homes[x.entry]}"), Mark.CHANGED) for x in mined.leads]
    drafts = [_sample(entry, marks[identity(entry)]) for entry in mined.entries]
    kept = max(_SAMPLES - len(drafts), _SAMPLES // 2)
    return (*leads[:kept], *drafts)[:_SAMPLES]


def _sample(thing: Entry | Product, mark: Mark) -> Sample:
    if isinstance(thing, Entry):
        title = thing.question or thing.shortcut or thing.category
        return Sample(thing.key, title, _cut(thing.answers[0].text if thing.answers else ""), mark)
    facts = "，".join(f"{fact.name} {fact.value}{fact.unit}" for fact in thing.facts[:4])
    skus = f"{len(thing.skus)} 个规格；" if thing.skus else ""
    return Sample(thing.key, thing.name, _cut(skus + facts), mark)


def _cut(text: str) -> str:
    return short(text, _SAMPLE_LENGTH)
