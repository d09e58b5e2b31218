"""Who is asking, and for which shop: the credential names the shops, a request can only choose among them.

Handlers declare what they need in their signature (`AgentShop`, `TrainerShop`); what they get is a handle of one
shop. There is no way for a handler to reach another shop's store: it never sees the data folder.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.security import APIKeyCookie, HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials

from bot.jobs import ShopJobs
from bot.service import Service
from bot.yielding import giving_way
from kb.check.finding import Finding
from kb.check.watch import Draft
from kb.embed import Engine
from kb.errors import Busy, Forbidden, Invalid, NotFound, Unauthorised
from kb.shard import Shard
from kb.store.hub import Grant, Merchant, Role
from kb.store.merchant import MerchantStore

COOKIE = "huashu_session"

_bearer = HTTPBearer(auto_error=False, description="访问密钥 hs_…")
_cookie = APIKeyCookie(name=COOKIE, auto_error=False, description="登录页设置的会话")


def service_of(request: Request) -> Service:
    """The running service; routes reach it through narrower dependencies only."""
    service: Service = request.app.state.service
    return service


async def credential(
    request: Request,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    session: Annotated[str | None, Depends(_cookie)],
) -> Grant:
    """What the caller's key or session allows. A bearer key wins over a cookie.

    Async, like all that runs before a handler: it looks into memory, and each hop to a worker thread and back costs
    more than that. The handler's own is the only one.
    """
    hub = service_of(request).folder.hub
    if bearer is not None:
        return hub.grant_of_key(bearer.credentials)
    if session:
        return hub.grant_of_session(session)
    raise Unauthorised("没有提供访问密钥。")


async def current_grant(request: Request) -> Grant:
    """What the caller's credential allows at this moment: for replies that go on after their request was let in."""
    return await credential(request, await _bearer(request), await _cookie(request))


AnyGrant = Annotated[Grant, Depends(credential)]


@dataclass(frozen=True, slots=True)
class Shop:
    """A handle of one shop for one caller."""

    merchant: Merchant
    grant: Grant
    _service: Service

    @property
    def store(self) -> MerchantStore:
        """The shop's file, opened at first use, which takes milliseconds: on the handler's thread."""
        return self._service.folder.merchant(self.merchant.slug)

    @property
    def engine(self) -> Engine | None:
        return self._service.shelf.engine

    def shard(self) -> Shard:
        """The current index; changes made through this handle show after `publish`."""
        return self._service.shelf.shard(self.merchant.slug)

    def check(self, draft: Draft) -> tuple[tuple[Finding, ...], bool]:
        """What is wrong with a text before it is sent, and whether all the vendor's shops could be compared."""
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
        """Ids of the trainers' keys for this shop, whose single word is enough to propose."""
        return self._service.folder.hub.keys_of(self.merchant.slug, Role.TRAINER)

    def agents(self) -> dict[str, str]:
        """Names of the agents' keys for this shop, by id."""
        return self._service.folder.hub.labels_of(self.merchant.slug, Role.AGENT)

    def publish(self) -> int:
        """Put what was committed on the shelf; returns the generation now served."""
        return self._service.publish(self.merchant.slug)


def shop_for(needed: Role) -> Callable[..., Awaitable[Shop]]:
    """A dependency that gives a handle of the named shop to callers with at least this role."""

    async def dependency(
        request: Request,
        grant: AnyGrant,
        shop: Annotated[str | None, Query(description="店铺代号；密钥只管一家店时可省略", max_length=40)] = None,
    ) -> Shop:
        if not grant.role.covers(needed):
            raise Forbidden("这把密钥没有训练师权限。")
        slug = shop or _only(grant)
        # An unknown shop and another vendor's shop answer alike, so that existence cannot be probed.
        if slug not in grant.shops:
            raise NotFound("没有这家店铺，或这把密钥不管这家店。")
        service = service_of(request)
        return Shop(service.folder.hub.merchant(slug), grant, service)

    return dependency


def _only(grant: Grant) -> str:
    if len(grant.shops) != 1:
        raise Invalid("这把密钥管着多家店，请用 shop 参数说明是哪一家。")
    return grant.shops[0]


AgentShop = Annotated[Shop, Depends(shop_for(Role.AGENT))]
TrainerShop = Annotated[Shop, Depends(shop_for(Role.TRAINER))]
