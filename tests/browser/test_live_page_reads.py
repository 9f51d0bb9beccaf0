"""The live page in a browser: readable on a phone, on paper and by those who cannot see, and cheap on the share."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest

from tests.browser.chromium import LOOKS, Look, reading
from tests.browser.watching import watching
from tests.delivery.conftest import RECORD, Folder, Samples
from tests.delivery.preview import main
from worker.records import Picture

pytestmark = pytest.mark.slow
MOST_BYTES = 1_000_000
"""A viewer and minute."""


@pytest.mark.parametrize("look", LOOKS, ids=str)
@pytest.mark.parametrize("page", ["live_page", "paused_page"])
def test_the_live_page_serves_every_reader(chromium, tmp_path: Path, look: Look, page: str) -> None:
    main(tmp_path)
    with reading(chromium, tmp_path / f"{page}.html", look) as reader:
        reader.keep(page)
        assert reader.findings() == []
        assert reader.overflow_px() <= 0
        assert reader.errors == []


def test_without_scripts_it_shows_what_was_true_when_it_was_written(chromium, tmp_path: Path) -> None:
    main(tmp_path)
    with reading(chromium, tmp_path / "live_page.html", LOOKS[0], scripts=False) as reader:
        assert "In work: MUG-09_01.png" in reader.page.inner_text("main")
        assert reader.page.locator("noscript meta").count() <= 1


def test_a_viewer_of_a_job_of_two_thousand_reads_less_than_a_megabyte_a_minute(chromium, tmp_path: Path) -> None:
    """Pictures of noise, which no encoder makes small, made anew before each reading."""
    samples, noise = Samples(), random.Random(1)
    folder = Folder(replace(RECORD, pictures=2_000, finished_at=None))
    home, record = tmp_path / "mugs.partial", tmp_path / "_overview/live/5f0c.js"
    home.mkdir()
    record.parent.mkdir(parents=True)

    def go_on() -> None:
        for _ in range(12):
            request = samples.request(file=f"{len(folder.entries)}.png", width_px=256, height_px=256, prompt="词" * 300)
            picture = Picture(width_px=256, height_px=256, rgb=noise.randbytes(256 * 256 * 3))
            folder.add(replace(samples.made(), request=request, picture=picture))
        moment = replace(samples.moment, at=f"2026-07-01T21:05:{len(folder.entries) // 12:02}+00:00")
        record.write_bytes(folder.delivery.live(folder.record, folder.entries, moment=moment, needs_page=False).record)
        (home / "index.html").write_bytes(
            folder.delivery.live(folder.record, folder.entries, moment=moment, needs_page=True).page
        )

    for _ in range(3):
        go_on()
    with watching(chromium, home / "index.html") as watched:
        watched.pass_s(5)
        opening, watched.read[:] = [*watched.read], []
        for _ in range(12):
            go_on()
            watched.pass_s(5)
        assert bytes_of(watched.read) < MOST_BYTES, watched.read
        files = sum(url.startswith("file:") for url in watched.read)
        assert files >= 5, "it goes on"
        assert bytes_of(opening) < 300_000
        print(f"{bytes_of(watched.read):,} bytes a minute in {files} files, {bytes_of(opening):,} to open")
        assert not watched.errors


def bytes_of(urls: list[str]) -> int:
    """Of the files of a share that were asked for, as they are now."""
    files = (Path(unquote(urlparse(url).path)) for url in urls if url.startswith("file:"))
    return sum(file.stat().st_size for file in files if file.is_file())
