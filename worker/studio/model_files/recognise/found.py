"""What a path that somebody gave as a model turned out to be.

Knows no file; must not know torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

PartName = Literal["transformer", "text_encoder", "vae"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartWeights:
    """Where the weights of one part of a model lie.

    Attributes:
        files: Whole safetensors files, in order; several parts may lie in one file (an AIO checkpoint).
        prefix: What stands before every tensor name of this part in them; "" for none.
        naming: `diffusers`, or `original` for the names of ComfyUI and BFL (fused qkv in the transformer, LDM names in the VAE).
    """

    files: tuple[Path, ...]
    prefix: str
    naming: Literal["diffusers", "original"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """What a file or folder is.

    Attributes:
        what: A short code, for tests and branches: `diffusers folder`, `hf cache`, `single file`, `lora`, `lfs pointer`, ...
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
