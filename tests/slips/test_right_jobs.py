"""Right jobs, tables and prompts get no word, however people wrote them."""

from __future__ import annotations

import json
import re
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
DELICATE = (HERE / "delicate.txt").read_text("utf-8").splitlines()
"""Right, and near to what is wrong: ratios in brackets, percentages, capitals, quotes at both ends, scripts, emoji."""
EXAMPLES = sorted((HERE.parents[1] / "jobs_example").glob("*.yaml"))
KEYS = {
    "prompt": "提示词", "size": "尺寸", "count": "数量", "steps": "步数", "seed": "种子",
    "negative_prompt": "反向提示词", "scene": "场景", "light": "光线", "camera": "镜头", "texture": "质感",
}  # fmt: skip
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


@pytest.mark.parametrize("prompt", DELICATE, ids=range(1, len(DELICATE) + 1))
def test_a_prompt_that_only_looks_like_a_slip_gets_no_word(prompt: str, tmp_path: Path) -> None:
    text = json.dumps({"prompt": prompt}, ensure_ascii=False).encode()
    cell = prompt.replace('"', '""')
    table = f'sku,words\nA-1,"{cell}"\nA-2,vase\n'.encode()
    files = {"job.yaml": b'products: products.csv\nprompt: "{words}"\n', TABLE: table}
    for drop in (Drop(files={"job.yaml": text}), Drop(files=files, is_folder=True)):
        said = said_of(drop, tmp_path / str(len(drop.files)))
        assert not said.problems, str(said)
        assert said.requests[0].prompt == prompt


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


def test_a_job_with_chinese_keys_gets_no_word_and_means_the_same(tmp_path: Path) -> None:
    for n in range(60):
        job = right_job(Random(f"keys {n}"), form=("bare", "shots", "product", "matrix")[n % 4], tongue="zh")
        text = re.sub(
            r"^(\s*(?:- )?)(\w+):", lambda found: f"{found[1]}{KEYS.get(found[2], found[2])}:", job.text, flags=re.M
        )
        said = said_of(replace(job.drop, files={"job.yaml": text.encode()}), tmp_path / str(n))
        assert not said.problems, f"{said}\n{text}"
        assert pictures(said) == pictures(said_of(job.drop, tmp_path / f"{n}-right"))


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
