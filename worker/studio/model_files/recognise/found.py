"""What a path that somebody gave as a model turned out to be.

Knows no file; must not know torch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Literal

from worker.studio.model_files.parts import PartName
from worker.translation import Text, gettext


@dataclass(frozen=True, slots=True, kw_only=True)
class PartWeights:
    """Where the weights of one part of a model lie.

    Attributes:
        files: Whole safetensors files, in order; several parts may lie in one file (an AIO checkpoint).
        prefix: What stands before every tensor name of this part in them; "" for none.
        naming: `diffusers`, or `original` for the names of ComfyUI and BFL (fused qkv in the transformer, LDM names in
            the VAE).
    """

    files: tuple[Path, ...]
    prefix: str
    naming: Literal["diffusers", "original"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """What a file or folder is.

    Attributes:
        what: A short code, for tests and branches: `diffusers folder`, `hf cache`, `single file`, `lora`, ...
        text: One sentence for a person: what it is.
        remedy: One sentence: what to do; "" when `run` takes it as it is.
        folder: The folder in diffusers layout that it is or that lies inside it; None when there is none.
        parts: Where weights lie that `model add` can take.
    """

    what: str
    text: str
    remedy: str
    folder: Path | None
    parts: Mapping[PartName, PartWeights]


def nothing_usable(what: str, text: str, remedy: str = "") -> Recognised:
    """Something in which no weights lie that can be taken.

    Args:
        what: its code.
        text: what it is.
        remedy: what to do.
    """
    return Recognised(what=what, text=text, remedy=remedy, folder=None, parts={})


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong."""

    cause: str
    """Files with the same cause are told in one sentence."""
    name: str
    """Of the file, within the model folder."""
    text: Text
    """A sentence, with its remedy."""


def said(found: Recognised) -> Text:
    """What it is and what to do, one after the other."""
    return gettext("{text} {remedy}", text=found.text, remedy=found.remedy) if found.remedy else plain(found.text)


def all_of(words: Iterable[str]) -> Text:
    """Names in a sentence that is true of all of them.

    Args:
        words: one or more.
    """
    return plain(reduce(lambda some, other: gettext("{some} and {other}", some=some, other=other), words))


def any_of(words: Iterable[str]) -> Text:
    """Names in a sentence that is true of each of them.

    Args:
        words: one or more.
    """
    return plain(reduce(lambda some, other: gettext("{some} or {other}", some=some, other=other), words))


def plain(text: str) -> Text:
    """A text that can be said again in another language, if it came from a catalogue."""
    return text if isinstance(text, Text) else gettext("{text}", text=text)
