"""Which of Z-Image's parts lie among tensors, under which prefix and naming, and how they differ from what is asked.

Knows the names of the three parts; knows no file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from worker.studio.model_files.parts import PartName
from worker.studio.model_files.recognise.tensor_names import (
    FUSED,
    Shape,
    Shapes,
    levels_of,
    transformer_names,
    vae_name,
)
from worker.studio.model_files.safetensors_file import Tensor

LONGEST_NAME = 300
"""Characters of a tensor's name that are looked at; none of a model is so long."""
OWN: dict[PartName, re.Pattern[str]] = {
    "transformer": re.compile(
        r"(?P<prefix>(?:[^.]+\.){0,6}?)(?P<own>(?:layers|noise_refiner|context_refiner)\.\d+\."
        r"(?:attention\.(?:to_[qkv]|to_out\.0|norm_[qk]|qkv|out|[qk]_norm)|attention_norm[12]|feed_forward\.w[123]"
        r"|ffn_norm[12]|adaLN_modulation\.0)\.(?:weight|bias)|cap_embedder\.[01]\.(?:weight|bias)"
        r"|t_embedder\.mlp\.[02]\.(?:weight|bias)|(?:all_)?(?:x_embedder|final_layer)\..+|[xc]\w*_pad_token)"
    ),
    "text_encoder": re.compile(
        r"(?P<prefix>(?:[^.]+\.){0,6}?)(?P<own>layers\.\d+\.(?:self_attn\.(?:[qkvo]_proj|[qk]_norm)"
        r"|mlp\.(?:gate|up|down)_proj|(?:input|post_attention)_layernorm)\.weight|embed_tokens\.weight)"
    ),
    "vae": re.compile(
        r"(?P<prefix>(?:[^.]+\.){0,6}?)(?P<own>(?:encoder|decoder)\.(?:conv_in|conv_out|conv_norm_out|norm_out|mid_block"
        r"|mid|up_blocks|up|down_blocks|down)\..+)"
    ),
}
"""A part's own names behind whatever prefix."""
TELLING: dict[PartName, re.Pattern[str]] = {
    "transformer": re.compile(r"(layers|noise_refiner)\.\d+\.(adaLN_modulation\.0|feed_forward\.w1|attention_norm1)\."),
    "text_encoder": re.compile(r"layers\.\d+\.self_attn\.[qk]_norm\.weight"),
    "vae": re.compile(r"decoder\.(conv_in|mid|mid_block|up|up_blocks)\."),
}
"""Names without which it is not that part, but another model's with some equal names."""
ANY_LEFT = {
    "vae": ("quant_conv.", "post_quant_conv."),
    "text_encoder": ("norm.weight",),
    "transformer": ("norm_final.",),
}
"""Names that belong to a part only under its prefix, as other models have them too."""
AVERAGED = re.compile(r"(^|\.)(model_ema|ema_model|ema)\.")
"""Before the names of weights averaged while training. Beside a model's own such a second copy is not used."""
STATE = re.compile(
    r"(^|[._])(exp_avg\w*|exp_inf|max_exp_avg_sq|momentum_buffer|state[12]|qmap[12]|absmax[12])$"
    r"|(^|\.)(optimizers?|optim|optimizer_states?|lr_schedulers?|param_groups|grad_scaler)\."
)
"""What a training program keeps beside the weights to go on with: its optimizer's numbers."""
LDM = re.compile(r"^(encoder|decoder)\.(mid|up|down|norm_out)\.")
"""Of the VAE, as LDM's files have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPart:
    """One part among tensors."""

    prefix: str
    naming: Literal["diffusers", "original"]
    shapes: Shapes
    """By diffusers' names; of a fused tensor a third each."""
    others: tuple[str, ...]
    """Names under the prefix that no class has."""


def own_parts(tensors: Mapping[str, Tensor]) -> dict[PartName, OwnPart]:
    """The parts, whole or not.

    Args:
        tensors: by name, of one file or of all files of a part.
    """
    names = [name for name in tensors if len(name) <= LONGEST_NAME]
    found: dict[PartName, OwnPart] = {}
    for part, pattern in OWN.items():
        matches = [match for name in names if (match := pattern.fullmatch(name))]
        prefixes = Counter(match["prefix"] for match in matches if TELLING[part].match(match["own"]))
        if prefixes:
            prefix = max(prefixes, key=lambda one: (not AVERAGED.search(one), prefixes[one]))
            found[part] = _own_part(part, prefix, tensors, [name for name in names if name.startswith(prefix)])
    elsewhere = tuple(part.prefix for part in found.values() if part.prefix)
    if elsewhere:
        found = {part: _without(own, elsewhere) for part, own in found.items()}
    return found


def transformer_in(tensors: Mapping[str, Tensor]) -> dict[str, tuple[str, ...]]:
    """The transformer's tensors in a file, with diffusers' names for each: three for a fused one, none for an unused.

    Args:
        tensors: by name; other parts may lie among them.
    """
    own = own_parts(tensors).get("transformer")
    if own is None:
        return {}
    short = {name: name.removeprefix(own.prefix) for name in tensors if name.startswith(own.prefix)}
    return {name: transformer_names(one) for name, one in short.items() if _is_own("transformer", one)}


def _is_own(part: PartName, name: str) -> bool:
    found = OWN[part].fullmatch(name) if len(name) <= LONGEST_NAME else None
    return name.startswith(ANY_LEFT[part]) or (found is not None and not found["prefix"])


def _without(own: OwnPart, prefixes: tuple[str, ...]) -> OwnPart:
    """A part that lies bare beside others does not hold theirs."""
    return own if own.prefix else replace(own, others=tuple(one for one in own.others if not one.startswith(prefixes)))


def _own_part(part: PartName, prefix: str, tensors: Mapping[str, Tensor], names: list[str]) -> OwnPart:
    shapes: Shapes = {}
    others: list[str] = []
    is_original = False
    short = [(name, name.removeprefix(prefix)) for name in names]
    levels = levels_of(one for _, one in short)
    for name, one in short:
        shape = tensors[name].shape
        if not _is_own(part, one):
            if not (AVERAGED.search(name) or STATE.search(name)):
                others.append(name)
            continue
        made = transformer_names(one) if part == "transformer" else (one,)
        made = (vae_name(one, levels=levels),) if part == "vae" else made
        is_original |= bool(LDM.search(one)) if part == "vae" else made not in ((), (one,))
        shapes |= {new: _third(shape) if FUSED in one else shape for new in made}
    return OwnPart(
        prefix=prefix, naming="original" if is_original else "diffusers", shapes=shapes, others=tuple(others)
    )


def _third(shape: Shape) -> Shape:
    return (shape[0] // 3, *shape[1:]) if shape else shape
