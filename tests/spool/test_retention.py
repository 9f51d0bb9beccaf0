"""Finished folders that are old go, and nothing else: not what a person has, nor what was not read back."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import time
from pathlib import Path

import pytest
from heard_log import Told, heard_log
from house import OURS, House
from twins import PaintingRenderer

from worker.spool.retention.archive import Archive
from worker.spool.retention.holders import HIDDEN
from worker.spool.retention.keeper import Keeper
from worker.spool.retention.old_folders import Rules

DAY_S = 86_400.0
COMPLETE = frozenset({"complete"})
Files = dict[str, bytes]


class Old:
    """A spool in which jobs have ended, a hundred days later."""

    def __init__(self, root: Path) -> None:
        self.house = House(root)
        self.now_s = time.time() + 100 * DAY_S
        self.archive = root / "archive"
        self.archive.mkdir()
        self.is_elsewhere = False

    def job(self, name: str, *, refuses: tuple[str, ...] = ()) -> Path:
        """One that has ended long ago, of two pictures, with a sidecar each, and the job."""
        folder = self.house.root / "inbox" / name
        folder.mkdir()
        (folder / "job.yaml").write_text("products: p.csv\nprompt: a {sku}\n")
        (folder / "p.csv").write_text("sku\na\nb\n")
        self.house.drain(PaintingRenderer(refuses=refuses))
        return self.age(self.house.root / "outbox" / name)

    def age(self, folder: Path, days: float = 0.0) -> Path:
        """As nobody has touched it since."""
        os.utime(folder, (time.time(), time.time() - days * DAY_S))
        return folder

    def keeper(self, worker_id: str = "w1", *, is_settled: bool = True) -> Keeper:
        spool = self.house.spool(worker_id)
        state = self.house.root / f"retention-{worker_id}.json"
        if is_settled and not state.exists():
            state.write_text(json.dumps({"seen_s": self.now_s, "since_s": self.now_s - 2 * DAY_S}))
        for path in self.house.folders.workers.iterdir():  # the share's own clock goes with it
            os.utime(path, (self.now_s, self.now_s))
        return spool.keeper(state, tables=self.house.tables, wall_s=lambda: self.now_s)

    def rules(self, *, archive: bool = True, which: frozenset[str] = COMPLETE, after_days: int = 60) -> Rules:
        return Rules(after_days=after_days, which=which, archive=self.archive if archive else None)

    def pass_(self, *, archive: bool = True, which: frozenset[str] = COMPLETE, after_days: int = 60) -> Told:
        """One look at all folders."""
        with heard_log() as told:
            for _ in self.keeper().steps(self.rules(archive=archive, which=which, after_days=after_days)):
                pass
        return told

    def outbox(self) -> set[str]:
        return self.house.names("outbox")

    def hidden(self) -> list[Path]:
        return [*(self.house.root / "outbox").glob(f"{HIDDEN}/*")]


def files_in(folder: Path) -> Files:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def old(tmp_path: Path) -> Old:
    return Old(tmp_path)


@pytest.fixture(params=["same disk", "another disk"])
def either(request: pytest.FixtureRequest, old: Old, monkeypatch: pytest.MonkeyPatch) -> Old:
    if request.param == "another disk":
        monkeypatch.setattr(Archive, "is_on_disk_of", lambda *_: False)
        old.is_elsewhere = True
    return old


def kept(told: Told) -> dict[str, str]:
    return {str(facts["folder"]): str(facts["reason"]) for event, facts in told if event == "folder.kept"}


def test_an_old_folder_goes_into_the_archive_byte_for_byte(either: Old) -> None:
    folder = either.job("mugs")
    before = files_in(folder)
    told = either.pass_()
    assert files_in(either.archive / "mugs") == before
    assert (either.outbox(), either.hidden()) == (set(), [])
    [facts] = [facts for event, facts in told if event == "folder.archived"]
    assert (facts["folder"], facts["place"], facts["target"]) == ("mugs", "outbox", str(either.archive / "mugs"))
    assert [path.name for path in either.archive.iterdir()] == ["mugs"]


def test_an_old_folder_is_deleted_where_that_is_asked_for(old: Old) -> None:
    old.job("mugs")
    told = old.pass_(archive=False)
    assert (old.outbox(), old.hidden()) == (set(), [])
    assert [facts["folder"] for event, facts in told if event == "folder.removed"] == ["mugs"]


def test_a_name_that_is_taken_in_the_archive_is_never_replaced(either: Old) -> None:
    (either.archive / "mugs").mkdir()
    (either.archive / "mugs" / "note").write_text("mine")
    before = files_in(either.job("mugs"))
    either.pass_()
    assert files_in(either.archive / "mugs") == {"note": b"mine"}
    assert files_in(either.archive / "mugs.2") == before


def test_younger_folders_and_other_ends_stay(old: Old) -> None:
    old.job("mugs")
    old.job("half", refuses=("a_01.png",))
    assert kept(old.pass_(archive=False, after_days=101)) == {}
    old.pass_(archive=False)
    assert old.outbox() == {"half"}
    old.pass_(archive=False, which=frozenset({"partial"}))
    assert old.outbox() == set()


def test_a_job_of_which_nothing_was_made_goes_only_if_asked(old: Old) -> None:
    old.house.drop("none.yaml", "prompt: x\n")
    old.house.drain(PaintingRenderer(refuses=["shot-01_01.png"]))
    old.pass_(archive=False)
    assert old.house.names("failed") == {"none"}
    old.pass_(archive=False, which=frozenset({"failed"}))
    assert old.house.names("failed") == set()


def note(folder: Path) -> None:
    (folder / "notes.txt").write_text("call the customer")


def selection(folder: Path) -> None:
    (folder / "selection-2026.csv").write_text("a_01.png\n")


def edited(folder: Path) -> None:
    (folder / "a_01.png").write_bytes(b"retouched")


def edited_with_its_time(folder: Path) -> None:
    status = (folder / "a_01.png").stat()
    data = bytearray((folder / "a_01.png").read_bytes())
    data[-20] ^= 1
    (folder / "a_01.png").write_bytes(data)
    os.utime(folder / "a_01.png", ns=(status.st_atime_ns, status.st_mtime_ns))


def job_edited(folder: Path) -> None:
    (folder / "job.yaml").write_text("prompt: another\n")
    os.utime(folder / "job.yaml", (time.time() + 3600, time.time() + 3600))


def taken_out(folder: Path) -> None:
    (folder / "b_01.png").unlink()


def link(folder: Path) -> None:
    (folder / "a_01.json").unlink()
    (folder / "a_01.json").symlink_to("/etc/hostname")


def hidden_by_a_person(folder: Path) -> None:
    (folder / ".psd-backup").write_text("layers")


def manifest_touched(folder: Path) -> None:
    os.utime(folder / "manifest.json", (time.time() + 2 * DAY_S, time.time() + 2 * DAY_S))


def no_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text('{"job": "x", "status": "complete", "finished_at": "2020-01-01T00:00:00Z", ')


@pytest.mark.parametrize(
    ("touch", "why"),
    [
        (note, "notes.txt in it was not written by a worker"),
        (selection, "selection-2026.csv in it was not written"),
        (hidden_by_a_person, ".psd-backup in it was not written"),
        (edited, "a_01.png is not the picture"),
        (edited_with_its_time, "a_01.png is not the picture"),
        (job_edited, "job.yaml was changed after"),
        (taken_out, "b_01.png is missing"),
        (link, "a_01.json in it is neither a file nor a folder"),
        (manifest_touched, "manifest.json was changed after"),
        (no_manifest, "its manifest cannot be read"),
    ],
)
@pytest.mark.parametrize("is_archive", [True, False])
def test_what_a_person_has_touched_stays_and_is_told_once(old: Old, touch: object, why: str, is_archive: bool) -> None:
    folder = old.age(old.job("mugs"))
    touch(folder)  # type: ignore[operator]
    old.age(folder)
    before = files_in(folder)
    keeper = old.keeper()
    with heard_log() as told:
        for _ in range(2):
            list(keeper.steps(old.rules(archive=is_archive)))
    assert files_in(folder) == before
    assert (old.hidden(), [*old.archive.iterdir()]) == ([], [])
    [reason] = [facts["reason"] for event, facts in told if event == "folder.kept"]
    assert why in str(reason)


def test_what_is_changed_between_reading_and_leaving_is_put_back(either: Old, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = either.job("mugs")
    real = Keeper._taken

    def changed(self: Keeper, path: Path, holder: object) -> Path:
        held = real(self, path, holder)  # type: ignore[arg-type]
        (held / "notes.txt").write_text("call the customer")
        return held

    monkeypatch.setattr(Keeper, "_taken", changed)
    told = either.pass_()
    assert "notes.txt" in files_in(folder)
    assert "changed while it was read" in kept(told)["mugs"]
    assert ([*either.archive.iterdir()], either.hidden()) == ([], [])


def test_junk_of_systems_does_not_count(either: Old) -> None:
    folder = either.job("mugs")
    (folder / "Thumbs.db").write_text("x")
    (folder / "._a_01.png").write_text("x")
    either.age(folder)
    either.pass_()
    assert either.outbox() == set()
    assert "a_01.png" in files_in(either.archive / "mugs")


def test_a_folder_from_which_a_job_takes_pictures_stays_until_then(old: Old) -> None:
    folder = old.job("half", refuses=("a_01.png",))
    (old.house.root / "inbox" / "half.retry").write_text("missing")
    old.house.spool().inbox.scan()
    told = old.pass_(which=frozenset({"partial"}))
    assert folder.exists()
    assert "takes pictures from it" in kept(told)["half"]


def test_people_s_folders_and_ours_are_no_jobs(old: Old) -> None:
    old.job("mugs")
    for name in ("photos", "mugs.w1-1-abcdefgh.partial", "receipts", "_overview"):
        (old.house.root / "outbox" / name).mkdir(exist_ok=True)
    old.pass_(archive=False)
    assert {path.name for path in (old.house.root / "outbox").iterdir()} >= {"photos", "receipts", "_overview"}


def test_links_lead_nobody_elsewhere(old: Old, tmp_path: Path) -> None:
    folder = old.job("mugs")
    elsewhere = tmp_path / "elsewhere"
    shutil.move(folder, elsewhere)
    folder.symlink_to(elsewhere)
    old.pass_(archive=False)
    assert files_in(elsewhere)


def test_a_link_in_the_place_of_the_hidden_folder_removes_nothing(old: Old, tmp_path: Path) -> None:
    folder = old.job("mugs")
    (tmp_path / "elsewhere" / "x-w1.retired").mkdir(parents=True)
    (tmp_path / "elsewhere" / "x-w1.retired" / "mine").write_text("mine")
    (old.house.root / "outbox" / HIDDEN).symlink_to(tmp_path / "elsewhere")
    assert "Not a directory" in kept(old.pass_(archive=False))["mugs"]
    assert folder.exists()
    assert (tmp_path / "elsewhere" / "x-w1.retired" / "mine").exists()


CALLS = ("rename", "mkdir", "unlink", "rmdir", "fsync", "open", "link")


@pytest.mark.slow
@pytest.mark.parametrize("is_archive", [True, False])
def test_at_every_call_that_fails_all_of_it_lies_somewhere(
    either: Old, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, is_archive: bool
) -> None:
    """Each call fails once, for ever after that (the machine dies); then a new start goes on."""
    pristine = tmp_path / "pristine"
    folder = either.job("mugs")
    before = files_in(folder)
    shutil.copytree(folder, pristine)
    every = 5 if either.is_elsewhere and is_archive else 1  # some 300 calls
    for at in range(1, 500, every):
        count = _pass_until(either, monkeypatch, at, is_archive=is_archive)
        rests = [folder, either.archive / "mugs", *either.hidden()]
        wholes = [path for path in rests if path.exists() and files_in(path).items() >= before.items()]
        held = [path / "mugs" for path in either.hidden() if (path / "mugs").exists()]
        wholes += [path for path in held if files_in(path) == before]
        is_leaving = not is_archive and any(path.name.endswith(".retired") for path in either.hidden())
        assert wholes or is_leaving or (not is_archive and not folder.exists()), f"at call {at}"
        if folder.exists():
            assert files_in(folder) == before, f"half a folder is shown, at call {at}"
        told = either.pass_(archive=is_archive)
        assert (either.outbox(), either.hidden()) == (set(), []), f"at call {at}: {told}"
        if is_archive:
            assert files_in(either.archive / "mugs") == before
            assert [path.name for path in either.archive.iterdir()] == ["mugs"], f"at call {at}"
        if count < at:
            return
        shutil.rmtree(either.archive / "mugs", ignore_errors=True)
        _again(pristine, folder)
    pytest.fail("it never came to an end")


def _again(pristine: Path, folder: Path) -> None:
    shutil.copytree(pristine, folder)
    os.utime(folder, (time.time(), time.time()))


def _pass_until(old: Old, monkeypatch: pytest.MonkeyPatch, at: int, *, is_archive: bool) -> int:
    """One look that dies at a call; how many there were."""
    count, keeper = 0, old.keeper()

    def dying(real: object) -> object:
        def call(*args: object, **named: object) -> object:
            nonlocal count
            count += 1
            if count >= at:
                raise OSError(errno.EIO, "Input/output error")
            return real(*args, **named)  # type: ignore[operator]

        return call

    with monkeypatch.context() as patch, heard_log():
        for name in CALLS:
            patch.setattr(os, name, dying(getattr(os, name)))
        with contextlib.suppress(OSError):
            list(keeper.steps(old.rules(archive=is_archive)))
    return count


def test_what_another_dead_worker_left_is_put_back_after_two_hours(old: Old) -> None:
    folder = old.job("mugs")
    holder = old.house.root / "outbox" / HIDDEN / "0123456789abcdef-w9.retiring"
    holder.mkdir(parents=True)
    before = files_in(folder)
    folder.rename(holder / "mugs")
    keeper = old.keeper()
    list(keeper.steps(None))
    assert old.hidden()
    old.house.spend(2 * 3600 + 1)
    with heard_log():
        list(keeper.steps(None))  # also where nothing is to go any more
    assert files_in(folder) == before
    assert old.hidden() == []


def test_two_workers_take_a_folder_once(old: Old) -> None:
    for name in ("a", "b", "c"):
        old.job(name)
    one, other = (old.keeper(name).steps(old.rules()) for name in ("w1", "w2"))
    with heard_log() as told:
        running = [one, other]
        while running:
            for steps in [*running]:
                if next(steps, "over") == "over":
                    running.remove(steps)
    assert sorted(path.name for path in old.archive.iterdir()) == ["a", "b", "c"]
    assert sorted(str(facts["folder"]) for event, facts in told if event == "folder.archived") == ["a", "b", "c"]
    assert (old.outbox(), old.hidden()) == (set(), [])


def waits(told: Told) -> list[str]:
    return [str(facts["reason"]) for event, facts in told if event == "retention.waits"]


def test_nothing_goes_on_the_first_day_nor_by_a_clock_that_has_jumped(old: Old) -> None:
    old.job("mugs")
    keeper = old.keeper(is_settled=False)
    with heard_log() as told:
        list(keeper.steps(old.rules()))
    assert "switched on, or this machine's clock has jumped" in waits(told)[0]
    old.now_s += 23 * 3600
    assert waits(old.pass_()) == []
    assert old.outbox() == set()
    folder = old.job("bowls")
    old.now_s += 75 * 365 * DAY_S
    assert "clock has jumped" in waits(old.pass_())[0]
    assert folder.exists()


def test_nothing_goes_where_the_share_has_another_day(old: Old) -> None:
    folder = old.job("mugs")
    keeper = old.keeper()
    for path in old.house.folders.workers.iterdir():
        os.utime(path, (time.time(), time.time()))
    with heard_log() as told:
        list(keeper.steps(old.rules()))
    assert "more than a day apart" in waits(told)[0]
    assert folder.exists()


def test_an_archive_that_is_not_there_is_waited_for(old: Old) -> None:
    folder = old.job("mugs")
    old.archive.rmdir()
    assert "is not there" in waits(old.pass_())[0]
    assert not old.archive.exists()
    old.archive.mkdir()
    old.house.root.joinpath("fstab").write_text(f"//nas/x {old.archive} cifs rw 0 0\n")
    assert "nothing is mounted" in waits(old.pass_())[0]
    assert folder.exists()


def test_an_archive_inside_the_outbox_is_refused(old: Old) -> None:
    folder = old.job("mugs")
    old.archive = old.house.root / "outbox" / "photos"
    old.archive.mkdir()
    assert "lies in" in waits(old.pass_())[0]
    assert folder.exists()


def test_a_full_archive_loses_nothing_and_leaves_no_half_copy(old: Old, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Archive, "is_on_disk_of", lambda *_: False)
    folder = old.job("mugs")
    before = files_in(folder)

    def full(*_: object, **__: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("worker.spool.retention.archive.write_pieces", full)
        with pytest.raises(OSError, match="No space"):
            old.pass_()
    assert files_in(folder) == before
    assert ([*old.archive.iterdir()], old.hidden()) == ([], [])
    old.pass_()
    assert files_in(old.archive / "mugs") == before


def test_a_copy_that_does_not_read_back_keeps_the_folder(old: Old, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Archive, "is_on_disk_of", lambda *_: False)
    folder = old.job("mugs")
    monkeypatch.setattr("worker.spool.retention.archive.file_hash", lambda *_, **__: "0" * 64)
    assert "is not the picture" in kept(old.pass_())["mugs"]
    assert folder.exists()
    assert [*old.archive.iterdir()] == []


def test_no_more_go_in_a_day_than_somebody_can_see(old: Old, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.spool.retention.due.MOST_A_DAY", 2)
    for name in ("a", "b", "c"):
        old.job(name)
    told = old.pass_(archive=False)
    assert len(old.outbox()) == 1
    assert "2 folders went today" in waits(told)[0]
    old.now_s += DAY_S
    old.pass_(archive=False)
    assert old.outbox() == set()


def test_no_rules_touch_nothing(old: Old) -> None:
    folder = old.job("mugs")
    list(old.keeper().steps(None))
    assert folder.exists()
    assert set(OURS) >= {path.name for path in (old.house.root / "outbox").iterdir()} - {"mugs"}
