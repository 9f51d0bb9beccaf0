"""Several workers, several machines: who owns a job, and who lets go of it."""

from __future__ import annotations

import json
import shutil

import pytest

from worker.errors import ClaimLost, FoldersUnusable, WorkerIdTaken
from worker.records import StagedFile
from worker.spool import FolderSpool, SpoolOptions
from worker.spool.alive.heartbeats import BEAT_S
from worker.spool.alive.liveness import Liveness
from worker.spool.claims import Claims

LEASE_S = 120.0


@pytest.fixture
def machine(yard):
    """A worker of another machine: its own lock folder."""

    def make(name: str) -> FolderSpool:
        return FolderSpool(
            yard.folders, worker_id=name, state_dir=yard.root / f"state-{name}",
            options=SpoolOptions(settle_s=2.0, lease_s=LEASE_S), clock=lambda: yard.now_s,
        )  # fmt: skip

    return make


@pytest.fixture
def silent(yard, machine):
    """`a` has begun a job, finished a picture, and said nothing since."""
    spool = machine("a")
    yard.drop("mug.yaml")
    with spool.ownership.lock():
        claim = spool.ownership.begin(yard.claimed(spool))
        staging = spool.publishing.stage(claim, name="mug")
        staging.write(StagedFile(name="a.png", data=b"picture"))
        yield spool, claim, staging


def test_a_silent_worker_is_taken_over_after_its_lease_and_not_before(yard, machine, silent) -> None:
    other = machine("b")
    with other.ownership.lock():
        assert other.ownership.leftovers() == ()
        yard.now_s += LEASE_S - 1
        assert other.ownership.leftovers() == ()
        yard.now_s += 1
        (claim,) = other.ownership.leftovers()
        assert claim.job_id == silent[1].job_id
        begun = other.ownership.begin(claim)
        assert begun.attempt == 2
        assert other.publishing.stage(begun, name="mug").earlier("a.png") == b"picture"


def test_a_worker_that_beats_keeps_its_job_for_ever(yard, machine, silent) -> None:
    other = machine("b")
    with other.ownership.lock():
        for _ in range(60):
            yard.now_s += BEAT_S
            silent[0].ownership.beat()
            assert other.ownership.leftovers() == ()


def test_a_worker_that_wakes_after_the_takeover_publishes_nothing(yard, machine, silent) -> None:
    sleeper, claim, staging = silent
    other = machine("b")
    with other.ownership.lock():
        other.ownership.leftovers()
        yard.now_s += LEASE_S
        (taken,) = other.ownership.leftovers()
        begun = other.ownership.begin(taken)
        theirs = other.publishing.stage(begun, name="mug")
        theirs.write(StagedFile(name="b.png", data=b"theirs"))
        theirs.write(StagedFile(name="manifest.json", data=json.dumps({"job": begun.job_id}).encode()))
        for step in (
            lambda: sleeper.publishing.publish(claim, staging, name="mug"),
            lambda: sleeper.publishing.fail(claim, (), name="mug", staging=staging),
            lambda: sleeper.ownership.begin(claim),
            lambda: sleeper.ownership.give_back(claim),
        ):
            with pytest.raises(ClaimLost):
                step()
        assert not sleeper.ownership.holds(claim)
        assert other.publishing.publish(begun, theirs, name="mug").name == "mug"
    assert {path.name for path in (yard.folders.outbox / "mug").iterdir()} == {"b.png", "manifest.json", "job.yaml"}
    assert not [*yard.folders.failed.glob("[!.]*")]


def test_of_two_observers_one_takes_over(yard, machine, silent) -> None:
    b, c = machine("b"), machine("c")
    with b.ownership.lock(), c.ownership.lock():
        for one in (b, c):
            one.ownership.leftovers()
        yard.now_s += LEASE_S
        assert [len(b.ownership.leftovers()), len(c.ownership.leftovers())] == [1, 0]


def test_a_worker_that_stopped_in_good_order_is_not_waited_for(yard, machine) -> None:
    spool = machine("a")
    yard.drop("mug.yaml")
    with spool.ownership.lock():
        spool.ownership.begin(yard.claimed(spool))
    other = machine("b")
    with other.ownership.lock():
        assert len(other.ownership.leftovers()) == 1


def test_clocks_that_differ_by_a_day_change_nothing(yard, machine, silent) -> None:
    far = yard.now_s + 86_400
    other = FolderSpool(
        yard.folders, worker_id="b", state_dir=yard.root / "state-b",
        options=SpoolOptions(settle_s=2.0, lease_s=LEASE_S), clock=lambda: far,
    )  # fmt: skip
    with other.ownership.lock():
        assert other.ownership.leftovers() == ()
        assert other.ownership.leftovers() == ()


def test_one_id_on_two_machines_is_refused_while_the_first_lives(yard, machine) -> None:
    first = machine("same")
    second = FolderSpool(
        yard.folders, worker_id="same", state_dir=yard.root / "elsewhere",
        options=SpoolOptions(settle_s=2.0, lease_s=LEASE_S), clock=lambda: yard.now_s,
    )  # fmt: skip

    def wait(seconds: float) -> None:
        yard.now_s += seconds
        first.ownership.beat()

    with first.ownership.lock(), pytest.raises(WorkerIdTaken, match="A live worker on "), second.ownership.lock(wait):
        pass


def test_a_copy_of_a_machine_s_disk_is_not_the_same_worker_while_the_first_lives(yard, machine, monkeypatch) -> None:
    """Host name, lock folder and id are the same; only the kernel's start is another."""
    first = machine("same")
    looked = []

    def wait(seconds: float) -> None:
        yard.now_s += seconds
        looked.append(seconds)
        if len(looked) < 40:
            first.ownership.beat()

    with first.ownership.lock():
        monkeypatch.setattr("worker.spool.alive.heartbeats.boot_id", lambda: "another start")
        copy = FolderSpool(
            yard.folders, worker_id="same", state_dir=yard.root / "copy", clock=lambda: yard.now_s,
            options=SpoolOptions(settle_s=2.0, lease_s=LEASE_S),
        )  # fmt: skip
        (yard.root / "copy/locks").mkdir(parents=True)
        shutil.copy(yard.root / "state-same/locks/place.json", yard.root / "copy/locks/place.json")
        with pytest.raises(WorkerIdTaken, match="A live worker on "), copy.ownership.lock(wait):
            pass
        looked.extend([0.0] * 40)  # and after a power cut, which left a beat that no one raises
        yard_s = yard.now_s
        with copy.ownership.lock(wait):
            assert yard.now_s - yard_s <= LEASE_S / 2


def test_one_id_on_two_machines_is_free_once_the_first_is_dead(yard, machine) -> None:
    waited = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        yard.now_s += seconds

    second = FolderSpool(
        yard.folders, worker_id="same", state_dir=yard.root / "elsewhere",
        options=SpoolOptions(settle_s=2.0, lease_s=LEASE_S), clock=lambda: yard.now_s,
    )  # fmt: skip
    with machine("same").ownership.lock(), second.ownership.lock(wait):
        assert sum(waited) >= LEASE_S


def test_a_beat_that_a_share_shows_late_is_no_life(yard, machine) -> None:
    """The first look saw an old heartbeat, a later one what its owner wrote before it died, one in between nothing."""
    beat = yard.folders.workers / "same.beat"
    with machine("same").ownership.lock():
        latest = json.loads(beat.read_text())
    beat.write_text(json.dumps({**latest, "stopped": False, "count": 5, "host": "elsewhere"}))
    shown = iter([None, {**latest, "stopped": False, "count": 9, "host": "elsewhere"}])

    def wait(seconds: float) -> None:
        yard.now_s += seconds
        newer = next(shown, 0)
        if newer is None:
            beat.rename(beat.with_suffix(".old"))
        elif newer:
            beat.write_text(json.dumps(newer))

    with machine("same").ownership.lock(wait):
        assert yard.now_s >= LEASE_S


def test_where_a_synchroniser_keeps_copies_one_worker_serves(yard, machine) -> None:
    (yard.folders.inbox / ".stfolder").mkdir()
    first, second = machine("a"), machine("b")

    def wait(seconds: float) -> None:
        yard.now_s += seconds
        first.ownership.beat()

    refused = pytest.raises(FoldersUnusable, match="Syncthing keeps this folder, and worker `a`")
    with first.ownership.lock(), refused, second.ownership.lock(wait):
        pass
    with second.ownership.lock(wait):
        pass


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b'{"id": 3}', b"[" * 100_000, b"\xff\xfe"])
def test_a_damaged_claim_record_costs_a_count_and_no_job(yard, damage: bytes) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    claim = spool.ownership.begin(yard.claimed(spool))
    (claim.dropped.parent.parent / "claim.json").write_bytes(damage)
    (left,) = spool.ownership.leftovers()
    assert (left.job_id, left.stem, left.attempt) == (claim.job_id, "mug", 0)
    spool.ownership.give_back(spool.ownership.begin(left))
    assert (yard.folders.inbox / "mug.yaml").read_text() == "prompt: mug\n"


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b"null"])
def test_a_damaged_note_is_no_note(yard, damage: bytes) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    spool.ownership.give_back(spool.ownership.begin(yard.claimed(spool)))
    (note,) = yard.folders.returned.iterdir()
    note.write_bytes(damage)
    assert yard.claimed(spool).attempt == 0


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]"])
def test_a_damaged_spool_file_is_only_a_name_that_is_given_anew(yard, damage: bytes) -> None:
    with yard.worker().ownership.lock():
        yard.folders.spool_file.write_bytes(damage)
    with yard.worker().ownership.lock():
        assert json.loads(yard.folders.spool_file.read_bytes())["id"]


def test_a_claim_whose_job_is_not_seen_for_a_moment_is_never_removed(yard, machine, silent, monkeypatch) -> None:
    """Measured on SMB: the folder of a claim just taken over looked as if it had no `dropped/`."""
    other = machine("b")
    with other.ownership.lock():
        other.ownership.leftovers()
        yard.now_s += LEASE_S
        with monkeypatch.context() as stale:
            stale.setattr("worker.spool.claims.dropped_in", lambda *_: None)
            stale.setattr("worker.spool.claim_files.is_listed", lambda path: path.name != "dropped")
            assert other.ownership.leftovers() == ()
        (claim,) = other.ownership.leftovers()
        assert claim.dropped.read_text() == "prompt: mug\n"


def test_without_the_lease_the_living_are_robbed_and_without_the_fence_the_late_still_publish_nothing(
    yard, machine, silent, monkeypatch
) -> None:
    """Mutants: the first rule stands alone; behind the second stands that the job's bytes went with the claim."""
    sleeper, claim, staging = silent
    staging.write(StagedFile(name="manifest.json", data=json.dumps({"job": claim.job_id}).encode()))
    monkeypatch.setattr(Liveness, "is_dead", lambda *_: True)
    other = machine("b")
    with other.ownership.lock():
        assert other.ownership.leftovers(), "a worker that beats was robbed"
        monkeypatch.setattr(Claims, "holds", lambda *_: True)
        monkeypatch.setattr(Claims, "note", lambda *_, **__: None)
        with pytest.raises(FileNotFoundError):
            sleeper.publishing.publish(claim, staging, name="mug")
    assert not [*yard.folders.outbox.glob("mug")]
