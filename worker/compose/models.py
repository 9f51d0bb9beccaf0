"""Models joined with the settings: adding one, listing them, reading one once more."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from worker.compose.from_settings import model as model_of
from worker.demo import weights_dir
from worker.disk.mount_tables import MountTables
from worker.errors import ModelInvalid, UsageError, WorkerError
from worker.operations.stopping import StopFlag
from worker.plain_names import is_litter, is_plain_file_name
from worker.settings import Settings
from worker.studio.model_files.checking.read_cache import ReadCache
from worker.studio.model_files.inspect import inspect_model
from worker.studio.model_files.parts import reading
from worker.studio.model_files.reach import require_place
from worker.studio.model_files.recognise.found import Recognised
from worker.studio.model_files.recognise.recognise import recognise
from worker.studio.model_files.verify import CACHE_NAME
from worker.studio.model_store.add import Added, add_model
from worker.studio.model_store.stored import StoredModel, stored_models, verify_model
from worker.studio.model_store.wanted import Wanted, default_name, wanted
from worker.studio.model_store.work import Work
from worker.translation import Text, gettext

LONGEST_NAME_BYTES = 200
"""Of an added model's folder: with a draft's ending it fits every file system."""
Progress = Callable[[int, int], object]
"""Told how many bytes are done, of how many."""


def add(
    what: Sequence[Path],
    *,
    other: Path | None,
    target: Callable[[str], Path],
    settings: Settings | None,
    say: Callable[[str], object],
    progress: Progress,
    tables: MountTables | None = None,
) -> Added:
    """Write a model's folder in bf16.

    Args:
        what: a folder, or files with parts of a model.
        other: a folder for what these lack.
        target: the folder to be, by the name that the model has where nobody gives one.
        settings: `model_kind` counts; None where there are none.
        say: told in a sentence what each thing given is.
        progress: told how far it has come.
        tables: where this machine says what should be mounted; its own, when not given.

    Raises:
        ModelInvalid, ModelAway, UsageError, StopAsked: as `model_store.add`.
    """
    found = _recognised(what, other, say)
    place = target(default_name(found.source))
    with reading(place.parent):
        require_place(place.parent, tables=tables or MountTables())
    return add_model(
        found,
        place,
        kind=settings.model_kind if settings else "auto",
        work=_work(progress),
    )


def _work(progress: Progress) -> Work:
    stop = StopFlag()
    stop.install()
    return Work(on_progress=progress, should_stop=stop)


def _recognised(what: Sequence[Path], other: Path | None, say: Callable[[str], object]) -> Wanted:
    with reading(what[0]):
        given = [(path, _what_is(path)) for path in what]
        borrowed = (other, _what_is(other)) if other else None
    texts = [found.text for _, found in given if found.parts or found.folder]
    try:
        made = wanted(given, other=borrowed)
    except WorkerError as refusal:
        texts = [text for text in texts if text not in str(refusal)]
        raise
    finally:
        for text in texts:
            say(text)
    return made


def _what_is(path: Path) -> Recognised:
    try:
        return recognise(path)
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(gettext("{path}: there is no such file or folder.", path=path)) from None


def place_in(settings: Settings, name: str) -> Path:
    """The folder of an added model.

    Args:
        settings: name the folder of all.
        name: of the model.

    Raises:
        UsageError: no folder can be called that.
    """
    if name.lower() == "demo":
        raise UsageError(gettext("`{name}` means the embedded model: give another name with --as.", name=name))
    is_short = len(os.fsencode(name)) <= LONGEST_NAME_BYTES
    if not is_plain_file_name(name) or is_litter(name) or name != name.strip() or not is_short:
        raise UsageError(gettext("`{name}` is no name for a folder: give another with --as.", name=name[:80]))
    return settings.models_dir / name


def models(settings: Settings, *, tables: MountTables | None = None) -> list[tuple[StoredModel, bool]]:
    """Every model in `models_dir`, and whether the settings use it.

    Args:
        settings: name the folder of models.
        tables: as `add`.

    Raises:
        ModelAway: the folder cannot be read now.
    """
    with reading(settings.models_dir):
        require_place(settings.models_dir, tables=tables or MountTables())
    used = Path(settings.model).absolute() if settings.model else None
    return [
        (one, one.is_whole and (settings.models_dir / one.name).absolute() == used)
        for one in stored_models(settings.models_dir)
    ]


def verify(settings: Settings, named: str | None, *, progress: Progress) -> Text:
    """Read all files of a model once more.

    Args:
        settings: name the folder of models, and the model where nobody names one.
        named: a name in that folder, or a path.
        progress: told how far it has come.

    Returns:
        What is known of its files now, a sentence or two.

    Raises:
        ModelInvalid: a file is not what it was.
        ModelAway, StopAsked: it cannot be read now, or somebody asked to stop.
    """
    model = (
        model_of(settings)
        if named is None
        else inspect_model(_folder_of(settings, named), model_kind=settings.model_kind)
    )
    cache = ReadCache(settings.state_dir / CACHE_NAME)
    return verify_model(model, work=_work(progress), cache=cache).summary()


def _folder_of(settings: Settings, named: str) -> Path:
    if named == "demo":
        return weights_dir()
    stored = settings.models_dir / named
    with reading(settings.models_dir):
        if is_plain_file_name(named) and stored.is_dir():
            return stored
        if Path(named).exists():
            return Path(named)
        require_place(settings.models_dir, tables=MountTables())
    raise ModelInvalid(
        gettext(
            "There is no model `{name}` in {folder}, nor a folder of that path: `zimage-worker model list` names "
            "those that are there.",
            name=named,
            folder=str(settings.models_dir),
        )
    )
