"""Layouts: whole parts that do not belong together, and configurations that contradict their weights."""

from __future__ import annotations

import json
from pathlib import Path

from zoo.embedded import TURBO, edit_json, pooled, rewrite, single, tensors_of, write_json
from zoo.layout import Written, layout
from zoo.single_files import deeper
from zoo.tensor_files import Tensor, write_tensors


def rows_of(tensor: Tensor, rows: int) -> Tensor:
    """Its first rows."""
    size = tensor.size // tensor.shape[0] * rows
    return Tensor(tensor.dtype, (rows, *tensor.shape[1:]), (tensor.data or b"")[:size])


@layout("parts that do not fit")
def te_of_another_size(folder: Path) -> Path:
    """A text encoder of half the width, with its own configuration: Qwen3-1.7B in place of 4B."""
    model = single(folder / TURBO)
    target = model / "text_encoder/model.safetensors"
    target.unlink()
    held = {}
    for name, tensor in tensors_of("text_encoder").items():
        shape = tuple(length // 2 if length == 128 else length for length in tensor.shape)
        held[name] = Tensor(tensor.dtype, shape, (tensor.data or b"")[: Tensor(tensor.dtype, shape).size])
    write_tensors(target, held)
    edit_json(model / "text_encoder/config.json", hidden_size=64, num_attention_heads=2, num_key_value_heads=2)
    return model


@layout("parts that do not fit")
def sdxl_vae_4_channels(folder: Path) -> Path:
    """SDXL's VAE of four channels, with its own configuration."""
    model = single(folder / TURBO)
    target = model / "vae/diffusion_pytorch_model.safetensors"
    target.unlink()
    held = dict(tensors_of("vae"))
    first, last = held["decoder.conv_in.weight"], held["encoder.conv_out.weight"]
    held["decoder.conv_in.weight"] = Tensor("BF16", (first.shape[0], 4, 3, 3), (first.data or b"")[: 80 * 4 * 9 * 2])
    held["encoder.conv_out.weight"] = rows_of(last, 8)
    held["encoder.conv_out.bias"] = rows_of(held["encoder.conv_out.bias"], 8)
    write_tensors(target, held)
    edit_json(model / "vae/config.json", latent_channels=4, scaling_factor=0.13025, shift_factor=None)
    return model


@layout("parts that do not fit")
def vae_without_config_numbers(folder: Path) -> Path:
    """A VAE whose configuration lacks its scaling."""
    model = single(folder / TURBO)
    file = model / "vae/config.json"
    config = json.loads(file.read_text("utf-8"))
    for key in ("scaling_factor", "shift_factor"):
        del config[key]
    rewrite(file, json.dumps(config).encode())
    return model


@layout("parts that do not fit")
def config_says_more_layers(folder: Path) -> Path:
    """A configuration of more layers than the weights have."""
    model = single(folder / TURBO)
    edit_json(model / "transformer/config.json", n_layers=9)
    return model


@layout("parts that do not fit")
def config_says_fewer_layers(folder: Path) -> Path:
    """A configuration of fewer layers than the weights have."""
    model = single(folder / TURBO)
    edit_json(model / "transformer/config.json", n_layers=5)
    return model


@layout("parts that do not fit")
def config_says_another_width(folder: Path) -> Path:
    """A configuration of another width than the weights have."""
    model = single(folder / TURBO)
    edit_json(model / "transformer/config.json", dim=384, n_heads=12, n_kv_heads=12)
    return model


@layout("parts that do not fit", works="run", picture="deeper")
def deeper_with_its_config(folder: Path) -> Path:
    """A deeper finetune whose configuration says so; its further layers are a shard of their own."""
    model = single(folder / "Z-Image-Turbo-deep")
    part = model / "transformer"
    held = deeper(tensors_of("transformer"))
    more = {name: tensor for name, tensor in held.items() if name not in tensors_of("transformer")}
    pooled("further-layers", part / "more.safetensors", lambda: more)
    places = {name: "more.safetensors" if name in more else "diffusion_pytorch_model.safetensors" for name in held}
    write_json(part / "diffusion_pytorch_model.safetensors.index.json", {"metadata": {}, "weight_map": places})
    edit_json(part / "config.json", n_layers=10)
    return model


@layout("parts that do not fit")
def another_scheduler(folder: Path) -> Path:
    """A scheduler of another family."""
    model = single(folder / TURBO)
    edit_json(
        model / "scheduler/scheduler_config.json", _class_name="DDIMScheduler", prediction_type="epsilon", shift=None
    )
    return model


@layout("parts that do not fit", works="run")
def euler_scheduler_config(folder: Path) -> Path:
    """A configuration that another program wrote for the same scheduler, with keys of its own."""
    model = single(folder / TURBO)
    edit_json(model / "scheduler/scheduler_config.json", timestep_spacing="linspace", interpolation_type="linear")
    return model


@layout("parts that do not fit", works="run", picture="dynamic shift")
def dynamic_shifting_base(folder: Path) -> Written:
    """Dynamic shifting on."""
    model = single(folder / "Z-Image", title="Z-Image")
    edit_json(model / "scheduler/scheduler_config.json", use_dynamic_shifting=True)
    return Written(model=str(model), model_kind="base")


@layout("parts that do not fit")
def zero_matrix(folder: Path) -> Path:
    """A matrix of zeros among good ones: what a merge that went wrong leaves."""
    model = single(folder / TURBO)
    target = model / "transformer/diffusion_pytorch_model.safetensors"
    held = dict(tensors_of("transformer"))
    name = "layers.3.feed_forward.w2.weight"
    held[name] = Tensor("BF16", held[name].shape)
    target.unlink()
    write_tensors(target, held)
    return model


@layout("parts that do not fit")
def constant_matrix(folder: Path) -> Path:
    """A matrix of one number throughout."""
    model = single(folder / TURBO)
    target = model / "text_encoder/model.safetensors"
    held = dict(tensors_of("text_encoder"))
    name = "layers.0.mlp.down_proj.weight"
    held[name] = Tensor("BF16", held[name].shape, b"\x80\x3f" * (128 * 320))
    target.unlink()
    write_tensors(target, held)
    return model


@layout("parts that do not fit")
def nan_in_weights(folder: Path) -> Path:
    """A number that is none."""
    model = single(folder / TURBO)
    target = model / "vae/diffusion_pytorch_model.safetensors"
    held = dict(tensors_of("vae"))
    name = "decoder.conv_in.weight"
    held[name] = Tensor("BF16", held[name].shape, b"\xc0\x7f" + (held[name].data or b"")[2:])
    target.unlink()
    write_tensors(target, held)
    return model


def with_template(folder: Path, template: str) -> Path:
    model = single(folder / TURBO)
    rewrite(model / "tokenizer/chat_template.jinja", template.encode())
    return model


@layout("parts that do not fit")
def jinja_trap(folder: Path) -> Path:
    """A chat template that reaches for Python's inside."""
    return with_template(folder, "{{ ''.__class__.__mro__[1].__subclasses__() }}")


@layout("parts that do not fit")
def jinja_other_template(folder: Path) -> Path:
    """Another family's chat template, which writes nothing here."""
    return with_template(
        folder, "{% for m in messages %}{% if m.role == 'human' %}[INST]{{ m.content }}[/INST]{% endif %}{% endfor %}"
    )


@layout("parts that do not fit")
def jinja_llama_template(folder: Path) -> Path:
    """Llama's chat template: the prompt is there, the marks are others."""
    return with_template(folder, "{% for m in messages %}<|user|>\n{{ m.content }}<|end|>\n{% endfor %}<|assistant|>\n")


@layout("parts that do not fit")
def jinja_endless(folder: Path) -> Path:
    """A chat template that counts for a very long time."""
    return with_template(
        folder, "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}<|im_start|><|im_end|>"
    )
