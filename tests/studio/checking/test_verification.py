"""A model's files beside what its download promised: whole, wrong, or honestly not known."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from program import ENVIRONMENT
from weight_files import ENCODER, TRANSFORMER, cache, download, published, safetensors, spoil

from worker.demo import weights_dir
from worker.errors import ModelInvalid
from worker.studio.model_files.checking.official import imported, official_files, read_table
from worker.studio.model_files.checking.one_pass import read_once
from worker.studio.model_files.inspect import identify, inspect_model
from worker.studio.model_files.safetensors_file import read_header

pytestmark = pytest.mark.slow


def wrong(found) -> dict[str, str]:
    return {file.name: file.state for file in found.files if file.state not in ("verified", "unknown")}


def test_a_published_folder_is_verified_in_whole(tmp_path: Path, verified) -> None:
    for folder in (download(tmp_path / "Z-Image-Turbo", published()), cache(tmp_path, published())):
        found = verified(folder)
        assert {file.state for file in found.files} == {"verified"}
        assert found.faults == ()
    assert found.summary() == "verified: Tongyi-MAI/Z-Image-Turbo, 3 of 3 files with weights, 8 of 8 others"
    assert (
        verified(tmp_path / "Z-Image-Turbo").summary()
        == "verified: Z-Image-Turbo, 3 of 3 files with weights, 8 of 8 others"
    )


def flip_three_bits(file: Path) -> None:
    data = bytearray(file.read_bytes())
    for at in (len(data) // 3, len(data) // 2, len(data) - 1):
        data[at] ^= 4
    file.write_bytes(data)


def test_three_flipped_bits_are_found_where_something_tells_and_else_it_is_said(tmp_path: Path, verified) -> None:
    folder = download(tmp_path / "model", published())
    flip_three_bits(folder / TRANSFORMER)
    found = verified(folder)
    assert wrong(found) == {TRANSFORMER: "differs"}
    (fault,) = found.faults
    assert fault.startswith(f"{TRANSFORMER} is not what was downloaded: its bytes have another hash than ")
    assert f"hf download ... --local-dir {folder}" in fault
    assert found.summary() == f"verified: model, 2 of 3 files with weights, 8 of 8 others; 1 is wrong ({TRANSFORMER})"
    shutil.rmtree(folder / ".cache")
    found = verified(folder)
    assert found.faults == ()
    assert found.summary() == (
        "not verified: model, none of 3 files with weights, none of 8 others; 11 could not be compared (such as "
        "model_index.json), as their download kept no checksums (ModelScope and browsers keep none); they look like "
        "weights, but a few wrong bits would not show"
    )


def zero_weights(file: Path, share: float = 1.0) -> None:
    """Zeros from some place on to the end, as preallocated space that nothing was written into."""
    header = read_header(file)
    size = file.stat().st_size - header.data_start
    begin = header.data_start + round(size * (1 - share))
    spoil(file, at=begin, data=bytes(file.stat().st_size - begin))


@pytest.mark.parametrize("share", [1.0, 0.59, 0.02])
@pytest.mark.parametrize("name", [TRANSFORMER, ENCODER])
def test_zeros_are_found_without_any_record(tmp_path: Path, verified, name: str, share: float) -> None:
    folder = Path(shutil.copytree(weights_dir(), tmp_path / "model"))
    zero_weights(folder / name, share)
    found = verified(folder)
    assert wrong(found) == {name: "damaged"}
    (fault,) = found.faults
    assert fault.startswith(f"{name} is damaged: ")
    assert "matrices are zeros, wholly or in part, such as " in fault
    assert fault.endswith("Delete it and download it again: its download broke off, or its disk failed.")


def test_a_hole_in_the_middle_is_found_without_any_record(tmp_path: Path, verified) -> None:
    folder = Path(shutil.copytree(weights_dir(), tmp_path / "model"))
    spoil(folder / TRANSFORMER, data=bytes(16384))
    assert wrong(verified(folder)) == {TRANSFORMER: "damaged"}


def test_a_file_that_is_as_promised_is_whole_whatever_its_weights_look_like(tmp_path: Path, verified) -> None:
    odd = published() | {TRANSFORMER: safetensors({"odd": read_zeros()})}
    folder = download(tmp_path / "model", odd)
    assert {file.state for file in verified(folder).files} == {"verified"}
    shutil.rmtree(folder / ".cache")
    assert wrong(verified(folder)) == {TRANSFORMER: "damaged"}


def read_zeros():
    import numpy as np

    return np.zeros((64, 64), "<f4")


def test_shards_that_swapped_their_names_are_both_named(tmp_path: Path, verified) -> None:
    files = published()
    swapped = {"vae/diffusion_pytorch_model.safetensors": files[TRANSFORMER],
               TRANSFORMER: files["vae/diffusion_pytorch_model.safetensors"]}  # fmt: skip
    folder = download(tmp_path, files)
    for name, data in swapped.items():
        (folder / name).write_bytes(data)
    found = verified(folder)
    assert wrong(found) == dict.fromkeys(swapped, "differs")
    told = "{} is what {} should be, by {}: rename it, and whatever else was swapped."
    record = f"{folder}/.cache/huggingface/download/{{}}.metadata"
    one, other = sorted(swapped)
    assert sorted(found.faults) == [
        told.format(one, other, record.format(other)), told.format(other, one, record.format(one)),
    ]  # fmt: skip


def test_a_settings_file_that_somebody_changed_is_told_and_no_fault(tmp_path: Path, verified) -> None:
    folder = download(tmp_path / "model", published())
    name = "scheduler/scheduler_config.json"
    content = json.loads((folder / name).read_text("utf-8"))
    (folder / name).write_text(json.dumps(content | {"shift": 7.0}), "utf-8")
    found = verified(folder)
    assert found.faults == ()
    told = f"verified: model, 3 of 3 files with weights, 7 of 8 others; 1 was changed since its download ({name})"
    assert found.summary() == told
    (folder / "tokenizer/tokenizer.json").write_text("{}")
    assert wrong(verified(folder)) == {name: "edited", "tokenizer/tokenizer.json": "differs"}


def test_a_wrong_checksum_file_says_how_to_be_rid_of_it(tmp_path: Path, verified) -> None:
    folder = Path(shutil.copytree(weights_dir(), tmp_path / "model"))
    sums = folder / "SHA256SUMS"
    sums.write_text(f"{hashlib.sha256(b'').hexdigest()}  {TRANSFORMER}\n")
    (fault,) = verified(folder).faults
    assert fault.endswith("If you changed it on purpose, remove that record.")
    assert str(sums) in fault
    sums.write_text(f"{read_once(folder / TRANSFORMER).sha256}  {TRANSFORMER}\n")
    assert (
        verified(folder)
        .summary()
        .startswith("verified: model, 1 of 3 files with weights, 0 of 8 others; 10 could not be compared")
    )


def test_a_single_file_is_verified_by_its_own_download(tmp_path: Path, verified) -> None:
    folder = Path(shutil.copytree(weights_dir(), tmp_path / "model"))
    name = "split_files/tuned.safetensors"
    file = download(tmp_path / "comfy", {name: published()[TRANSFORMER]}) / name
    found = verified(folder, transformer_file=file)
    assert [one.name for one in found.files if one.state == "verified"] == ["tuned.safetensors"]
    flip_three_bits(file)
    assert wrong(verified(folder, transformer_file=file)) == {"tuned.safetensors": "differs"}


def test_identifying_refuses_what_is_wrong_and_names_the_file(tmp_path: Path) -> None:
    folder = download(tmp_path / "model", published())
    assert identify(inspect_model(folder)) == identify(inspect_model(weights_dir()))
    flip_three_bits(folder / ENCODER)
    with pytest.raises(ModelInvalid, match=f"cannot be used:\n- {ENCODER} is not what was downloaded"):
        identify(inspect_model(folder))


def test_an_official_file_is_vouched_for_whoever_delivered_it_and_another_models_is_not_accused(
    tmp_path: Path, verified
) -> None:
    scheduler = {"_class_name": "FlowMatchEulerDiscreteScheduler", "_diffusers_version": "0.36.0.dev0",
                 "num_train_timesteps": 1000, "use_dynamic_shifting": False, "shift": 3.0}  # fmt: skip
    folder = Path(shutil.copytree(weights_dir(), tmp_path / "model"))
    (folder / "scheduler/scheduler_config.json").write_text(json.dumps(scheduler, indent=2))
    found = verified(folder)
    assert [one.name for one in found.files if one.state == "verified"] == ["scheduler/scheduler_config.json"]
    told = "verified: model, 0 of 3 files with weights, 1 of 8 others; 10 could not be compared"  # its own weights
    assert found.summary().startswith(told)
    assert found.faults == ()


def test_every_row_of_the_table_of_official_files_names_its_public_source() -> None:
    rows = [one for name in ("model_index.json", TRANSFORMER) for one in official_files(name)]
    assert rows
    assert all(one.source and "/" in one.repository for one in rows)


TREE = [
    {"type": "directory", "oid": "d" * 40, "size": 0, "path": "vae"},
    {"type": "file", "oid": "a" * 40, "size": 473, "path": "vae/config.json"},
    {"type": "file", "oid": "b" * 40, "size": 9, "lfs": {"oid": "c" * 64, "size": 9, "pointerSize": 134},
     "path": "vae/weights.safetensors"},
]  # fmt: skip


def test_lists_of_hashes_become_rows() -> None:
    rows = imported(json.dumps(TREE))
    assert rows == {"vae/config.json": "a" * 40, "vae/weights.safetensors": "c" * 64}
    table = read_table(json.dumps({"a/b": {"source": "made up", "files": rows}, "c/d": {"source": "s", "files": rows}}))
    assert [one.repository for one in table["vae/config.json"]] == ["a/b", "c/d"]
    assert imported(f"# MD5\n{'e' * 32}  vae/config.json\n") == {"vae/config.json": "e" * 32}
    with pytest.raises(ValueError, match="no line has"):
        imported("nothing\n")


def test_the_importer_prints_what_goes_into_the_table(tmp_path: Path) -> None:
    (tmp_path / "tree.json").write_text(json.dumps(TREE))
    importer = [sys.executable, "-m", "worker.studio.model_files.checking.official"]
    done = subprocess.run(
        [*importer, "a/b", tmp_path / "tree.json", "made up"],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=True,
    )
    (one,) = read_table(done.stdout)["vae/config.json"]
    assert (one.repository, one.source, one.digest) == ("a/b", "made up", "a" * 40)
    assert (
        "FILE is what" in subprocess.run(importer, env=ENVIRONMENT, capture_output=True, text=True, check=False).stderr
    )
