"""Every text that people read can be said in another language: in one of brackets, nothing stands outside of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from brackets import Brackets, untranslated
from house import House
from twins import PaintingRenderer

from worker import translation
from worker.delivery.formats import EXTENSIONS
from worker.doctor.plan_report import plan_lines, usual_works
from worker.errors import FoldersUnusable, JobInvalid, SettingsInvalid
from worker.job.placeholder_checks import BUILT_IN
from worker.job.reader import JobFiles
from worker.job.schema import JobFile, Product, Shot
from worker.job.values import PERMISSIONS
from worker.problem import Problem
from worker.records import Limits, PictureResult, Recommendation, Request
from worker.settings import load
from worker.spool import open_folders
from worker.studio.model_files.weights import Stack, Weights
from worker.text_encodings.judged import NAMES
from worker.translation import gettext, translated
from worker.yaml_reader.scalars import PRESETS

JOBS = Path(__file__).parents[1] / "job"
BROKEN = [
    *sorted((JOBS / "broken").glob("*.yaml")),
    *sorted(p for p in (JOBS / "broken_folders").iterdir() if p.is_dir()),
]
GOOD = [
    *sorted([*(JOBS / "good").glob("*.yaml"), *(JOBS / "meant").glob("*.yaml")]),
    *sorted(p for p in (JOBS / "table" / "folders").iterdir() if p.is_dir()),
]

WORDS = frozenset(
    {*JobFile.model_fields, *Shot.model_fields, *Product.model_fields, *PRESETS, *PERMISSIONS, *EXTENSIONS, *BUILT_IN}
    | {*NAMES.values(), "sku", "job", "yaml", "zh", "en", "column", "pxx"}
)
"""Of the job language, names made for an author (`column_2nd`) and `1024pxx1024px`, put together of two sides."""
ENCODINGS = ("utf-8", "utf-16", "gb18030", "big5", "cp949", "cp932", "cp1250", "cp1252", "cp1254")
EXAMPLE = "prompt: a red mug"


@pytest.fixture(autouse=True)
def _language_of_brackets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translation, "catalogue", lambda _: Brackets())


@pytest.fixture(scope="module", params=[True, False], ids=["base", "turbo"])
def reader(request: pytest.FixtureRequest) -> JobFiles:
    model = Recommendation(width_px=256, height_px=256, steps=8, guidance=3.0)
    return JobFiles(Limits(formats=EXTENSIONS), model, guidance_matters=request.param)


def written(path: Path) -> str:
    """All that an author wrote, in whatever encoding."""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    names = [str(path), *(file.name for file in files)]
    texts = [file.read_bytes().decode(e, "ignore") for file in files for e in ENCODINGS]
    return "\n".join([*names, *texts, EXAMPLE])


def require_translated(problem: Problem, *, authors: str) -> None:
    for text in (problem.message, problem.where):
        left = untranslated(translated(text, "en"), authors=authors, words=WORDS)
        assert not left, f"{problem}\nnot from the catalogue: {left}"
    assert "⟦" in translated(problem.message, "en"), f"{problem}\nnot from the catalogue at all"


@pytest.mark.slow
@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_every_problem_of_a_broken_job(path: Path, reader: JobFiles) -> None:
    with pytest.raises(JobInvalid) as raised:
        reader.read(path, stem=path.stem)
    for problem in raised.value.problems:
        require_translated(problem, authors=written(path))
    assert raised.value.text.template.count("{text_") == len(raised.value.problems)


@pytest.mark.slow
@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_every_warning_of_a_good_job(path: Path, reader: JobFiles) -> None:
    for warning in reader.read(path, stem=path.stem).warnings:
        require_translated(warning, authors=written(path))


def test_every_problem_of_settings(tmp_path: Path) -> None:
    file = tmp_path / "worker.yaml"
    file.write_text("scan_s: 0\nsteps: many\nlog: loud\nsize: huge\ncolour: red\nattempts: [1]\nallow: magic\nmodel:\n")
    with pytest.raises(SettingsInvalid) as raised:
        load(file=file, environment={"ZIMAGE_WORKER_DEVICE": "abacus", "ZIMAGE_WORKER_WORKER_ID": "?"}, flags={})
    assert len(raised.value.problems) == 10
    known = file.read_text() + " abacus ".join(type(load(file=None, environment={}, flags={}).settings).model_fields)
    for problem in raised.value.problems:
        require_translated(problem, authors=known + " auto console json")


def test_everything_that_is_wrong_with_the_folders(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FoldersUnusable) as raised:
        open_folders(tmp_path / "gone", tmp_path / "file", tmp_path / "file")
    said = translated(raised.value.text, "en")
    assert said.count("\n") == raised.value.text.count("\n") == 3
    assert untranslated(said, authors=f"{tmp_path}/gone {tmp_path}/file inbox outbox failed") == []


def test_what_the_memory_model_says() -> None:
    stack = Stack(block_mib=200.0, blocks=30, rest_mib=100.0)
    for line in plan_lines(4000.0, Weights(transformer=stack, text_encoder=stack, vae_mib=160.0), usual_works()):
        said = translated(line, "en")
        assert untranslated(said, authors="1024x1024") == []
        assert "⟦" in said


class Blackout(PaintingRenderer):
    """Fails as the studio does: with a text of the catalogue."""

    def _result(self, request: Request) -> PictureResult:
        return replace(super()._result(request), picture=None, error=gettext("Every picture was black."))


def cancelled_at_once(house: House) -> None:
    house.drop("mugs.yaml", "prompt: a\n")
    house.drop("mugs.cancel", "")
    house.drain()


def cancelled_in_work(house: House) -> None:
    house.drop("mugs.yaml", "prompt: a\ncount: 2\n")
    house.drain(Blackout(after=lambda _: house.drop("mugs.cancel", "")))


def not_readable(house: House) -> None:
    house.drop("mugs.yaml", "promt: a\nsteps: many\n")
    house.drain()


def killed_every_time(house: House) -> None:
    def power_cut(_: Request) -> None:
        raise KeyboardInterrupt

    house.drop("mugs.yaml", "prompt: a\n")
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            house.drain(PaintingRenderer(after=power_cut), attempts=2)
    house.drain(attempts=2)


def no_picture(house: House) -> None:
    house.drop("mugs.yaml", "prompt: a\n")
    house.drain(Blackout())


@pytest.mark.parametrize(
    "refuse", [cancelled_at_once, cancelled_in_work, not_readable, killed_every_time, no_picture],
    ids=lambda refuse: refuse.__name__,
)  # fmt: skip
def test_all_of_the_error_txt_of_a_refused_job(tmp_path: Path, refuse) -> None:
    refuse(House(tmp_path))
    text = (tmp_path / "failed" / "mugs" / "error.txt").read_text("utf-8")
    dropped = (tmp_path / "failed" / "mugs" / "job.yaml").read_text("utf-8")
    assert "⟦" in text
    assert untranslated(text, authors=f"{dropped} mugs.yaml", words=WORDS | {"cancel"}) == []
