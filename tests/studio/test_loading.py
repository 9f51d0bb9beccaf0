"""Loading: what is refused once the numbers are seen, and the single-file transformer."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import torch
from diffusers import FlowMatchEulerDiscreteScheduler, ZImagePipeline
from safetensors.torch import load_file, save_file

from worker.demo import weights_dir
from worker.errors import ModelInvalid
from worker.studio.card.precision import require_bf16
from worker.studio.model_files.parts import ModelSource
from worker.studio.model_files.recognise.folder_faults import faults
from worker.studio.model_files.sizes import weights_in
from worker.studio.plan.memory import CPU_PLAN
from worker.studio.render.opening import build_stages
from worker.studio.render.renderer import StudioRenderer
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


def add_unknown(tensors) -> None:
    tensors["extra.weight"] = torch.zeros(2)


def flatten_pad(tensors) -> None:
    tensors["x_pad_token"] = tensors["x_pad_token"][0]


def misshape(tensors) -> None:
    tensors["x_pad_token"] = torch.ones(1, 7)


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [(set_nan, r"not finite in layers\.3\.feed_forward\.w1\.weight"), (clear_pad, "empty cap_pad_token")],
)
def test_a_transformer_whose_numbers_would_spoil_pictures_is_refused(folder: Path, spoil, expected: str) -> None:
    respoil(folder / TRANSFORMER, spoil)
    source = ModelSource(folder=folder)
    assert [*faults(source)] == []
    with pytest.raises(ModelInvalid, match=expected):
        load_parts(source, device=CPU)


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (drop_pad, "lacks x_pad_token, the learned pad tokens"),
        (drop_layer, r"lacks 1 of 148 tensors, such as layers\.6\.attention\.to_q\.weight"),
        (add_stranger, "ControlNet"),
        (add_unknown, "1 unknown tensors, such as extra"),
        (misshape, "x_pad_token has 1x7, where 1x192 is needed"),
        (flatten_pad, "x_pad_token in one dimension"),
    ],
)
def test_a_transformer_with_other_tensors_is_refused_before_it_is_loaded(folder: Path, spoil, expected: str) -> None:
    respoil(folder / TRANSFORMER, spoil)
    (fault,) = faults(ModelSource(folder=folder))
    assert re.search(expected, fault)
    assert "copy it once more" not in fault
    with pytest.raises(ModelInvalid):
        load_parts(ModelSource(folder=folder), device=CPU)


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


def prefixed(prefix: str, layout=dict):
    return lambda tensors: {
        f"{prefix}{name.removeprefix('model.diffusion_model.')}": tensor for name, tensor in layout(tensors).items()
    }


def with_other_parts(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """An AIO checkpoint."""
    encoder = load_file(weights_dir() / "text_encoder/model.safetensors")
    vae = load_file(weights_dir() / "vae/diffusion_pytorch_model.safetensors")
    return (
        comfy_layout(tensors)
        | {f"text_encoders.qwen3_4b.transformer.model.{name}": tensor for name, tensor in encoder.items()}
        | {f"vae.{name}": tensor for name, tensor in vae.items()}
    )


def with_final_norm(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return tensors | {"norm_final.weight": torch.full((192,), float("nan"))}


LAYOUTS = {
    "diffusers keys": dict, "comfy keys": comfy_layout, "AIO": with_other_parts, "norm_final": with_final_norm,
    "diffusion_model": prefixed("diffusion_model.", comfy_layout), "transformer": prefixed("transformer."),
    "model": prefixed("model.", comfy_layout), "any": prefixed("net.some.", comfy_layout),
    "diffusers keys, prefixed": prefixed("model.diffusion_model."),
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_a_single_file_transformer_gives_the_same_weights(folder: Path, tmp_path: Path, parts, layout) -> None:
    file = tmp_path / "tuned.safetensors"
    save_file(layout(load_file(folder / TRANSFORMER)), file)
    (folder / TRANSFORMER).unlink()
    source = ModelSource(folder=folder, transformer_file=file)
    assert [*faults(source)] == []
    loaded = load_parts(source, device=CPU)
    assert same(loaded.transformer, parts.transformer)
    planned = weights_in(source).transformer
    assert not planned.is_mapped
    assert planned.whole_mib == pytest.approx(loaded.weights().transformer.whole_mib)
    again = {name: values for part, name, values in loaded.read_again() if part == "transformer"}
    assert again.keys() == parts.transformer.state_dict().keys()
    assert loaded.stored == {}


@pytest.mark.parametrize("layout", [dict, comfy_layout], ids=["diffusers keys", "comfy keys"])
def test_a_single_file_without_pad_tokens_is_refused(folder: Path, tmp_path: Path, layout) -> None:
    tensors = load_file(folder / TRANSFORMER)
    drop_pad(tensors)
    save_file(layout(tensors), tmp_path / "tuned.safetensors")
    (fault,) = faults(ModelSource(folder=folder, transformer_file=tmp_path / "tuned.safetensors"))
    assert "tuned.safetensors lacks x_pad_token" in fault


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


def test_a_shift_of_its_own_takes_the_place_of_the_folders_scheduler(folder: Path, results_of, ask) -> None:
    config = folder / "scheduler/scheduler_config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"use_dynamic_shifting": True}))
    shifted = load_parts(ModelSource(folder=folder, shift=6.0), device=CPU)
    studio = StudioRenderer(stages=build_stages(shifted, device=CPU), plan=lambda _: CPU_PLAN)
    request = ask(steps=3, width_px=64, height_px=64)
    [made] = results_of(studio, [request])
    pipe = ZImagePipeline.from_pretrained(weights_dir(), dtype=torch.bfloat16, local_files_only=True)
    pipe.scheduler = FlowMatchEulerDiscreteScheduler(shift=6.0)
    pipe.set_progress_bar_config(disable=True)
    pictures = pipe(
        request.prompt, width=request.width_px, height=request.height_px, num_inference_steps=3, guidance_scale=0.0,
        generator=torch.Generator("cpu").manual_seed(request.seed),
    )  # fmt: skip
    assert made.picture.rgb == pictures.images[0].tobytes()
    as_it_is = load_parts(ModelSource(folder=weights_dir()), device=CPU).scheduler
    assert (as_it_is.config.shift, shifted.scheduler.config.shift) == (3.0, 6.0)
