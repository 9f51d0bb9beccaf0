"""What a layout is: a way in which models lie on disks, made on demand, and what a person writes into the settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Group = Literal[
    "published", "folders", "tokenizers", "download gone wrong", "single files", "comfyui", "other families",
    "quantised", "parts that do not fit", "hostile", "paths", "kinds", "full size",
]  # fmt: skip
Works = Literal["run", "add", "no"]
"""`run`: the studio takes it as it is; `add`: `model add` can take it; `no`: it is to be named for what it is."""
Picture = Literal["embedded", "shift 4", "shift 6", "shift 7", "dynamic shift", "fp16", "fp16 transformer", "deeper"]
"""Whose picture it must give, bit for bit: the embedded model's by another scheduler, rounded by fp16, deeper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a person writes into the settings."""

    model: str
    transformer_file: str | None = None
    model_kind: str = "auto"
    """Where nothing tells it."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Of the worker's process, where it matters."""

    @property
    def looked_at(self) -> Path:
        """What the layout is about: the single file if there is one, else the model."""
        return Path(self.transformer_file or self.model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One way in which a model lies on a disk."""

    name: str
    group: Group
    about: str
    works: Works
    picture: Picture
    make: Callable[[Path], Written]
    """Make it in a folder, which is made anew. Files are hard links of a pool: replace them, never rewrite them."""


LAYOUTS: dict[str, Layout] = {}
"""By name, in the order of ZOO.md's groups."""

Maker = Callable[[Path], Written | str | Path]


def layout(
    group: Group, *, works: Works = "no", picture: Picture = "embedded", name: str = ""
) -> Callable[[Maker], Maker]:
    """Let a function be the maker of a layout.

    Args:
        group: to which it belongs.
        works: whether it is a model after all.
        picture: which one it gives.
        name: the function's own, if not given.
    """

    def add(make: Maker) -> Maker:
        known = name or make.__name__
        assert known not in LAYOUTS, f"two layouts are called {known}"

        def made(folder: Path) -> Written:
            folder.mkdir(parents=True)
            written = make(folder)
            return written if isinstance(written, Written) else Written(model=str(written))

        LAYOUTS[known] = Layout(
            name=known, group=group, about=(make.__doc__ or "").strip(), works=works, picture=picture, make=made
        )
        return make

    return add


def add_each(group: Group, makers: Mapping[str, Maker], *, works: Works = "no", picture: Picture = "embedded") -> None:
    """Add layouts that are rows of a table.

    Args:
        group: of all.
        makers: by the layout's name.
        works: of all.
        picture: of all.
    """
    for name, make in makers.items():
        layout(group, works=works, picture=picture, name=name)(make)
