"""Right jobs, tables and prompts get no word, however people wrote them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from slips.drops import TABLE, Drop, pictures, reader, said_of
from slips.right_jobs import FORMS, RightJob, right_job
from slips.workbooks import workbook

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
PROMPTS = (HERE / "gallery.txt").read_text("utf-8").splitlines()
EXAMPLES = sorted((HERE.parents[1] / "jobs_example").glob("*.yaml"))
IS_FOR_BASE = "written for the base model"


def words_about(jobs: list[Drop], folder: Path) -> list[str]:
    """What was said about right jobs, with the job; a refused one is among them."""
    all_said = [(job, said_of(job, folder / str(n))) for n, job in enumerate(jobs)]
    return [f"{said}\n{job.files['job.yaml'].decode()}" for job, said in all_said if said.problems or not said.requests]


def test_500_generated_jobs_in_both_languages_get_no_word(tmp_path: Path) -> None:
    jobs = [right_job(Random(f"right {n}")) for n in range(500)]
    assert {job.form for job in jobs} == set(FORMS)
    assert {job.tongue for job in jobs} == {"en", "zh"}
    words = words_about([job.drop for job in jobs], tmp_path)
    assert not words, f"{len(words)} of {len(jobs)}:\n" + "\n".join(words[:5])


def test_a_generated_table_s_ids_name_the_pictures(tmp_path: Path) -> None:
    for n in range(100):
        job = right_job(Random(f"ids {n}"), form="table")
        requests = said_of(job.drop, tmp_path / str(n)).requests
        assert {request.shot_id for request in requests} == set(job.ids)


@pytest.mark.parametrize("prompt", PROMPTS, ids=range(1, len(PROMPTS) + 1))
def test_a_prompt_as_public_galleries_have_them_gets_no_word(prompt: str, tmp_path: Path) -> None:
    text = json.dumps({"prompt": prompt}, ensure_ascii=False).encode()
    for model in ("turbo", "base", "demo"):
        said = said_of(Drop(files={"job.yaml": text}, model=model), tmp_path / model)
        assert not said.problems, str(said)
        assert said.requests[0].prompt == prompt


def test_there_are_fifty_prompts_in_both_languages() -> None:
    assert len(set(PROMPTS)) == 50
    assert 20 <= sum("，" in prompt or "：" in prompt for prompt in PROMPTS) <= 30


def test_a_table_in_gbk_is_read_and_only_its_encoding_told(tmp_path: Path) -> None:
    for n in range(60):
        job = right_job(Random(f"gbk {n}"), form="table", tongue="zh")
        assert job.table
        try:
            data = job.table.text.encode("gbk")
        except UnicodeEncodeError:
            continue  # an emoji: no spreadsheet could have written it so
        slipped = replace(job.drop, files={**job.drop.files, TABLE: data})
        right, said = said_of(job.drop, tmp_path / f"{n}-right"), said_of(slipped, tmp_path / f"{n}")
        assert pictures(said) == pictures(right), str(said)
        assert [problem.rule for problem in said.problems] == ["table.encoding"]


@pytest.mark.parametrize("shared", [True, False])
def test_a_table_in_a_workbook_is_read_without_a_word(shared: bool, tmp_path: Path) -> None:
    for n in range(40):
        job: RightJob = right_job(Random(f"workbook {n}"), form="table with fields")
        assert job.table
        book = workbook({"Sheet1": [job.table.columns, *job.table.rows]}, shared=shared)
        text = job.with_value("products", "products.xlsx").text.encode()
        drop = replace(job.drop, files={"job.yaml": text, "products.xlsx": book})
        said = said_of(drop, tmp_path / f"{n}")
        assert not said.problems, str(said)
        assert pictures(said) == pictures(said_of(job.drop, tmp_path / f"{n}-right"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_gets_no_word_on_the_model_it_is_for(path: Path, tmp_path: Path) -> None:
    text = path.read_bytes()
    for model in ("base",) if IS_FOR_BASE in text.decode() else ("turbo", "base", "demo"):
        said = said_of(Drop(files={"job.yaml": text}, model=model), tmp_path / model)
        assert said.requests
        assert not said.problems, str(said)


def test_the_example_catalogue_gets_no_word_on_the_embedded_model_which_it_is_for() -> None:
    job = reader("demo").read(HERE.parents[1] / "jobs_example" / "catalogue-12", stem="catalogue-12")
    assert not job.warnings
