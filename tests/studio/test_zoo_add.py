"""`model add` takes every layout of the zoo that is a model: what comes of it holds the embedded model's numbers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from zoo import LAYOUTS

from worker.demo import weights_dir
from worker.errors import WorkerError
from worker.studio.model_files.inspect import inspect_model
from worker.studio.model_files.parts import WEIGHTS, weight_files
from worker.studio.model_files.recognise.recognise import recognise
from worker.studio.model_files.safetensors_file import read_header
from worker.studio.model_store.add import Added, add_model
from worker.studio.model_store.wanted import wanted

pytestmark = pytest.mark.slow

SAID_OTHERWISE = {
    "folder_name_case": "the folder is to be renamed first",
    "linked_parts": "a link leads out of the folder: `run` takes it, no copy is made of what lies elsewhere",
    "tf_ema_beside": "a training's state beside the weights is called another model's",
    "says_nothing": "nothing says which kind it is: `model_kind` does",
    "path_tilde": "the shell or the settings write it out",
}
"""Models that `model add` refuses in a sentence all the same, and why."""


def tensors(folder: Path) -> Mapping[str, bytes]:
    """By part and name, whatever the file: a tensor's kind and bytes."""
    found = {}
    for part, stem in WEIGHTS.items():
        for file in weight_files(folder / part, stem):
            header, data = read_header(file), file.read_bytes()
            for name, one in header.tensors.items():
                held = data[header.data_start + one.begin : header.data_start + one.end]
                found[f"{part}/{name.removeprefix('model.')}"] = one.dtype.encode() + held
    return found


def added(path: Path, target: Path) -> Added:
    """A model with the embedded one for whatever it lacks."""
    found = recognise(path)
    other = None if found.folder else (weights_dir(), recognise(weights_dir()))
    return add_model(wanted([(path, found)], other=other), target, kind="turbo")


MODELS = [name for name, one in LAYOUTS.items() if one.works != "no" and one.group != "full size"]


@pytest.mark.parametrize("name", [name for name in MODELS if LAYOUTS[name].picture in ("embedded", "shift 6")])
def test_a_model_of_the_zoo_is_added_with_its_own_numbers(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path, target = LAYOUTS[name].make(tmp_path / "made").looked_at, tmp_path / "models/mug"
    if name in SAID_OTHERWISE:
        with pytest.raises((WorkerError, FileNotFoundError)):
            added(path, target)
        return
    made = added(path, target)
    assert inspect_model(made.folder).faults == ()
    assert tensors(made.folder) == tensors(weights_dir())
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["mug"]


def names_below(folder: Path) -> set[str]:
    """Every name, no link followed."""
    walked = os.walk(folder)
    return {os.path.join(place, name) for place, folders, files in walked for name in (*folders, *files)}  # noqa: PTH118


@pytest.mark.parametrize("name", [name for name, one in LAYOUTS.items() if one.group == "hostile"])
def test_a_hostile_layout_writes_nothing_but_a_model(name: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = LAYOUTS[name].make(tmp_path / "made").looked_at
    before = names_below(tmp_path)
    try:
        added(path, tmp_path / "models/mug")
    except (WorkerError, OSError):
        assert names_below(tmp_path) == before
    else:
        new = names_below(tmp_path) - before
        assert all(name.startswith(str(tmp_path / "models")) for name in new)
        assert [place.name for place in (tmp_path / "models").iterdir()] == ["mug"]
        assert not [place for place in (tmp_path / "models").rglob("*") if place.is_symlink()]
