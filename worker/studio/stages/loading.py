"""Loading a model's parts, strictly from local files, in bf16, straight to where they live.

Knows the classes and their ways of loading.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, FlowMatchEulerDiscreteScheduler, ZImageTransformer2DModel
from diffusers.utils import logging as diffusers_logging
from safetensors import SafetensorError, safe_open
from transformers import Qwen2Tokenizer, Qwen3Model
from transformers.utils import logging as transformers_logging

from worker.errors import DeviceUnavailable, ModelInvalid
from worker.studio.card import precision
from worker.studio.card.out_of_memory import is_out_of_memory
from worker.studio.model_files.parts import WEIGHTS, ModelSource, unusable, weight_files
from worker.studio.model_files.recognise.own_parts import transformer_in
from worker.studio.model_files.safetensors_file import read_header
from worker.studio.model_files.template_files import template_beside
from worker.studio.model_files.weights import Stack, Weights
from worker.studio.units import MIB
from worker.translation import enumerated, gettext

PAD_TOKENS = ("x_pad_token", "cap_pad_token")
"""Learned and attended to; left at zero they spoil pictures without an error (source: diffusers#13805, #12887)."""
UNREADABLE = (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError)
"""What the libraries raise for files that do not fit their classes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A loaded model."""

    tokenizer: Any
    text_encoder: torch.nn.Module
    """On the host: it is streamed through the card, or goes there later."""
    transformer: torch.nn.Module
    vae: Any
    scheduler: Any
    read_again: Callable[[], Iterable[tuple[str, str, torch.Tensor]]]
    """Part, name and values of every weight of transformer and VAE, from where they came."""
    stored: Mapping[str, torch.Tensor] = field(default_factory=dict)
    """The transformer's weights where they lie in its files, by name, as far as they are bf16 there: they take no
    memory that the system could not have back."""

    @property
    def transformer_blocks(self) -> list[torch.nn.Module]:
        """In the order in which they compute."""
        inside: Any = self.transformer
        return [*inside.noise_refiner, *inside.context_refiner, *inside.layers]

    @property
    def text_encoder_blocks(self) -> list[torch.nn.Module]:
        """In the order in which they compute."""
        inside: Any = self.text_encoder
        return [*inside.layers]

    def weights(self) -> Weights:
        """Sizes of the parts."""
        return Weights(
            transformer=_stack(self.transformer, self.transformer_blocks),
            text_encoder=_stack(self.text_encoder, self.text_encoder_blocks),
            vae_mib=_mib(self.vae),
        )


def _stack(module: torch.nn.Module, blocks: Sequence[torch.nn.Module]) -> Stack:
    sizes = [_mib(block) for block in blocks]
    return Stack(blocks=len(blocks), block_mib=max(sizes), rest_mib=_mib(module) - sum(sizes))


def _mib(module: torch.nn.Module) -> float:
    return sum(p.nbytes for p in module.parameters()) / MIB


def load_parts(source: ModelSource, *, device: torch.device, transformer_home: torch.device | None = None) -> Parts:
    """Load and check every part.

    Args:
        source: without faults (`folder_faults`).
        device: of transformer and VAE; the text encoder stays on the host.
        transformer_home: where the transformer is loaded to instead.

    Raises:
        ModelInvalid: a part does not fit its class, lacks tensors, or holds numbers that are not finite.
        DeviceUnavailable: the card's memory cannot hold transformer and VAE.
    """
    transformers_logging.disable_progress_bar()
    diffusers_logging.disable_progress_bar()
    text = ""
    try:
        parts, faults = _loaded(source, device, transformer_home or device)
    except UNREADABLE as error:
        if not is_out_of_memory(error):
            why = gettext("it does not load: {why}", why=str(error))
            raise ModelInvalid(unusable(source.folder, [why])) from error
        text = str(error).partition("\n")[0]
    if text:
        raise DeviceUnavailable(
            gettext(
                "{device} has too little free memory for this model ({why}): end other programs on it.",
                device=str(device),
                why=text,
            )
        )
    faults += _number_faults({"text_encoder": parts.text_encoder, "transformer": parts.transformer, "vae": parts.vae})
    if faults:
        raise ModelInvalid(unusable(source.folder, faults))
    return parts


def _loaded(source: ModelSource, device: torch.device, home: torch.device) -> tuple[Parts, list[str]]:
    folder, faults = source.folder, list[str]()
    tokenizer = Qwen2Tokenizer.from_pretrained(folder / "tokenizer", local_files_only=True)
    tokenizer.chat_template = tokenizer.chat_template or template_beside(source)
    # a shift of its own takes the place of whatever the folder's scheduler does, dynamic shifting included
    own = {} if source.shift is None else {"shift": source.shift, "use_dynamic_shifting": False}
    scheduler = FlowMatchEulerDiscreteScheduler.from_pretrained(folder / "scheduler", local_files_only=True, **own)
    text_encoder = _module(Qwen3Model.from_pretrained, folder / "text_encoder", torch.device("cpu"), faults)
    vae = _module(AutoencoderKL.from_pretrained, folder / "vae", device, faults)
    if source.transformer_file:
        transformer = _single_file_transformer(source.transformer_file, folder / "transformer", home)
    else:
        transformer = _module(ZImageTransformer2DModel.from_pretrained, folder / "transformer", home, faults)
    parts = Parts(
        tokenizer=tokenizer,
        text_encoder=text_encoder,
        transformer=transformer,
        vae=vae,
        scheduler=scheduler,
        read_again=lambda: read_weights(source),
        stored=stored_weights(source),
    )
    return parts, faults


def _module(
    load: Callable[..., tuple[torch.nn.Module, dict[str, Any]]], folder: Path, device: torch.device, faults: list[str]
) -> torch.nn.Module:
    """Load one part by its class's `from_pretrained`; what it lacks is added to `faults`."""
    module, told = load(
        folder,
        dtype=precision.PRECISION,
        device_map={"": str(device)},
        local_files_only=True,
        use_safetensors=True,
        output_loading_info=True,
    )
    faults += _tensor_faults(folder.name, lacking=told["missing_keys"], strange=told["unexpected_keys"])
    return module.eval().requires_grad_(False)


def _single_file_transformer(file: Path, config: Path, device: torch.device) -> torch.nn.Module:
    transformer: torch.nn.Module = ZImageTransformer2DModel.from_single_file(
        dict(_single_file_tensors(file)),
        config=str(config),
        dtype=precision.PRECISION,
        device=str(device),
        local_files_only=True,
    )
    return transformer.requires_grad_(False)


def _single_file_tensors(file: Path) -> Iterator[tuple[str, torch.Tensor]]:
    """The transformer's tensors under diffusers' names, whatever prefix and naming the file has."""
    held = transformer_in(read_header(file).tensors)
    for name, values in _tensors(file, only=held):
        names = held[name]
        yield from zip(names, values.chunk(len(names)) if len(names) > 1 else (values,), strict=False)


def _tensor_faults(name: str, *, lacking: Collection[str], strange: Collection[str]) -> list[str]:
    # a causal language model's head is not used
    strange = [key for key in strange if not key.startswith("lm_head.")]
    told: list[str] = []
    if lacking:
        told.append(
            gettext(
                "{name} lacks {count} tensors, such as {tensor}: use a file that is complete.",
                name=name,
                count=len(lacking),
                tensor=min(lacking),
            )
        )
    if strange:
        told.append(
            gettext(
                "{name} holds {count} unknown tensors, such as {tensor}: it is another model's.",
                name=name,
                count=len(strange),
                tensor=min(strange),
            )
        )
    return told


def _number_faults(modules: dict[str, torch.nn.Module]) -> list[str]:
    """Tensors that hold NaN or infinity, and pad tokens that were never learned."""
    found: list[str] = []
    for part, module in modules.items():
        tensors = {name: tensor for name, tensor in module.state_dict().items() if tensor.is_floating_point()}
        # one flag per tensor stays on the device; all are read at once
        flags = torch.stack([torch.isfinite(tensor).all() for tensor in tensors.values()]).tolist() if tensors else []
        bad = [name for name, is_finite in zip(tensors, flags, strict=True) if not is_finite]
        if bad:
            found.append(
                gettext(
                    "{part} holds numbers that are not finite in {tensors}: download its files again.",
                    part=part,
                    tensors=enumerated(bad[:3]),
                )
            )
        found += [
            gettext("{part} has an empty {tensor}: use another file.", part=part, tensor=name)
            for name in PAD_TOKENS
            if _is_zero(tensors.get(name))
        ]
    return found


def _is_zero(tensor: torch.Tensor | None) -> bool:
    return tensor is not None and not bool(tensor.any())


def read_weights(source: ModelSource) -> Iterator[tuple[str, str, torch.Tensor]]:
    """Part, name and values of every weight of VAE and transformer, on the host, in the files' precision.

    Args:
        source: from which the model was loaded.

    Raises:
        OSError: a file cannot be read.
    """
    for part in ("vae", "transformer"):
        if part == "transformer" and source.transformer_file:
            yield from ((part, name, values) for name, values in _single_file_tensors(source.transformer_file))
        else:
            for file in weight_files(source.folder / part, WEIGHTS[part]):
                yield from ((part, name, values) for name, values in _tensors(file))


def stored_weights(source: ModelSource) -> dict[str, torch.Tensor]:
    """The transformer's weights where they lie in its files; nothing is read before somebody looks at their values.

    Args:
        source: from which the model is loaded, now: a file put in its place later is another one.

    Returns:
        By name, those in bf16; none of a single file, whose weights may have to be cut anew.

    Raises:
        OSError: a file cannot be read.
    """
    if source.transformer_file:
        return {}
    files = weight_files(source.folder / "transformer", WEIGHTS["transformer"])
    held = (pair for file in files for pair in _tensors(file))
    return {name: values for name, values in held if values.dtype == precision.PRECISION}


def _tensors(file: Path, only: Collection[str] | None = None) -> Iterator[tuple[str, torch.Tensor]]:
    with safe_open(file, framework="pt") as opened:
        for name in opened.keys() if only is None else only:
            yield name, opened.get_tensor(name)
