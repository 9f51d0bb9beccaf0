"""What is promised of a part's files that lie under other names is what `model add` takes."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import numpy as np
import pytest
from weight_files import TRANSFORMER, bf16, safetensors

from worker.studio.model_files.inspect import inspect_model
from worker.studio.model_files.parts import ModelSource
from worker.studio.model_files.recognise import folder_faults, missing_files, part_files, weights_file
from worker.studio.model_files.recognise.missing_files import VARIANTS
from worker.studio.model_files.recognise.part_faults import ignored, single_file_fault
from worker.studio.model_files.recognise.part_files import part_weights

pytestmark = pytest.mark.slow

STEM = "diffusion_pytorch_model"


def fp8() -> bytes:
    """A shard of a transformer in eight bits."""
    name = b"layers.0.attention.to_q.weight"
    header = b'{"%s":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}}' % name
    return len(header).to_bytes(8, "little") + header + bytes(4)


@pytest.mark.parametrize("variant", [*VARIANTS, "fp8", "ema"])
@pytest.mark.parametrize("form", ["{stem}.{variant}.safetensors", "{stem}-00001-of-00001.{variant}.safetensors"])
def test_model_add_is_promised_for_what_it_takes(folder: Path, form: str, variant: str) -> None:
    whole = folder / TRANSFORMER
    whole.rename(whole.with_name(form.format(stem=STEM, variant=variant)))
    if variant not in VARIANTS:
        (whole.parent / "notes.safetensors").write_bytes(safetensors({"x": bf16(np.zeros(1))}))
    (fault,) = inspect_model(folder).faults
    is_taken = part_weights(whole.parent, "transformer") is not None
    assert ("model add" in fault) == is_taken == (variant in VARIANTS)


@pytest.mark.parametrize("form", ["{stem}.fp8-0000{n}-of-00002.safetensors", "{stem}-0000{n}-of-00002.fp8.safetensors"])
def test_a_variant_in_fewer_bits_is_called_quantised(folder: Path, form: str) -> None:
    whole = folder / TRANSFORMER
    whole.unlink()
    for n in (1, 2):
        (whole.parent / form.format(stem=STEM, n=n)).write_bytes(fp8())
    (fault,) = inspect_model(folder).faults
    assert "quantised" in fault
    assert "model add" not in fault


def test_a_header_is_read_once_whatever_becomes_of_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read twice, it might be another file the second time, and what that says went unguarded."""
    file, read = folder / TRANSFORMER, weights_file.read_header

    def cut(path: Path):
        header = read(path)
        os.truncate(path, 10)
        return header

    with monkeypatch.context() as patch:
        patch.setattr(weights_file, "read_header", cut)
        assert single_file_fault(file, folder / "transformer/config.json") == []
    assert ignored(file) == ""


def test_a_folder_of_too_many_entries_is_closed_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (folder_faults, missing_files, part_files):
        monkeypatch.setattr(module, "MOST_ENTRIES", 1)
    (folder / TRANSFORMER).unlink()
    (folder / "scheduler").rename(folder / "Scheduler")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert part_weights(folder / "transformer", "transformer") is None
        assert len([*folder_faults.faults(ModelSource(folder=folder))]) > 1
    assert [str(one.message) for one in told] == []
