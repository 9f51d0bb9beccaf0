"""What becomes of a tensor in a copy: its name there, or its share where several were one.

Knows no file; the names themselves are `recognise.tensor_names`'.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from worker.studio.model_files.parts import PartName
from worker.studio.model_files.recognise.tensor_names import transformer_names, vae_name

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


def _transformer(name: str, shape: tuple[int, ...]) -> tuple[Renamed, ...]:
    names = transformer_names(name)
    if len(names) > 1 and (not shape or shape[0] % len(names)):
        return (Renamed(name=name, shape=shape),)  # which is told by who looks at the whole
    piece = (shape[0] // len(names), *shape[1:]) if len(names) > 1 else shape
    return tuple(Renamed(name=one, shape=piece, share=number, shares=len(names)) for number, one in enumerate(names))


def _vae(name: str, shape: tuple[int, ...], levels: int) -> Renamed:
    name = vae_name(name, levels=levels)
    if ".attentions.0." in name and name.endswith(".weight") and set(shape[2:]) == {1}:
        shape = shape[:2]  # a convolution of 1x1 is a matrix
    return Renamed(name=name, shape=shape)
