"""Asking from any machine that sees the folders: commands write the files that people may write by hand.

Knows which job is meant by what a person calls it, and who lives to obey. Who says yes is a worker, in a receipt.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from worker.disk.durable import write_file
from worker.disk.looks import is_folder, paths_in
from worker.errors import FoldersUnusable, UsageError
from worker.plain_names import YAML_ENDINGS
from worker.records import JOB_FILE
from worker.spool.alive.heartbeats import SUFFIX
from worker.spool.alive.life_signs import LifeSigns
from worker.spool.control_files import is_removed
from worker.spool.held_jobs import ask_names, held_in
from worker.spool.known_jobs import ended_jobs, jobs_in_work, like, waiting_jobs
from worker.spool.layout import Folders
from worker.spool.listing import InboxNames
from worker.spool.names import stem_of
from worker.spool.steering import PAUSES, Verb, called, meant_by, pauses_in
from worker.translation import Text, enumerated, gettext

IN_A_FOLDER = (JOB_FILE, "index.html", "manifest.json", "error.txt", "error.json", "results.csv")
"""Files by which a person may point at the folder around them."""
MOST_SHOWN = 10
"""Names of jobs that are listed where none is meant."""
MOST_READ = 500
"""Waiting jobs that are read for their shown names."""
ShownName = Callable[[Path], str | None]
"""The name that a waiting job gives itself; None where it cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked, and who will hear it."""

    file: Path
    """The control file."""
    job: str
    """As people see it."""
    workers: tuple[str, ...]
    """Ids of those that live, or may live; none obeys before one starts."""


def ask(
    verb: Verb, job: str, folders: Folders, *, words: Collection[str] = (), shown: ShownName, signs: LifeSigns
) -> Asked:
    """Put the file that asks for it into the inbox.

    Args:
        verb: what is asked.
        job: its shown name, its file's name, or a path to it.
        folders: of the spool.
        words: written into the file.
        shown: tells the names of waiting jobs, where no file's name is meant.
        signs: tell who lives.

    Raises:
        UsageError: no such job is there to ask this of.
        FoldersUnusable: the file cannot be written.
    """
    try:
        name, root = _meant(job, folders)
        if verb == "retry":
            folder = _ended(name, root, folders)
            stem, said = folder.name, ["outbox" if folder.parent == folders.outbox else "failed", *words]
        else:
            stem, said = _open(verb, name, folders, shown), [*words]
        file = folders.inbox / f"{stem}.{verb}"
        with suppress(IsADirectoryError):  # a folder of that name asks for the same
            write_file(file, "".join(f"{word}\n" for word in said).encode(), below=folders.inbox)
        return Asked(file=file, job=stem, workers=_living(folders, signs))
    except OSError as error:
        raise _unwritable(folders, error) from error


def pause(folders: Folders, *, signs: LifeSigns) -> Asked:
    """Ask all workers to wait.

    Args:
        folders: of the spool.
        signs: as `ask`.

    Raises:
        FoldersUnusable: the file cannot be written.
    """
    try:
        names = InboxNames(folders.inbox, clock=lambda: 0.0).now()
        file = folders.inbox / next(iter(sorted(pauses_in(names))), PAUSES[0])
        if file.name not in names:
            write_file(file, b"", below=folders.inbox)
        return Asked(file=file, job="", workers=_living(folders, signs))
    except OSError as error:
        raise _unwritable(folders, error) from error


def resume(folders: Folders) -> list[str]:
    """Take away what asks the workers to wait, in all its spellings.

    Returns:
        Names of the files that were there.

    Raises:
        FoldersUnusable: one may not be removed, or the share failed.
    """
    try:
        names = sorted(pauses_in(InboxNames(folders.inbox, clock=lambda: 0.0).now()))
        kept = [name for name in names if not is_removed(folders.inbox / name)]
    except OSError as error:
        raise _unwritable(folders, error) from error
    if kept:
        raise FoldersUnusable(
            gettext(
                "{file}: may not be removed: it is another account's, or a folder with something in it.",
                file=folders.inbox / kept[0],
            )
        )
    return names


def _living(folders: Folders, signs: LifeSigns) -> tuple[str, ...]:
    return signs.working(path.name.removesuffix(SUFFIX) for path in paths_in(folders.workers, ending=SUFFIX))


def _meant(job: str, folders: Folders) -> tuple[str, Path | None]:
    """The name that is meant, and in which of the three folders it lies, where a path says so."""
    path = Path(job)
    if not (path.parent.name or path.exists()):
        return job, None
    path = path.absolute()
    if path.name in IN_A_FOLDER and not is_folder(path):
        path = path.parent
    roots = (folders.inbox, folders.outbox, folders.failed)
    return path.name, next((root for root in roots if root.resolve() == path.parent.resolve()), None)


def _ended(name: str, root: Path | None, folders: Folders) -> Path:
    """The folder in which the job has ended; the newest, where it lies in both.

    Raises:
        UsageError: there is none.
    """
    known = ended_jobs(folders)
    found = [path for path in known.get(called(name), ()) if root in (None, path.parent)]
    if found:
        return max(found, key=lambda path: path.lstat().st_mtime_ns)
    why = gettext("{job}: no job of that name has ended.", job=name)
    raise _unknown(name, why, {path.name for paths in known.values() for path in paths})


def _open(verb: Verb, name: str, folders: Folders, shown: ShownName) -> str:
    """The stem of a job that waits or is in work, or of one that has ended, to which alone nothing more can be done.

    Raises:
        UsageError: there is none.
    """
    listed = InboxNames(folders.inbox, clock=lambda: 0.0).now()
    waiting, in_work, meaning = waiting_jobs(folders.inbox, listed), jobs_in_work(folders), called(name)
    held = [*held_in(folders)]
    asks = ask_names(held)
    if (proofs := [one for one in held if meaning in one.meanings]) and (verb != "cancel" or meaning not in in_work):
        if len(proofs) > 1:
            names = enumerated([f"`{asks[one.folder]}`" for one in proofs[:MOST_SHOWN]])
            raise UsageError(gettext("{job}: {count} jobs of that name wait for approval: {names}.", job=name,
                                     count=len(proofs), names=names))  # fmt: skip
        return asks[proofs[0].folder]
    found = in_work.get(meaning) or waiting.get(meaning) or _shown_as(meaning, waiting, folders, shown)
    if found is not None:
        return stem_of(found, is_folder=not found.lower().endswith(YAML_ENDINGS)) if found in listed else found
    ended = ended_jobs(folders).get(meaning, ())
    if ended and verb != "cancel":
        return ended[0].name
    if ended:
        raise UsageError(
            gettext(
                "{job}: it has ended, and lies in {folder}: there is nothing to cancel.",
                job=name,
                folder=f"{ended[0].parent.name}/{ended[0].name}",
            )
        )
    why = gettext("{job}: no job of that name waits or is in work.", job=name)
    raise _unknown(name, why, {*waiting.values(), *in_work.values(), *asks.values()})


def _shown_as(meaning: str, waiting: Mapping[str, str], folders: Folders, shown: ShownName) -> str | None:
    """The file of a waiting job that calls itself so."""
    names = sorted(set(waiting.values()))[:MOST_READ]
    return next((name for name in names if meaning in meant_by(shown(folders.inbox / name))), None)


def _unknown(name: str, why: Text, names: Iterable[str]) -> UsageError:
    there = sorted(names)
    guesses = like(called(name), there)
    if guesses:
        meant = enumerated([f"`{one}`" for one in guesses])
        return UsageError(gettext("{why} Did you mean {names}?", why=why, names=meant))
    if not there:
        return UsageError(gettext("{why} There is none.", why=why))
    listed = enumerated([f"`{one}`" for one in there[:MOST_SHOWN]])
    more = "" if len(there) <= MOST_SHOWN else ", ..."
    return UsageError(gettext("{why} There is: {names}{more}", why=why, names=listed, more=more))


def _unwritable(folders: Folders, error: OSError) -> FoldersUnusable:
    return FoldersUnusable(
        gettext(
            "inbox {path}: {reason}: nothing was asked; check the share and its rights.",
            path=folders.inbox,
            reason=error.strerror or str(error),
        )
    )
