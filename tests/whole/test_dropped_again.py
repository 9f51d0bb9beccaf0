"""A finished or failed folder is a job again when it is dropped, however often."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path

import pytest
from house import House
from program import call_here
from twins import PaintingRenderer

from worker.errors import ExitCode

pytestmark = pytest.mark.slow

TABLE = "sku,name\nA,mug\nB,vase\n"
CATALOGUE = 'products: products.csv\nprompt: "a {name}"\nsize: 64x64\n'
BAD = 'products: products.csv\nprompt: "a {colour}"\nsize: 64x64\n'


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def drop_catalogue(house: House, name: str = "spring", job: str = CATALOGUE) -> Path:
    folder = house.root / "inbox" / name
    folder.mkdir()
    (folder / "job.yaml").write_text(job)
    (folder / "products.csv").write_text(TABLE)
    return folder


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_failed_catalogue_that_was_mended_is_made_and_nests_no_deeper(house: House) -> None:
    drop_catalogue(house, job=BAD)
    for name in ("spring", "spring", "spring"):
        assert house.drain() == ExitCode.JOBS_FAILED
        assert files(house.root / "failed" / name) == {"error.txt", "error.json", "job.yaml", "job/products.csv"}
        shutil.move(house.root / "failed" / name, house.root / "inbox" / name)
    (house.root / "inbox/spring/job.yaml").write_text(CATALOGUE)
    assert house.drain() == ExitCode.DONE
    assert files(house.root / "outbox/spring") >= {"A_01.png", "B_01.png", "job.yaml", "job/products.csv"}
    assert not (house.root / "outbox/spring/job/job").exists()
    assert house.is_swept()


def test_a_finished_catalogue_is_made_again_and_its_pictures_are_kept(house: House) -> None:
    drop_catalogue(house)
    assert house.drain() == ExitCode.DONE
    first = (house.root / "outbox/spring/A_01.png").read_bytes()
    shutil.move(house.root / "outbox/spring", house.root / "inbox/spring")
    assert house.drain() == ExitCode.DONE
    assert house.names("outbox") == {"spring", "spring.before"}
    assert (house.root / "outbox/spring.before/A_01.png").read_bytes() == first
    assert files(house.root / "outbox/spring") >= {"A_01.png", "job.yaml", "job/products.csv"}
    assert not (house.root / "outbox/spring/job/manifest.json").exists()


def test_nothing_that_a_person_put_into_such_a_folder_is_lost(house: House) -> None:
    folder = drop_catalogue(house)
    (folder / "error.json").write_text("{}")
    (folder / "notes").mkdir()
    (folder / "notes" / "a.txt").write_text("of a person's")
    (folder / "b.txt").write_text("of a person's too")
    assert house.drain() == ExitCode.DONE
    assert (house.root / "outbox/spring.before/notes/a.txt").exists()
    assert (house.root / "outbox/spring/job/b.txt").exists()


def test_a_single_job_keeps_its_name(house: House) -> None:
    house.drop("mug.yaml", "prompt: a red mug\nsize: 64x64\n")
    assert house.drain(PaintingRenderer(refuses=["shot-01_01.png"])) == ExitCode.JOBS_FAILED
    shutil.move(house.root / "failed/mug", house.root / "inbox/mug.2")
    assert house.drain() == ExitCode.DONE
    assert house.names("outbox") == {"mug"}
    assert house.manifest("mug")["name"] == "mug"


def test_what_lies_below_job_counts_before_what_lies_beside(house: House) -> None:
    folder = drop_catalogue(house)
    (folder / "error.json").write_text(json.dumps({"schema": 1, "name": "spring", "reason": "", "problems": []}))
    (folder / "job").mkdir()
    (folder / "job" / "products.csv").write_text("sku,name\nC,jug\n")
    assert house.drain() == ExitCode.DONE
    assert "C_01.png" in files(house.root / "outbox/spring")
    assert (house.root / "outbox/spring/job/products.csv").read_text() == "sku,name\nC,jug\n"


def test_a_table_that_was_put_beside_the_job_file_counts_too(house: House) -> None:
    folder = drop_catalogue(house)
    (folder / "error.json").write_text("{}")
    assert house.drain() == ExitCode.DONE
    assert files(house.root / "outbox/spring") >= {"A_01.png", "job/products.csv"}


def test_commands_read_it_as_the_worker_does(house: House) -> None:
    drop_catalogue(house)
    house.drain()
    folder = house.root / "outbox/spring"
    folder.rename(folder.with_name("spring.7"))
    assert "ok, 2 pictures" in call_here("check", "outbox/spring.7", cwd=house.root).stdout
    assert "spring: 2 pictures" in call_here("plan", "outbox/spring.7", cwd=house.root).stdout
    done = call_here("submit", "outbox/spring.7", cwd=house.root)
    assert done.returncode == 0, done.stderr
    assert files(house.root / "inbox/spring.7") == {"job.yaml", "job/products.csv", "manifest.json"}
    assert house.drain() == ExitCode.DONE
    assert house.names("outbox") == {"spring.7", "spring"}


@pytest.mark.parametrize("free", [True, False])
def test_pictures_of_a_folder_that_is_dropped_again_reach_an_outbox_on_another_disk(
    house: House, monkeypatch: pytest.MonkeyPatch, free: bool
) -> None:
    drop_catalogue(house)
    assert house.drain() == ExitCode.DONE
    first = (house.root / "outbox/spring/A_01.png").read_bytes()
    shutil.move(house.root / "outbox/spring", house.root / "inbox/spring")
    (house.root / "inbox/spring/mine").mkdir()
    (house.root / "inbox/spring/mine/note.txt").write_text("keep")
    really = {name: getattr(os, name) for name in ("rename", "fsync")}

    def across(source: object, target: object, **named: int) -> None:
        if "claims" in str(source) and "outbox" in str(target):
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        really["rename"](source, target, **named)

    def full(descriptor: int) -> None:
        if ".before" in str(Path(f"/proc/self/fd/{descriptor}").readlink()):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        really["fsync"](descriptor)

    monkeypatch.setattr(os, "rename", across)
    if not free:
        monkeypatch.setattr(os, "fsync", full)
        house.drain()
        assert house.names("outbox") == {"spring"}, "nothing half-way is left"
        monkeypatch.setattr(os, "fsync", really["fsync"])
    assert house.drain() == ExitCode.DONE
    assert house.names("outbox") == {"spring", "spring.before"}
    assert (house.root / "outbox/spring.before/A_01.png").read_bytes() == first
    assert (house.root / "outbox/spring.before/mine/note.txt").read_text() == "keep"
    assert house.is_swept()
