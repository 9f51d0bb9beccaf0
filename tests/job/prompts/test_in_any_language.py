"""What is said of prompts comes from the catalogue of texts; every warning has a rule and a remedy."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from brackets import Brackets, untranslated

from worker import translation
from worker.compose.from_settings import job_reader
from worker.job.reader import JobFiles
from worker.settings import load
from worker.translation import translated

LONG = "a very detailed ceramic mug with fine glaze and soft light on a wooden table, " * 60
JOBS = [
    f"prompt: {json.dumps(LONG)}\n",
    f"shot: {{product: {json.dumps(LONG)}, texture: 'fine, finer, finest, grain'}}\n",
    f"size: 1024x1024\nprompt: mug\nnegative_prompt: {json.dumps(LONG)}\n",
    "size: 768x64\nprompt: mug\n",
    "products: products.csv\nprompt: '{words}'\n",
    "products: products.csv\nprompt: a <sku>, <words>, <your brand>, (mug:1.2)\n",
    "prompt: a\u200b “mug”, 4:3 aspect ratio\nguidance: 0\nnegative_prompt: text\n",
    "prompt: '“mug {a}'\nmatrix: {a: [红；蓝, 绿]}\n",
]
TABLE = "sku,words\n" + "".join(f"P{n},“mug {{words}} --ar 1:1”\n" for n in range(5))


@pytest.fixture(scope="module")
def reader() -> JobFiles:
    return job_reader(load(file=None, environment={}, flags={"model": "demo"}).settings)


@pytest.mark.parametrize("text", JOBS, ids=range(len(JOBS)))
def test_every_word_is_of_the_catalogue(
    text: str, reader: JobFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(translation, "catalogue", lambda _: Brackets())
    (tmp_path / "job.yaml").write_text(f"{text}strict: false\n", "utf-8")
    if "products:" in text:
        (tmp_path / "products.csv").write_text(TABLE, "utf-8")
    found = reader.read(tmp_path, stem="a").warnings
    assert found
    for warning in found:
        assert warning.rule
        assert warning.remedy
        assert (
            not warning.rule.startswith("prompt.")
            or warning.count == 1
            or len(warning.examples) == min(3, warning.count)
        )
        for said in (translated(warning.message, "en"), translated(warning.remedy, "en")):
            assert untranslated(said, authors=f"{text} {TABLE} worker demo weights README md", words=frozenset()) == []
