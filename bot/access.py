"""Who is asking, and for which shop: the credential names the shops, a request can only choose among them.

Every request passes `admitted`, which looks its route up in the access table and refuses whoever may not call it; what has
no row is refused to all. Handlers declare in their signature what they need; what they get is a handle of one shop, and
no handler can reach another shop's store: it never sees the data folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.security.utils import get_authorization_scheme_param

from bot.doors import Doors
from bot.jobs import ShopJobs
from bot.service import Service
from bot.table import Reach, Rule
from bot.trail import NOTE, Note
from bot.upselling import Upsells
from bot.yielding import giving_way
from kb.check.finding import Finding
from kb.check.watch import Draft
from kb.embed import Engine
from kb.errors import Busy, Forbidden, Invalid, NotFound, TooMany, Unauthorised
from kb.experiment.experiment import Experiment
from kb.shard import Shard
from kb.store.audit import Deed
from kb.store.grant import Actor, Grant, Role
from kb.store.hub import Hub, Merchant
from kb.store.merchant import MerchantStore

COOKIE = "huashu_session"


def service_of(request: Request) -> Service:
    """The running service; routes reach it through narrower dependencies only."""
    service: Service = request.app.state.service
    return service


def doors_of(request: Request) -> Doors:
    doors: Doors = request.app.state.doors
    return doors


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was let in: by which rule, and whose it is (None: the route is public)."""

    rule: Rule
    grant: Grant | None
    note: Note


async def admitted(request: Request) -> Asked:
    """Let the request in, or raise: Unauthorised, Forbidden, TooMany. Depended on by the whole app.

    Async, like all that runs before a handler: it looks into memory, and each hop to a worker thread and back costs
    more than that. The handler's own is the only one.
    """
    doors, note = doors_of(request), request.scope[NOTE]
    rule = doors.table.get(f"{request.method} {request.scope['route'].path}")
    if rule is None:
        raise Forbidden("这个地址还没有规定谁能用。", remedy="请告诉管理员：访问表里缺这一行。")
    note.action = rule.audit
    if rule.reach is Reach.PUBLIC:
        return Asked(rule, None, note)
    grant = _credential(request)
    if wait := doors.rate.wait(grant.key_id):
        raise TooMany("请求太频繁，超过了每分钟的上限。", retry_s=wait)
    _check(grant, rule)
    note.by = Actor.of(grant)
    return Asked(rule, grant, note)


async def current_grant(request: Request) -> Grant:
    """What the caller's credential allows at this moment: for replies that go on after their request was let in. Raises
    as `admitted` does: a right that was taken away ends them too."""
    grant = _credential(request)
    _check(grant, doors_of(request).table[f"{request.method} {request.scope['route'].path}"])
    return grant


def bearer_of(request: Request) -> str:
    """The key that the caller holds; "" for one that comes with a session, whatever else its header says."""
    scheme, key = get_authorization_scheme_param(request.headers.get("authorization"))
    return key if scheme.lower() == "bearer" else ""


def _credential(request: Request) -> Grant:
    """What the caller's key or session allows. A bearer key wins over a cookie."""
    hub = service_of(request).folder.hub
    if key := bearer_of(request):
        return hub.grant_of_key(key)
    if session := request.cookies.get(COOKIE):
        return hub.logins.grant(session)
    raise Unauthorised("没有登录，也没有提供访问密钥。")


def _check(grant: Grant, rule: Rule) -> None:
    if not grant.roles & rule.roles:
        needed = "、".join(role.label for role in Role if role in rule.roles)
        raise Forbidden(f"这里要有{needed}的权限。")
    if grant.scopes is not None and rule.scope not in grant.scopes:
        raise Forbidden(f"这把密钥不能用于“{rule.scope}”。", remedy="请让管理员发一把有这个用途的密钥。")


async def _known(asked: Annotated[Asked, Depends(admitted)]) -> Grant:
    if asked.grant is None:
        raise RuntimeError("a public route has no caller")
    return asked.grant


AnyGrant = Annotated[Grant, Depends(_known)]


@dataclass(frozen=True, slots=True)
class Office:
    """What an admin's handlers get: the hub, and whom its changes are recorded of."""

    hub: Hub
    grant: Grant

    @property
    def by(self) -> Actor:
        return Actor.of(self.grant)


async def _office(request: Request, grant: AnyGrant) -> Office:
    return Office(service_of(request).folder.hub, grant)


AdminOffice = Annotated[Office, Depends(_office)]


@dataclass(frozen=True, slots=True)
class Shop:
    """A handle of one shop for one caller."""

    merchant: Merchant
    grant: Grant
    _service: Service
    _note: Note = field(default_factory=Note)

    def note(self, subject: str = "", summary: str = "", *, before: str = "", after: str = "") -> None:
        """What the audit trail will say of this request; that it succeeded, whose it was and where it knows by itself."""
        self._note.told(subject, summary, before, after)

    def unchanged(self) -> None:
        """The request, of a kind that is audited, has changed nothing."""
        self._note.action = ""

    def record(self, deed: Deed) -> None:
        """Record what was done after the reply (a job's end)."""
        self._service.folder.hub.record(Actor.of(self.grant), deed)

    @property
    def store(self) -> MerchantStore:
        """The shop's file, opened at first use, which takes milliseconds: on the handler's thread."""
        return self._service.folder.merchant(self.merchant.slug)

    @property
    def engine(self) -> Engine | None:
        return self._service.shelf.engine

    @property
    def upsells(self) -> Upsells:
        """What offers need: the models, and what conversations were offered."""
        return self._service.upsells

    def answering(self) -> AbstractContextManager[None]:
        """Around an answer that somebody waits for: what the service does ahead of need stands aside."""
        return self._service.shelf.awaiting(self.merchant.slug)

    def shard(self) -> Shard:
        """The current index; changes made through this handle show after `publish`."""
        return self._service.shelf.shard(self.merchant.slug)

    def check(self, draft: Draft) -> tuple[tuple[Finding, ...], bool]:
        """What is wrong with a text before it is sent, and whether all the vendor's shops could be compared."""
        with self.answering():
            watch = self._service.watching(self.merchant.slug)
            return watch.check(self.merchant.slug, draft), len(watch.shops) >= self._service.folder.hub.count()

    @contextmanager
    def import_turn(self) -> Iterator[None]:
        """One of the few places for reading a file; raises Busy when all are taken."""
        if not self._service.importing.acquire(blocking=False):
            raise Busy("现在有别的文件正在导入。", remedy="请过几秒再试；这次没有写入任何内容。")
        try:
            with giving_way():
                yield
        finally:
            self._service.importing.release()

    @property
    def jobs(self) -> ShopJobs:
        """The shop's imports that go on by themselves."""
        return self._service.jobs.of(self.merchant.slug)

    @property
    def least_support(self) -> int:
        """How many suggestions must agree before something is proposed."""
        return self._service.least_support

    def trainers(self) -> frozenset[str]:
        """Ids of the trainers of this shop and of their keys, whose single word is enough to propose."""
        return self._service.folder.hub.keys_of(self.merchant.slug, Role.TRAINER)

    def agents(self) -> dict[str, str]:
        """Names of the agents of this shop, people and keys, by id."""
        return self._service.folder.hub.labels_of(self.merchant.slug, Role.AGENT)

    def running_experiments(self) -> tuple[Experiment, ...]:
        """The experiments that run in this shop now; from memory."""
        return self._service.folder.hub.running(self.merchant.slug)

    def serving(self, conversation: str) -> str:
        """Id of who serves a conversation of this shop; "" where nobody does."""
        folder, slug = self._service.folder, self.merchant.slug
        return folder.conversations(slug).serving(conversation) if folder.has_conversations(slug) else ""

    def publish(self) -> int:
        """Put what was committed on the shelf; returns the generation now served."""
        return self._service.publish(self.merchant.slug)


async def _one(
    request: Request,
    asked: Annotated[Asked, Depends(admitted)],
    shop: Annotated[str | None, Query(description="店铺代号；只管一家店时可省略", max_length=40)] = None,
) -> Shop:
    if asked.grant is None or asked.rule.reach is not Reach.ONE:
        raise RuntimeError("the access table does not say that this route is about one shop")
    slug = shop or _only(asked.grant)
    # An unknown shop and another vendor's shop answer alike, so that existence cannot be probed.
    if slug not in asked.grant.shops:
        raise NotFound("没有这家店铺，或者您不管这家店。")
    service = service_of(request)
    asked.note.shop = slug
    return Shop(service.folder.hub.merchant(slug), asked.grant, service, asked.note)


def _only(grant: Grant) -> str:
    if len(grant.shops) != 1:
        raise Invalid("您管着多家店，请用 shop 参数说明是哪一家。")
    return grant.shops[0]


# Who may call a handler is said by the table alone, never by its signature.
OneShop = Annotated[Shop, Depends(_one)]
