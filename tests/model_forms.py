"""The embedded model in the forms in which people download models: other names, prefixes, precisions, shards."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Mapping
from functools import reduce
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from worker.demo import weights_dir
from worker.studio.model_files.recognise.found import PartWeights, Recognised
from worker.studio.model_store.add import Added, add_model
from worker.studio.model_store.wanted import Wanted, wanted
from worker.studio.model_store.work import Work

TRANSFORMER = "transformer/diffusion_pytorch_model.safetensors"
TEXT_ENCODER = "text_encoder/model.safetensors"
VAE = "vae/diffusion_pytorch_model.safetensors"

Tensors = dict[str, torch.Tensor]


def recognised(folder: Path | None = None, **parts: PartWeights) -> Recognised:
    """What `recognise` says of something that can be added."""
    return Recognised(what="a form", text="It is a form.", remedy="", folder=folder, parts=parts)


def part(*files: Path, prefix: str = "", naming: str = "diffusers") -> PartWeights:
    return PartWeights(files=files, prefix=prefix, naming=naming)  # type: ignore[arg-type]


def weights(file: str) -> Tensors:
    return load_file(weights_dir() / file)


def prefixed(tensors: Mapping[str, torch.Tensor], prefix: str) -> Tensors:
    return {prefix + name: tensor for name, tensor in tensors.items()}


COMFY = (
    (r"all_final_layer\.2-1\.", "final_layer."),
    (r"all_x_embedder\.2-1\.", "x_embedder."),
    (r"\.to_out\.0\.", ".out."),
    (r"\.norm_([kq])\.", r".\1_norm."),
)
LDM = (
    ("conv_norm_out", "norm_out"),
    ("conv_shortcut", "nin_shortcut"),
    (r"down_blocks\.(\d)\.resnets", r"down.\1.block"),
    (r"down_blocks\.(\d)\.downsamplers\.0", r"down.\1.downsample"),
    *((rf"up_blocks\.{level}\.resnets", f"up.{3 - level}.block") for level in range(4)),
    *((rf"up_blocks\.{level}\.upsamplers\.0", f"up.{3 - level}.upsample") for level in range(4)),
    *((rf"mid_block\.resnets\.{number}", f"mid.block_{number + 1}") for number in range(2)),
    (r"mid_block\.attentions\.0\.group_norm", "mid.attn_1.norm"),
    (r"mid_block\.attentions\.0\.to_([qkv])\.", r"mid.attn_1.\1."),
    (r"mid_block\.attentions\.0\.to_out\.0", "mid.attn_1.proj_out"),
)


def renamed(name: str, rules: Iterable[tuple[str, str]]) -> str:
    return reduce(lambda text, rule: re.sub(*rule, text), rules, name)


def comfy_transformer() -> Tensors:
    """In ComfyUI's names, q, k and v in one."""
    held, made = weights(TRANSFORMER), Tensors()
    for name, tensor in held.items():
        if ".to_q." in name:
            parts = [held[name.replace(".to_q.", f".to_{one}.")] for one in "qkv"]
            made[name.replace(".to_q.", ".qkv.")] = torch.cat(parts)
        elif ".to_k." not in name and ".to_v." not in name:
            made[renamed(name, COMFY)] = tensor
    return made


def ldm_vae() -> Tensors:
    """In LDM's names, with convolutions of 1x1 where diffusers has matrices."""
    made = {renamed(name, LDM): tensor for name, tensor in weights(VAE).items()}
    return {
        name: tensor[:, :, None, None].contiguous() if "attn_1" in name and tensor.dim() == 2 else tensor
        for name, tensor in made.items()
    }


def slim(target: Path) -> Path:
    """The embedded model's folder without weights."""
    shutil.copytree(weights_dir(), target, ignore=shutil.ignore_patterns("*.safetensors"))
    return target


def widened(folder: Path, *, noise: float = 1e-4) -> Path:
    """The folder with its transformer in fp32 (with digits below bf16's) and in two shards."""
    torch.manual_seed(0)
    tensors = {
        name: tensor.float() + noise * torch.randn(tensor.shape)
        for name, tensor in load_file(folder / TRANSFORMER).items()
    }
    names = sorted(tensors)
    (folder / TRANSFORMER).unlink()
    weight_map = {}
    for number, held in enumerate((names[::2], names[1::2]), start=1):
        file = f"diffusion_pytorch_model-0000{number}-of-00002.safetensors"
        save_file({name: tensors[name] for name in held}, folder / "transformer" / file, metadata={"format": "pt"})
        weight_map |= dict.fromkeys(held, file)
    size = sum(4 * tensor.numel() for tensor in tensors.values())
    index = {"metadata": {"total_size": size}, "weight_map": weight_map}
    (folder / f"{TRANSFORMER}.index.json").write_text(json.dumps(index), "utf-8")
    return folder


def folder_wanted(folder: Path) -> Wanted:
    """The folder as `recognise` would give it."""
    return wanted([(folder, recognised(folder))])


def add_folder(folder: Path, target: Path, **work) -> Added:
    return add_model(folder_wanted(folder), target, work=Work(**work))


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
