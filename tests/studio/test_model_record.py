"""The record of an added model that is cut, empty, linked or another program's: it is none, and that is told."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from worker.compose import doctor_machine
from worker.doctor.checks import model as model_check
from worker.errors import ModelInvalid
from worker.settings import load
from worker.studio.model_files.checking.one_pass import read_once
from worker.studio.model_files.checking.read_cache import ReadCache
from worker.studio.model_files.inspect import identify, inspect_model
from worker.studio.model_files.model_record import MOST_FILES, read_model_record, record_fault
from worker.studio.model_store.stored import verify_model
from worker.studio.model_store.work import Work

pytestmark = pytest.mark.slow


def content(folder: Path) -> dict[str, object]:
    """What `model add` writes of a folder."""
    files = {}
    for path in (one for one in folder.rglob("*") if one.is_file()):
        read = read_once(path)
        stamp = read.stamp
        files[path.relative_to(folder).as_posix()] = {
            "sha256": read.sha256, "size": stamp.size, "mtime_ns": stamp.mtime_ns, "inode": stamp.inode,
        }  # fmt: skip
    usual = {"schema": 1, "name": "mug", "kind": "demo", "shift": 3.0, "source": ["mug"], "verified": None}
    return usual | {"licence": None, "recommended": {"steps": 8, "guidance": 3.0}, "files": files}


def cut(record: Path) -> None:
    record.write_bytes(record.read_bytes()[:500])


def changed(**values: object) -> Callable[[Path], object]:
    return lambda record: record.write_text(json.dumps(json.loads(record.read_text("utf-8")) | values), "utf-8")


def dead_link(record: Path) -> None:
    record.unlink()
    record.symlink_to("nowhere.json")


def circle(record: Path) -> None:
    record.unlink()
    record.symlink_to(record.name)


def a_folder(record: Path) -> None:
    record.unlink()
    record.mkdir()


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda record: record.write_bytes(b""), "is empty"),
        (lambda record: record.write_bytes(bytes(300)), "is empty"),
        (cut, "is cut short, or no JSON"),
        (lambda record: record.write_text('{"model_type": "keras"}', "utf-8"), "is not what `model add` writes"),
        (lambda record: record.write_text("[1, 2]", "utf-8"), "is not what `model add` writes"),
        (changed(schema=2), "is of another version of this program"),
        (changed(kind="sdxl"), "holds what `model add` does not write"),
        (changed(files={"a": {"sha256": "0" * 63, "size": 1, "mtime_ns": 1, "inode": 1}}), "lacks what"),
        (changed(recommended=None), "lacks what `model add` writes"),
        (dead_link, "is a link to a file that is not there"),
        (circle, "is a link that leads in a circle"),
        (a_folder, "is no file"),
    ],
)
def test_a_record_that_is_none_is_told(folder: Path, tmp_path: Path, spoil: Callable[[Path], object], why: str) -> None:
    record = folder / "model.json"
    record.write_text(json.dumps(content(folder)), "utf-8")
    assert record_fault(folder) is None
    spoil(record)
    assert read_model_record(folder) is None
    said = record_fault(folder)
    assert said is not None
    assert f"model.json {why}" in said
    model = inspect_model(folder)
    with capture_logs() as logs:
        identify(model)
    assert [line["note"] for line in logs if line["event"] == "model.record_unusable"] == [said]
    verified = verify_model(model, work=Work(), cache=ReadCache(None)).summary()
    assert said in verified
    assert "as the record of their checksums cannot be used" in verified
    assert "their download kept no checksums" not in verified
    configured = load(file=None, environment={}, flags={"state_dir": str(tmp_path / "state")})
    machine = replace(doctor_machine(configured), inspect_model=lambda: model)
    found = [*model_check.check(machine)]
    assert [(one.what, one.mark) for one in found if said in one.text] == [("files", "warn")]


def test_a_record_is_read_through_a_link_as_a_download_cache_has_it(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "blob").write_text(json.dumps(content(folder)), "utf-8")
    (folder / "model.json").symlink_to(tmp_path / "blob")
    assert read_model_record(folder) is not None
    assert record_fault(folder) is None


def test_a_folder_without_record_gets_no_word(folder: Path) -> None:
    assert record_fault(folder) is None
    with capture_logs() as logs:
        identify(inspect_model(folder))
    assert "model.record_unusable" not in [line["event"] for line in logs]


@pytest.mark.parametrize("count", [900, 4500, 20_000])
def test_a_record_of_however_many_names_takes_little_memory(folder: Path, count: int) -> None:
    known = content(folder)
    one = {"sha256": "0" * 64, "size": 1, "mtime_ns": 1, "inode": 1}
    known["files"] = {f"x/{number}": one for number in range(count)}
    (folder / "model.json").write_text(json.dumps(known), "utf-8")
    model = inspect_model(folder)
    tracemalloc.start()
    try:
        said = verify_model(model, work=Work(), cache=ReadCache(None)).summary()
    except ModelInvalid as refusal:
        said = str(refusal)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30e6
    assert len(said) < 2000
    if count <= MOST_FILES:
        assert "900 files are missing, which its record names: x/0, x/1, x/2, …." in said
    else:
        assert "than any" in said
