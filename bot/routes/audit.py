"""The audit trail: an admin sees all of it, a manager what was done in the own shops."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from bot.access import AdminOffice
from bot.shapes.people import AuditOut, RecordOut
from kb.store.grant import Role

router = APIRouter(prefix="/v1", tags=["管理"])


@router.get("/audit", summary="审计记录，新的在前：谁、何时、在哪家店、做了什么")
def list_audit(
    office: AdminOffice,
    before: Annotated[int | None, Query(ge=1, le=2**62, description="只要编号小于它的")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    action: Annotated[str, Query(max_length=40)] = "",
) -> AuditOut:
    shops = None if Role.ADMIN in office.grant.roles else office.grant.shops
    found = office.hub.audit(shops=shops, before=before, limit=limit + 1, action=action)
    shown = [RecordOut.of(record) for record in found[:limit]]
    return AuditOut(records=shown, next=shown[-1].number if len(found) > limit else None)
