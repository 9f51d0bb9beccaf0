"""Parts made from the settings, for several commands."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from worker import spool
from worker.clocks import boottime
from worker.delivery.formats import EXTENSIONS
from worker.demo import weights_dir
from worker.disk import lone_table
from worker.disk.beneath import real_path
from worker.disk.looks import paths_in
from worker.disk.mount_tables import MountTables
from worker.errors import ModelInvalid
from worker.identity import ModelKind
from worker.job.reader import JobFiles
from worker.model_limits import MOST_TOKENS
from worker.operations.record import WorkerFiles
from worker.plain_names import composed
from worker.records import LONGEST_PX
from worker.settings import Settings
from worker.studio.model_files.kinds import KINDS
from worker.translation import gettext, joined

if TYPE_CHECKING:
    from worker.studio.model_files.inspect import InspectedModel
    from worker.studio.model_files.tokens import PromptTokenizer


def init_folders(folder: Path) -> dict[str, str]:
    """Make inbox, outbox and failed in a folder; what is there stays.

    Returns:
        The values of the settings that name them.

    Raises:
        FoldersUnusable: one cannot be made.
    """
    made = spool.init_folders(folder)
    return {"inbox": str(made.inbox), "outbox": str(made.outbox), "failed": str(made.failed)}


def model(settings: Settings) -> InspectedModel:
    """The model that the settings name, as its files describe it.

    Raises:
        ModelInvalid: none is named, or its kind cannot be told.
    """
    if settings.model is None or not settings.model.strip():
        raise ModelInvalid(
            gettext("No model is set: set `model:` to a folder in diffusers layout, or to `demo` to try it out.")
        )
    from worker.studio.model_files.inspect import inspect_model  # jobs are checked without it where no model is set

    folder = weights_dir() if settings.model == "demo" else Path(settings.model)
    return inspect_model(folder, model_kind=settings.model_kind, transformer_file=settings.transformer_file)


def job_reader(settings: Settings, *, needs_model: bool = True) -> JobFiles:
    """What reads jobs, with the defaults of the model in use; without one, those of Turbo.

    Args:
        settings: name the model.
        needs_model: False where jobs are only looked at: of a model that is not here the name tells the kind.

    Raises:
        ModelInvalid: as `model`, where it is needed.
    """
    found = None
    with suppress(*(() if needs_model else (ModelInvalid,))):
        found = model(settings) if settings.model is not None else None
    return reader_for(settings, found)


def reader_for(settings: Settings, found: InspectedModel | None) -> JobFiles:
    """What reads jobs for a model that was looked at.

    Args:
        settings: give the defaults and ceilings.
        found: the model; None where it is not here.
    """
    kind = found.kind if found else _kind_without_model(settings)
    return JobFiles(
        replace(settings.limits(), formats=EXTENSIONS, longest_px=found.longest_px if found else LONGEST_PX),
        settings.recommendation(found.recommendation if found else KINDS[kind].recommendation),
        guidance_matters=KINDS[kind].guidance_acts,
        suited=KINDS[kind].suited if found or _is_size_judged(settings) else None,
        tokens=_tokenizer(found) if found else None,
        is_strict=settings.strict,
    )


def _is_size_judged(settings: Settings) -> bool:
    """Whether sizes are judged without the model: its kind is told, and no size of the settings' own says otherwise."""
    return settings.size is None and (settings.model is not None or settings.model_kind != "auto")


def _tokenizer(found: InspectedModel) -> PromptTokenizer:
    from worker.studio.model_files.tokens import PromptTokenizer  # as above

    return PromptTokenizer(found.source, most_tokens=MOST_TOKENS)


def model_warning(settings: Settings) -> str:
    """Why the model in use is not here, cannot be loaded, or is of a doubtful kind; empty for none of it."""
    if settings.model is None:
        return ""
    try:
        found = model(settings)
    except ModelInvalid as refusal:
        why = joined(refusal.text.split("\n"), " ") if "\n" in refusal.text else refusal.text
        return gettext(
            "{why} What depends on its files is not checked here; by its name it is taken as {kind}.",
            why=why,
            kind=_kind_without_model(settings),
        )
    if not found.faults:
        return found.contradiction
    from worker.studio.model_files.parts import unusable  # as above

    return unusable(found.source.folder, found.faults)


def _kind_without_model(settings: Settings) -> ModelKind:
    if settings.model_kind != "auto":
        return settings.model_kind
    name = (settings.model or "").replace("\\", "/").rstrip("/").rpartition("/")[2].lower()
    return "base" if name and "turbo" not in name else "turbo"


def stem_of(path: Path) -> str:
    """The name that the worker will give a job at first, before it reads one in the job itself.

    Args:
        path: of the job file or folder, anywhere.
    """
    return spool.stem_of(_name(path), is_folder=path.is_dir())


def kind_of(path: Path, settings: Settings) -> spool.Kind:
    """What a worker takes a file or folder of this name for; see `spool.names`. A table with a template is a `job`.

    Args:
        path: of a file or folder, anywhere.
        settings: name the inbox, which may hold the template.
    """
    if template_of(path, settings):
        return "job"
    return (
        "conflict"
        if _is_copy(path) or _is_other_spelling(path)
        else spool.kind_of(_name(path), is_folder=path.is_dir())
    )


def remedy_for(path: Path, settings: Settings) -> str:
    """What to do about a file or folder whose name is no job's; empty for any other.

    Args:
        path: likewise.
        settings: likewise.
    """
    if template_of(path, settings):
        return ""
    if _is_copy(path):
        return spool.CONFLICT_REMEDY
    if _is_other_spelling(path):
        return spool.SPELLING_REMEDY
    return spool.remedy_for(_name(path), is_folder=path.is_dir()) or ""


def _is_copy(path: Path) -> bool:
    """Whether a name that a person may have given is a conflict copy's, by what lies beside it."""
    original = spool.original_of(_name(path))
    return original is not None and real_path(path).with_name(original).exists()


def _is_other_spelling(path: Path) -> bool:
    """Whether beside it lies a file of the same name, whose letters are stored in another way."""
    name = _name(path)
    if composed(name) == name:
        return False
    return name in spool.other_spellings(beside.name for beside in paths_in(real_path(path).parent))


def template_of(path: Path, settings: Settings) -> Path | None:
    """The template that makes a job of a lone table; None for any other file or folder.

    Args:
        path: likewise.
        settings: likewise.
    """
    return None if path.is_dir() else lone_table.template_of(path, settings.inbox)


def _name(path: Path) -> str:
    """As it will be in the inbox; `.` is the name of a folder too."""
    return real_path(path).name if path.is_dir() else path.name


def submit(settings: Settings, paths: Sequence[Path]) -> list[spool.Submitted]:
    """Put jobs into the inbox, all of them whole or none.

    Args:
        settings: name the inbox.
        paths: of job files and folders.

    Raises:
        UsageError, FoldersUnusable: nothing is visible in the inbox.
    """
    return spool.submit_all(paths, folders_of(settings), says_ready=settings.ready_files)


def how_ended(settings: Settings, submitted: spool.Submitted) -> Path | None:
    """The folder in which a submitted job ended, or None while it has not.

    Args:
        settings: name the folders.
        submitted: what `submit` gave.
    """
    return spool.how_ended(submitted, folders_of(settings))


def folders_of(settings: Settings, *, tables: MountTables | None = None) -> spool.Folders:
    """The three folders, once they are known to serve.

    Args:
        settings: name them.
        tables: where this machine says what should be mounted; its own, when not given.

    Raises:
        FoldersUnusable: names everything that is wrong with them.
    """
    return spool.open_folders(settings.inbox, settings.outbox, settings.failed, tables=tables or MountTables())


def worker_files(folders: spool.Folders, worker_id: str) -> WorkerFiles:
    """Where that worker's records lie.

    Args:
        folders: of the spool.
        worker_id: whose records.
    """
    workers = folders.workers
    return WorkerFiles(
        root=folders.inbox, state=workers / f"{worker_id}.json", speed=workers / f"{worker_id}.speed.json"
    )


def life_signs(settings: Settings, folders: spool.Folders) -> spool.LifeSigns:
    """What tells which workers live; to be kept by whoever looks again.

    Args:
        settings: of this machine.
        folders: known to be usable.
    """
    locks = spool.WorkerLocks(folders.spool_file, state_dir=settings.state_dir)
    return spool.LifeSigns(
        folders.workers, locks=locks, host=spool.host_name(), lease_s=settings.lease_s, clock=boottime, wall=time.time
    )
