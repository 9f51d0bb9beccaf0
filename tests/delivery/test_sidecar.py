"""Sidecars, and which earlier pictures may be used again."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256

import pytest


@pytest.fixture
def earlier(folder, samples):
    """A delivered picture: how `reuse` judges it after the changes a test makes."""
    folder.add(samples.made())

    def judge(request=None, *, record=samples.record, picture=None, **sidecar_changes):
        sidecar = json.loads(folder.files["MUG-01_01.json"]) | sidecar_changes
        return folder.delivery.reuse(
            request or samples.request(),
            record=record,
            sidecar=json.dumps(sidecar).encode(),
            picture=folder.files["MUG-01_01.png"] if picture is None else picture,
        )

    return judge


def test_a_sidecar_is_an_entry_with_its_origin(folder, samples):
    folder.add(samples.made(matrix={"angle": "front"}, product={"sku": "1"}, metadata={"campaign": "秋"}))
    text = folder.files["MUG-01_01.json"].decode()
    assert json.loads(text) == {
        "id": "MUG-01", "index": 1, "file": "MUG-01_01.png", "sidecar": "MUG-01_01.json",
        "sha256": sha256(folder.files["MUG-01_01.png"]).hexdigest(),
        "width": 64, "height": 48, "prompt": "a red mug, white background", "negative_prompt": "",
        "seed": 7, "steps": 8, "guidance": 3.0, "format": "png",
        "metadata": {"campaign": "秋"}, "matrix": {"angle": "front"}, "product": {"sku": "1"},
        "status": "ok", "error": None, "rung": "first", "started_at": "2026-07-01T21:00:00Z",
        "attempts": [{"rung": "first", "outcome": "ok", "seconds": 0.614, "peak_mib": None}],
        "job": "5f0c",
        "worker": {"id": "w1", "host": "studio", "version": "0.1.0", "torch": "2.13.0", "diffusers": "0.42.1",
                   "gpu": None},
        "model": {"id": "Z-Image-Turbo", "kind": "turbo", "sha256": "ab12" * 16, "demo": False},
    }  # fmt: skip
    assert "秋" in text
    assert text.endswith("}\n")


def test_matrix_and_product_are_left_out_when_the_job_has_none(folder, samples):
    folder.add(samples.made())
    assert not {"matrix", "product"} & json.loads(folder.files["MUG-01_01.json"]).keys()


def test_a_whole_picture_of_the_same_request_is_used_again(earlier, folder):
    entry = earlier()
    assert entry is not None
    assert replace(entry, tries=()) == replace(folder.entries[0], tries=(), file_s=None), (
        "it is not told how long its own file took"
    )
    assert entry.tries[0].seconds == 0.614


@pytest.mark.parametrize(
    "change",
    [
        {"prompt": "a blue mug"},
        {"negative_prompt": "text"},
        {"seed": 8},
        {"width_px": 48},
        {"height_px": 64},
        {"steps": 9},
        {"guidance": 3.5},
        {"format": "webp"},
        {"file": "MUG-01_02.png"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_request_is_rendered_anew(earlier, samples, change):
    assert earlier(samples.request(**change)) is None


def test_what_is_allowed_does_not_matter_for_a_picture_that_needed_nothing_of_it(earlier, samples):
    assert earlier(samples.request(allow=frozenset({"new_seed"}))) is not None


@pytest.mark.parametrize(
    "accepted",
    [{"rung": "tiled_decode"}, {"lessons": ["tiled_decode"]}, {"note": "decoded in tiles of 512 pixels"}],
    ids=["rung", "lesson", "plan"],
)
def test_a_picture_in_tiles_is_made_anew_once_tiles_are_not_permitted_any_more(earlier, samples, accepted):
    tries = [{"rung": "first", "outcome": "ok", "seconds": 1.0, "peak_mib": None} | accepted]
    assert earlier(attempts=tries) is None
    assert earlier(samples.request(allow=frozenset({"new_seed"})), attempts=tries) is None
    assert earlier(samples.request(allow=frozenset({"tiled_decode"})), attempts=tries) is not None


def test_what_was_tried_before_it_and_told_does_not_count(earlier):
    tries = [{"rung": "first", "outcome": "black", "seconds": 1.0, "peak_mib": None, "note": "mean 0.0 of 255"},
             {"rung": "again", "outcome": "ok", "seconds": 1.0, "peak_mib": None}]  # fmt: skip
    assert earlier(attempts=tries) is not None


def test_a_picture_made_with_another_seed_is_still_what_was_asked_for(folder, samples):
    folder.add(samples.retried())
    sidecar, picture = folder.files["MUG-01_01.json"], folder.files["MUG-01_01.png"]

    def reuse(request):
        return folder.delivery.reuse(request, record=samples.record, sidecar=sidecar, picture=picture)

    assert reuse(samples.request()) is None  # it is not permitted any more
    entry = reuse(samples.request(allow=frozenset({"new_seed"})))
    assert (entry.seed, entry.rung) == (99, "new_seed")
    assert [one_try.evidence for one_try in entry.tries] == [one_try.evidence for one_try in folder.entries[0].tries]
    assert (entry.tries[0].note, entry.tries[0].lessons) == ("mean 0.0 of 255", ("stream_blocks",))
    assert reuse(samples.request(seed=99, allow=frozenset({"new_seed"}))) is None


@pytest.mark.parametrize(
    "one_try",
    [
        {"rung": "first", "outcome": "black", "evidence": "../../etc/passwd"},
        {"rung": "../first", "outcome": "black", "evidence": "rejected/MUG-01_01.1-../first-black.png"},
        {"rung": "first", "outcome": "black", "evidence": "rejected/other.1-first-black.png"},
    ],
    ids=["outside", "rung", "other"],
)
def test_a_sidecar_cannot_name_other_files_as_evidence(earlier, one_try):
    made = {"rung": "again", "outcome": "ok", "seconds": 1.0, "peak_mib": None}
    entry = earlier(attempts=[{"seconds": 1.0, "peak_mib": None, **one_try}, made])
    assert [one_try.evidence for one_try in entry.tries] == [None, None]


@pytest.mark.parametrize("started_at", ["soon", "2026-07-01T21:00:00", 7])
def test_a_sidecar_whose_time_cannot_be_read_is_no_error(earlier, started_at):
    assert earlier(started_at=started_at) is None


def test_a_sidecar_from_before_it_told_when_its_run_began_is_used(earlier):
    assert earlier(started_at=None) is not None


def test_guidance_may_be_written_as_a_whole_number(earlier):
    assert earlier(guidance=3) is not None


def test_a_picture_of_other_weights_is_rendered_anew(earlier, samples):
    model = replace(samples.record.model, sha256="0" * 64)
    assert earlier(record=replace(samples.record, model=model)) is None


def test_a_picture_with_one_changed_byte_is_rendered_anew(earlier, folder):
    data = bytearray(folder.files["MUG-01_01.png"])
    data[len(data) // 2] ^= 1
    assert earlier(picture=bytes(data)) is None


def test_a_picture_that_does_not_open_is_rendered_anew_even_with_its_hash(earlier, folder):
    cut = folder.files["MUG-01_01.png"][:200]
    assert earlier(picture=cut, sha256=sha256(cut).hexdigest()) is None


def test_a_failed_entry_is_rendered_anew(earlier):
    assert earlier(status="failed") is None


@pytest.mark.parametrize(
    "sidecar",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"file": 1}', b"[" * 100_000, b'{"model": {"sha256": null}}'],
    ids=range(8),
)
def test_a_sidecar_that_cannot_be_read_is_no_error(folder, samples, sidecar):
    folder.add(samples.made())
    picture = folder.files["MUG-01_01.png"]
    assert folder.delivery.reuse(samples.request(), record=samples.record, sidecar=sidecar, picture=picture) is None


SCHEMA_1 = {
    "id": "MUG-01", "index": 1, "file": "a.png", "sidecar": "a.json", "sha256": "", "width": 64, "height": 48,
    "prompt": "", "negative_prompt": "", "seed": 7, "steps": 8, "guidance": 3.0, "format": "png", "metadata": {},
    "status": "ok", "error": None, "rung": "first",
    "attempts": [{"rung": "first", "outcome": "ok", "seconds": 0.6, "peak_mib": None}],
    "job": "5f0c", "started_at": "2026-07-01T21:00:00+00:00",
    "worker": {"id": "w1", "host": "studio", "version": "0.1.0", "torch": "2.13.0", "diffusers": "0.42.1", "gpu": None},
    "model": {"id": "Z-Image-Turbo", "kind": "turbo", "sha256": "ab12" * 16, "demo": False},
}  # fmt: skip
"""As version 0.1.0 wrote it."""


def test_a_picture_of_a_job_that_an_older_version_began_is_used_again(folder, samples):
    """An upgrade in the middle of a night keeps its pictures."""
    request = samples.request(file="a.png")
    entry, files = folder.delivery.picture(samples.made(file="a.png"), record=samples.record)
    asked = {"prompt": request.prompt, "negative_prompt": request.negative_prompt, "seed": request.seed,
             "steps": request.steps, "guidance": request.guidance}  # fmt: skip
    old = json.dumps({**SCHEMA_1, "sha256": entry.sha256, **asked}).encode()
    again = folder.delivery.reuse(request, record=samples.record, sidecar=old, picture=files[0].data)
    assert again is not None
    assert (again.status, again.sha256, again.started_at) == ("ok", entry.sha256, "2026-07-01T21:00:00+00:00")
