"""What is to be added: weights, the folder that has the small files for them, and the names that people know.

Knows what `recognise` found; opens no weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from worker.disk.beneath import real_path
from worker.errors import ModelInvalid, UsageError
from worker.problem import legible
from worker.studio.model_files.kind_signs import cached_repository
from worker.studio.model_files.parts import WEIGHTS, PartName, weight_files
from worker.studio.model_files.recognise.found import PartWeights, Recognised, all_of, said
from worker.translation import gettext

PARTS: tuple[PartName, ...] = ("transformer", "text_encoder", "vae")
SLIM = (
    'hf download Tongyi-MAI/Z-Image-Turbo --local-dir Z-Image-Turbo-slim --exclude "*.safetensors"',
    "modelscope download --model Tongyi-MAI/Z-Image-Turbo --local_dir Z-Image-Turbo-slim --exclude '*.safetensors'",
)
"""Fetch what a single file lacks, about 16 MB."""
ENDING = "-bf16"
AS_DIFFUSERS = "diffusion_pytorch_model"
"""A file of this name says nothing: the folder's name does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A model that can be put together."""

    parts: Mapping[PartName, PartWeights]
    home: Path
    """The folder in diffusers layout from which the small files come."""
    source: tuple[str, ...]
    """Names of what was given, as people know them."""
    is_composed: bool
    """Its weights do not all come from that folder: its card says nothing of them."""

    @property
    def transformer_place(self) -> Path:
        """What names the transformer and tells its kind: its file, or the model folder in which it lies."""
        first, *more = self.parts["transformer"].files
        if not more and not first.name.startswith(AS_DIFFUSERS):
            return first
        return first.parent.parent if first.parent.name == "transformer" else first.parent


def wanted(given: Sequence[tuple[Path, Recognised]], *, other: tuple[Path, Recognised] | None = None) -> Wanted:
    """Put together what was given.

    Args:
        given: paths, each with what it is: a folder, or files with parts of a model.
        other: a folder for what these lack: small files, and parts.

    Raises:
        ModelInvalid: something given is no part of a model, or a part is missing.
        UsageError: two things given are the same part, or the small files are missing.
    """
    parts: dict[PartName, PartWeights] = {}
    for path, found in given:
        held = found.parts or _folder_parts(found.folder)
        if not held:
            raise ModelInvalid(said(found))
        twice = next((part for part in held if part in parts), None)
        if twice:
            raise UsageError(
                gettext("{path} has a {part}, and so has another: give one of them.", path=path, part=twice)
            )
        parts |= held
    homes = [found.folder for _, found in given if found.folder]
    home = _home_of(other) if other else next(iter(homes), None)
    borrowed = (other[1].parts or _folder_parts(home)) if other else {}
    whole = {part: parts.get(part) or borrowed.get(part) for part in PARTS}
    lacking = [part for part, held in whole.items() if held is None]
    if home is None:
        raise UsageError(_lacks_small_files(given, lacking))
    if lacking:
        is_folder = len(given) == 1 and given[0][1].folder is not None
        raise ModelInvalid(said(given[0][1]) if is_folder and given[0][1].remedy else _lacks_weights(given, lacking))
    return Wanted(
        parts={part: held for part, held in whole.items() if held},
        home=home,
        source=tuple(known_name(path, found) for path, found in given),
        is_composed=other is not None or len(given) > 1,
    )


def known_name(path: Path, found: Recognised) -> str:
    """What people call a model: its repository, its folder or its file; never where some machine keeps it.

    Args:
        path: as it was given.
        found: what it is.
    """
    folder = found.folder or path
    for real in (folder.absolute(), real_path(folder)):  # a link to a snapshot is called like its model, too
        repository = cached_repository(real)
        if repository:
            return legible(repository)
    if path.is_file():
        return legible(path.name)
    name = real_path(folder).name if folder.name in ("", "..") else folder.name
    return legible(name or str(folder))


def default_name(source: Sequence[str]) -> str:
    """What the added model is called where nobody says.

    Args:
        source: as `Wanted` has it.
    """
    name = source[0].rpartition("/")[2].removesuffix(".safetensors")
    return name if name.lower().endswith("bf16") else name + ENDING


def _home_of(other: tuple[Path, Recognised]) -> Path:
    path, found = other
    home = path if (path / "model_index.json").is_file() else found.folder
    if home is None:
        raise UsageError(
            gettext(
                "{path} (--with) has no model_index.json: give a folder in diffusers layout. {what}",
                path=path,
                what=said(found),
            )
        )
    return home


def _folder_parts(folder: Path | None) -> dict[PartName, PartWeights]:
    """The parts of which a folder in diffusers layout has all files."""
    found: dict[PartName, PartWeights] = {}
    for part in PARTS if folder else ():
        assert folder is not None
        files = weight_files(folder / part, WEIGHTS[part])
        if files and all(file.is_file() for file in files):
            found[part] = PartWeights(files=files, prefix="", naming="diffusers")
    return found


def _lacks_small_files(given: Sequence[tuple[Path, Recognised]], lacking: Sequence[str]) -> str:
    name = known_name(*given[0])
    fetch = gettext(
        "fetch these (about 16 MB) with\n{command}\nor\n{other}\nand add `--with Z-Image-Turbo-slim`.",
        command=SLIM[0],
        other=SLIM[1],
    )
    if not lacking:
        return gettext("{name} has no configurations, tokenizer and scheduler: {fetch}", name=name, fetch=fetch)
    return gettext(
        "{name} has no weights of {parts}, and no configurations, tokenizer and scheduler: add `--with FOLDER`, the "
        "download of a whole model; or name the files with those weights too, and {fetch}",
        name=name,
        parts=all_of(lacking),
        fetch=fetch,
    )


def _lacks_weights(given: Sequence[tuple[Path, Recognised]], lacking: Sequence[str]) -> str:
    return gettext(
        "{name} has no weights of {parts}: name a folder that has them with --with, or the files themselves after it.",
        name=known_name(*given[0]),
        parts=all_of(lacking),
    )
