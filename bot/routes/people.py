"""Who works here: an admin makes people, gives them roles and shops, resets passwords, disables those who left."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from bot.access import AdminOffice
from bot.shapes.people import AccessIn, NewPasswordIn, PeopleOut, PersonIn, PersonOut

router = APIRouter(prefix="/v1", tags=["管理"])

PersonId = Annotated[str, Path(max_length=64)]


@router.get("/people", summary="人员：角色、店铺、是否停用")
def list_people(office: AdminOffice) -> PeopleOut:
    return PeopleOut(people=[PersonOut.of(person) for person in office.hub.people.all()])


@router.post("/people", status_code=201, summary="新增人员")
def add_person(new: PersonIn, office: AdminOffice) -> PersonOut:
    person = office.hub.people.add(
        new.name, new.password, new.roles, new.shops, everywhere=new.everywhere, by=office.by
    )
    return PersonOut.of(person)


@router.put("/people/{person_id}/access", summary="改角色和店铺；从下一个请求起生效")
def change_access(person_id: PersonId, given: AccessIn, office: AdminOffice) -> PersonOut:
    person = office.hub.people.change_access(
        person_id, given.roles, given.shops, everywhere=given.everywhere, by=office.by
    )
    return PersonOut.of(person)


@router.post("/people/{person_id}/password", status_code=204, summary="重设密码；这个人的登录全部结束")
def set_password(person_id: PersonId, new: NewPasswordIn, office: AdminOffice) -> None:
    office.hub.people.set_password(person_id, new.password, by=office.by)


@router.post("/people/{person_id}/disable", summary="停用；登录立刻结束，做过的事仍有名字")
def disable(person_id: PersonId, office: AdminOffice) -> PersonOut:
    return PersonOut.of(office.hub.people.disable(person_id, by=office.by))


@router.post("/people/{person_id}/enable", summary="恢复停用的人")
def enable(person_id: PersonId, office: AdminOffice) -> PersonOut:
    return PersonOut.of(office.hub.people.enable(person_id, by=office.by))
