"""Loading: what is refused once the numbers are seen, and the single-file transformer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from worker.errors import ModelInvalid
from worker.studio.card.precision import require_bf16
from worker.studio.model_files.parts import ModelSource
from worker.studio.model_files.recognise.folder_faults import faults
from worker.studio.model_files.sizes import weights_in
from worker.studio.stages.loading import load_parts

pytestmark = pytest.mark.slow

CPU = torch.device("cpu")
TRANSFORMER = "transformer/diffusion_pytorch_model.safetensors"


def respoil(file: Path, change) -> None:
    """Rewrite a weight file with its tensors changed in place."""
    tensors = load_file(file)
    change(tensors)
    save_file(tensors, file, metadata={"format": "pt"})


def set_nan(tensors) -> None:
    tensors["layers.3.feed_forward.w1.weight"][5, 5] = float("nan")


def clear_pad(tensors) -> None:
    tensors["cap_pad_token"].zero_()


def drop_pad(tensors) -> None:
    del tensors["x_pad_token"]


def drop_layer(tensors) -> None:
    del tensors["layers.6.attention.to_q.weight"]


def add_stranger(tensors) -> None:
    tensors["control_layers.0.weight"] = torch.zeros(2)


def misshape(tensors) -> None:
    tensors["x_pad_token"] = torch.ones(1, 7)


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (set_nan, r"not finite in layers\.3\.feed_forward\.w1\.weight"),
        (clear_pad, "empty cap_pad_token"),
        (drop_pad, "lacks 1 tensors, such as x_pad_token"),
        (drop_layer, r"lacks 1 tensors, such as layers\.6\.attention\.to_q\.weight"),
        (add_stranger, "unknown tensors, such as control_layers"),
        (misshape, "x_pad_token"),
    ],
)
def test_a_transformer_that_would_spoil_pictures_is_refused(folder: Path, spoil, expected: str) -> None:
    respoil(folder / TRANSFORMER, spoil)
    source = ModelSource(folder=folder)
    assert [*faults(source)] == []
    with pytest.raises(ModelInvalid, match=expected):
        load_parts(source, device=CPU)


def test_a_config_of_another_shape_is_refused(folder: Path) -> None:
    config = folder / "text_encoder/config.json"
    config.write_text(config.read_text("utf-8").replace('"hidden_size": 128', '"hidden_size": 64'), "utf-8")
    with pytest.raises(ModelInvalid):
        load_parts(ModelSource(folder=folder), device=CPU)


def test_an_fp32_folder_loads_in_bf16_with_the_same_weights(folder: Path, parts) -> None:
    for part in ("transformer", "vae"):
        respoil(
            folder / part / "diffusion_pytorch_model.safetensors",
            lambda held: held.update({k: v.float() for k, v in held.items()}),
        )
    wide = load_parts(ModelSource(folder=folder), device=CPU)
    require_bf16({"transformer": wide.transformer, "vae": wide.vae, "text_encoder": wide.text_encoder})
    assert same(wide.transformer, parts.transformer)


def same(one: torch.nn.Module, other: torch.nn.Module) -> bool:
    theirs = other.state_dict()
    return all(torch.equal(tensor, theirs[name]) for name, tensor in one.state_dict().items())


def comfy_layout(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The original key names, with query, key and value in one tensor, as ComfyUI's files have them."""
    renames = {"all_final_layer.2-1.": "final_layer.", "all_x_embedder.2-1.": "x_embedder.", ".to_out.0.": ".out.",
               ".norm_q.": ".q_norm.", ".norm_k.": ".k_norm."}  # fmt: skip
    held = dict(tensors)
    for name in [name for name in held if name.endswith(".to_q.weight")]:
        stem = name.removesuffix("to_q.weight")
        held[f"{stem}qkv.weight"] = torch.cat([held.pop(f"{stem}to_{letter}.weight") for letter in "qkv"])
    for old, new in renames.items():
        held = {name.replace(old, new): tensor for name, tensor in held.items()}
    return {f"model.diffusion_model.{name}": tensor for name, tensor in held.items()}


@pytest.mark.parametrize("layout", [dict, comfy_layout], ids=["diffusers keys", "comfy keys"])
def test_a_single_file_transformer_gives_the_same_weights(folder: Path, tmp_path: Path, parts, layout) -> None:
    file = tmp_path / "tuned.safetensors"
    save_file(layout(load_file(folder / TRANSFORMER)), file)
    (folder / TRANSFORMER).unlink()
    source = ModelSource(folder=folder, transformer_file=file)
    assert [*faults(source)] == []
    loaded = load_parts(source, device=CPU)
    assert same(loaded.transformer, parts.transformer)
    assert not weights_in(source).transformer.is_mapped
    assert loaded.stored == {}


@pytest.mark.parametrize("layout", [dict, comfy_layout], ids=["diffusers keys", "comfy keys"])
def test_a_single_file_without_pad_tokens_is_refused(folder: Path, tmp_path: Path, layout) -> None:
    tensors = load_file(folder / TRANSFORMER)
    drop_pad(tensors)
    save_file(layout(tensors), tmp_path / "tuned.safetensors")
    with pytest.raises(ModelInvalid, match=r"tuned\.safetensors lacks"):
        load_parts(ModelSource(folder=folder, transformer_file=tmp_path / "tuned.safetensors"), device=CPU)


def mapped_share(module: torch.nn.Module) -> float:
    """Of a module's weights: how many lie in pages of safetensors files, which the system can take back."""
    maps = re.findall(r"^(\w+)-(\w+) .*\.safetensors$", Path("/proc/self/maps").read_text("utf-8"), re.MULTILINE)
    ranges = [(int(begin, 16), int(end, 16)) for begin, end in maps]
    places = [parameter.data_ptr() for parameter in module.parameters()]
    return sum(any(begin <= place < end for begin, end in ranges) for place in places) / len(places)


@pytest.mark.parametrize("wide", [(), ("transformer",), ("text_encoder", "transformer")])
def test_what_the_plan_takes_for_file_pages_is_loaded_as_such(folder: Path, wide: tuple[str, ...]) -> None:
    files = {"transformer": "diffusion_pytorch_model.safetensors", "text_encoder": "model.safetensors"}
    for part in wide:
        respoil(folder / part / files[part], lambda held: held.update({k: v.float() for k, v in held.items()}))
    source = ModelSource(folder=folder)
    weights, parts = weights_in(source), load_parts(source, device=CPU)
    for part in files:
        assert getattr(weights, part).is_mapped == (part not in wide)
        assert mapped_share(getattr(parts, part)) == (0 if part in wide else 1)
    assert bool(parts.stored) == ("transformer" not in wide)
