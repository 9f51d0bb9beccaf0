"""The setting `hours` as people write it, in two languages; what is wrong is said with the rule and a remedy."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.errors import SettingsInvalid
from worker.settings.hours_text import hours_of, read_hours
from worker.settings.loading import load

NIGHTLY = "22:00-07:00"
WEEK = "Mon-Fri 22:00-07:00"


@pytest.mark.parametrize(
    "text",
    [
        "22:00-07:00", "22-7", "22:00 - 07:00", "22：00—07：00", "22：00－07：00",
        "22:00–07:00", "22:00~07:00", "22:00～07:00",
        "22:00 to 07:00", "22:00 until 07:00", "10pm-7am", "10:00 PM to 7 a.m.", "22h-7h", "22h00-7h00", "2200-0700",
        "22.00-07.00",
        "22 Uhr - 7 Uhr", "daily 22:00-07:00", "22:00-07:00 daily", "每天晚上10点到早上7点", "22:00至次日07:00",
        "每天 22点－7点", "22:00-07:00,", "22:00-07:00, 22:00-07:00", "Mon-Sun 22:00-07:00", "22:00-7",
    ],
)  # fmt: skip
def test_a_night_may_be_written_as_people_write_it(text: str) -> None:
    assert read_hours(text) == NIGHTLY


@pytest.mark.parametrize(
    "text",
    [
        "Mon-Fri 22:00-07:00", "mon–fri 22-7", "Mo-Fr 22:00-07:00", "Monday to Friday 22:00 to 07:00", "weekdays 22-7",
        "Mon-Fri: 22:00-07:00", "周一至周五 22:00-07:00", "周一到五 22:00-07:00", "星期一至星期五 22：00－07：00",
        "工作日 22:00-07:00", "工作日晚上10点到次日早上7点", "礼拜一~礼拜五 22-7",
        "Mon, Tue, Wed, Thu, Fri 22-7", "22-7 (mon-fri)",
        "mondays, tuesdays, wednesdays, thursdays and fridays 22-7", "周一、周二、周三、周四、周五 22-7",
    ],
)  # fmt: skip
def test_so_may_the_days(text: str) -> None:
    assert read_hours(text) == WEEK


@pytest.mark.parametrize(
    ("given_hours", "expected"),
    [
        (["22:00-07:00", "sat 00:00-24:00"], "22:00-07:00, Sat 00:00-24:00"),
        ("22:00-07:00; 周六 全天", "22:00-07:00, Sat 00:00-24:00"),
        ({"weekdays": "22-7", "sat": ["1-2", "3-4"]}, "Mon-Fri 22:00-07:00, Sat 01:00-02:00, Sat 03:00-04:00"),
        ("mon 22-7, 12-13", "Mon 22:00-07:00, Mon 12:00-13:00"),
        ("fri-mon 20-8", "Mon Fri-Sun 20:00-08:00"),
        ("周末 0-24", "Sat Sun 00:00-24:00"),
        ("12pm-12am", "12:00-24:00"),
        ("12am-6am", "00:00-06:00"),
        ("中午12点-下午1点半", "12:00-13:30"),
    ],
)
def test_several_windows_have_one_form(given_hours: object, expected: str) -> None:
    assert read_hours(given_hours) == expected
    assert read_hours(expected) == expected


@pytest.mark.parametrize("text", [None, "", "always", "24/7", "不限", "00:00-24:00", "Mon-Fri 0-24, weekends 0-24", []])
def test_no_hours_and_the_whole_week_mean_at_any_time(text: object) -> None:
    assert read_hours(text) is None
    assert hours_of(None) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("25:00-07:00", "`25:00-07:00` has a time that no day has. Times go from 00:00 to 24:00."),
        ("22:60-7", "has a time that no day has"),
        ("13pm-7am", "has a time that no day has"),
        ("7-7", "`7-7` begins and ends at the same time. A whole day is `00:00-24:00`."),
        ("24:00-7", "a window does not begin at 24:00; write 00:00"),
        ("Mon-Fry 22-7", "`mon-fry` names no days. Days are Mon, Tue, Wed, Thu, Fri, Sat, Sun"),
        ("nights", "`nights` names no days"),
        ("22", "`22` cannot be read as hours. Write a beginning and an end"),
        (22, "cannot be read as hours"),
        (True, "cannot be read as hours"),
        ("mon-fri", "cannot be read as hours"),
        ("mon- 22-7", "cannot be read as hours"),
        ("22-7-9", "cannot be read as hours"),
        ({"sat": 3}, "cannot be read as hours"),
        ("1" * 3_000, "cannot be read as hours"),
    ],
)
def test_what_is_wrong_is_said_with_the_rule_and_the_remedy(text: object, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)) as refused:
        read_hours(text)
    assert len(str(refused.value)) < 400


def test_the_place_is_said_and_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "worker.yaml"
    file.write_text("scan_s: 2\nhours: Mon-Fry 22:00-07:00\n", "utf-8")
    with pytest.raises(SettingsInvalid, match=r"worker.yaml:2:8: hours: `mon-fry` names no days"):
        load(file=file, environment={}, flags={})
    file.write_text("hours:\n  weekdays: 22:00-07:00\n  周六: [0-24]\n", "utf-8")
    assert load(file=file, environment={}, flags={}).settings.hours == f"{WEEK}, Sat 00:00-24:00"
    for given_hours, expected in (("always", None), ("22-7", NIGHTLY)):
        environment = {"ZIMAGE_WORKER_HOURS": given_hours}
        assert load(file=file, environment=environment, flags={}).settings.hours == expected


@pytest.mark.slow
@given(st.text(alphabet="0123456789:-–~，,; monfriday至周一日每天到ampm点半h.", max_size=30))
def test_any_text_is_read_or_refused_and_what_is_read_keeps_its_form(text: str) -> None:
    read: str | None = None
    with suppress(ValueError):
        read = read_hours(text)
    assert read_hours(read) == read
