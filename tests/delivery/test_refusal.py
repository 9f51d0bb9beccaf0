"""A refused job says to people and programs what to mend."""

from __future__ import annotations

import json
from dataclasses import replace

from worker.problem import Problem

PROBLEMS = (
    Problem(file="job.yaml", line=3, column=7, where="shots[0].size", message="17 is not a multiple of 16."),
    Problem(file="mugs.csv", line=0, column=0, where="", message="The file is missing.\nPut it beside job.yaml."),
)


def refusal(folder, problems=PROBLEMS) -> dict[str, str]:
    files = folder.delivery.refusal("马克杯", problems, reason="The job could not be read.")
    return {file.name: file.data.decode() for file in files}


def test_a_person_reads_place_problem_and_remedy(folder):
    assert refusal(folder)["error.txt"].split("\r\n") == [
        "The job `马克杯` was not done.",
        "",
        "Why",
        "  The job could not be read.",
        "",
        "What is wrong (2)",
        "  1. job.yaml, line 3, column 7, at shots[0].size",
        "     17 is not a multiple of 16.",
        "",
        "  2. mugs.csv",
        "     The file is missing.",
        "     Put it beside job.yaml.",
        "",
        "What to do",
        "  Mend the job and drop it into the inbox again: under the same name or another one.",
        "  Your job lies in this folder, exactly as you dropped it; nothing of it was changed.",
        "",
    ]


def test_a_program_reads_the_same(folder):
    assert json.loads(refusal(folder)["error.json"]) == {
        "schema": 1,
        "status": "failed",
        "name": "马克杯",
        "reason": "The job could not be read.",
        "dropped_by": None,
        "problems": [
            {
                "file": "job.yaml",
                "line": 3,
                "column": 7,
                "where": "shots[0].size",
                "rule": "",
                "message": "17 is not a multiple of 16.",
                "remedy": "",
                "count": 1,
                "examples": [],
            },
            {
                "file": "mugs.csv",
                "line": 0,
                "column": 0,
                "where": "",
                "rule": "",
                "message": "The file is missing.\nPut it beside job.yaml.",
                "remedy": "",
                "count": 1,
                "examples": [],
            },
        ],
        "warnings": [],
    }


def test_warnings_come_after_the_errors_in_a_section_of_their_own(folder, samples):
    files = refusal(folder, (samples.warning, *PROBLEMS))
    text = files["error.txt"].replace("\r\n", "\n")
    assert text.index("What is wrong (2)") < text.index("Put it beside job.yaml.") < text.index("Warnings (1)")
    assert (
        "Warnings (1)\n"
        "  1. mugs/products.csv, line 3, column 1, at title\n"
        "     `#N/A` is no title. Write the title. (900 places, such as line 3, line 4, line 7)\n"
    ) in text
    document = json.loads(files["error.json"])
    assert [problem["line"] for problem in document["problems"]] == [3, 0]
    assert [(one["rule"], one["count"]) for one in document["warnings"]] == [("table.spoilt_cell", 900)]


def test_a_job_that_has_warnings_only_was_readable(folder, samples):
    text = refusal(folder, (samples.warning,))["error.txt"]
    assert "What is wrong" not in text
    assert "Warnings (1)" in text
    assert "Drop the job into the inbox again to try once more" in text


def test_a_name_that_is_no_text_is_spelt_out(folder):
    bad = Problem(file="a\udcff/job.yaml", line=1, column=1, where="\ud800", message="`\udcff.csv` is a link.")
    files = folder.delivery.refusal("a\udcff", [bad], reason="`\udcff.png` is a link.")
    text = next(iter(files)).data.decode()
    assert text.count("\\xff") == 4
    assert str(bad) == "a\\xff/job.yaml:1:1: \\ud800: `\\xff.csv` is a link."


def test_a_model_folder_whose_name_is_no_text_still_labels_pictures(folder_of, samples):
    model = replace(samples.record.model, id="turbo\udcff")
    files = folder_of(replace(samples.record, model=model)).add(samples.made()).close().files
    assert "turbo\\xff" in json.loads(files["MUG-01_01.json"])["model"]["id"]


def test_a_job_without_problems_of_its_own_may_be_dropped_again(folder):
    text = refusal(folder, ())["error.txt"]
    assert "What is wrong" not in text
    assert "Drop the job into the inbox again to try once more" in text


def test_a_cancelled_job_is_not_called_failed_and_says_how_to_have_it_after_all(folder):
    files = folder.delivery.refusal("mugs", (), reason="Cancelled by mugs.cancel before it began.", status="cancelled")
    text, error = (file.data.decode() for file in files)
    assert text.startswith("The job `mugs` was cancelled.\r\n")
    assert "Cancelled by mugs.cancel before it began." in text
    assert "drop the job into the inbox again" in text
    assert "zimage-worker retry" in text
    assert "fail" not in text.lower()
    assert json.loads(error)["status"] == "cancelled"


def test_a_refusal_says_to_programs_who_dropped_the_job(folder):
    files = folder.delivery.refusal("mugs", PROBLEMS, reason="No.", dropped_by="lena\udcff")
    assert json.loads(files[1].data)["dropped_by"] == "lena\\xff"
