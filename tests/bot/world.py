"""Two shops whose every text carries a canary, and every kind of key. Where B's canary sings, B's data is."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingest import importer
from kb.model import (
    Answer,
    Entry,
    EntryKind,
    Event,
    EventKind,
    Fact,
    Phrasing,
    Polarity,
    Product,
    Sku,
    Source,
    Status,
)
from kb.store.change import Change
from kb.store.codec import new_id
from kb.store.folder import DataFolder
from kb.store.grant import Role
from kb.store.merchant import MerchantStore

SHOPS = ("a", "b")


def canary(slug: str) -> str:
    """Latin, so that it stays one token; no number, so that no mask touches it."""
    return f"kanarie{slug * 3}vogel"


@dataclass
class World:
    """The data folder, the keys by name, and what marks each shop's data."""

    data: Path
    keys: dict[str, str] = field(default_factory=dict)
    entries: dict[str, list[str]] = field(default_factory=dict)
    marks: dict[str, set[str]] = field(default_factory=dict)

    def leaked(self, slug: str, *texts: str | bytes) -> list[str]:
        """The marks of a shop that occur in what was answered."""
        whole = "\n".join(t if isinstance(t, str) else t.decode("utf-8", "replace") for t in texts)
        return sorted(mark for mark in self.marks[slug] if mark in whole)


def faq_csv(rows: Sequence[Sequence[str]], header: Sequence[str] = ("编号", "标准问题", "相似问", "答复")) -> bytes:
    """A merchant's question sheet."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header, *rows])
    return text.getvalue().encode()


def build(data: Path) -> World:
    """Shops a and b, alike but for their canaries, and the keys of the access table."""
    world = World(data)
    with DataFolder(data) as folder:
        for slug in SHOPS:
            folder.hub.add_merchant(slug, f"店{canary(slug)}", platform=f"平台{canary(slug)}", color=f"#0{slug * 5}")
            _fill(folder.merchant(slug), slug)
            world.entries[slug] = [entry.id for entry in folder.merchant(slug).entries()]
            world.marks[slug] = _marks(folder.merchant(slug), slug)
        world.keys = _keys(folder)
    return world


def _keys(folder: DataFolder) -> dict[str, str]:
    hub = folder.hub
    keys = {
        f"{role}-{slug}": hub.issue_key(f"{role}-{slug}", role, [slug])
        for slug in SHOPS
        for role in (Role.AGENT, Role.TRAINER)
    }
    keys["agent-ab"] = hub.issue_key("两店客服", Role.AGENT, SHOPS)
    keys["trainer-ab"] = hub.issue_key("两店训练师", Role.TRAINER, SHOPS)
    keys["expired"] = hub.issue_key("过期", Role.TRAINER, ["a"], lifetime_s=-1)
    keys["revoked"] = hub.issue_key("停用", Role.TRAINER, ["a"])
    hub.revoke_keys("停用")
    keys["unknown"] = "hs_" + "x" * 43
    return keys


def _fill(store: MerchantStore, slug: str) -> None:
    mark = canary(slug)
    place = Fact("发货地", f"仓{mark}", f"个{mark}", Source(f"{mark}.xlsx", f"{mark}表", 3, "B"))
    store.apply(Change(entries=_entries(slug), products=[_product(slug)], profile=[place]))
    rows = [(f"{mark}9", f"{mark}支持七天无理由吗", f"{mark}能退吗|{mark}可以退不", f"支持的{mark}")]
    importer.commit(store, None, faq_csv(rows), f"{mark}常见问题.csv", actor=f"训练师{mark}")
    event = Event(f"event-{mark}", EventKind.EDITED, f"sg_{mark}", text=f"改成{mark}", reason=f"因为{mark}")
    store.record_events([event], actor=f"k_{mark}")


def _entries(slug: str) -> list[Entry]:
    mark = canary(slug)
    source = Source(f"{mark}.xlsx", f"{mark}表", 5, "C")
    made = []
    for number, (kind, status) in enumerate(
        [(EntryKind.FAQ, Status.PUBLISHED), (EntryKind.SCRIPT, Status.PUBLISHED), (EntryKind.NOTICE, Status.DRAFT)]
    ):
        made.append(
            Entry(
                id=new_id("e"),
                key=f"{mark}{number}",
                kind=kind,
                question=f"{mark}什么时候发货" if kind is not EntryKind.SCRIPT else "",
                phrasings=(
                    Phrasing(new_id("p"), f"{mark}几时发货"),
                    Phrasing(new_id("p"), f"{mark}什么时候到货", Polarity.NEGATIVE),
                ),
                answers=(Answer(new_id("a"), f"{mark}四十八小时内发货"),),
                scene=f"售中{mark}",
                category=f"物流{mark}",
                shortcut=f"fh{mark}{number}",
                status=status,
                source=source,
                version=0,
            )
        )
    return made


def _product(slug: str) -> Product:
    mark = canary(slug)
    fact = Fact(f"面料{mark}", f"棉{mark}", f"件{mark}", Source(f"{mark}.xlsx", f"{mark}表", 2, "D"))
    return Product(
        id=new_id("p"),
        key=f"SP{mark}",
        name=f"外套{mark}",
        brand=f"牌{mark}",
        category=f"女装{mark}",
        model=f"型{mark}",
        facts=(fact,),
        skus=(Sku(new_id("s"), f"SKU{mark}", f"白色{mark}", (fact,)),),
        source=fact.source,
        version=0,
    )


def _marks(store: MerchantStore, slug: str) -> set[str]:
    """The canary, and what identifies rows without holding it: ids made by the store."""
    entries = store.entries()
    ids = {e.id for e in entries} | {p.id for p in store.products()}
    ids |= {p.id for e in entries for p in e.phrasings} | {a.id for e in entries for a in e.answers}
    ids |= {record.id for record in store.imports()}
    return {canary(slug), f"#0{slug * 5}"} | ids
