"""Facts of ended jobs: whatever somebody has written on the share costs little and is told as nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from worker.overview_records import EndedJob
from worker.spool import init_folders
from worker.spool.layout import Folders
from worker.spool.overview.ended_facts import (
    EVIDENCE_BYTES,
    MOST_FAILURES,
    MOST_TOLD_TRIES,
    evidence_bytes,
    facts_of,
)

JOB = EndedJob(name="mugs", is_in_outbox=True, state="partial", ended_at=None, pictures=3, made=1)


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    made = init_folders(tmp_path)
    (made.outbox / "mugs/rejected").mkdir(parents=True)
    return made


def lay(folders: Folders, document: object) -> None:
    (folders.outbox / "mugs/manifest.json").write_text(json.dumps(document))


def entry(**changed: object) -> dict[str, object]:
    made = {"file": "a.png", "status": "ok", "width": 64, "height": 64, "steps": 2, "guidance": 3.0, "rung": "first",
            "attempts": [{"rung": "first", "outcome": "ok", "seconds": 2.0, "peak_mib": 100.5}]}  # fmt: skip
    return made | changed


def test_stages_peak_and_temperature_are_told_where_the_manifest_knows_them(folders: Folders) -> None:
    staged = {"rung": "first", "outcome": "ok", "seconds": 2.0, "peak_mib": 100.5,
              "stages": {"encode_s": 0.5, "denoise_s": 1.0, "decode_s": 0.25}}  # fmt: skip
    document = {"peak_mib": 900.0, "max_temperature_c": 71, "worker": {"id": "w1"}, "warnings": [],
                "shots": [entry(attempts=[staged], file_s=0.1), entry()]}  # fmt: skip
    lay(folders, document)
    found = facts_of(folders, JOB)
    assert found.stages == pytest.approx({"encode_s": 0.5, "denoise_s": 1.0, "decode_s": 0.25, "file_s": 0.1})
    assert (found.staged, found.peak_mib, found.temperature_c, found.worker) == (1, 900.0, 71.0, "w1")
    lay(folders, {"shots": [entry()]})
    found = facts_of(folders, JOB)
    assert (found.stages, found.staged, found.peak_mib, found.temperature_c) == ({}, 0, 100.5, None)


@pytest.mark.parametrize(
    "document",
    [
        7, [], {}, {"shots": {}}, {"shots": [7, None, [], {}]},
        {"shots": [entry(attempts=7), entry(attempts=[7, {}]), entry(status=7), entry(status="proof")]},
        {"shots": [entry(attempts=[{"outcome": {}, "seconds": "x", "peak_mib": -1, "stages": 7}])]},
        {"warnings": 7, "worker": [], "peak_mib": "x", "max_temperature_c": [], "shots": []},
        {"warnings": [{"rule": 7, "message": {}, "count": -1}, 7], "shots": [entry(guidance="x", width=-1)]},
    ],
)  # fmt: skip
def test_what_is_no_manifest_of_ours_is_told_as_nothing(folders: Folders, document: object) -> None:
    lay(folders, document)
    found = facts_of(folders, JOB)
    assert (found.lost, found.failures, found.peak_mib) in (({}, [], None), ({}, [], 100.5))


def test_texts_are_cut_and_lists_bounded(folders: Folders) -> None:
    tries = [{"outcome": "x" * 900, "rung": "y" * 900, "evidence": "z" * 900, "seconds": 1e300}] * 30
    failed = [entry(status="failed", file="f" * 9000, error="e" * 9000, prompt="p" * 9000, attempts=tries)] * 40
    mended = [entry(rung=f"rung{n}", attempts=[{"outcome": f"o{n}"}, {"outcome": "ok"}]) for n in range(500)]
    lay(folders, {"shots": failed + mended})
    found = facts_of(folders, JOB)
    assert (len(found.failures), sum(found.lost.values()), len(found.mended)) == (MOST_FAILURES, 40, 20)
    assert max(len(text) for one in found.failures for text in (one.file, one.error, one.prompt, *one.evidence)) == 500
    lay(folders, {"shots": [entry(status="failed", attempts=[{"outcome": "black"}] * 5000)]})
    assert len(facts_of(folders, JOB).failures[0].outcomes) == MOST_TOLD_TRIES


@pytest.mark.parametrize(
    "file",
    ["", "rejected", "rejected/", "../failed/x.png", "rejected/../../x.png", "/etc/passwd", "a.png", "rejected/a/b.png",
     "rejected/link.png", "rejected/pipe.png", "rejected/folder.png", "rejected/.hidden.png", "rejected/none.png"],
)  # fmt: skip
def test_only_a_plain_file_among_the_refused_pictures_is_opened(folders: Folders, tmp_path: Path, file: str) -> None:
    rejected = folders.outbox / "mugs/rejected"
    (tmp_path / "outside.png").write_bytes(b"secret")
    (rejected / "link.png").symlink_to(tmp_path / "outside.png")
    os.mkfifo(rejected / "pipe.png")
    (rejected / "folder.png").mkdir()
    (rejected / ".hidden.png").write_bytes(b"x")
    (folders.outbox / "mugs/a.png").write_bytes(b"x")
    assert evidence_bytes(folders, JOB, file) == b""


def test_a_refused_picture_is_read_unless_it_is_too_large(folders: Folders) -> None:
    rejected = folders.outbox / "mugs/rejected"
    (rejected / "a.png").write_bytes(b"picture")
    with (rejected / "b.png").open("wb") as file:
        file.truncate(EVIDENCE_BYTES + 1)
    assert evidence_bytes(folders, JOB, "rejected/a.png") == b"picture"
    assert evidence_bytes(folders, JOB, "rejected/b.png") == b""
    (folders.outbox / "mugs").rename(folders.outbox / "elsewhere")
    (folders.outbox / "mugs").symlink_to("elsewhere")
    assert evidence_bytes(folders, JOB, "rejected/a.png") == b"", "a link in the place of the job's folder"
