"""Names of tensors in other programs' files: ComfyUI's transformer, LDM's VAE, prefixes.

The ways back of diffusers' `convert_z_image_transformer_checkpoint_to_diffusers` and `convert_ldm_vae_checkpoint`.
"""

from __future__ import annotations

import re
from functools import reduce

from zoo.tensor_files import Tensor, Tensors

TRANSFORMER = (
    ("all_final_layer.2-1.", "final_layer."),
    ("all_x_embedder.2-1.", "x_embedder."),
    (".attention.to_out.0.", ".attention.out."),
    (".attention.norm_q.", ".attention.q_norm."),
    (".attention.norm_k.", ".attention.k_norm."),
)
ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}


def prefixed(prefix: str, tensors: Tensors) -> dict[str, Tensor]:
    """Every name behind a prefix."""
    return {prefix + name: tensor for name, tensor in tensors.items()}


def joined(parts: list[Tensor]) -> Tensor:
    """Tensors below each other: one, as wide as each."""
    rows = sum(part.shape[0] for part in parts)
    is_hole = any(part.data is None for part in parts)
    return Tensor(
        parts[0].dtype,
        (rows, *parts[0].shape[1:]),
        None if is_hole else b"".join(part.data or b"" for part in parts),
    )


def comfy(tensors: Tensors) -> dict[str, Tensor]:
    """The transformer in the original names, with query, key and value in one: as ComfyUI's files have it."""
    found = {}
    for name, tensor in tensors.items():
        if re.search(r"\.to_[kv]\.weight$", name):
            continue
        if name.endswith(".to_q.weight"):
            stem = name.removesuffix("to_q.weight")
            found[f"{stem}qkv.weight"] = joined([tensors[f"{stem}to_{letter}.weight"] for letter in "qkv"])
        else:
            found[reduce(lambda known, pair: known.replace(*pair), TRANSFORMER, name)] = tensor
    return found


def ldm_name(name: str, levels: int = 4) -> str:
    """A tensor of the VAE under LDM's name, as `ae.safetensors` has it.

    Args:
        name: in diffusers' layout.
        levels: of the VAE: its decoder's blocks are counted from the other end.
    """
    name = name.replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")
    name = re.sub(r"down_blocks\.(\d+)\.resnets\.(\d+)", r"down.\1.block.\2", name)
    name = re.sub(r"down_blocks\.(\d+)\.downsamplers\.0", r"down.\1.downsample", name)
    name = re.sub(r"up_blocks\.(\d+)", lambda found: f"up.{levels - 1 - int(found[1])}", name)
    name = name.replace(".upsamplers.0.", ".upsample.").replace(".resnets.", ".block.") if ".up." in name else name
    name = re.sub(r"mid_block\.resnets\.(\d+)", lambda found: f"mid.block_{int(found[1]) + 1}", name)
    attention = re.match(r"(.*)mid_block\.attentions\.0\.(.*)\.(weight|bias)$", name)
    return f"{attention[1]}mid.attn_1.{ATTENTION[attention[2]]}.{attention[3]}" if attention else name


def ldm(tensors: Tensors) -> dict[str, Tensor]:
    """The VAE in LDM's names; its attention is a convolution of one pixel there."""
    found = {}
    for name, tensor in tensors.items():
        theirs = ldm_name(name)
        is_convolution = re.search(r"\.(q|k|v|proj_out)\.weight$", theirs) and len(tensor.shape) == 2
        found[theirs] = Tensor(tensor.dtype, (*tensor.shape, 1, 1), tensor.data) if is_convolution else tensor
    return found
