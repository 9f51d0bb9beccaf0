"""Figures for Prometheus: what is counted from which event, the text, the file that is never half there."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from heard_log import heard_log
from hypothesis import given, settings
from hypothesis import strategies as st
from pages import page

from tests.operations.promtool import needs_promtool, promtool
from worker.operations.metrics.collector import EVENTS, MOST_LABELS, Figures
from worker.operations.metrics.file import MetricsFile
from worker.operations.metrics.names import FIGURES, PREFIX
from worker.operations.metrics.text import metrics_text

METRICS_PAGE = "worker/operations/METRICS.md"


class Now:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.s = 1_000_000.0

    def __call__(self) -> float:
        return self.s


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def figures(now: Now) -> Figures:
    return Figures(worker="w1", host="studio", version="1", device="auto", wall_s=now)


def value(figures: Figures, name: str, **labels: str) -> float | None:
    """One line of the file."""
    words = ",".join(f'{key}="{word}"' for key, word in {"worker": "w1", **labels}.items())
    start = f"{PREFIX}{name}{{{words}}} "
    found = [line for line in figures.text().decode().splitlines() if line.startswith(start)]
    return float(found[0].removeprefix(start)) if found else None


def test_the_page_has_every_figure_as_the_table_has_it() -> None:
    rows = {tuple(row[:3]) for row in page(METRICS_PAGE).rows("## The figures")[1:]}
    shown = {
        (f"`{PREFIX}{name}`", ", ".join((one.kind, *(f"`{label}`" for label in one.labels))), one.help)
        for name, one in FIGURES.items()
    }
    assert rows == shown


def test_each_event_that_is_counted_is_one_of_the_log() -> None:
    elsewhere = {  # of parts that are built at the same time, or are not there
        "proof.published", "proof.approved", "proof.rejected", "window.begun", "window.ended", "card.hot",
        "card.cooled", "notify.dropped",
    }  # fmt: skip
    known = set(page("worker/operations/README.md").first_words("## Events in the log"))
    assert known | elsewhere >= EVENTS


def test_ends_of_jobs_are_counted_once_each(figures: Figures) -> None:
    figures.hear("job.settled", {"status": "complete", "seconds": 12.0, "peak_mib": 2.0, "temperature_c": 71})
    figures.hear("job.settled", {"status": "cancelled", "seconds": 3.0})
    figures.hear("job.refused", {})
    figures.hear("job.cancelled", {"left": 3})  # in work: its end comes later
    figures.hear("job.cancelled", {"folder": "mugs"})
    figures.hear("job.appeared", {"status": "partial"})
    counted = {status: value(figures, "jobs_ended_total", status=status) for status in ("complete", "cancelled")}
    assert counted == {"complete": 1, "cancelled": 2}
    assert value(figures, "jobs_ended_total", status="refused") == 1
    assert value(figures, "jobs_ended_total", status="partial") == 1
    assert (value(figures, "job_seconds_sum"), value(figures, "job_seconds_count")) == (15, 2)
    assert value(figures, "card_memory_peak_bytes") == 2 * 1024 * 1024
    assert value(figures, "card_temperature_celsius") == 71


def test_pictures_their_tries_and_stages_are_counted(figures: Figures) -> None:
    figures.hear("picture.refused", {"outcome": "black", "rung": "first"})
    figures.hear("picture.refused", {"outcome": "black", "rung": "fp32_vae"})
    figures.hear("picture.made", {"seconds": 4.0})
    figures.hear("picture.failed", {"seconds": 2.0})
    figures.hear("job.settled", {"status": "partial", "encode_s": 0.5, "denoise_s": 5.0, "decode_s": None})
    assert value(figures, "pictures_total", outcome="made") == 1
    assert value(figures, "pictures_total", outcome="failed") == 1
    assert value(figures, "picture_seconds_sum") == 6
    assert value(figures, "tries_refused_total", outcome="black", rung="fp32_vae") == 1
    assert value(figures, "stage_seconds_sum", stage="denoise") == 5
    assert value(figures, "stage_seconds_sum", stage="decode") is None


def test_a_worker_says_for_which_reason_it_waits(figures: Figures) -> None:
    figures.state("rendering", total=8, done=3)
    assert (value(figures, "job_pictures"), value(figures, "job_pictures_done")) == (8, 3)
    for event, facts, reason in (
        ("share.away", {}, "share"),
        ("worker.paused", {"reason": "PAUSE lies in the inbox: remove it to go on"}, "pause"),
        ("worker.paused", {"reason": "Other programs use the card."}, "card"),
        ("space.short", {}, "room"),
    ):
        figures.hear(event, facts)
        figures.state("paused", reason="in words")
        assert value(figures, "paused", reason=reason) == 1, event
        assert value(figures, "state", state="paused") == 1
        assert value(figures, "job_pictures") is None
        figures.hear("worker.resumed", {})
        figures.hear("share.back", {})
        figures.state("rendering")
        assert value(figures, "paused", reason=reason) == 0, event


def test_the_share_counts_as_away_until_it_is_back(figures: Figures) -> None:
    figures.hear("share.away", {})
    assert value(figures, "share_away") == 1
    figures.hear("share.back", {})
    assert value(figures, "share_away") == 0


def test_the_oldest_job_is_the_one_seen_longest(figures: Figures, now: Now) -> None:
    figures.record({"queue": [{"name": "a"}], "queue_all": {"jobs": 1, "pictures": 5, "ends_in_s": None}})
    now.s += 100
    figures.record({"queue": [{"name": "a"}, {"name": "b"}], "queue_all": {"jobs": 2, "pictures": 9, "ends_in_s": 60}})
    now.s += 10
    assert value(figures, "queue_oldest_seconds") == 110
    assert (value(figures, "queue_jobs"), value(figures, "queue_pictures")) == (2, 9)
    assert value(figures, "queue_left_seconds") == 60
    figures.record({"queue": [{"name": "b"}], "queue_all": {"jobs": 1}})
    assert value(figures, "queue_oldest_seconds") == 10
    assert value(figures, "queue_left_seconds") is None


def test_waiting_is_no_progress(figures: Figures, now: Now) -> None:
    figures.state("rendering")
    now.s += 50
    figures.state("paused")
    assert value(figures, "last_progress_timestamp_seconds") == 1_000_000
    figures.state("idle")
    assert value(figures, "last_progress_timestamp_seconds") == 1_000_050


def test_labels_without_end_are_counted_as_other(figures: Figures) -> None:
    for number in range(MOST_LABELS + 10):
        figures.hear("picture.refused", {"outcome": f"odd {number}", "rung": "x" * 10_000})
    assert value(figures, "tries_refused_total", outcome="other", rung="other") == 10
    assert len(figures.text()) < 100_000


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.text(), st.floats(), st.sampled_from(sorted(EVENTS)))
def test_whatever_the_facts_are_each_line_is_one_line(word: str, figure: float, event: str) -> None:
    figures = Figures(worker="w1", host=word, version=word, device=word, wall_s=lambda: 1.0)
    for odd in (word, figure, None, [1], {"a": 1}):
        names = "status seconds outcome rung reason peak_mib temperature_c encode_s messages model gpu device"
        figures.hear(event, dict.fromkeys(names.split(), odd))
        figures.state(word, total=odd, done=odd)
        figures.record({"queue": odd, "queue_all": odd})
    for line in figures.text().decode().removesuffix("\n").split("\n"):
        assert line.startswith(("# HELP ", "# TYPE ", PREFIX))


@needs_promtool
def test_hostile_words_are_still_what_prometheus_reads() -> None:
    figures = Figures(worker='a"b\\c\nd', host="红杯\udcff\r", version="1", device="auto", wall_s=lambda: 1e9)
    figures.hear("worker.ready", {"model": '"} 1\nfoo{x="', "gpu": None, "device": "cpu"})
    promtool("check", "metrics", given=figures.text())


def test_a_number_that_is_none_is_left_out() -> None:
    assert metrics_text({"up": {}}, worker="w1") == b""


def test_the_file_is_replaced_whole_for_everybody_to_read(tmp_path: Path) -> None:
    path = tmp_path / "zimage.prom"
    former = os.umask(0o077)
    try:
        assert MetricsFile(path).write(b"one\n")
        assert MetricsFile(path).write(b"two\n")
    finally:
        os.umask(former)
    assert path.read_bytes() == b"two\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert [one.name for one in tmp_path.iterdir()] == ["zimage.prom"]


def test_a_folder_that_is_missing_harms_nothing_and_is_told_once(tmp_path: Path) -> None:
    file = MetricsFile(tmp_path / "nowhere" / "zimage.prom")
    with heard_log() as told:
        assert [file.write(b"") for _ in range(3)] == [False] * 3
        (tmp_path / "nowhere").mkdir()
        assert file.write(b"one\n")
    assert [event for event, _ in told] == ["metrics.not_written"]


def test_a_full_disk_leaves_the_former_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "zimage.prom"
    file = MetricsFile(path)
    assert file.write(b"one\n")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with heard_log():
        assert not file.write(b"two\n")
    assert path.read_bytes() == b"one\n"
    assert [one.name for one in tmp_path.iterdir()] == ["zimage.prom"]
