"""Names of tensors: from those of ComfyUI, BFL and LDM to those of diffusers.

Knows no file. Source: `convert_z_image_transformer_checkpoint_to_diffusers` and `convert_ldm_vae_checkpoint` of
diffusers 0.42.1 (`loaders/single_file_utils.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from worker.studio.model_files.parts import PartName

Naming = Literal["diffusers", "original"]

KNOWN: dict[PartName, re.Pattern[str]] = {
    "transformer": re.compile(
        r"(layers|noise_refiner|context_refiner|all_x_embedder|all_final_layer|cap_embedder|t_embedder)\.|"
        r"(x|cap)_pad_token$"
    ),
    "text_encoder": re.compile(r"(model\.)?(embed_tokens|layers|norm)\."),
    "vae": re.compile(r"(encoder|decoder|quant_conv|post_quant_conv)\."),
}
"""By part: how the names of its tensors begin; a file may hold others (`lm_head`, `norm_final`, a training's state)."""
COMPUTED = re.compile(r"(^|\.)rotary_emb\.")
"""Computed, not learned: older files keep it."""

_TRANSFORMER = (
    (re.compile(r"^final_layer\."), "all_final_layer.2-1."),
    (re.compile(r"^x_embedder\."), "all_x_embedder.2-1."),
    (re.compile(r"\.attention\.out\."), ".attention.to_out.0."),
    (re.compile(r"\.attention\.k_norm\."), ".attention.norm_k."),
    (re.compile(r"\.attention\.q_norm\."), ".attention.norm_q."),
)
_VAE = (
    (re.compile(r"^(encoder|decoder)\.norm_out\."), r"\1.conv_norm_out."),
    (re.compile(r"^encoder\.down\.(\d+)\.block\."), r"encoder.down_blocks.\1.resnets."),
    (re.compile(r"^encoder\.down\.(\d+)\.downsample\."), r"encoder.down_blocks.\1.downsamplers.0."),
    (re.compile(r"\.mid\.block_1\."), ".mid_block.resnets.0."),
    (re.compile(r"\.mid\.block_2\."), ".mid_block.resnets.1."),
    (re.compile(r"\.mid\.attn_1\.norm\."), ".mid_block.attentions.0.group_norm."),
    (re.compile(r"\.mid\.attn_1\.([qkv])\."), r".mid_block.attentions.0.to_\1."),
    (re.compile(r"\.mid\.attn_1\.proj_out\."), ".mid_block.attentions.0.to_out.0."),
    (re.compile(r"\.nin_shortcut\."), ".conv_shortcut."),
)
_UP = re.compile(r"^decoder\.up\.(\d+)\.(block|upsample)\.")
_QKV = re.compile(r"\.attention\.qkv\.(weight|bias)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """A tensor of the copy: an equal share of the rows of one in the source."""

    name: str
    shape: tuple[int, ...]
    share: int = 0
    shares: int = 1
    """Its bytes are the `share`-th of `shares` equal pieces of the source's."""


def renamed(
    part: PartName, naming: Naming, name: str, *, shape: tuple[int, ...], levels: int = 0
) -> tuple[Renamed, ...]:
    """What becomes of a tensor; nothing where the part has no use for it.

    Args:
        part: whose tensor it is.
        naming: of the source.
        name: in the source, without the prefix that stands before all names there.
        shape: in the source.
        levels: of the VAE, as `levels_of` counts them.
    """
    if naming == "diffusers":
        made: tuple[Renamed, ...] = (Renamed(name=name, shape=shape),)
    elif part == "vae":
        made = (_vae(name, shape, levels),)
    elif part == "transformer":
        made = _transformer(name, shape)
    else:
        made = (Renamed(name=name, shape=shape),)
    return tuple(one for one in made if KNOWN[part].match(one.name) and not COMPUTED.search(one.name))


def levels_of(names: Iterable[str]) -> int:
    """How many levels a VAE with LDM's names has; LDM counts them upwards where diffusers counts down."""
    return 1 + max((int(found[1]) for name in names if (found := _UP.match(name))), default=-1)


def _transformer(name: str, shape: tuple[int, ...]) -> tuple[Renamed, ...]:
    for pattern, replacement in _TRANSFORMER:
        name = pattern.sub(replacement, name)
    fused = _QKV.search(name)
    if fused is None or not shape or shape[0] % 3:
        return (Renamed(name=name, shape=shape),)
    third = (shape[0] // 3, *shape[1:])
    return tuple(
        Renamed(name=_QKV.sub(f".attention.to_{one}.{fused[1]}", name), shape=third, share=number, shares=3)
        for number, one in enumerate("qkv")
    )


def _vae(name: str, shape: tuple[int, ...], levels: int) -> Renamed:
    up = _UP.match(name)
    if up is not None:
        kind = "resnets" if up[2] == "block" else "upsamplers.0"
        name = f"decoder.up_blocks.{levels - 1 - int(up[1])}.{kind}.{name[up.end() :]}"
    for pattern, replacement in _VAE:
        name = pattern.sub(replacement, name)
    if ".attentions.0." in name and name.endswith(".weight") and set(shape[2:]) == {1}:
        shape = shape[:2]  # a convolution of 1x1 is a matrix
    return Renamed(name=name, shape=shape)
