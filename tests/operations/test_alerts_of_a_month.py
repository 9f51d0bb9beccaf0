"""A simulated month: everything that happens is told once, nothing twice, nothing grows."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from alert_night import SETTLED, Night

DAY_S = 86_400.0


def one_night(night: Night, number: int) -> Counter[str]:
    """What happens in a night; the words by which each is found in the messages."""
    told: Counter[str] = Counter()
    night.log("window.begun", pictures_waiting=900, pictures_fit=588, until="2026-11-29T07:00:00+00:00", left=312)
    for job in range(12):
        name = f"job-{number}-{job}"
        night.log("job.claimed", job=name)
        night.pass_s(600)
        status = "partial" if job == 3 else "complete"
        night.log("job.settled", **SETTLED | {"job": name, "status": status, "failed": 2 * (job == 3)})
        told[f" {name},"] += 1
        if job == 5 and number % 3 == 0:
            night.log("share.away", error=f"night {number}", again_s=15)
            night.pass_s(1_200)
            night.log("share.back")
            told[f"The share is away (night {number})"] += 2  # that it is, and that it was
        if job == 7 and number % 5 == 0:
            night.restart()
            night.log("worker.unclean_stop", state="rendering", job=name, heard_at=None)
            night.log("worker.ready")
            told[f"in work on {name}."] += 1
        if job == 9 and number % 7 == 0:
            night.log("job.refused", job=f"bad-{number}", folder="bad", reason="2 problems.", problems=2)
            told[f"refused: bad-{number}:"] += 1
    night.log("window.ended", made=588, left=312)
    night.idle()
    return told


@pytest.mark.slow
def test_in_a_month_everything_is_told_once(tmp_path: Path) -> None:
    memory = tmp_path / "told.json"
    night = Night(memory)
    told: Counter[str] = Counter()
    sizes = []
    for number in range(30):
        night.now_s = number * DAY_S
        told |= one_night(night, number)
        night.pass_s((number + 1) * DAY_S - night.now_s)
        sizes.append(memory.stat().st_size)
    text = "\n".join(letter.body for _, letter in night.letters)
    assert {words: text.count(words) for words in told} == dict(told)
    assert sum("queue empty" in letter.title for _, letter in night.letters) == 30
    assert len(night.letters) <= 30 * 16
    assert max(sizes) < 4_000, "nothing grows"
    times = [at_s for at_s, _ in night.letters]
    assert all(later - earlier >= 3_600 for earlier, later in zip(times, times[12:], strict=False))
