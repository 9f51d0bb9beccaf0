"""A bf16 copy of a model folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from worker.errors import ModelInvalid, UsageError
from worker.studio.model_files import bf16_copy
from worker.studio.model_files.bf16_copy import to_bf16, write_bf16_copy
from worker.studio.model_files.inspect import inspect_model

TRANSFORMER = "transformer/diffusion_pytorch_model.safetensors"


def widen(folder: Path) -> Path:
    """The folder with its transformer in fp32 (with digits below bf16's) and in two shards."""
    torch.manual_seed(0)
    tensors = {
        name: tensor.float() + 1e-4 * torch.randn(tensor.shape)
        for name, tensor in load_file(folder / TRANSFORMER).items()
    }
    names = sorted(tensors)
    (folder / TRANSFORMER).unlink()
    weight_map = {}
    for number, held in enumerate((names[::2], names[1::2]), start=1):
        file = f"diffusion_pytorch_model-0000{number}-of-00002.safetensors"
        save_file({name: tensors[name] for name in held}, folder / "transformer" / file, metadata={"format": "pt"})
        weight_map |= dict.fromkeys(held, file)
    index = {
        "metadata": {"total_size": sum(4 * tensor.numel() for tensor in tensors.values())},
        "weight_map": weight_map,
    }
    (folder / f"{TRANSFORMER}.index.json").write_text(json.dumps(index), "utf-8")
    return folder


def test_shards_become_bf16_as_torch_would_round_them(folder: Path, tmp_path: Path) -> None:
    write_bf16_copy(widen(folder), tmp_path / "copy")
    assert inspect_model(tmp_path / "copy").faults == ()
    for file in sorted((folder / "transformer").glob("*.safetensors")):
        wide, narrow = load_file(file), load_file(tmp_path / "copy/transformer" / file.name)
        assert wide.keys() == narrow.keys()
        assert all(torch.equal(wide[name].bfloat16(), narrow[name]) for name in wide)
    index = json.loads((tmp_path / "copy" / f"{TRANSFORMER}.index.json").read_text("utf-8"))
    sizes = [
        2 * tensor.numel()
        for file in (folder / "transformer").glob("*.safetensors")
        for tensor in load_file(file).values()
    ]
    assert index["metadata"]["total_size"] == sum(sizes)


def test_parts_that_are_bf16_already_and_small_files_are_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write_bf16_copy(folder, tmp_path / "copy")
    for name in ("model_index.json", "README.md", "tokenizer/tokenizer.json", "vae/config.json"):
        assert (tmp_path / "copy" / name).read_bytes() == (folder / name).read_bytes()
    assert load_file(tmp_path / "copy" / TRANSFORMER).keys() == load_file(folder / TRANSFORMER).keys()


def test_memory_stays_small_because_tensors_are_converted_in_pieces(folder: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(bf16_copy, "PIECE_BYTES", 64)
    (tmp_path / "few").mkdir()
    save_file({"a": torch.randn(3, 37), "b": torch.arange(5)}, tmp_path / "few/in.safetensors")
    pieces = [*bf16_copy._narrowed_file(tmp_path / "few/in.safetensors")]
    (tmp_path / "few/out.safetensors").write_bytes(b"".join(pieces))
    wide, narrow = load_file(tmp_path / "few/in.safetensors"), load_file(tmp_path / "few/out.safetensors")
    assert torch.equal(narrow["a"], wide["a"].bfloat16())
    assert torch.equal(narrow["b"], wide["b"])


@given(st.lists(st.floats(width=32), min_size=1, max_size=50))
def test_every_number_rounds_as_in_torch(values: list[float]) -> None:
    wide = torch.tensor(values, dtype=torch.float32)
    narrow = torch.frombuffer(bytearray(to_bf16(wide.numpy().tobytes(), "F32")), dtype=torch.bfloat16)
    assert torch.equal(narrow.nan_to_num(1.5), wide.bfloat16().nan_to_num(1.5))
    assert torch.equal(narrow.isnan(), wide.isnan())


def test_a_target_that_exists_is_never_touched(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    with pytest.raises(UsageError, match="exists"):
        write_bf16_copy(folder, tmp_path / "copy")
    assert [*(tmp_path / "copy").iterdir()] == []


def test_a_faulty_source_leaves_nothing_behind(folder: Path, tmp_path: Path) -> None:
    (folder / "vae/config.json").unlink()
    with pytest.raises(ModelInvalid, match=r"vae/config.json"):
        write_bf16_copy(folder, tmp_path / "copy")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model"]


def test_a_target_that_cannot_be_written_says_so(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        write_bf16_copy(folder, tmp_path / "file/copy")


@pytest.mark.parametrize(
    "name", ["../escaped.safetensors", "../../x", "/tmp/x", "a/b", "a\\b", "..", ".", "", "a\0b", 7, None, ["x"]]
)
def test_an_index_that_names_another_folder_is_refused_and_nothing_is_written(
    folder: Path, tmp_path: Path, name: object
) -> None:
    widen(folder)
    index = folder / f"{TRANSFORMER}.index.json"
    content = json.loads(index.read_text("utf-8"))
    content["weight_map"]["x_pad_token"] = name
    index.write_text(json.dumps(content), "utf-8")
    if isinstance(name, str) and name.startswith("../"):
        victim = (folder / "transformer" / name).resolve()
        save_file({"x_pad_token": torch.zeros(1)}, victim)
    before = set(tmp_path.rglob("*"))
    with pytest.raises(ModelInvalid, match="names of files beside it"):
        write_bf16_copy(folder, tmp_path / "copies" / "copy")
    assert set(tmp_path.rglob("*")) == before
    assert any("names of files beside it" in fault for fault in inspect_model(folder).faults)


def test_no_name_in_a_model_leads_out_of_the_copy(folder: Path, tmp_path: Path, monkeypatch) -> None:
    """Whatever names an index may give and however they are checked: the copy is written below its own folder."""
    target = tmp_path / "deep/copy"
    target.parent.mkdir()
    outside = folder.parent / "outside.bin"
    outside.write_bytes(b"code")
    monkeypatch.setattr(bf16_copy, "loaded_files", lambda _: (folder / "transformer/../../outside.bin",))
    with pytest.raises(UsageError, match="cannot be written"):
        write_bf16_copy(folder, target)
    assert not list(target.parent.iterdir())
