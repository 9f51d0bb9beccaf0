"""What a night came to, from facts alone: medians, what to do, warnings by rule, words."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import jsonschema
import pytest

from tests.delivery.overviews import SHANGHAI, ended
from tests.delivery.reports import ALL_WELL, SPAN, WRONG, every_end, good
from tests.reported_night import KIND, NIGHT, WARNING, facts_of, former
from worker.operations.night_report import MOST_TROUBLES, night_report, weighted_median
from worker.operations.report_json import former_speeds, report_json
from worker.operations.report_schema import report_schema
from worker.operations.report_text import report_text
from worker.report_records import FormerSpeed, Left, NightReport
from worker.report_words import change_words, report_headline

HERE = Path(__file__).parent
GOLDEN = {"good": good, "every-end": every_end, "empty": lambda: night_report(SPAN, [])}


@pytest.mark.parametrize("name", GOLDEN)
def test_the_text_is_word_for_word_as_it_was_read(name: str) -> None:
    text = report_text(GOLDEN[name](), zone=SHANGHAI, page="/share/outbox/_reports/2026-11-27.html")
    assert f"{text}\n" == (HERE / f"report-{name}.txt").read_text("utf-8")


@pytest.mark.parametrize("name", GOLDEN)
def test_the_json_is_as_its_schema_has_it(name: str) -> None:
    jsonschema.validate(json.loads(report_json(GOLDEN[name]())), report_schema())


def headline(*states: str) -> str:
    return str(report_headline(night_report(SPAN, [facts_of(ended(f"j{n}", pictures=0, state=state))
                                                   for n, state in enumerate(states)])))  # fmt: skip


def test_the_headline_says_first_whether_anybody_is_needed() -> None:
    assert headline("complete", "complete") == "All 2 jobs are complete."
    assert headline("complete") == "The job is complete."
    assert headline("complete", "cancelled") == "Complete: 1 of 2 jobs."
    assert headline("complete", "partial", "refused") == "2 of 3 jobs need you."
    assert headline() == "No job has ended."
    assert headline("complete", "proof") == "The job is complete."


def test_a_proof_is_no_ended_job_and_its_pictures_are_counted_with_its_job() -> None:
    proof = facts_of(ended("mugs.proof", pictures=2, state="proof"))
    told = night_report(SPAN, [facts_of(ended("mugs", pictures=6)), proof])
    assert (told.total, told.pictures, told.jobs["proof"]) == (1, 6, 1)
    assert [job.name for job in told.complete] == ["mugs"]
    assert [(one.jobs, one.pictures) for one in told.workers] == [(1, 6)]


PROOF = facts_of(ended("red mugs.proof", pictures=3, made=2, failed=1, retried=1, state="proof"), warnings=[WARNING])
WAITS = Left(proofs=(("red mugs", "red mugs.proof"),))


def test_a_proof_is_no_job_that_has_ended_and_its_pictures_are_counted_with_its_job() -> None:
    whole = facts_of(ended("red mugs", pictures=12), warnings=[WARNING])
    told, alone = night_report(SPAN, [whole, PROOF]), night_report(SPAN, [whole])
    assert replace(told, jobs=alone.jobs) == alone
    assert (told.total, told.jobs["proof"]) == (1, 1)


def test_the_headline_says_that_jobs_wait_for_approval_unless_others_went_wrong() -> None:
    well, wrong = facts_of(ended("lamps")), facts_of(ended("bowls", state="failed"))
    waits = "1 job waits for approval of its proof."
    assert str(report_headline(night_report(SPAN, [PROOF], left=WAITS))) == waits
    assert str(report_headline(night_report(SPAN, [PROOF, well], left=WAITS))) == waits
    assert str(report_headline(night_report(SPAN, [wrong, PROOF], left=WAITS))) == "1 of 1 jobs needs you."
    assert str(report_headline(night_report(SPAN, [PROOF]))) == "No job has ended."


def test_the_worst_jobs_come_first_and_no_more_than_a_page_holds() -> None:
    many = [facts_of(ended(f"j{n}", state="partial" if n % 2 else "failed")) for n in range(3 * MOST_TROUBLES)]
    told = night_report(SPAN, many)
    assert {one.job.state for one in told.troubles} == {"failed"}
    assert len(told.troubles) + told.more_troubles == len(many)
    assert told.total == len(many)


def test_a_name_that_a_shell_would_part_is_quoted_in_the_command() -> None:
    [trouble] = night_report(SPAN, [facts_of(ended("autumn vases; rm -rf ~", state="partial"))]).troubles
    assert trouble.command == "zimage-worker retry 'autumn vases; rm -rf ~'"
    assert trouble.file == "autumn vases; rm -rf ~.retry"


def speed_of(took: list[float], before: dict | None = None) -> NightReport:
    return night_report(SPAN, [facts_of(ended(pictures=len(took)), seconds={KIND: took})], former=before)


def test_a_picture_s_seconds_are_a_median_which_one_that_hung_does_not_move() -> None:
    [speed] = speed_of([4.0, 4.1, 3.9, 4.0, 900.0]).speeds
    assert (speed.median_s, speed.pictures, speed.before_s) == (4.0, 5, None)
    assert change_words(speed) is None
    assert speed_of([4.0, 4.0]).speeds == [], "two pictures are no median"


@pytest.mark.parametrize(
    ("before_s", "said"),
    [
        (4.1, "as in the four weeks before (4.1 s)"),
        (2.0, "100% slower than in the four weeks before (2.0 s)"),
        (8.0, "50% faster than in the four weeks before (8.0 s)"),
    ],
)
def test_it_is_compared_with_the_weeks_before(before_s: float, said: str) -> None:
    [speed] = speed_of([4.0] * 9, former(5, median_s=before_s)).speeds
    assert str(change_words(speed)) == said


def test_a_night_of_many_pictures_counts_for_more_than_one_of_few() -> None:
    def one(pictures: int, median_s: float) -> FormerSpeed:
        return FormerSpeed(night=NIGHT, pictures=pictures, median_s=median_s)

    assert weighted_median([one(900, 4.0), one(3, 40.0), one(3, 50.0)]) == 4.0
    assert weighted_median([]) is None


def test_warnings_are_told_once_a_rule_with_the_jobs_that_have_it() -> None:
    jobs = [facts_of(ended(f"j{n}"), warnings=[WARNING, replace(WARNING, rule="rare", count=5)][: 2 - n % 2])
            for n in range(9)]  # fmt: skip
    told = night_report(SPAN, jobs).warnings
    assert [(one.rule, one.jobs, one.places) for one in told] == [("negative_prompt.no_effect", 9, 9), ("rare", 5, 25)]


def test_stages_are_seconds_a_picture_and_absent_where_no_manifest_tells_them() -> None:
    told = good()
    assert told.stages == {"encode_s": 2.0, "denoise_s": 3.2, "decode_s": 0.5, "file_s": 0.2}
    assert night_report(SPAN, [replace(one, stages={}, staged=0) for one in ALL_WELL]).stages == {}


def test_the_nights_before_are_read_from_their_reports_and_from_nothing_else(tmp_path: Path) -> None:
    def lay(night: date, text: str) -> str:
        (tmp_path / f"{night}.json").write_text(text)
        return f"{night}.json"

    whole = report_json(speed_of([4.0] * 9)).decode()
    hostile = ["[", "[]", '{"speeds": {}}', '{"speeds": [{"median_s": 1e400, "pictures": -1}, 7, {"median_s": "x"}]}']
    names = [lay(NIGHT - timedelta(days=n + 1), text) for n, text in enumerate([whole, *hostile])]
    names += [lay(NIGHT - timedelta(days=29), whole), lay(NIGHT, whole), "notes.txt", "2026-11-1.json", "x.json"]
    found = former_speeds(tmp_path, names, before=NIGHT, below=tmp_path)
    assert found == {KIND: [FormerSpeed(night=NIGHT - timedelta(days=1), pictures=9, median_s=4.0)]}
    assert math.isfinite(found[KIND][0].median_s)


def test_a_night_that_went_wrong_says_so_of_every_job_and_loses_none() -> None:
    told = json.loads(report_json(every_end()))
    assert told["total"] == len(WRONG) + len(ALL_WELL)
    assert [one["name"] for one in told["troubles"]] == ["old-lamps", "chairs", "autumn vases", "posters"]
    assert [bool(one["command"]) ^ bool(one["mend"]) for one in told["troubles"]] == [True] * 4
