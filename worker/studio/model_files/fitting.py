"""Whether the parts of a model fit each other, and how long a picture's sides may be, without loading them.

Knows which numbers of configurations must be equal; what is missing there is not judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from math import isfinite
from typing import Any

from worker.records import LONGEST_PX
from worker.studio.model_files.model_record import LEAST_SHIFT, MOST_SHIFT, is_shift
from worker.studio.model_files.parts import CONFIGS, JSON_BYTES, ModelSource, read_json
from worker.studio.model_files.safetensors_file import FileFaultError, open_regular
from worker.studio.model_files.template_files import chat_template
from worker.translation import enumerated, gettext

Configs = Mapping[str, Mapping[str, Any]]
"""By part: its configuration."""

TURNS = ("<|im_start|>", "<|im_end|>")
"""Marks of a turn in the chat template by which Z-Image's text encoder was trained (source: Qwen3's tokenizer)."""

PROMPT = "a red mug"
SHOWN = 40
"""Characters of a value that a sentence shows."""


def longest_px(configs: Configs) -> tuple[int, int]:
    """Width and height that the transformer has positions for; those of Z-Image where the files do not say.

    `axes_lens` counts the positions of captions and images, rows and columns; a position is a patch of latents.

    Args:
        configs: of transformer and VAE.
    """
    transformer, vae = configs.get("transformer", {}), configs.get("vae", {})
    lengths, patches = _numbers(transformer.get("axes_lens")), _numbers(transformer.get("all_patch_size"))
    levels = vae.get("block_out_channels")
    if len(lengths) != 3 or not patches or not isinstance(levels, list) or not levels:
        return LONGEST_PX
    position_px = max(patches) * 2 ** (len(levels) - 1)
    return lengths[2] * position_px, lengths[1] * position_px


def configs_of(source: ModelSource) -> dict[str, Mapping[str, Any]]:
    """The configuration of each part; empty for one that cannot be read, which `folder_faults` tells.

    Raises:
        OSError: one cannot be read now.
    """
    return {part: read_json(source.folder / part / config) for part, config in CONFIGS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """What keeps parts from working together."""

    text: str
    """A sentence that names the parts, with its remedy."""
    parts: tuple[str, ...] = ()
    """Parts of whose configurations a size is wrong, maybe of one of them alone."""


def misfits(source: ModelSource) -> Iterator[Misfit]:
    """What keeps parts from working together.

    Args:
        source: a model whose parts are there.

    Raises:
        OSError: a file cannot be read now, which says nothing about it.
    """
    configs = configs_of(source)
    transformer, vae, encoder = (configs[part] for part in ("transformer", "vae", "text_encoder"))
    unequal = _unequal(
        "text_encoder", "hidden_size", encoder.get("hidden_size"),
        "transformer", "cap_feat_dim", transformer.get("cap_feat_dim"),
    )  # fmt: skip
    yield from _of(unequal, "text_encoder", "transformer")
    yield from _of(_positions(transformer), "transformer")
    yield from _of(islice(_vae(vae, transformer), 1), "vae", "transformer")  # of another model's all numbers differ
    yield from _of(islice(_scheduler(configs["scheduler"]), 1))
    yield from _of(_template(source))
    yield from _of(_vocabulary(encoder.get("vocab_size"), vocabulary(source)), "text_encoder")
    yield from _of(_merges(source))


def _of(texts: Iterable[str], *parts: str) -> Iterator[Misfit]:
    return (Misfit(text=text, parts=parts) for text in texts)


def _vae(vae: Mapping[str, Any], transformer: Mapping[str, Any]) -> Iterator[str]:
    yield from _unequal(
        "vae", "latent_channels", vae.get("latent_channels"),
        "transformer", "in_channels", transformer.get("in_channels"),
    )  # fmt: skip
    lacking = [key for key in ("scaling_factor", "shift_factor") if not _is_finite(vae.get(key))]
    if vae and lacking:
        yield gettext(
            "vae/config.json has no {keys}: it is another model's VAE. {remedy}",
            keys=enumerated(lacking),
            remedy=_remedy("vae"),
        )


def _is_finite(value: object) -> bool:
    return isinstance(value, int | float) and isfinite(value)


def _unequal(part: str, key: str, value: object, other: str, other_key: str, wanted: object) -> Iterator[str]:
    if isinstance(value, int) and isinstance(wanted, int) and value != wanted:
        yield gettext(
            "{part} and {other} do not fit each other: {key} is {value}, {other_key} is {wanted}. {remedy}",
            part=part,
            other=other,
            key=f"{part}/config.json {key}",
            value=value,
            other_key=f"{other}/config.json {other_key}",
            wanted=wanted,
            remedy=_remedy(part, other),
        )


def _positions(transformer: Mapping[str, Any]) -> Iterator[str]:
    width, heads = transformer.get("dim"), transformer.get("n_heads")
    parts, lengths = _numbers(transformer.get("axes_dims")), _numbers(transformer.get("axes_lens"))
    if isinstance(width, int) and isinstance(heads, int) and heads and parts and sum(parts) != width // heads:
        yield gettext(
            "transformer/config.json contradicts itself: axes_dims come to {sum}, dim / n_heads is {width}. {remedy}",
            sum=sum(parts),
            width=width // heads,
            remedy=_remedy("transformer"),
        )
    if parts and lengths and len(parts) != len(lengths):
        yield gettext(
            "transformer/config.json contradicts itself: {parts} axes_dims, {lengths} axes_lens. {remedy}",
            parts=len(parts),
            lengths=len(lengths),
            remedy=_remedy("transformer"),
        )


def _scheduler(scheduler: Mapping[str, Any]) -> Iterator[str]:
    name = scheduler.get("_class_name", "FlowMatchEulerDiscreteScheduler")
    if name != "FlowMatchEulerDiscreteScheduler":
        yield gettext(
            "scheduler/scheduler_config.json is for {name}, not {wanted}: it is another model's. {remedy}",
            name=repr(name),
            wanted="FlowMatchEulerDiscreteScheduler",
            remedy=_remedy("scheduler"),
        )
    shift = scheduler.get("shift", 1.0)
    if not (is_shift(shift) or scheduler.get("use_dynamic_shifting")):
        yield gettext(
            "scheduler/scheduler_config.json has shift {shift}, where a number from {least} to {most} belongs. "
            "{remedy}",
            shift=repr(shift)[:SHOWN],
            least=LEAST_SHIFT,
            most=MOST_SHIFT,
            remedy=_remedy("scheduler"),
        )
    kind = scheduler.get("prediction_type", "flow_prediction")
    if kind != "flow_prediction":
        yield gettext(
            "scheduler/scheduler_config.json has prediction_type {kind}: it is another kind of model's. {remedy}",
            kind=repr(kind),
            remedy=_remedy("scheduler"),
        )


def _vocabulary(size: object, tokens: Mapping[str, int] | None) -> Iterator[str]:
    if tokens is None or not isinstance(size, int):
        return
    most = max(tokens.values(), default=0)
    if most >= size:
        yield gettext(
            "tokenizer and text_encoder do not fit each other: the tokenizer has ids up to {most}, "
            "text_encoder/config.json vocab_size is {size}. {remedy}",
            most=most,
            size=size,
            remedy=_remedy("tokenizer", "text_encoder"),
        )
    lacking = [turn for turn in TURNS if turn not in tokens]
    if lacking:
        yield gettext(
            "The tokenizer does not know {marks}: it is another model's. {remedy}",
            marks=" ".join(lacking),
            remedy=_remedy("tokenizer"),
        )


def _merges(source: ModelSource) -> Iterator[str]:
    """Whether merges.txt makes every token: of one that is cut short, texts become other tokens without an error."""
    tokenizer = source.folder / "tokenizer"
    if (tokenizer / "tokenizer.json").exists() or not (tokenizer / "merges.txt").exists():
        return
    try:
        with open_regular(tokenizer / "merges.txt") as file:
            lines = file.read(JSON_BYTES).decode("utf-8", errors="replace").splitlines()
    except (FileFaultError, IsADirectoryError):  # which `faults` tells
        return
    made = {"".join(line.split(" ", 1)) for line in lines}
    added = vocabulary(source) or {}
    lacking = [
        token
        for token in read_json(tokenizer / "vocab.json")
        if len(token) > 1 and token not in made and token not in added and not token.startswith("<|")
    ]
    if lacking:
        yield gettext(
            "tokenizer/merges.txt is not whole: {count} tokens of vocab.json cannot be made by it, such as {token}. "
            "Download it once more.",
            count=len(lacking),
            token=repr(lacking[0][:20]),
        )


def _remedy(*parts: str) -> str:
    return gettext("Copy {parts} from one and the same model.", parts=enumerated(f"{part}/" for part in parts))


def _numbers(value: object) -> list[int]:
    listed = value if isinstance(value, list) else []
    return listed if all(isinstance(one, int) and not isinstance(one, bool) for one in listed) else []


def vocabulary(source: ModelSource) -> dict[str, int] | None:
    """Ids of the tokenizer's added tokens, which are its highest; None where the files do not say.

    Args:
        source: of the model.

    Raises:
        OSError: a file cannot be read now.
    """
    try:
        added = read_json(source.folder / "tokenizer/tokenizer_config.json").get("added_tokens_decoder")
        if isinstance(added, dict) and added:  # small, where it is there: a tokenizer.json has 11 MB
            return {token["content"]: int(number) for number, token in added.items()}
        content: Any = read_json(source.folder / "tokenizer/tokenizer.json")
        return {token["content"]: int(token["id"]) for token in content["added_tokens"]}
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _template(source: ModelSource) -> Iterator[str]:
    """Write a turn by the chat template, as encoding does."""
    text = chat_template(source)
    if text is None:
        return
    from jinja2 import TemplateError  # jobs are checked without it

    from worker.studio.model_files.chat_template import written_turn

    try:
        turn = written_turn(text, PROMPT)
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, RecursionError) as error:
        yield gettext(
            "The chat template of tokenizer/ cannot be used ({why}). {remedy}",
            why=str(error) or type(error).__name__,
            remedy=_remedy("tokenizer"),
        )
        return
    lacking = [words for words in (*TURNS, PROMPT) if words not in turn]
    if lacking:
        yield gettext(
            "The chat template of tokenizer/ writes no {marks}: it is another model's, and the text encoder was not "
            "trained with it. {remedy}",
            marks=enumerated(lacking),
            remedy=_remedy("tokenizer"),
        )
