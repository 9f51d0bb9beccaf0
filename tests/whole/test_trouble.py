"""One job's trouble is not the others'."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from house import House, whole_path
from structlog.testing import capture_logs
from twins import PaintingRenderer

from worker.delivery.delivery import FileDelivery
from worker.disk.content import NotAJob
from worker.errors import DeviceUnavailable, ExitCode
from worker.records import Candidate
from worker.spool.claims import Claims
from worker.spool.inbox import FolderInbox
from worker.spool.layout import RECEIPTS
from worker.translation import gettext

TWO = "shots:\n  - {id: a, prompt: a mug}\n  - {id: b, prompt: a vase}\n"
ONE = "prompt: a bowl\n"


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_a_claim_that_somebody_removed_while_it_was_worked_on_is_let_go(house: House) -> None:
    house.drop("mugs.yaml", TWO)
    house.drop("bowl.yaml", ONE)
    removed = []

    def remove_once(_request: object) -> None:
        for folder in house.folders.claims.glob("*/*"):
            if (folder / "dropped" / "mugs.yaml").exists() and not removed:
                removed.append(folder)
                shutil.rmtree(folder)

    assert house.drain(PaintingRenderer(after=remove_once)) == ExitCode.DONE
    assert removed
    assert "bowl" in house.names("outbox")
    assert "mugs" not in house.names("outbox")


def test_a_job_that_another_worker_takes_first_is_told_to_nobody(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a-mugs.yaml", "bowl.yaml"):
        house.drop(name, ONE)
    scan = FolderInbox.scan

    def scan_and_lose(inbox: FolderInbox) -> tuple[Candidate, ...]:
        found = scan(inbox)
        for candidate in found:
            if candidate.stem == "a-mugs":
                candidate.path.unlink()
        return found

    monkeypatch.setattr(FolderInbox, "scan", scan_and_lose)
    with capture_logs() as log:
        assert house.drain() == ExitCode.DONE
    assert [entry["event"] for entry in log if entry["log_level"] != "info"] == []
    assert not [*(house.folders.outbox / RECEIPTS).glob("*.txt")]
    assert house.names("outbox") == {"bowl"}


def test_a_job_that_fails_while_its_folders_work_is_set_aside_and_the_others_go_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.drop("a-mugs.yaml", TWO)
    house.drop("bowl.yaml", ONE)
    real, refused = os.rename, []

    def refusing(source, target, *args, **kwargs) -> None:
        if "a-mugs" in str(whole_path(target, kwargs.get("dst_dir_fd"))) and str(target).endswith("a_01.png"):
            refused.append(target)
            raise OSError(5, "Input/output error")
        real(source, target, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", refusing)
        assert house.drain() == ExitCode.JOBS_FAILED
    assert len(refused) >= 3
    assert house.names("outbox") >= {"bowl"}
    assert "a-mugs" not in house.names("outbox")
    assert house.drain() == ExitCode.DONE  # nothing was lost: the next start takes it up
    assert house.names("outbox") == {"a-mugs", "bowl"}


def test_a_folder_that_cannot_be_moved_keeps_nobody_waiting(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.drop("a-busy.yaml", ONE)
    house.drop("bowl.yaml", ONE)
    real = os.rename

    def busy(source, target, *args, **kwargs) -> None:
        if str(source).endswith("a-busy.yaml"):
            raise OSError(16, "Device or resource busy")
        real(source, target, *args, **kwargs)

    monkeypatch.setattr(os, "rename", busy)
    house.at(60.0, (house.root / "inbox/a-busy.yaml").unlink)
    assert house.drain() == ExitCode.DONE
    assert house.names("outbox") == {"bowl"}


def test_an_error_after_the_last_rename_does_not_render_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.drop("mugs.yaml", TWO)
    renderer, real, failed = PaintingRenderer(), os.fsync, []

    def failing_once(descriptor: int) -> None:
        if (house.root / "outbox/mugs").exists() and not failed:
            failed.append(descriptor)
            raise OSError(5, "Input/output error")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", failing_once)
    assert house.drain(renderer) == ExitCode.DONE
    assert failed
    assert sorted(renderer.painted) == ["a_01.png", "b_01.png"]
    assert house.names("outbox") == {"mugs"}
    assert house.is_swept()


def test_an_outbox_that_vanishes_is_waited_for_and_never_made_anew(house: House) -> None:
    house.drop("mugs.yaml", TWO)
    outbox, away = house.root / "outbox", house.root / "away"
    seen = []

    def vanish(_request: object) -> None:
        if not away.exists() and not seen:
            outbox.rename(away)
            seen.append("gone")
            house.at(house.now_s() + 40.0, come_back)

    def come_back() -> None:
        seen.append("made anew" if outbox.exists() else "still gone")
        away.rename(outbox)

    assert house.drain(PaintingRenderer(after=vanish)) == ExitCode.DONE
    assert seen == ["gone", "still gone"]
    assert house.manifest("mugs")["status"] == "complete"
    assert all(len(shot["attempts"]) == 1 for shot in house.manifest("mugs")["shots"])


@pytest.mark.parametrize("trap", ["folder", "fifo", "deep", "huge", "link"])
def test_what_lies_in_the_outbox_is_not_trusted(house: House, trap: str) -> None:
    manifest = house.root / "outbox/mugs/manifest.json"
    manifest.parent.mkdir()
    if trap == "folder":
        manifest.mkdir()
    elif trap == "fifo":
        os.mkfifo(manifest)
    elif trap == "deep":
        manifest.write_text("[" * 200_000)
    elif trap == "huge":
        with manifest.open("wb") as file:
            file.truncate(1024**3)
    else:
        manifest.symlink_to("/dev/zero")
    house.drop("mugs.yaml", TWO)
    assert house.drain() == ExitCode.DONE
    assert house.names("outbox") == {"mugs", "mugs.2"}


@pytest.mark.slow
def test_a_gigabyte_is_refused_whole_in_little_memory_and_the_next_job_runs(house: House) -> None:
    with (house.root / "inbox/huge.yaml").open("wb") as file:
        file.truncate(200 * 1024**2)
    house.drop("mugs.yaml", TWO)
    assert house.drain() == ExitCode.JOBS_FAILED
    assert (house.root / "failed/huge/job.yaml").stat().st_size == 200 * 1024**2
    assert "mugs" in house.names("outbox")


def spoil(path: Path) -> None:
    path.write_bytes(b"rot")


@pytest.mark.parametrize("what", ["picture", "sidecar", "deleted", "folder"])
def test_what_rots_or_vanishes_while_it_is_staged_is_made_again(house: House, what: str) -> None:
    house.drop("mugs.yaml", TWO)
    done = []

    def spoil_once(request: object) -> None:
        if len(done) == 1:
            folder = next((house.root / "outbox").glob("mugs.*.partial"))
            {
                "picture": lambda: spoil(folder / "a_01.png"),
                "sidecar": lambda: spoil(folder / "a_01.json"),
                "deleted": (folder / "a_01.png").unlink,
                "folder": lambda: shutil.rmtree(folder),
            }[what]()
        done.append(request)

    assert house.drain(PaintingRenderer(after=spoil_once)) == ExitCode.DONE
    assert house.manifest("mugs")["status"] == "complete"
    assert house.now_s() < 40
    assert house.is_swept()


@pytest.mark.parametrize("where", ["start", "render", "picture"])
def test_trouble_of_this_machine_costs_a_wait_and_no_job(
    house: House, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    house.drop("mugs.yaml", TWO)
    met = []

    def once() -> None:
        if not met:
            met.append(where)
            raise OSError(11, "Resource temporarily unavailable")

    renderer = PaintingRenderer(after=lambda _: once() if where == "render" else None)
    if where != "render":
        owner = "twins.PaintingRenderer.start" if where == "start" else "worker.delivery.delivery.FileDelivery.picture"
        real = PaintingRenderer.start if where == "start" else FileDelivery.picture

        def failing(*args: object, **named: object) -> object:
            once()
            return real(*args, **named)

        monkeypatch.setattr(owner, failing)
    assert house.drain(renderer) == ExitCode.DONE
    assert met == [where]
    assert house.manifest("mugs")["status"] == "complete"


def test_the_time_of_an_outage_is_no_picture_s(house: House) -> None:
    house.drop("mugs.yaml", TWO)
    outbox, away = house.root / "outbox", house.root / "away"
    seen = []

    def vanish(_request: object) -> None:
        if not seen:
            seen.append(outbox.rename(away))
            house.at(house.now_s() + 3600.0, lambda: away.rename(outbox))

    assert house.drain(PaintingRenderer(after=vanish)) == ExitCode.DONE
    speeds = json.loads((house.folders.workers / "w1.speed.json").read_text())["seconds_per_million_pixel_steps"]
    assert house.now_s() >= 3600
    assert max(speeds.values()) == pytest.approx(0.1 / (64 * 64 * 2 * 2 / 1e6), rel=0.01), "what the twin's tries took"


def test_a_share_that_is_full_for_long_leaves_no_empty_claims(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.drop("mugs.yaml", TWO)
    real, counts = os.rename, []

    def refusing(source, target, *args, **kwargs) -> None:
        if house.now_s() < 600 and "claims" in str(whole_path(target, kwargs.get("dst_dir_fd"))):
            raise OSError(28, "No space left on device")
        real(source, target, *args, **kwargs)

    def fault(*_: object) -> str | None:
        counts.append(len([*house.folders.claims.glob("*/*")]))
        return "outbox: No space left on device" if house.now_s() < 600 else None

    monkeypatch.setattr(os, "rename", refusing)
    monkeypatch.setattr("worker.spool.folder_identity.Roots.fault", fault)
    assert house.drain() == ExitCode.DONE
    assert max(counts) <= 1


def test_a_job_that_cannot_be_given_back_stays_claimed_and_the_worker_ends_for_its_own_reason(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def neither(*_: object) -> None:
        raise NotAJob(gettext("it is neither a file nor a folder"))

    house.drop("mugs.yaml", TWO)
    renderer = PaintingRenderer(start_error=DeviceUnavailable("the card is gone"))
    with monkeypatch.context() as patch:
        patch.setattr(Claims, "give_back", neither)
        with pytest.raises(DeviceUnavailable):
            house.drain(renderer)
    assert house.drain() == ExitCode.DONE
    assert house.names("outbox") == {"mugs"}


class Torn(PaintingRenderer):
    """Of one picture half the bytes are missing: no encoder makes a file of it."""

    def render(self, requests, *, on_progress):
        for result in super().render(requests, on_progress=on_progress):
            is_torn = result.request.file.startswith("a")
            picture = replace(result.picture, rgb=result.picture.rgb[::2]) if is_torn else result.picture
            yield replace(result, picture=picture)


def test_a_picture_of_which_no_encoder_makes_a_file_fails_by_itself(house: House) -> None:
    house.drop("mugs.yaml", TWO)
    renderer = Torn()
    assert house.drain(renderer) == ExitCode.JOBS_FAILED
    shots = {str(shot["id"]): shot for shot in house.manifest("mugs")["shots"]}
    assert {name: shot["status"] for name, shot in shots.items()} == {"a": "failed", "b": "ok"}
    assert "no file could be made of it" in str(shots["a"]["error"])
    assert len(renderer.painted) == 2, "it is not made again and again"
