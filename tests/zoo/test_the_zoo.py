"""The zoo itself: cheap enough for every run, without torch, and true to the programs whose files it copies."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from zoo import LAYOUTS, full_size
from zoo.embedded import tensors_of
from zoo.naming import comfy, ldm, prefixed
from zoo.single_files import checkpoint
from zoo.tensor_files import Tensor, read_tensors, shards, write_tensors

MOST_S = 15
MOST_BYTES = 500_000_000


@pytest.mark.slow
def test_all_layouts_together_take_seconds_and_little_room(tmp_path: Path) -> None:
    begun_s = time.process_time()
    for layout in LAYOUTS.values():
        written = layout.make(tmp_path / layout.name)
        assert written.model or layout.name == "path_empty"
    taken_s = time.process_time() - begun_s  # of this process alone, whatever else the machine does
    about = [path.lstat() for path in tmp_path.rglob("*")]
    taken_bytes = sum({one.st_ino: one.st_blocks * 512 for one in about}.values())
    print(f"{len(LAYOUTS)} layouts, {taken_s:.1f} s, {taken_bytes / 1e6:.0f} MB")
    assert taken_s < MOST_S
    assert taken_bytes < MOST_BYTES


def test_there_are_as_many_as_people_have() -> None:
    assert len(LAYOUTS) >= 120
    assert {layout.works for layout in LAYOUTS.values()} == {"run", "add", "no"}
    assert all(layout.about for layout in LAYOUTS.values() if layout.works != "no")


def test_the_zoo_loads_no_torch() -> None:
    code = "import sys, zoo; sys.exit('torch' in sys.modules)"
    paths = os.pathsep.join(str(path) for path in (Path(__file__).parents[1], Path(__file__).parents[2]))
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": paths})


def test_shards_hold_each_tensor_once_in_its_order(tmp_path: Path) -> None:
    held = tensors_of("transformer")
    pieces = [
        read_tensors(write_tensors(tmp_path / f"{number}.safetensors", piece))
        for number, piece in enumerate(shards(held, (9.97, 9.97, 4.67)))
    ]
    assert len(pieces) == 3
    assert [*{name: tensor for piece in pieces for name, tensor in piece.items()}.items()] == [*held.items()]


def test_a_hole_takes_no_room_and_reads_as_zeros(tmp_path: Path) -> None:
    file = write_tensors(
        tmp_path / "hole.safetensors", {"a": Tensor("F32", (1000, 1000)), "b": Tensor("U8", (1,), b"x")}
    )
    assert file.stat().st_blocks * 512 < 100_000
    held = read_tensors(file)
    assert held["a"].data == bytes(4_000_000)
    assert held["b"].data == b"x"


def as_torch(tensors: Mapping[str, Tensor], folder: Path) -> dict[str, object]:
    from safetensors.torch import load

    return load(write_tensors(folder / "made.safetensors", tensors).read_bytes())


def assert_same(made: Mapping[str, object], wanted: Mapping[str, object]) -> None:
    import torch

    assert made.keys() == wanted.keys()
    assert all(torch.equal(made[name], wanted[name]) for name in wanted)  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize("prefix", ["", "model.diffusion_model."])
def test_diffusers_takes_the_original_names_back(tmp_path: Path, prefix: str) -> None:
    from diffusers.loaders.single_file_utils import convert_z_image_transformer_checkpoint_to_diffusers

    held = as_torch(prefixed(prefix, comfy(tensors_of("transformer"))), tmp_path)
    assert_same(
        convert_z_image_transformer_checkpoint_to_diffusers(held), as_torch(tensors_of("transformer"), tmp_path)
    )


@pytest.mark.slow
def test_diffusers_takes_the_names_of_ldm_back(tmp_path: Path) -> None:
    from diffusers.loaders.single_file_utils import convert_ldm_vae_checkpoint

    levels = {"down_block_types": [""] * 4, "up_block_types": [""] * 4}
    whole = as_torch(checkpoint(), tmp_path)
    for held in (as_torch(ldm(tensors_of("vae")), tmp_path), {k: v for k, v in whole.items() if k.startswith("vae.")}):
        assert_same(convert_ldm_vae_checkpoint(held, levels), as_torch(tensors_of("vae"), tmp_path))


@pytest.mark.slow
def test_names_and_shapes_at_full_size_are_those_of_the_real_classes() -> None:
    from zoo.full_size_shapes import shapes

    assert json.loads(full_size.SHAPES.read_text("utf-8")) == json.loads(json.dumps(shapes()))


@pytest.mark.parametrize(("part", "count"), [("transformer", 521), ("text_encoder", 398)])
def test_z_image_turbo_has_as_many_tensors_as_its_published_files(part, count: int) -> None:
    assert len(full_size.tensors_at_full_size(part)) == count


def test_files_at_full_size_are_as_large_as_the_published_ones(tmp_path: Path) -> None:
    model = Path(LAYOUTS["full_size_turbo"].make(tmp_path / "zoo").model)
    sizes = [file.stat().st_size / 1e9 for file in sorted((model / "transformer").glob("*.safetensors"))]
    # source: the listing of Tongyi-MAI/Z-Image-Turbo; its shards are cut at other tensors
    assert sizes == pytest.approx([9.97, 9.97, 4.67], rel=0.03)
    assert sum(file.stat().st_blocks * 512 for file in model.rglob("*")) < 10_000_000
