"""A download that has not ended is named, with how to go on, before anything is read."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path

import pytest
from weight_files import ENCODER, TRANSFORMER, cache, download, published, spoil

from worker.studio.model_files.checking.unfinished import ENDINGS
from worker.studio.model_files.inspect import inspect_model

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("ending", [*ENDINGS, ".CRDOWNLOAD"])
def test_what_a_tool_keeps_beside_a_file_until_it_is_whole(tmp_path: Path, ending: str) -> None:
    folder = download(tmp_path, published())
    (folder / f"{TRANSFORMER}{ending}").touch()
    (fault,) = inspect_model(folder).faults
    rest = f"diffusion_pytorch_model.safetensors{ending}"
    assert fault.startswith(f"{TRANSFORMER} is not whole: its download has not ended, as {rest} beside it shows.")
    assert "Run the same download again" in fault


def test_an_aria2_download_that_was_stopped_halfway_and_has_its_full_size_already(tmp_path: Path) -> None:
    folder = download(tmp_path, published())
    spoil(folder / TRANSFORMER, data=bytes(4_000_000))
    (folder / f"{TRANSFORMER}.aria2").write_bytes(b"\0\1")
    (folder / ENCODER).unlink()  # aria2c had not come so far: one sentence for one cause
    (fault,) = inspect_model(folder).faults
    assert "aria2c with -c" in fault


@pytest.mark.parametrize("is_missing", [True, False])
def test_what_hf_download_keeps_below_its_own_folder(tmp_path: Path, is_missing: bool) -> None:
    folder = download(tmp_path, published())
    record = folder / f".cache/huggingface/download/{TRANSFORMER}.metadata"
    short = base64.urlsafe_b64encode(hashlib.sha1(record.name.encode()).digest()).decode()
    rest = record.parent / f"{short}.{'a' * 64}.incomplete"
    rest.touch()
    os.utime(record, (1000, 1000))
    if is_missing:
        record.unlink()
        (folder / TRANSFORMER).unlink()
    (fault,) = inspect_model(folder).faults
    assert str(rest) in fault


def test_a_rest_of_hf_download_that_is_older_than_the_file_is_only_litter(tmp_path: Path) -> None:
    folder = download(tmp_path, published())
    record = folder / f".cache/huggingface/download/{TRANSFORMER}.metadata"
    short = base64.urlsafe_b64encode(hashlib.sha1(record.name.encode()).digest()).decode()
    rest = record.parent / f"{short}.{'a' * 64}.incomplete"
    rest.touch()
    os.utime(rest, (1000, 1000))
    assert inspect_model(folder).faults == ()


def test_a_cache_in_which_a_blob_is_still_coming(tmp_path: Path) -> None:
    snapshot = cache(tmp_path, published())
    rest = snapshot.parents[1] / "blobs" / f"{'a' * 64}.incomplete"
    rest.touch()
    assert inspect_model(snapshot).faults == ()  # of a file that is not needed
    (snapshot / TRANSFORMER).unlink()
    (fault,) = inspect_model(snapshot).faults
    assert str(rest) in fault


@pytest.mark.parametrize(
    "rest",
    ["transformer/Unconfirmed 4711.crdownload", "transformer/x-00002-of-00003.safetensors.aria2",
     "._____temp/transformer/x-00002-of-00003.safetensors",
     ".cache/huggingface/download/transformer/bm90aGluZw==.0123.incomplete"],
)  # fmt: skip
def test_a_rest_whose_file_has_no_name_yet_is_that_of_the_missing_one(tmp_path: Path, rest: str) -> None:
    folder = download(tmp_path, published())
    (folder / rest).parent.mkdir(parents=True, exist_ok=True)
    (folder / rest).touch()
    assert inspect_model(folder).faults == ()
    for name in (TRANSFORMER, "transformer/config.json"):  # sharded, say, and its index comes last
        (folder / name).unlink()
    (fault,) = inspect_model(folder).faults
    assert Path(rest).name in fault


def test_what_modelscope_has_not_moved_into_place(tmp_path: Path) -> None:
    folder = download(tmp_path, published())
    (folder / "._____temp/transformer").mkdir(parents=True)
    assert inspect_model(folder).faults == ()
    (folder / TRANSFORMER).rename(folder / "._____temp" / TRANSFORMER)
    (fault,) = inspect_model(folder).faults
    assert str(Path("._____temp") / TRANSFORMER) in fault


def test_the_rest_of_a_single_file_and_of_none_of_the_models_files(tmp_path: Path) -> None:
    folder = download(tmp_path / "model", published())
    file = (folder / TRANSFORMER).rename(tmp_path / "tuned.safetensors")
    (folder / f"{TRANSFORMER}.aria2").touch()
    (folder / "assets.zip.part").touch()
    assert inspect_model(folder, transformer_file=file).faults == ()
    (tmp_path / "tuned.safetensors.part").touch()
    (fault,) = inspect_model(folder, transformer_file=file).faults
    assert "tuned.safetensors.part" in fault
