"""Adding a model whose parts come from two folders: kind, advice and shift are the transformer's own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from model_forms import TEXT_ENCODER, TRANSFORMER, comfy_transformer
from safetensors.torch import save_file

from worker.demo import weights_dir
from worker.studio.model_files.inspect import inspect_model
from worker.studio.model_files.recognise.recognise import recognise
from worker.studio.model_store.add import Added, add_model
from worker.studio.model_store.wanted import wanted

pytestmark = pytest.mark.slow


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A whole model of one kind, and a finetune of another that lacks its text encoder."""
    for name in ("Z-Image-Turbo", "Z-Image-Base-finetune"):
        folder = shutil.copytree(weights_dir(), tmp_path / name, ignore=shutil.ignore_patterns("README.md"))
        index = json.loads((folder / "model_index.json").read_text("utf-8"))
        del index["_name_or_path"]
        (folder / "model_index.json").write_text(json.dumps(index), "utf-8")
    (tmp_path / "Z-Image-Base-finetune" / TEXT_ENCODER).unlink()
    save_file(comfy_transformer(), tmp_path / "Z-Image-Base-x.safetensors")
    return tmp_path


def added(what: Path, other: Path, **more) -> Added:
    model = wanted([(what, recognise(what))], other=(other, recognise(other)))
    return add_model(model, other.parent / "mug", **more)


@pytest.mark.parametrize(
    "what", ["Z-Image-Base-finetune", f"Z-Image-Base-finetune/{TRANSFORMER}", "Z-Image-Base-x.safetensors"]
)
def test_a_finetune_keeps_its_kind_whatever_folder_lends_the_rest(here: Path, what: str) -> None:
    record = added(here / what, here / "Z-Image-Turbo").record
    assert (record.kind, record.steps, record.guidance, record.shift) == ("base", 40, 4.0, 6.0)
    assert inspect_model(here / "mug").kind == "base"


def test_a_kind_that_a_person_says_brings_its_shift(here: Path) -> None:
    record = added(here / "Z-Image-Base-finetune", here / "Z-Image-Turbo", kind="distilled").record
    assert (record.kind, record.steps, record.shift) == ("distilled", 8, 6.0)


def test_where_nothing_tells_it_the_folder_that_lends_does(here: Path) -> None:
    (here / "Z-Image-Base-finetune").rename(here / "mine")
    (here / "mine/scheduler/scheduler_config.json").unlink()
    record = added(here / "mine" / TRANSFORMER, here / "Z-Image-Turbo").record
    assert (record.kind, record.shift) == ("turbo", 3.0)
