"""How a part's tensors differ from what its configuration asks for, or from what their own shapes promise.

Knows names and shapes; knows no file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from worker.studio.model_files.parts import PartName
from worker.studio.model_files.recognise.own_parts import OwnPart
from worker.studio.model_files.recognise.tensor_names import Shape, Shapes, beyond, expected
from worker.studio.model_files.safetensors_file import NAME_SHOWN
from worker.translation import Text, enumerated, gettext

TOKENS = ("x_pad_token", "cap_pad_token")
"""Learned, and attended to in every picture (source: diffusers#12887)."""
MOST_BLOCKS_DIGITS = 4


def guessed_config(part: PartName, shapes: Shapes) -> dict[str, Any]:
    """What the shapes themselves say of a part's configuration.

    Args:
        part: of the model.
        shapes: by diffusers' names.
    """
    if part == "vae":
        return {}
    return _guess_transformer(shapes) if part == "transformer" else _guess_text_encoder(shapes)


def blocks(shapes: Mapping[str, object], stack: str) -> int:
    """How many blocks a stack has.

    Args:
        shapes: by name.
        stack: such as `layers`.
    """
    numbers = (re.match(rf"{stack}\.(\d+)\.", name) for name in shapes)
    return 1 + max((int(found[1]) for found in numbers if found and len(found[1]) <= MOST_BLOCKS_DIGITS), default=-1)


def _axis(shapes: Shapes, name: str, axis: int) -> int:
    shape = shapes.get(name, ())
    return shape[axis] if len(shape) > axis else 0


def _guess_transformer(shapes: Shapes) -> dict[str, Any]:
    width = _axis(shapes, "cap_embedder.1.weight", 0)
    head = _axis(shapes, "layers.0.attention.norm_q.weight", 0) or 1
    return {
        "dim": width, "cap_feat_dim": _axis(shapes, "cap_embedder.1.weight", 1), "n_layers": blocks(shapes, "layers"),
        "n_refiner_layers": blocks(shapes, "noise_refiner"), "n_heads": width // head or 1,
        "n_kv_heads": _axis(shapes, "layers.0.attention.to_k.weight", 0) // head, "all_patch_size": [2],
        "all_f_patch_size": [1], "in_channels": _axis(shapes, "all_x_embedder.2-1.weight", 1) // 4,
    }  # fmt: skip


def _guess_text_encoder(shapes: Shapes) -> dict[str, Any]:
    head = _axis(shapes, "layers.0.self_attn.q_norm.weight", 0) or 1
    return {
        "hidden_size": _axis(shapes, "embed_tokens.weight", 1), "vocab_size": _axis(shapes, "embed_tokens.weight", 0),
        "num_hidden_layers": blocks(shapes, "layers"), "head_dim": head,
        "num_attention_heads": _axis(shapes, "layers.0.self_attn.q_proj.weight", 0) // head,
        "num_key_value_heads": _axis(shapes, "layers.0.self_attn.k_proj.weight", 0) // head,
        "intermediate_size": _axis(shapes, "layers.0.mlp.up_proj.weight", 0),
    }  # fmt: skip


def misfit(part: PartName, own: OwnPart, config: Mapping[str, Any], *, name: str) -> Text | None:
    """In one sentence why a part cannot be loaded with a configuration; None when it can, or when that does not say.

    Args:
        part: of the model.
        own: its tensors.
        config: its config.json.
        name: of the file or folder, for the sentence.
    """
    over = beyond(config)
    if over is not None:
        return gettext(
            "{part}/config.json contradicts itself: {key} is larger than any model's, which is {most} at most. "
            "Download it once more.",
            part=part,
            key=over[0],
            most=over[1],
        )
    wanted = expected(part, config)
    if wanted is None:
        return None
    differing = _stacks(part, own.shapes, config, name) or _pads(own.shapes, wanted, name)
    if differing is not None:
        return differing
    lacking = [*(wanted.keys() - own.shapes.keys())]
    strange = [*(own.shapes.keys() - wanted.keys()), *(() if part == "text_encoder" else own.others)]
    misshapen = other_size(part, own, wanted, name=name)
    if misshapen:
        return misshapen
    if lacking:
        return lacks(name, len(lacking), len(wanted), min(lacking))
    if strange:
        return _unknown(name, strange)
    return None


def other_size(part: PartName, own: OwnPart, wanted: Shapes, *, name: str) -> Text | None:
    """That a part is of another size than its configuration says; None where it is not.

    Args:
        part: of the model.
        own: its tensors.
        wanted: shapes by name, by the configuration.
        name: of the file or folder, for the sentence.
    """
    misshapen = [one for one, shape in wanted.items() if one in own.shapes and not _fits(part, own.shapes[one], shape)]
    if not misshapen:
        return None
    one = min(misshapen)
    return gettext(
        "{name} is of another size than {part}/config.json says: {tensor} has {shape}, where {wanted} is needed. "
        "Take both from one and the same model.",
        name=name,
        part=part,
        tensor=one[:NAME_SHOWN],
        shape=_shown(own.shapes[one]),
        wanted=_shown(wanted[one]),
    )


def lacks(name: str, count: int, of: int, tensor: str) -> Text:
    """That a file holds a part's tensors in part only.

    Args:
        name: of the file.
        count: of tensors that it lacks.
        of: that it should have.
        tensor: one that it lacks.
    """
    if 4 * count >= of:
        return gettext(
            "{name} is one piece of several: {tensor} and others are not in it. Give the folder that holds all pieces "
            "and their index, or a file with everything in it.",
            name=name,
            tensor=tensor[:NAME_SHOWN],
        )
    return gettext(
        "{name} lacks {count} of {of} tensors, such as {tensor}: no copy of this file has them. "
        "Use a file that is complete.",
        name=name,
        count=count,
        of=of,
        tensor=tensor[:NAME_SHOWN],
    )


def _stacks(part: PartName, shapes: Shapes, config: Mapping[str, Any], name: str) -> Text | None:
    """Another number of layers, if nothing is missing before the last one there is."""
    key = {"transformer": "n_layers", "text_encoder": "num_hidden_layers"}.get(part)
    held = blocks(shapes, "layers")
    if key is None or held == config.get(key) or 4 * len(shapes) < 3 * len(expected(part, {**config, key: held}) or ()):
        return None
    return gettext(
        "{name} has {held} layers, where {part}/config.json says {wanted}: they are of different models. "
        "Take both from one and the same model.",
        name=name,
        held=held,
        part=part,
        wanted=str(config.get(key)),
    )


def _pads(shapes: Shapes, wanted: Shapes, name: str) -> Text | None:
    """The pad tokens, which some files lack or hold as a row of numbers."""
    lacking = [one for one in TOKENS if one in wanted and one not in shapes]
    if lacking and len(wanted.keys() - shapes.keys()) == len(lacking):
        return gettext(
            "{name} lacks {tokens}, the learned pad tokens: pictures would be spoilt. Use another file of this model.",
            name=name,
            tokens=enumerated(lacking),
        )
    flat = [one for one in TOKENS if one in wanted and shapes.get(one) == wanted[one][1:]]
    if flat:
        return gettext(
            "{name} has {tokens} in one dimension, as other programs write it. "
            "Use a file made for diffusers or ComfyUI.",
            name=name,
            tokens=enumerated(flat),
        )
    return None


def _fits(part: PartName, held: Shape, wanted: Shape) -> bool:
    # attention of LDM's VAE is a convolution of one pixel
    return held == wanted or (part == "vae" and len(wanted) == 2 and held == (*wanted, 1, 1))


def _shown(shape: Shape) -> str:
    return "x".join(map(str, shape)) or "1"


def own_misfit(part: PartName, own: OwnPart, *, name: str) -> Text | None:
    """In one sentence why a part is not whole by what its own shapes say; None when it is.

    Args:
        part: of the model.
        own: its tensors.
        name: for the sentence.
    """
    wanted = expected(part, guessed_config(part, own.shapes))
    if wanted is None:
        return None
    lacking = [*(wanted.keys() - own.shapes.keys())]
    if lacking:
        return _pads(own.shapes, wanted, name) or lacks(name, len(lacking), len(wanted), min(lacking))
    strange = [*(own.shapes.keys() - wanted.keys()), *(own.others if part == "transformer" else ())]
    if strange:
        return _unknown(name, strange)
    flat = _pads(own.shapes, wanted, name)
    if flat is not None:
        return flat
    misshapen = [one for one, shape in wanted.items() if not _fits(part, own.shapes[one], shape)]
    if not misshapen:
        return None
    return gettext(
        "{name} contradicts itself: {tensor} has {shape}, where {wanted} fits its other tensors. Use another file.",
        name=name,
        tensor=misshapen[0][:NAME_SHOWN],
        shape=_shown(own.shapes[misshapen[0]]),
        wanted=_shown(wanted[misshapen[0]]),
    )


def _unknown(name: str, strange: list[str]) -> Text:
    return gettext(
        "{name} holds {count} unknown tensors, such as {tensor}: it is another model's. Use a file of Z-Image.",
        name=name,
        count=len(strange),
        tensor=min(strange)[:NAME_SHOWN],
    )
