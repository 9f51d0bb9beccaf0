"""What a downloaded folder may hold that must not reach a copy, nor lead a copy elsewhere."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from model_forms import TRANSFORMER, add_folder, names, widened
from safetensors.torch import save_file

from worker.errors import ModelInvalid

pytestmark = pytest.mark.slow

Spoil = Callable[[Path, Path], object]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder, secret: (folder / "LICENSE").symlink_to(secret),
        lambda folder, secret: (folder / "README-2.md").symlink_to("/dev/zero"),
        lambda folder, secret: os.mkfifo(folder / "NOTICE"),
        lambda folder, secret: (folder / "broken.safetensors").write_bytes(b"broken"),
        lambda folder, secret: (folder / "deep").symlink_to(secret.parent),
    ],
)
def test_no_device_and_no_link_that_leads_outside_is_copied(folder: Path, tmp_path: Path, spoil: Spoil) -> None:
    (tmp_path / "private").mkdir()
    secret = tmp_path / "private/key"
    secret.write_text("secret", "utf-8")
    expected = names(folder)
    spoil(folder, secret)
    made = add_folder(folder, tmp_path / "models/mug")
    assert names(made.folder) - {"model.json"} == expected


def test_a_needed_file_that_is_a_link_to_outside_is_refused(folder: Path, tmp_path: Path) -> None:
    shutil.move(folder / "tokenizer/tokenizer.json", tmp_path / "elsewhere.json")
    (folder / "tokenizer/tokenizer.json").symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(ModelInvalid, match=r"tokenizer/tokenizer.json is a link that leads out of the folder"):
        add_folder(folder, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_a_download_cache_is_called_like_its_repository(folder: Path, tmp_path: Path) -> None:
    repository = tmp_path / "hub/models--Tongyi-MAI--Z-Image-Turbo"
    snapshot = repository / "snapshots/0e36c2"
    (repository / "blobs").mkdir(parents=True)
    for number, name in enumerate(sorted(names(folder))):
        (snapshot / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(folder / name, repository / f"blobs/{number}")
        (snapshot / name).symlink_to(os.path.relpath(repository / f"blobs/{number}", (snapshot / name).parent))
    made = add_folder(snapshot, tmp_path / "models/mug")
    assert made.record.source == ("Tongyi-MAI/Z-Image-Turbo",)
    assert not [path for path in made.folder.rglob("*") if path.is_symlink()]
    assert "README.md" in names(made.folder)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["../escaped.safetensors", "../../x", "/tmp/x", "a/b", "a\\b", "..", ".", "", "a\0b", 7, None, ["x"]]
)
def test_an_index_that_names_another_folder_is_refused_and_nothing_is_written(
    folder: Path, tmp_path: Path, name: object
) -> None:
    widened(folder)
    index = folder / f"{TRANSFORMER}.index.json"
    content = json.loads(index.read_text("utf-8"))
    content["weight_map"]["x_pad_token"] = name
    index.write_text(json.dumps(content), "utf-8")
    if isinstance(name, str) and name.startswith("../"):
        victim = (folder / "transformer" / name).resolve()
        save_file({"x_pad_token": torch.zeros(1)}, victim)
    before = set(tmp_path.rglob("*"))
    with pytest.raises(ModelInvalid, match="names of files beside it"):
        add_folder(folder, tmp_path / "copies" / "copy")
    assert set(tmp_path.rglob("*")) == before
