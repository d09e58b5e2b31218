"""The access table, `access.toml`: who may call which route. The service refuses by it, and the tests read it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from starlette.routing import BaseRoute

from kb.store.audit import ACTIONS
from kb.store.grant import Role, Scope

_FILE = Path(__file__).with_name("access.toml")
HUB = "hub"  # in `audit`: the hub writes the row itself, in the transaction of the change


class Reach(StrEnum):
    """How a route names the shop it is about."""

    PUBLIC = "public"  # no credential is asked for
    NONE = "none"  # about no shop
    ALL = "all"  # all the caller's
    ONE = "one"  # the one in ?shop=, which may be left out by who has one only


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table: what it takes to call a route, and the action that the audit trail records of it."""

    reach: Reach
    roles: frozenset[Role]
    scope: Scope
    audit: str = ""


PUBLIC = Rule(Reach.PUBLIC, frozenset(), Scope.READ)
Table = Mapping[str, Rule]  # by "METHOD /template"


@cache
def table() -> Table:
    """The table of the project. Raises ValueError for a row that says too little, too much or nonsense."""
    return read_table(_FILE.read_text(encoding="utf-8"))


def read_table(text: str) -> Table:
    data = tomllib.loads(text)
    sets = {name: frozenset(map(Role, roles)) for name, roles in data["roles"].items()}
    return {route: _rule(route, row, sets) for route, row in data["routes"].items()}


def _rule(route: str, row: Mapping[str, Any], sets: Mapping[str, frozenset[Role]]) -> Rule:
    if unknown := set(row) - {"shop", "may", "scope", "audit", "unaudited"}:
        raise ValueError(f"{route}: what is {sorted(unknown)}?")
    reading = route.startswith("GET ")
    if "unaudited" in row if reading else ("unaudited" in row) == ("audit" in row):
        raise ValueError(
            f"{route}: a row that is no GET says what is audited, or why nothing is; a GET may say the first"
        )
    reach, may, audit = Reach(row["shop"]), row.get("may", []), row.get("audit", "")
    if (reach is Reach.PUBLIC) == bool(may):
        raise ValueError(f"{route}: either public, or for somebody")
    if audit not in ("", HUB, *ACTIONS):
        raise ValueError(f"{route}: kb.store.audit knows no action {audit}")
    roles = frozenset[Role]().union(*(sets[name] if name in sets else {Role(name)} for name in may))
    return Rule(reach, roles, Scope(row.get("scope", "read" if reading else "write")), audit)


def names(routes: Iterable[BaseRoute]) -> Iterator[str]:
    """What the router answers, as the table names it; FastAPI keeps included routers as they are."""
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is not None:
            yield from names(included.routes)
            continue
        methods = getattr(route, "methods", None) or {"GET"}  # a mount of files answers GET and HEAD
        yield from (f"{method} {getattr(route, 'path', '')}" for method in sorted(methods - {"HEAD"}))


def missing(routes: Iterable[BaseRoute], known: Table) -> list[str]:
    """Routes without a row: an app that has one must not start."""
    return [name for name in names(routes) if name not in known]


def to_markdown(rows: Table) -> str:
    """The table as a document (docs/access.md): a column for each role."""
    head = ["route", "shop", *(f"{role.label}<br>{role}" for role in Role), "scope", "audit trail"]
    lines = [_line(head), _line(["---"] * len(head))]
    for name, rule in rows.items():
        every = rule.reach is Reach.PUBLIC
        marks = ["●" if every or role in rule.roles else "" for role in Role]
        scope = "" if every else f"`{rule.scope}`"
        lines.append(
            _line([f"`{name}`", rule.reach, *marks, scope, _AUDITED.get(rule.audit, ACTIONS.get(rule.audit, ""))])
        )
    return "\n".join([_ABOUT, *lines, ""])


_AUDITED = {HUB: "with the change"}
_ABOUT = """# Who may call what

Made of `bot/access.toml`, by which the service refuses, with `python -m huashu access > docs/access.md`. *shop*: `one` is
named by `?shop=`, `all` are all the caller's, `public` asks for no credential. Roles do not include one another; a person
may have several. *scope*: what a key needs that is limited to scopes.
"""


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
