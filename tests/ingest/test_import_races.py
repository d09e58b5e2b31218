"""What happens to a shop between an import's look and its write: the import looks again, and its report is true."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ingest import importer
from ingest.importer import commit
from kb.edit import set_status
from kb.errors import Conflict
from kb.model import Status
from kb.store.change import Change
from kb.store.merchant import MerchantStore

Make = Callable[..., bytes]
HEAD = ["编号", "问题", "答案"]
ROWS = [["1", "怎么退货", "申请"], ["2", "保修多久", "一年"]]
FORM = [["行类型（店铺交接表）", "项目", "内容", "单位"], ["店铺信息", "发货地", "杭州", ""]]
ORDERS = [["订单号", "商品名称"], ["1001", "毛巾"], ["1001", "碗"], ["1002", "碗"]]


class Meddled:
    """A store in which somebody does something between an import's look at it and its write."""

    def __init__(self, store: MerchantStore, *deeds: Callable[[], object]) -> None:
        self._store, self._deeds = store, list(deeds)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def apply(self, change: Change) -> int:
        if self._deeds:
            self._deeds.pop(0)()
        return self._store.apply(change)


def meddled(store: MerchantStore, *deeds: Callable[[], object]) -> Any:
    return Meddled(store, *deeds)


def undo(store: MerchantStore) -> Callable[[], object]:
    name = store.imports()[0].id
    return lambda: store.undo(name, actor="训练师")


def held(store: MerchantStore) -> tuple[object, ...]:
    return (
        [entry.key for entry in store.entries()],
        [thing.key for thing in store.products()],
        [(fact.name, fact.value) for fact in store.profile()],
        [basket.items for basket in store.baskets()],
    )


@pytest.mark.parametrize(
    ("file", "grid"),
    [("问答.csv", [HEAD, *ROWS]), ("商品.csv", [["商品编号", "商品名称"], ["P1", "毛巾"]]), ("交接.csv", FORM),
     ("订单.csv", ORDERS)],
)  # fmt: skip
def test_what_an_undo_takes_away_meanwhile_is_brought_again(
    shop: MerchantStore, make_csv: Make, file: str, grid: list[list[str]]
) -> None:
    # The rows were "unchanged" when the second import looked, so it wrote none of them, and the undo had taken them.
    data = make_csv(grid)
    assert commit(shop, None, data, file).added
    before = held(shop)
    report = commit(meddled(shop, undo(shop)), None, data, file)
    assert held(shop) == before
    assert (report.unchanged, report.added) == (0, shop.imports()[0].added)


def test_what_is_retired_for_want_of_its_row_meanwhile_is_brought_again(shop: MerchantStore, make_csv: Make) -> None:
    data = make_csv([HEAD, *ROWS])
    commit(shop, None, data, "问答.csv")

    def retire() -> None:
        commit(shop, None, make_csv([HEAD, ROWS[0]]), "问答.csv", retire=True)

    report = commit(meddled(shop, retire), None, data, "问答.csv")
    assert (report.changed, report.unchanged) == (1, 1)
    assert {entry.status for entry in shop.entries()} == {Status.PUBLISHED}


def test_what_a_person_retires_meanwhile_stays_retired(shop: MerchantStore, make_csv: Make) -> None:
    data = make_csv([HEAD, *ROWS])
    commit(shop, None, data, "问答.csv")

    def retire() -> None:
        set_status(shop, shop.entries()[0], Status.RETIRED)

    assert commit(meddled(shop, retire), None, data, "问答.csv").unchanged == 2
    assert shop.entries()[0].status is Status.RETIRED


def test_somebody_who_never_rests_is_a_conflict_and_nothing_is_written(shop: MerchantStore, make_csv: Make) -> None:
    commit(shop, None, make_csv([HEAD, *ROWS]), "问答.csv")

    def edit() -> None:
        set_status(shop, shop.entries()[0], Status.PUBLISHED)

    restless = meddled(shop, *[edit] * importer._ATTEMPTS)
    more = make_csv([HEAD, *ROWS, ["3", "包邮吗", "包邮"]])
    with pytest.raises(Conflict):
        commit(restless, None, more, "问答.csv")
    assert [entry.key for entry in shop.entries()] == ["1", "2"] and len(shop.imports()) == 1
