"""People and their passwords; and that a hub takes notice of what another process does to it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.errors import Conflict, Invalid, NotFound, Unauthorised
from kb.store import password, people
from kb.store.folder import open_hub
from kb.store.grant import Role, Scope
from kb.store.hub import Hub
from kb.store.keys import digest_of

GOOD, OTHER = "柳暗花明又一村路", "山重水复疑无路呀"


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """Two shops; argon2 with parameters that cost nothing, since it is tried below once as it is."""
    monkeypatch.setattr(password, "_HASHER", password.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    with open_hub(tmp_path / "data") as opened:
        for slug in ("a", "b"):
            opened.add_merchant(slug, slug)
        yield opened


def test_a_password_is_kept_as_argon2id_with_the_parameters_of_the_rfc() -> None:
    stored = password.hashed(GOOD)
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$") and GOOD not in stored
    assert password.matches(stored, GOOD) and not password.matches(stored, OTHER)
    # Whoever does not exist is checked against this one; other parameters would take another time.
    assert password.NOBODY.startswith("$argon2id$v=19$m=65536,t=3,p=4$") and len(password.NOBODY) == len(stored)
    assert not password.matches("", GOOD)


def test_a_person_logs_in_with_name_and_password_and_gets_roles_and_shops(hub: Hub) -> None:
    made = hub.people.add("张三", GOOD, [Role.AGENT, Role.TRAINER], ["a"])
    session, grant, _ = hub.logins.with_password(" 张三 ", GOOD)
    assert (grant.key_id, grant.label, grant.roles) == (made.id, "张三", {Role.AGENT, Role.TRAINER})
    assert grant.shops == ("a",) and grant.person and grant.role is Role.TRAINER
    assert hub.logins.grant(session) == grant
    assert made.id in hub.keys_of("a", Role.TRAINER) and made.id not in hub.keys_of("b", Role.TRAINER)


@pytest.mark.parametrize("name", ["张三", "李四", "停用的", ""])
def test_whatever_is_wrong_costs_one_check_and_says_the_same(
    hub: Hub, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.people.add("张三", GOOD, [Role.AGENT], ["a"])
    hub.people.disable(hub.people.add("停用的", GOOD, [Role.AGENT], ["a"]).id)
    checked = []
    monkeypatch.setattr(people, "matches", lambda stored, typed: checked.append(stored) or typed == GOOD)
    with pytest.raises(Unauthorised) as refused:
        hub.logins.with_password(name, OTHER if name == "张三" else GOOD)
    assert len(checked) == 1 and refused.value.message == "名字或密码不对。"
    assert hub.audit(limit=1)[0].action == "login.failed"
    assert GOOD not in str(hub.audit())


def test_a_new_password_or_a_disabled_account_ends_every_session(hub: Hub) -> None:
    person = hub.people.add("张三", GOOD, [Role.AGENT], ["a"])
    here, there = (hub.logins.with_password("张三", GOOD)[0] for _ in range(2))
    hub.logins.change_password(hub.logins.grant(here), GOOD, OTHER, here)
    assert hub.logins.grant(here).key_id == person.id
    for ended in (lambda: hub.logins.grant(there), lambda: hub.logins.with_password("张三", GOOD)):
        with pytest.raises(Unauthorised):
            ended()
    again = hub.logins.with_password("张三", OTHER)[0]
    hub.people.disable(person.id)
    for ended in (lambda: hub.logins.grant(here), lambda: hub.logins.grant(again)):
        with pytest.raises(Unauthorised):
            ended()
    hub.people.enable(person.id)
    with pytest.raises(Unauthorised):
        hub.logins.grant(again)
    assert hub.logins.with_password("张三", OTHER)


def test_a_wrong_old_password_changes_nothing(hub: Hub) -> None:
    hub.people.add("张三", GOOD, [Role.AGENT], ["a"])
    session, grant, _ = hub.logins.with_password("张三", GOOD)
    with pytest.raises(Invalid, match="原来的密码"):
        hub.logins.change_password(grant, OTHER, "另外一个新的密码", session)
    assert hub.logins.with_password("张三", GOOD)


@pytest.mark.parametrize(
    "weak", ["", "短", "a" * 12, "12345678", "87654321", "password1", "qwertyui", "张三张三的密码很长"]
)
def test_a_password_that_is_guessed_at_once_is_refused(hub: Hub, weak: str) -> None:
    with pytest.raises(Invalid):
        hub.people.add("张三", weak, [Role.AGENT], ["a"])


@pytest.mark.parametrize(
    ("roles", "shops", "everywhere"),
    [
        ([], ["a"], False), ([Role.AGENT], [], False), ([Role.SERVICE], ["a"], False),
        ([Role.MERCHANT], ["a", "b"], False), ([Role.MERCHANT], [], True), ([Role.MERCHANT, Role.TRAINER], ["a"], False),
    ],
)  # fmt: skip
def test_nobody_is_given_what_nobody_may_have(hub: Hub, roles: list[Role], shops: list[str], everywhere: bool) -> None:
    with pytest.raises(Invalid):
        hub.people.add("张三", GOOD, roles, shops, everywhere=everywhere)
    person = hub.people.add("李四", GOOD, [Role.AGENT], ["a"])
    with pytest.raises(Invalid):
        hub.people.change_access(person.id, roles, shops, everywhere=everywhere)


def test_a_name_is_one_however_it_is_typed(hub: Hub) -> None:
    hub.people.add("Ann", GOOD, [Role.AGENT], ["a"])
    with pytest.raises(Invalid, match="已经有人"):
        hub.people.add("ａｎｎ ", GOOD, [Role.AGENT], ["a"])
    assert hub.logins.with_password("ANN", GOOD)
    for name in ("", "  ", "x" * 61, "两\n行"):
        with pytest.raises(Invalid):
            hub.people.add(name, GOOD, [Role.AGENT], ["a"])


def test_the_last_admin_stays(hub: Hub) -> None:
    one = hub.people.add("老板", GOOD, [Role.ADMIN])
    for lost in (lambda: hub.people.disable(one.id), lambda: hub.people.change_access(one.id, [Role.AGENT], ["a"])):
        with pytest.raises(Conflict, match="最后一位"):
            lost()
        assert hub.people.one(one.id) == one
    other = hub.people.add("副手", GOOD, [Role.ADMIN])
    hub.people.disable(one.id)
    with pytest.raises(Conflict):
        hub.people.disable(other.id)


def test_everywhere_means_shops_that_come_later_too(hub: Hub) -> None:
    hub.people.add("经理", GOOD, [Role.MANAGER], everywhere=True)
    key = hub.issue_key("系统", Role.SERVICE, everywhere=True, scopes=[Scope.MESSAGES])
    session = hub.logins.with_password("经理", GOOD)[0]
    assert hub.logins.grant(session).shops == hub.grant_of_key(key).shops == ("a", "b")
    assert hub.grant_of_key(key).scopes == {Scope.MESSAGES}
    hub.add_merchant("c", "丙")
    assert hub.logins.grant(session).shops == hub.grant_of_key(key).shops == ("a", "b", "c")


def test_one_key_ends_by_its_id(hub: Hub) -> None:
    keys = [hub.issue_key("同名", Role.AGENT, ["a"]) for _ in range(2)]
    hub.revoke_key(hub.grant_of_key(keys[0]).key_id)
    assert hub.grant_of_key(keys[1])
    with pytest.raises(Unauthorised):
        hub.grant_of_key(keys[0])
    with pytest.raises(NotFound):
        hub.revoke_key("k_nothing")


# -- two processes on one file


def test_what_another_process_does_is_noticed_within_a_moment(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    person = hub.people.add("张三", GOOD, [Role.AGENT], ["a"])
    session, key = hub.logins.with_password("张三", GOOD)[0], hub.issue_key("钥", Role.AGENT, ["a"])
    assert hub.logins.grant(session) and hub.grant_of_key(key)
    now = time.monotonic()
    with open_hub(hub._file.path.parent) as other:
        other.people.disable(person.id)
        other.revoke_keys("钥")
        other.add_merchant("c", "丙")
    monkeypatch.setattr("time.monotonic", lambda: now + 1)
    for ended in (lambda: hub.logins.grant(session), lambda: hub.grant_of_key(key)):
        with pytest.raises(Unauthorised):
            ended()
    assert hub.merchant("c").name == "丙" and hub.count() == 3


def test_what_changes_no_right_forgets_nothing(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Logins and rows of the trail come by the minute; each would make the next request of everybody slower."""
    key = hub.issue_key("钥", Role.AGENT, ["a"])
    moments = iter(range(10**6, 2 * 10**6))
    monkeypatch.setattr("time.monotonic", lambda: float(next(moments)))
    hub.grant_of_key(key)
    seen = hub._seen
    with open_hub(hub._file.path.parent) as other:
        other.logins.with_key(key)
        hub.logins.with_key(key)
        assert hub.grant_of_key(key) and hub._seen is seen
        other.add_merchant("c", "丙")
        assert hub.grant_of_key(key) and hub._seen is not seen


def test_a_clock_that_is_put_back_lengthens_no_session(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    session, _, ends = hub.logins.with_key(hub.issue_key("钥", Role.AGENT, ["a"]))
    assert hub.logins.grant(session)
    clock, steady = time.time(), time.monotonic()
    monkeypatch.setattr("time.time", lambda: clock - 3600)
    monkeypatch.setattr("time.monotonic", lambda: steady + ends - clock - 60)
    assert hub.logins.grant(session)
    hub.add_merchant("c", "丙")  # what was read is forgotten; the end is not
    monkeypatch.setattr("time.monotonic", lambda: steady + ends - clock + 60)
    with pytest.raises(Unauthorised):
        hub.logins.grant(session)


def test_sessions_long_over_are_forgotten_and_those_just_over_are_not(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = hub.issue_key("钥", Role.AGENT, ["a"])
    session = hub.logins.with_key(key)[0]
    assert hub.logins.grant(session)
    clock, steady = time.time(), time.monotonic()
    for after_h, remembered in ((13, {session}), (40, set[str]())):
        monkeypatch.setattr("time.monotonic", lambda after_h=after_h: steady + after_h * 3600)
        monkeypatch.setattr("time.time", lambda: clock - 60)
        other = hub.logins.with_key(key)[0]
        assert hub.logins.grant(other)
        assert set(hub.logins._until) & {digest_of(session)} == set(map(digest_of, remembered))
        hub.logins.end(other)
        if remembered:
            with pytest.raises(Unauthorised):
                hub.logins.grant(session)
