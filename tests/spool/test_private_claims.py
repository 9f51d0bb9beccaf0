"""Jobs in work are the workers' alone, whatever the inbox's rights and the umask; workers of several accounts agree."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from onlooker import seen

from tests.spool.crash_driver import in_child
from worker.errors import FoldersUnusable
from worker.spool.folder_identity import Roots, ShareAway

STAFF, ANOTHER = 65_533, 65_534
"""Numbers of accounts; both are of the group STAFF."""


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    former = os.umask(0)
    yield
    os.umask(former)


def modes(yard) -> list[str]:
    """Of the folder of claims and everything in it."""
    claims: Path = yard.folders.claims
    return sorted({oct(path.stat().st_mode & 0o7777) for path in [claims, *claims.rglob("*")] if path.is_dir()})


def test_claims_are_closed_to_everybody_else(yard) -> None:
    spool = yard.worker()
    with spool.ownership.lock():
        yard.drop("mug.yaml")
        yard.claimed(spool)
        assert modes(yard) == ["0o700"]


def test_claims_of_an_earlier_version_are_closed_at_the_start(yard) -> None:
    yard.folders.claims.joinpath("w1/ID/dropped").mkdir(parents=True)
    with yard.worker().ownership.lock():
        for path in (yard.folders.claims, yard.folders.claims / "w1"):
            assert oct(path.stat().st_mode & 0o777) == "0o700"


def test_in_an_inbox_shared_with_a_group_each_account_has_a_closed_folder_of_its_own(yard) -> None:
    yard.folders.inbox.chmod(0o2775)
    for worker in (yard.worker("w1"), yard.worker("w2")):
        with worker.ownership.lock():
            yard.drop("mug.yaml")
            yard.claimed(worker)
    assert modes(yard) == ["0o2700", "0o3770"]


def test_a_share_that_ignores_rights_is_no_hindrance(yard, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    yard.folders.claims.mkdir(parents=True)
    monkeypatch.setattr(os, "fchmod", refused)
    with yard.worker().ownership.lock():
        pass


def become(user: int) -> None:
    os.setgroups([STAFF])
    os.setgid(STAFF)
    os.setuid(user)


@pytest.fixture
def accounts(yard) -> None:
    """Everybody of the group may work in the folders, as the README sets them up."""
    if os.getuid() != 0:
        pytest.skip("only root can be another account")
    for path in (yard.root, *yard.root.iterdir()):
        os.chown(path, -1, STAFF)
        path.chmod(0o2775)
    for parent in yard.root.parents[:3]:
        parent.chmod(parent.stat().st_mode | 0o011)


def live(yard, user: int, worker_id: str, name: str) -> None:
    """A worker of that account comes, claims a job and dies."""
    become(user)
    os.umask(0o002)
    spool = yard.worker(worker_id)
    with spool.ownership.lock():
        assert spool.ownership.leftovers() == ()
        yard.drop(name)
        yard.claimed(spool, name)
        os._exit(0)


def test_workers_of_two_accounts_serve_one_inbox_and_leave_each_others_claims_alone(yard, accounts) -> None:
    assert in_child(lambda: live(yard, STAFF, "w1", "a.yaml")) == 0
    assert in_child(lambda: live(yard, ANOTHER, "w2", "b.yaml")) == 0
    assert sorted(path.name for path in yard.folders.claims.glob("*/*/dropped/*")) == ["a.yaml", "b.yaml"]
    heir = yard.worker("heir")
    assert sorted(claim.stem for claim in heir.ownership.leftovers()) == ["a", "b"]  # root is in nobody's way


def test_staff_cannot_look_into_claims(yard, accounts) -> None:
    assert in_child(lambda: live(yard, STAFF, "w1", "a.yaml")) == 0

    def look() -> None:
        become(ANOTHER)
        with pytest.raises(PermissionError):
            list((yard.folders.claims / "w1").iterdir())

    assert in_child(look) == 0


def test_whoever_may_not_look_into_claims_still_gets_an_overview(yard, accounts) -> None:
    assert in_child(lambda: live(yard, STAFF, "w1", "a.yaml")) == 0

    def look() -> None:
        become(ANOTHER)
        assert seen(yard.folders).running == []
        assert yard.worker("w2").has_work() is False

    assert in_child(look) == 0
    assert [(job.name, job.worker) for job in seen(yard.folders).running] == [("a", "w1")]


def test_a_link_beside_the_workers_claims_is_nobodys_claims(yard) -> None:
    """A dead worker's claims are moved: a link must not lead to folders that are none."""
    private = yard.root / "private"
    (private / "keys").mkdir(parents=True)
    spool = yard.worker()
    with spool.ownership.lock():
        (yard.folders.claims / "dead").symlink_to(private)
        for _ in range(3):
            assert spool.ownership.leftovers() == ()
            yard.now_s += 200.0
    assert (private / "keys").is_dir()


def test_another_accounts_closed_claims_are_told_at_the_start(yard, accounts) -> None:
    yard.folders.claims.mkdir(parents=True)
    yard.folders.claims.chmod(0o700)

    def start() -> None:
        become(ANOTHER)
        with pytest.raises(FoldersUnusable, match="under one account"), yard.worker().ownership.lock():
            pass

    assert in_child(start) == 0


@pytest.mark.parametrize("name", ["", "claims", "workers", "returned"])
def test_a_link_in_the_place_of_a_folder_of_the_workers_stops_them_with_a_reason(yard, name: str) -> None:
    private = yard.root / "private"
    private.mkdir()
    folder = yard.folders.hidden / name
    folder.parent.mkdir(exist_ok=True)
    roots = Roots(yard.folders)
    folder.symlink_to(private)
    with pytest.raises(ShareAway, match=f"{folder.name} is a link: remove it"):
        roots.require()
    with pytest.raises(FoldersUnusable, match="is a link: remove it"), yard.worker().ownership.lock():
        pass
    assert not list(private.iterdir())
