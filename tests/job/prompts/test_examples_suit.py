"""Examples and the jobs on the pages work with the embedded model, without a warning."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from worker.compose.from_settings import job_reader
from worker.job.reader import JobFiles
from worker.settings import load

ROOT = Path(__file__).parents[3]
EXAMPLES = sorted(
    path for path in (ROOT / "jobs_example").iterdir() if path.suffix == ".yaml" or (path / "job.yaml").is_file()
)


@pytest.fixture(scope="module")
def demo_reader() -> JobFiles:
    return job_reader(load(file=None, environment={}, flags={"model": "demo"}).settings)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example(path: Path, demo_reader: JobFiles) -> None:
    assert demo_reader.read(path, stem=path.stem).warnings == ()


@pytest.mark.parametrize(
    ("flags", "rules"),
    [
        ({"model_kind": "turbo"}, ["size.unsuited"]),
        ({"model_kind": "base"}, ["size.unsuited"]),
        ({"model_kind": "turbo", "size": "256x256"}, []),
        ({}, []),
    ],
)
def test_sizes_are_judged_where_the_kind_is_told_and_no_model_is_here(flags, rules, tmp_path: Path) -> None:
    reader = job_reader(load(file=None, environment={}, flags=flags).settings)
    (tmp_path / "a.yaml").write_text("prompt: a mug\nsize: 256x256\n")
    assert [warning.rule for warning in reader.read(tmp_path / "a.yaml", stem="a").warnings] == rules


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md", "worker/job/README.md"])
def test_a_job_on_a_page(page: str, demo_reader: JobFiles, tmp_path: Path) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / page).read_text("utf-8"), re.S)
    jobs = [block for block in blocks if re.search(r"^(prompt|shots?):", block, re.M) and "products:" not in block]
    assert jobs
    for text in jobs:
        if '"{subject}"' in text:  # a template of tables
            (tmp_path / "_templates").mkdir()
            (tmp_path / "_templates/default.yaml").write_text(text, "utf-8")
            (tmp_path / "a.csv").write_text("sku,subject,colour\nA-01,mug,red\nA-02,vase,blue\n", "utf-8")
            assert demo_reader.read(tmp_path / "a.csv", stem="a").warnings == ()
            continue
        (tmp_path / "a.yaml").write_text(text, "utf-8")
        assert demo_reader.read(tmp_path / "a.yaml", stem="a").warnings == ()
