"""`huashu hook`: a place where a Chatwoot may tell of messages, on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

import huashu
from kb.errors import HuashuError
from kb.store.folder import DataFolder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    with DataFolder(tmp_path / "data") as folder:
        folder.hub.add_merchant("qingluo", "青萝")
        folder.hub.add_merchant("baicao", "百草")
    return tmp_path / "data"


def hook(data: Path, *arguments: str, typed: str | None = None) -> str:
    done = CliRunner().invoke(huashu.app, ["hook", *arguments, "--data", str(data)], input=typed)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def add(data: Path, *inboxes: str) -> tuple[str, str, str]:
    """(id, what was printed, the secret that is stored)."""
    said = hook(data, "add", "chatwoot", *(part for inbox in inboxes for part in ("--inbox", inbox)))
    with DataFolder(data) as folder:
        made = folder.hub.hooks.all()[-1]
    return made.id, said, made.secret


def test_a_hook_is_made_with_its_addresses_and_a_secret_shown_once(data: Path) -> None:
    id, said, secret = add(data, "3=qingluo", "004=baicao")
    assert f"/v1/hooks/chatwoot/{id}" in said and f"/?hook={id}" in said and secret in said
    assert len(secret) >= 43  # 256 bits
    listed = hook(data, "list")
    assert listed.split() == [id, "chatwoot", "3=qingluo、4=baicao"]
    assert secret not in listed


def test_the_senders_own_secret_is_read_and_never_typed_into_the_command(data: Path) -> None:
    id, _, secret = add(data, "3=qingluo")
    said = hook(data, "secret", id, typed="von-chatwoot-123\n")
    assert "von-chatwoot-123" not in said
    with DataFolder(data) as folder:
        found = folder.hub.hooks.find(id)
    assert found is not None and found.secret == "von-chatwoot-123" != secret
    assert found.secret not in repr(found)


def test_a_hook_is_removed_with_its_inboxes(data: Path) -> None:
    id, *_ = add(data, "3=qingluo")
    other, *_ = add(data, "3=baicao")
    hook(data, "remove", id)
    assert id not in hook(data, "list") and other in hook(data, "list")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["add", "chatwoot", "--inbox", "3=nosuch"], "没有店铺"),
        (["add", "zendesk", "--inbox", "3=qingluo"], "不认识"),
        (["remove", "cw_x"], "没有 hook"),
        (["secret", "cw_x"], "没有 hook"),
    ],
)
def test_a_mistake_is_said_and_nothing_is_made(arguments: list[str], why: str, data: Path) -> None:
    with pytest.raises(HuashuError, match=why):
        hook(data, *arguments, typed="x\n")
    assert hook(data, "list") == ""


@pytest.mark.parametrize("inbox", ["3", "=qingluo", "drei=qingluo", "3=", "-3=qingluo"])
def test_an_inbox_that_cannot_be_read_is_told_how(inbox: str, data: Path) -> None:
    with pytest.raises(HuashuError, match="看不懂") as found:
        hook(data, "add", "chatwoot", "--inbox", inbox)
    assert "收件箱编号=店铺代号" in found.value.advice


def test_an_empty_secret_changes_nothing(data: Path) -> None:
    id, _, secret = add(data, "3=qingluo")
    with pytest.raises(HuashuError, match="不能为空"):
        hook(data, "secret", id, typed=" \n")
    with DataFolder(data) as folder:
        found = folder.hub.hooks.find(id)
    assert found is not None and found.secret == secret


def test_a_hook_is_made_while_the_service_runs(data: Path) -> None:
    with DataFolder(data) as running:
        assert "/v1/hooks/chatwoot/" in hook(data, "add", "chatwoot", "--inbox", "3=qingluo")
        (made,) = running.hub.hooks.all()
        hook(data, "secret", made.id, typed="von-chatwoot-123\n")
        found = running.hub.hooks.find(made.id)
        assert found is not None and found.secret == "von-chatwoot-123"
        hook(data, "remove", made.id)
        assert running.hub.hooks.all() == []


def test_who_may_tell_of_messages_is_on_record_for_each_shop(data: Path) -> None:
    id, _, secret = add(data, "3=qingluo", "5=qingluo", "4=baicao")
    hook(data, "secret", id, typed="von-chatwoot-123\n")
    hook(data, "remove", id)
    with DataFolder(data) as folder:
        trail = folder.hub.audit(shops=["qingluo"])
        assert folder.hub.verify_audit().broken == ""
    told = [(record.action, record.subject, record.before, record.after) for record in reversed(trail)]
    assert told[1:] == [
        ("hook.add", id, "", "chatwoot 3,5"), ("hook.secret", id, "", ""), ("hook.remove", id, "chatwoot 3,5", "")
    ]  # fmt: skip
    assert all(record.name.startswith("命令行") for record in trail)
    kept = (data / "hub.db").read_bytes()
    assert not any(word in repr(trail) for word in (secret, "von-chatwoot")) and b"hook.remove" in kept


def test_a_change_that_fails_leaves_no_record(data: Path) -> None:
    for wrong in (("remove", "cw_none"), ("add", "chatwoot", "--inbox", "3=nowhere")):
        with pytest.raises(HuashuError):
            hook(data, *wrong)
    with DataFolder(data) as folder:
        assert {record.action for record in folder.hub.audit()} == {"shop.add"}
