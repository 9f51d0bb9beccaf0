"""Names and shapes of the tensors of Z-Image's three parts, as their configurations ask for them.

Knows the classes' modules by name (source: ZImageTransformer2DModel and AutoencoderKL of diffusers 0.42.1, Qwen3Model
of transformers 5.23), and the names of the same tensors in files of ComfyUI, BFL and LDM (source: their conversions in
diffusers' `loaders/single_file_utils.py`); knows no file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from worker.studio.model_files.parts import PartName

Shape = tuple[int, ...]
Shapes = dict[str, Shape]

MOST_LAYERS = 1000
"""Of a configuration: more is no model's, and each has a dozen names."""
MOST_LEVELS = 16
"""Of a VAE, layers in each, and sizes of patches."""
MOST_WIDTH = 2**31
"""Of any number."""
LISTS = ("all_patch_size", "all_f_patch_size", "block_out_channels", "down_block_types", "up_block_types")
COUNTS = {
    "layers_per_block": MOST_LEVELS,
    **dict.fromkeys(("n_layers", "n_refiner_layers", "num_hidden_layers"), MOST_LAYERS),
    **dict.fromkeys(
        (
            "dim", "cap_feat_dim", "in_channels", "n_heads", "n_kv_heads", "hidden_size", "intermediate_size",
            "num_attention_heads", "num_key_value_heads", "head_dim", "vocab_size", "latent_channels", "out_channels",
        ),
        MOST_WIDTH,
    ),
}  # fmt: skip
"""Numbers by which tensors are counted and measured, and the most that each may be."""
TIME_WIDTHS = (256, 1024)
"""Of the transformer's embedding of time: its frequencies, and its inner layer."""
ADALN_WIDTH = 256
"""Of the condition by which blocks are modulated, at most (`ADALN_EMBED_DIM` of diffusers)."""

RENAMED = (
    (re.compile(r"^final_layer\."), "all_final_layer.2-1."),
    (re.compile(r"^x_embedder\."), "all_x_embedder.2-1."),
    (re.compile(r"\.attention\.out\."), ".attention.to_out.0."),
    (re.compile(r"\.attention\.q_norm\."), ".attention.norm_q."),
    (re.compile(r"\.attention\.k_norm\."), ".attention.norm_k."),
)
"""The transformer's original names, as ComfyUI's files have them, and diffusers'."""
FUSED = ".attention.qkv."
"""In original names: query, key and value of a block in one tensor, one below the other."""
IN_NO_CLASS = {"norm_final.weight"}
"""Stands in some files of the transformer; no class has it."""

LDM_RENAMED = (
    (re.compile(r"\.norm_out\."), ".conv_norm_out."),
    (re.compile(r"\.nin_shortcut\."), ".conv_shortcut."),
    (re.compile(r"\.mid\.attn_1\.norm\."), ".mid_block.attentions.0.group_norm."),
    (re.compile(r"\.mid\.attn_1\.proj_out\."), ".mid_block.attentions.0.to_out.0."),
    (re.compile(r"\.mid\.attn_1\.([qkv])\."), r".mid_block.attentions.0.to_\1."),
    (re.compile(r"\.down\.(\d+)\.block\."), r".down_blocks.\1.resnets."),
    (re.compile(r"\.down\.(\d+)\.downsample\."), r".down_blocks.\1.downsamplers.0."),
)
"""The VAE's names in LDM's files, and diffusers'; blocks of the way up are counted from the other end."""
_UP = re.compile(r"decoder\.up\.(\d+)\.")
OLD_ATTENTION = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}
"""Names of attention before diffusers 0.17, which its classes still read."""


def transformer_names(name: str) -> tuple[str, ...]:
    """A tensor's names in diffusers' transformer: three for a fused one, none for one that no class has.

    Args:
        name: without prefix, original or diffusers'.
    """
    if name in IN_NO_CLASS:
        return ()
    for pattern, renamed in RENAMED:
        name = pattern.sub(renamed, name)
    return tuple(name.replace(FUSED, f".attention.to_{one}.") for one in "qkv") if FUSED in name else (name,)


def levels_of(names: Iterable[str]) -> int:
    """How many levels a VAE with LDM's names has; LDM counts them upwards where diffusers counts down.

    Args:
        names: without prefix.
    """
    return 1 + max((int(found[1]) for name in names if (found := _UP.match(name))), default=0)


def vae_name(name: str, *, levels: int) -> str:
    """A tensor's name in diffusers' VAE.

    Args:
        name: without prefix, LDM's or diffusers'.
        levels: of the VAE: its length of `block_out_channels`.
    """
    for pattern, renamed in LDM_RENAMED:
        name = pattern.sub(renamed, name)
    name = re.sub(r"\.mid\.block_([12])\.", lambda found: f".mid_block.resnets.{int(found[1]) - 1}.", name)
    name = re.sub(
        r"\.up\.(\d+)\.(block|upsample)\.",
        lambda found: (
            f".up_blocks.{levels - 1 - int(found[1])}.{'resnets' if found[2] == 'block' else 'upsamplers.0'}."
        ),
        name,
    )
    return re.sub(r"\.(query|key|value|proj_attn)\.", lambda found: f".{OLD_ATTENTION[found[1]]}.", name)


def beyond(config: Mapping[str, Any]) -> tuple[str, int] | None:
    """A key whose list is longer, or whose number is larger, than any model's, and the most that it may be.

    Args:
        config: of a part.
    """
    for key in LISTS:
        listed = config.get(key)
        if isinstance(listed, list | tuple) and len(listed) > MOST_LEVELS:
            return key, MOST_LEVELS
        if isinstance(listed, list | tuple) and any(isinstance(one, int) and abs(one) > MOST_WIDTH for one in listed):
            return key, MOST_WIDTH
    return next(
        ((key, most) for key, most in COUNTS.items() if isinstance(config.get(key), int) and config[key] > most), None
    )


def _is_countable(config: Mapping[str, Any]) -> bool:
    """Whether numbers are numbers: a text times a number fills memory."""
    numbers = [config[key] for key in COUNTS if config.get(key) is not None]
    for key in ("all_patch_size", "all_f_patch_size", "block_out_channels"):
        listed = config.get(key, [])
        numbers += listed if isinstance(listed, list | tuple) else [listed]
    return all(type(one) is int and one >= 0 for one in numbers)


def expected(part: PartName, config: Mapping[str, Any]) -> Shapes | None:
    """Shapes by name that the part's class has under this configuration; None where it does not say enough.

    Args:
        part: of the model.
        config: its config.json.
    """
    made = {"transformer": _transformer, "text_encoder": _text_encoder, "vae": _vae}[part]
    if beyond(config) is not None or not _is_countable(config):
        return None
    try:
        return dict(made(config))
    except (KeyError, TypeError, ValueError, IndexError, ZeroDivisionError):
        return None


def _count(config: Mapping[str, Any], key: str) -> int:
    value = config[key]
    if type(value) is not int or not 0 <= value <= MOST_LAYERS:
        raise ValueError(key)
    return value


def _transformer(config: Mapping[str, Any]) -> Iterator[tuple[str, Shape]]:
    width, text_width = config["dim"], config["cap_feat_dim"]
    if config.get("siglip_feat_dim") is not None:
        raise ValueError("Omni has other parts")
    condition, (frequencies, inner) = min(width, ADALN_WIDTH), TIME_WIDTHS
    for patch, frame_patch in zip(config["all_patch_size"], config["all_f_patch_size"], strict=True):
        values = frame_patch * patch * patch * config["in_channels"]
        yield from _linear(f"all_x_embedder.{patch}-{frame_patch}", values, width)
        yield from _linear(f"all_final_layer.{patch}-{frame_patch}.linear", width, values)
        yield from _linear(f"all_final_layer.{patch}-{frame_patch}.adaLN_modulation.1", condition, width)
    yield from _linear("t_embedder.mlp.0", frequencies, inner)
    yield from _linear("t_embedder.mlp.2", inner, condition)
    yield "cap_embedder.0.weight", (text_width,)
    yield from _linear("cap_embedder.1", text_width, width)
    yield from ((name, (1, width)) for name in ("x_pad_token", "cap_pad_token"))
    refiners = _count(config, "n_refiner_layers")
    stacks = {"noise_refiner": refiners, "context_refiner": refiners, "layers": _count(config, "n_layers")}
    for stack, blocks in stacks.items():
        for number in range(blocks):
            block = f"{stack}.{number}"
            yield from ((f"{block}.{name}", shape) for name, shape in _block(config, width))
            if stack != "context_refiner":
                yield from _linear(f"{block}.adaLN_modulation.0", condition, 4 * width)


def _block(config: Mapping[str, Any], width: int) -> Iterator[tuple[str, Shape]]:
    head, inner = width // config["n_heads"], int(width / 3 * 8)
    narrow = head * config["n_kv_heads"]
    yield from (
        (f"attention.to_{one}.weight", (out, width)) for one, out in (("q", width), ("k", narrow), ("v", narrow))
    )
    yield "attention.to_out.0.weight", (width, width)
    if config.get("qk_norm", True):
        yield from ((f"attention.norm_{one}.weight", (head,)) for one in "qk")
    yield from ((f"feed_forward.{one}.weight", (inner, width)) for one in ("w1", "w3"))
    yield "feed_forward.w2.weight", (width, inner)
    yield from ((f"{one}.weight", (width,)) for one in ("attention_norm1", "attention_norm2", "ffn_norm1", "ffn_norm2"))


def _linear(name: str, into: int, out: int) -> Iterator[tuple[str, Shape]]:
    yield f"{name}.weight", (out, into)
    yield f"{name}.bias", (out,)


def _text_encoder(config: Mapping[str, Any]) -> Iterator[tuple[str, Shape]]:
    width, inner = config["hidden_size"], config["intermediate_size"]
    heads, narrow = config["num_attention_heads"], config["num_key_value_heads"]
    head = config.get("head_dim") or width // heads
    if config.get("attention_bias"):
        raise ValueError("no published one has it")
    yield "embed_tokens.weight", (config["vocab_size"], width)
    yield "norm.weight", (width,)
    for number in range(_count(config, "num_hidden_layers")):
        block = f"layers.{number}"
        yield f"{block}.self_attn.q_proj.weight", (heads * head, width)
        yield from ((f"{block}.self_attn.{one}_proj.weight", (narrow * head, width)) for one in "kv")
        yield f"{block}.self_attn.o_proj.weight", (width, heads * head)
        yield from ((f"{block}.self_attn.{one}_norm.weight", (head,)) for one in "qk")
        yield from ((f"{block}.mlp.{one}_proj.weight", (inner, width)) for one in ("gate", "up"))
        yield f"{block}.mlp.down_proj.weight", (width, inner)
        yield from ((f"{block}.{one}_layernorm.weight", (width,)) for one in ("input", "post_attention"))


def _vae(config: Mapping[str, Any]) -> Iterator[tuple[str, Shape]]:
    widths, depth, latent = config["block_out_channels"], _count(config, "layers_per_block"), config["latent_channels"]
    kinds = {*config["down_block_types"], *config["up_block_types"]}
    if not widths or kinds != {"DownEncoderBlock2D", "UpDecoderBlock2D"}:
        raise ValueError("another VAE")
    yield from _convolution("encoder.conv_in", config["in_channels"], widths[0])
    yield from _level("encoder.down_blocks", widths, first=widths[0], depth=depth, sampler="downsamplers")
    yield from _middle("encoder", widths[-1], 2 * latent, config)
    yield from _convolution("decoder.conv_in", latent, widths[-1])
    yield from _level("decoder.up_blocks", widths[::-1], first=widths[-1], depth=depth + 1, sampler="upsamplers")
    yield from _middle("decoder", widths[-1], config["out_channels"], config, last=widths[0])
    if config.get("use_quant_conv", True):
        yield from _convolution("quant_conv", 2 * latent, 2 * latent, size=1)
    if config.get("use_post_quant_conv", True):
        yield from _convolution("post_quant_conv", latent, latent, size=1)


def _level(stem: str, widths: list[int], *, first: int, depth: int, sampler: str) -> Iterator[tuple[str, Shape]]:
    before = first
    for number, width in enumerate(widths):
        for layer in range(depth):
            yield from _resnet(f"{stem}.{number}.resnets.{layer}", width if layer else before, width)
        if number < len(widths) - 1:
            yield from _convolution(f"{stem}.{number}.{sampler}.0.conv", width, width)
        before = width


def _middle(
    side: str, width: int, out: int, config: Mapping[str, Any], *, last: int | None = None
) -> Iterator[tuple[str, Shape]]:
    """The middle block, and what ends that side; `last` is the width before its end, where it is another one."""
    for number in range(2):
        yield from _resnet(f"{side}.mid_block.resnets.{number}", width, width)
    if config.get("mid_block_add_attention", True):
        yield from _norm(f"{side}.mid_block.attentions.0.group_norm", width)
        for one in ("to_q", "to_k", "to_v", "to_out.0"):
            yield from _linear(f"{side}.mid_block.attentions.0.{one}", width, width)
    yield from _norm(f"{side}.conv_norm_out", last or width)
    yield from _convolution(f"{side}.conv_out", last or width, out)


def _resnet(name: str, into: int, out: int) -> Iterator[tuple[str, Shape]]:
    yield from _norm(f"{name}.norm1", into)
    yield from _convolution(f"{name}.conv1", into, out)
    yield from _norm(f"{name}.norm2", out)
    yield from _convolution(f"{name}.conv2", out, out)
    if into != out:
        yield from _convolution(f"{name}.conv_shortcut", into, out, size=1)


def _norm(name: str, width: int) -> Iterator[tuple[str, Shape]]:
    yield f"{name}.weight", (width,)
    yield f"{name}.bias", (width,)


def _convolution(name: str, into: int, out: int, *, size: int = 3) -> Iterator[tuple[str, Shape]]:
    yield f"{name}.weight", (out, into, size, size)
    yield f"{name}.bias", (out,)
