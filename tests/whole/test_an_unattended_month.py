"""A month that nobody attends: hours over a change of clocks, deaths, stops, outages, proofs; each thing told once."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from pathlib import Path

import pytest
import structlog
from night_house import zone
from unattended_month import KILLS, NEVER_ANSWERED, PICTURE_S, REJECTED, STEP_S, Month

from tests.whole.test_metrics_of_a_run import figures_in
from worker.daemon import waiting
from worker.operations.events import configure

pytestmark = pytest.mark.slow

ENDED = re.compile(r"(?:finished|partial|failed|cancelled|rejected|refused): (n\d\d-[a-z]+)\b(?!\.)")


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Month:
    """Lived through once for all tests of this file, which only look."""
    configure("json", io.StringIO())
    with zone("Europe/Berlin"), pytest.MonkeyPatch.context() as patch:
        patch.setattr(waiting, "SLICE_S", STEP_S)
        made = Month(tmp_path_factory.mktemp("month"), begins="2025-10-10 12:00", nights=30)
        with made.house.charging(sync_s=0.0):
            made.plan()
            made.live()
    structlog.reset_defaults()
    return made


def lines(month: Month) -> list[str]:
    return [line for _, _, body in month.letters for line in body.splitlines()]


def reports(month: Month) -> list[dict]:
    return [json.loads(path.read_bytes()) for path in sorted(month.house.folders.reports.glob("*.json"))]


def test_every_job_has_ended_or_waits_for_a_person(month: Month) -> None:
    ended = {name.partition("/")[2] for name in month.kept}
    assert month.dropped - ended == {name for name in month.dropped if name in NEVER_ANSWERED}
    assert {Path(held).name for held in month.house.names("inbox")} == {".zimage-worker"}
    assert len([*month.house.folders.proofs.iterdir()]) == len(NEVER_ANSWERED)
    assert not [*month.house.root.glob("*/*.partial")]
    assert not [*month.house.folders.claims.glob("*/*")]


def test_pictures_are_made_within_the_hours_alone(month: Month) -> None:
    late = [when for when in month.begun if not (when.hour >= 20 or when.hour < 7)]
    assert not late
    reloaded = [when for when in month.begun if when.hour in (20, 21)]
    assert {when.day for when in reloaded} == {30, 31}, "the two nights of other hours"
    change = [when for when in month.begun if when.date().isoformat() == "2025-10-26" and when.hour == 2]
    assert len(change) == 2 * 3600 / PICTURE_S, "the hour that comes twice is worked in twice"


def test_each_end_of_a_job_is_told_once(month: Month) -> None:
    told = Counter(job for line in lines(month) for job in ENDED.findall(line))
    assert set(told.values()) == {1}, told.most_common(3)
    assert told.keys() == {name.partition("/")[2] for name in month.kept if not name.endswith(".proof")}


def test_each_trouble_is_told_once_and_so_is_its_end(month: Month) -> None:
    told = "\n".join(lines(month))
    assert told.count("ended without a word") == len(KILLS)
    assert told.count("Over, after") == told.count("The share") // 2 == 2
    assert month.refused > 1, "a receiver that refuses is tried again"
    assert not [event for event in month.events if event in ("notify.dropped", "notify.unusable")]


def test_each_window_is_told_once_however_often_the_worker_is_started(month: Month) -> None:
    begun = Counter(when[:10] for when, _, body in month.letters for _ in re.findall("The hours have begun", body))
    over = Counter(when[:10] for when, _, body in month.letters for _ in re.findall("The hours are over", body))
    assert set(begun.values()) == set(over.values()) == {1}
    assert 25 <= len(begun) <= month.nights
    assert 25 <= len(over) <= month.nights


def test_a_proof_is_told_once_and_recalled_ever_more_seldom(month: Month) -> None:
    published = Counter(re.findall(r"proof: (n\d\d)-proof, 2 of 4", "\n".join(lines(month))))
    recalled = Counter(
        re.findall(r"(n\d\d)-proof waits for approval since 2025-\d\d-\d\d \d\d:\d\d:", "\n".join(lines(month)))
    )
    assert set(published.values()) == {1}
    assert published.keys() == {name[:3] for name in month.dropped if name.endswith("proof")}
    for name in NEVER_ANSWERED:
        days = month.nights - int(name[1:3])
        assert abs(recalled[name[:3]] - (2 + days // 7)) <= 1
    assert {recalled[name[:3]] for name in REJECTED} <= {1, 2}, "rejected after some days"


def test_the_hook_runs_once_for_each_job(month: Month) -> None:
    hooked = Counter((month.house.root / "hooked").read_text().split())
    ended = {name: manifest.get("job") for name, manifest in month.kept.items() if not name.endswith(".proof")}
    assert set(hooked.values()) == {1}
    assert hooked.keys() >= {job for job in ended.values() if job is not None}
    assert len(hooked) == len(ended), "those that were refused among them"


def test_there_is_a_report_of_each_night_and_they_sum_up_to_the_manifests(month: Month) -> None:
    found = reports(month)
    assert len(found) >= month.nights - 1
    assert len({one["night"] for one in found}) == len(found)
    jobs, pictures = Counter(), 0
    for one in found:
        jobs.update(one["jobs"])
        pictures += one["pictures"]
    made = Counter()
    for name, manifest in month.kept.items():
        if not name.endswith(".proof"):
            made["refused" if "wrong" in name else manifest["status"]] += 1
            made["pictures"] += int(manifest.get("made", 0) or 0)
    assert {state: jobs[state] for state in ("complete", "partial", "failed", "cancelled", "refused")} == {
        state: made[state] for state in ("complete", "partial", "failed", "cancelled", "refused")
    }
    assert pictures == made["pictures"]
    stops = [stop for one in found for worker in one["workers"] for stop in worker["unclean_stops"]]
    assert len(stops) == len(KILLS)


def test_figures_agree_with_the_reports(month: Month) -> None:
    counted = Counter()
    for figures in month.figures:
        path = month.house.root / "figures"
        path.write_bytes(figures.text())
        counted.update({key: value for key, value in figures_in(path).items() if key[0].endswith("_total")})
    total = Counter()
    for one in reports(month):
        total.update(one["jobs"])
    for state in ("complete", "partial", "failed", "cancelled", "refused"):
        assert counted["jobs_ended_total", state] == total[state], state
    assert counted["hooks_total", "failed"] == 0
    assert counted["proofs_total", "published"] == sum(name.endswith("proof") for name in month.dropped)


def test_old_folders_go_and_their_reports_stay(month: Month) -> None:
    standing = month.house.names("outbox")
    assert "n00-good" not in standing
    assert {"n00-partial", "n29-good", "n29-mended"} <= standing
    gone = {name.partition("/")[2] for name in month.kept if name.startswith("outbox/")} - standing
    assert {month.kept[f"outbox/{name}"]["status"] for name in gone} == {"complete"}
    assert not [name for name in gone if int(name[1:3]) > month.nights - 7]


def test_nothing_grows(month: Month) -> None:
    """In the life of a worker that goes on for sixteen nights, and from life to life."""
    early, late = month.sizes[11:17], month.sizes[20:26]
    for name in ("hidden", "state", "receipts"):
        held = 3 * len(NEVER_ANSWERED)
        assert max(one[name] for one in late) <= max(one[name] for one in early) + held, name
    for name in ("threads", "descriptors"):
        assert max(one[name] for one in late) <= max(one[name] for one in early) + 1, name
    each_night = (late[-1]["objects"] - early[0]["objects"]) / 14
    assert each_night < 150, "lines of this test's own record, and of no more"
