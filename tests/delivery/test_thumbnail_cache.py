"""Small versions of pictures on the local disk: they save reading, and their trouble is nobody else's."""

from __future__ import annotations

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from worker.delivery.formats import FORMATS
from worker.delivery.thumbnail_cache import ThumbnailCache


@contextmanager
def full_disk() -> Iterator[None]:
    """No file may grow: what a full disk does, by the kernel itself.

    No fixture: its limit would still stand while pytest writes its report into a file.
    """
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_what_was_put_comes_back_and_nothing_else(samples) -> None:
    cache = ThumbnailCache("job", longest_px=32)
    cache.put("a.png", samples.picture())
    cache.put("b.png", samples.picture(samples.request(width_px=32, height_px=32)))
    cache.put("a.png", samples.picture())
    first, second = cache.get("a.png"), cache.get("b.png")
    assert first != second
    assert {data[:4] for data in (first, second)} == {b"RIFF"}
    assert cache.get("c.png") is None
    cache.close()
    assert cache.get("a.png") is None


@pytest.mark.parametrize("image_format", FORMATS)
def test_no_picture_is_read_again_for_its_page(folder, samples, image_format) -> None:
    folder.add(*(samples.made(file=f"{n}.x", format=image_format, seed=n) for n in range(3)))
    folder.read = lambda name: pytest.fail(f"{name} was read")
    assert folder.close().files["index.html"].count(b"data:image/webp;base64,") == 3


def test_another_job_finds_an_empty_cache(folder, samples) -> None:
    folder.add(samples.made(file="a.png"))
    kept = dict(folder.files)
    folder.record = replace(samples.record, job_id="another")
    folder.add(samples.made(file="b.png"))
    asked = []
    folder.read = lambda name: asked.append(name) or {**kept, **folder.files}[name]
    folder.close()
    assert asked == ["a.png"]


def test_a_full_local_disk_costs_reading_and_no_picture(folder, samples) -> None:
    with full_disk():
        folder.add(samples.made(file="a.png"))
    asked = []
    folder.read = lambda name: asked.append(name) or folder.files[name]
    assert folder.close().files["index.html"].count(b"data:image/webp;base64,") == 1
    assert asked == ["a.png"]


def test_no_temporary_folder_at_all_likewise(folder, samples, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    folder.add(samples.made(file="a.png"))
    assert folder.close().files["index.html"].count(b"data:image/webp;base64,") == 1


def test_closing_files_left_half_way_are_whole_the_next_time(folder, samples) -> None:
    folder.add(samples.made(file="a.png"), samples.retried(file="b.png"), samples.failed())
    whole = dict(folder.close().files)
    for file in folder.delivery.closing(folder.record, folder.entries, read=folder.read):
        next(iter(file.pieces()))  # and then the share goes away
    assert folder.close().files == whole


def test_a_job_that_gave_way_to_others_keeps_its_small_versions(folder_of, samples):
    """Nothing of it is read again for its contact sheet."""
    folder = folder_of(samples.record)
    folder.add(samples.made(file="a.png"), samples.made(file="b.png"))
    for number in range(3):
        other = replace(samples.record, job_id=f"urgent-{number}")
        folder.delivery.picture(samples.made(), record=other)
    page = {file.name: file for file in folder.delivery.closing(folder.record, folder.entries, read=_never)}
    assert b"".join(page["index.html"].pieces()).count(b"data:image/webp") == 2


def _never(name: str) -> bytes:
    raise AssertionError(f"{name} is read")
