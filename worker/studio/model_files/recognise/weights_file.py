"""What one file of weights is, and which parts of a model lie in it.

Knows bytes before headers, headers before names; opens nothing but regular files, and reads no data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from worker.studio.model_files.checking.unfinished import unfinished_file
from worker.studio.model_files.parts import PartName
from worker.studio.model_files.recognise.first_bytes import not_weights
from worker.studio.model_files.recognise.found import PartWeights, Recognised, all_of, nothing_usable
from worker.studio.model_files.recognise.misfits import blocks, own_misfit
from worker.studio.model_files.recognise.other_models import (
    AVERAGES,
    CONTROLNET,
    ENCODERS,
    FAMILIES,
    LORA,
    NAMES_LOOKED_AT,
    OMNI,
    first,
    quantised,
)
from worker.studio.model_files.recognise.own_parts import AVERAGED, LONGEST_NAME, STATE, OwnPart, own_parts
from worker.studio.model_files.safetensors_file import FileFaultError, Tensor, read_header
from worker.translation import Text, gettext

READABLE = {"BF16", "F32", "F16", "I64", "I32", "BOOL"}
"""Kinds of number that become bf16 by rounding alone; 8-bit weights need their scales and another loader."""
LATENT_CHANNELS = 16
"""Of Z-Image's VAE."""
TITLES: Mapping[PartName, Text] = {
    "transformer": gettext("Z-Image's transformer"),
    "text_encoder": gettext("Z-Image's text encoder (Qwen3)"),
    "vae": gettext("Z-Image's VAE"),
}
SIZES = {(3840, 30): "Z-Image", (192, 7): "demo"}
"""Width and layers of the transformers that there are: the published ones, and the embedded one."""


def recognise_file(path: Path, name: str | None = None) -> Recognised:
    """What a file is.

    Args:
        path: of the file.
        name: for the sentences; its own, when not given.

    Raises:
        FileNotFoundError: there is none.
        OSError: it cannot be read now.
    """
    name = name or path.name
    read = read_tensors(path, name)
    rest = unfinished_file(path.absolute(), name, is_whole=not isinstance(read, Recognised))
    if rest is not None:
        return nothing_usable("unfinished", rest)
    return read if isinstance(read, Recognised) else recognise_tensors(read, files=(path,), name=name)


def read_tensors(path: Path, name: str) -> dict[str, Tensor] | Recognised:
    """A file's tensors by name, or what it is where it has none.

    Args:
        path: of the file.
        name: for the sentences.

    Raises:
        FileNotFoundError: there is none.
        OSError: it cannot be read now.
    """
    other = not_weights(path, name)
    if other is not None:
        return other
    try:
        return read_header(path).tensors or _unknown({}, [], name)
    except FileFaultError as fault:
        return nothing_usable("damaged", gettext("{name} {fault}.", name=name, fault=fault.args[0]))


def recognise_tensors(tensors: Mapping[str, Tensor], *, files: tuple[Path, ...], name: str) -> Recognised:
    """What weights are, by their names, shapes and kinds of number.

    Args:
        tensors: of all the files, by name.
        files: in which they lie.
        name: for the sentences.
    """
    names = [one for one in list(tensors)[:NAMES_LOOKED_AT] if len(one) <= LONGEST_NAME]
    parts = own_parts(tensors)
    other = _addition(names, parts, name) or _state(names, parts, name) or _family(names, name) or _vision(names, name)
    if other is not None:
        return other
    how = quantised(tensors)
    if how is not None:
        return _quantised(how, parts, name)
    odd = {tensor.dtype for tensor in tensors.values()} - READABLE
    if odd:
        return _odd_numbers(sorted(odd), name)
    if not parts:
        return _unknown(tensors, names, name)
    return _other_vae(parts.get("vae"), name) or _ours(parts, files, name)


def _addition(names: Iterable[str], parts: Mapping[PartName, OwnPart], name: str) -> Recognised | None:
    """What is made to lie beside a model."""
    if any(CONTROLNET.search(one) for one in names):
        return nothing_usable(
            "controlnet",
            gettext("{name} is a ControlNet: an addition that steers a model, not a model.", name=name),
            gettext("This program renders without one: use the model itself."),
        )
    if any(LORA.search(one) for one in names) and not parts:
        return nothing_usable(
            "lora",
            gettext("{name} is a LoRA: a small change to a model, not a model.", name=name),
            gettext("Merge it into the model with another program first, or use the model without it."),
        )
    if any(OMNI.search(one) for one in names):
        return nothing_usable(
            "omni",
            gettext("{name} is Z-Image Omni's transformer, which also reads pictures.", name=name),
            gettext("Use Z-Image or Z-Image-Turbo."),
        )
    return None


def _state(names: Iterable[str], parts: Mapping[PartName, OwnPart], name: str) -> Recognised | None:
    """What a training program saves to go on with, without a model that can be read."""
    if parts:
        return None
    if any(STATE.search(one) for one in names):
        return nothing_usable(
            "training state",
            gettext("{name} is the state of a training (its optimizer's), not a model.", name=name),
            gettext("Use the weights that the training saved beside it."),
        )
    if any(AVERAGES.search(one) for one in names):
        return nothing_usable(
            "training state",
            gettext("{name} holds averages of a training (EMA) without the names of a model's tensors.", name=name),
            gettext("Let the training program export them as a model."),
        )
    return None


def _family(names: list[str], name: str) -> Recognised | None:
    family = first(FAMILIES, names)
    if family is None:
        return None
    return nothing_usable(
        "other family",
        gettext("{name} is another family's model ({family}), not Z-Image.", name=name, family=family),
        gettext("Use Z-Image or Z-Image-Turbo."),
    )


def _vision(names: list[str], name: str) -> Recognised | None:
    """A language model that also sees has Qwen3's names, and other weights."""
    encoder = first(ENCODERS[:1], names)
    return _other_part(encoder, name) if encoder else None


def _other_part(what: str, name: str) -> Recognised:
    return nothing_usable(
        "other part",
        gettext("{name} is {what}, no part of Z-Image.", name=name, what=what),
        gettext("Use Z-Image's own file in its place."),
    )


def _quantised(how: str, parts: Mapping[PartName, OwnPart], name: str) -> Recognised:
    what = gettext("{what}, quantised ({how})", what=parts_said(parts), how=how) if parts else None
    return nothing_usable(
        "quantised",
        gettext("{name} is {what}.", name=name, what=what)
        if what
        else gettext("{name} holds quantised weights ({how}).", name=name, how=how),
        gettext("Use the file in bf16, fp16 or fp32 of the same model."),
    )


def _odd_numbers(kinds: list[str], name: str) -> Recognised:
    return nothing_usable(
        "odd numbers",
        gettext("{name} holds {kinds} numbers, which no model is made of.", name=name, kinds=", ".join(kinds[:3])),
        gettext("Use the file in bf16, fp16 or fp32 of the same model, or save it so with the program that made it."),
    )


def _unknown(tensors: Mapping[str, Tensor], names: list[str], name: str) -> Recognised:
    if not tensors:
        return nothing_usable("empty", gettext("{name} holds no tensors.", name=name), gettext("Use another file."))
    encoder = first(ENCODERS, names)
    if encoder is not None:
        return _other_part(encoder, name)
    meant = own_parts({one.lower(): tensor for one, tensor in tensors.items()})
    if meant:
        return nothing_usable(
            "capitals",
            gettext(
                "{name} is {what}, with capital letters in the names of its tensors, such as {tensor}: no program "
                "finds them.",
                name=name,
                what=parts_said(meant),
                tensor=names[0][:80],
            ),
            gettext("Use the file as it was published."),
        )
    return nothing_usable(
        "unknown",
        gettext(
            "{name} is no part of Z-Image: none of its {count} tensors, such as {tensor}, has a known name.",
            name=name,
            count=len(tensors),
            tensor=(names or [""])[0][:80],
        ),
        gettext("Use Z-Image or Z-Image-Turbo."),
    )


def parts_said(parts: Iterable[PartName]) -> Text:
    """Parts by name, in a sentence.

    Args:
        parts: one or more.
    """
    return all_of(TITLES[part] for part in parts)


def _other_vae(own: OwnPart | None, name: str) -> Recognised | None:
    channels = own.shapes.get("decoder.conv_in.weight", ())[1:2] if own else ()
    if not channels or channels[0] == LATENT_CHANNELS:
        return None
    return nothing_usable(
        "other part",
        gettext(
            "{name} is another model's VAE: it has {channels} channels, where Z-Image's has {wanted}.",
            name=name,
            channels=channels[0],
            wanted=LATENT_CHANNELS,
        ),
        gettext("Use Z-Image's own (`ae.safetensors`)."),
    )


def _ours(parts: Mapping[PartName, OwnPart], files: tuple[Path, ...], name: str) -> Recognised:
    for part, own in parts.items():
        unmerged = next((one for one in own.others if LORA.search(one)), None)
        if unmerged is not None:
            return nothing_usable(
                "unmerged lora",
                gettext(
                    "{name} holds {what} and a LoRA that is not merged into it, such as {tensor}.",
                    name=name,
                    what=parts_said([part]),
                    tensor=unmerged[:80],
                ),
                gettext("Merge it with the program that made it, or use the model without it."),
            )
        wrong = own_misfit(part, own, name=name)
        if wrong is not None:
            return nothing_usable("incomplete" if part == "transformer" else "incomplete part", wrong)
    kept = {part: PartWeights(files=files, prefix=own.prefix, naming=own.naming) for part, own in parts.items()}
    if "transformer" not in parts:
        return Recognised(
            what="text encoder" if "text_encoder" in parts else "vae",
            text=gettext("{name} is {what} alone.", name=name, what=parts_said(parts)),
            remedy=gettext("Give the transformer's file, or the folder with all parts."),
            folder=None,
            parts=kept,
        )
    return Recognised(
        what="single file" if len(parts) == 1 else "aio",
        text=_single(parts, name),
        remedy=gettext(
            "Give it to `zimage-worker model add`, or set `transformer_file:` to it and `model:` to a folder in "
            "diffusers layout."
        ),
        folder=None,
        parts=kept,
    )


def _single(parts: Mapping[PartName, OwnPart], name: str) -> Text:
    shapes = parts["transformer"].shapes
    size = (shapes["cap_embedder.1.weight"][0], blocks(shapes, "layers"))
    if size not in SIZES:
        return gettext(
            "{name} is {what}, of another size: {width} wide with {layers} layers, where Z-Image's is 3840 with 30.",
            name=name,
            what=parts_said(parts),
            width=size[0],
            layers=size[1],
        )
    if AVERAGED.search(parts["transformer"].prefix):
        return gettext("{name} is {what}, averaged while training (EMA).", name=name, what=parts_said(parts))
    return gettext("{name} is {what}.", name=name, what=parts_said(parts))
