"""Access keys for programs, and for who logs in with one: issued, listed, revoked."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from bot.access import AdminOffice
from bot.shapes.people import KeyIn, KeyOut, KeysOut, SecretOut

router = APIRouter(prefix="/v1", tags=["管理"])

_DAY_S = 86_400


@router.get("/keys", summary="发过的访问密钥，不含密钥本身")
def list_keys(office: AdminOffice) -> KeysOut:
    return KeysOut(keys=[KeyOut.of(key) for key in office.hub.all_keys()])


@router.post("/keys", status_code=201, summary="发一把访问密钥，只给这一次")
def issue_key(new: KeyIn, office: AdminOffice) -> SecretOut:
    secret = office.hub.issue_key(
        new.label,
        new.role,
        new.shops,
        lifetime_s=new.days * _DAY_S if new.days else None,
        everywhere=new.everywhere,
        scopes=new.scopes,
        by=office.by,
    )
    return SecretOut(key=secret)


@router.post("/keys/{key_id}/revoke", status_code=204, summary="停用一把密钥；用它登录的也立刻结束")
def revoke_key(key_id: Annotated[str, Path(max_length=64)], office: AdminOffice) -> None:
    office.hub.revoke_key(key_id, by=office.by)
