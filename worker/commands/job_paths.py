"""Which jobs a person means by the paths on the command line."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from worker.commands.printing import say
from worker.errors import JobInvalid, UsageError
from worker.plain_names import YAML_ENDINGS
from worker.problem import Problem
from worker.records import JOB_FILE, Job
from worker.translation import gettext

if TYPE_CHECKING:
    from worker.settings import Settings


class Reads(Protocol):
    """What reads jobs."""

    def read(self, path: Path, *, stem: str, shown_as: str | None = None, templates: Path | None = None) -> Job:
        """Read, check and expand.

        Args:
            path: of the job's file or folder, or of a lone table.
            stem: the job's default name.
            shown_as: how problems call the path.
            templates: folder of a lone table's template.

        Raises:
            JobInvalid: with every problem at once.
            OSError: it cannot be read.
        """


def jobs_in(paths: list[Path], settings: Settings) -> list[Path]:
    """The jobs meant: a file or a folder with `job.yaml` is one; any other folder stands for the jobs in it.

    A folder with one YAML file of another name beside other files counts as a job too: reading it tells the right name.
    What an inbox passes over is passed over in a folder too, and told as there.

    Args:
        paths: as they were given.
        settings: name the inbox, which may hold templates for tables.

    Raises:
        UsageError: a path that is not there or cannot be read, a file that no worker takes, or a folder without a job.
    """
    from worker import compose

    found: list[Path] = []
    for path in paths:
        try:
            if not path.exists():
                raise UsageError(gettext("{path}: there is no such file or folder.", path=path))
            if "templates" in (compose.kind_of(path, settings), compose.kind_of(path.parent, settings)):
                raise UsageError(
                    gettext("{path}: a template is a job only with a table: give a table's path instead.", path=path)
                )
            _require_whole(path, compose.kind_of(path, settings), settings)
            if not path.is_dir() and (remedy := compose.remedy_for(path, settings)):
                raise UsageError(gettext("{path}: {remedy}.", path=path, remedy=remedy))
            found += [path] if path.is_file() or (path / JOB_FILE).exists() else _jobs_of(path, settings)
        except OSError as error:
            raise _unreadable(path, error) from None
    return found


def read_job(reader: Reads, path: Path, settings: Settings) -> Job:
    """The job as the worker will read it, called by its path.

    Args:
        reader: reads it.
        path: of its file or folder, or of a lone table.
        settings: name the inbox, which may hold the table's template.

    Raises:
        JobInvalid: with every problem at once.
        UsageError: it cannot be read.
    """
    from worker import compose

    template = None
    try:
        if (why := compose.why_not_plain(path)) is not None:
            raise JobInvalid([Problem(file=str(path), line=0, column=0, where="", message=why)])
        template = compose.template_of(path, settings)
        templates = template.parent if template is not None else None
        return reader.read(path, stem=compose.stem_of(path), shown_as=str(path), templates=templates)
    except JobInvalid as error:
        raise JobInvalid([*_which_is_meant(path, template, error.problems), *error.problems]) from None
    except OSError as error:
        raise _unreadable(path, error) from None


def _require_whole(path: Path, kind: str, settings: Settings) -> None:
    """Refuse a file that is a part of a job, or that no worker looks at, with what to give instead."""
    if path.is_dir():
        return
    is_inbox = path.parent.resolve() == Path(settings.inbox).resolve()  # where tables and jobs lie side by side
    if kind == "table" and (path.parent / JOB_FILE).exists() and not is_inbox:
        raise UsageError(
            gettext("{path}: is a table in a job's folder: give the folder {folder}.", path=path, folder=path.parent)
        )
    if kind == "other":
        raise UsageError(
            gettext(
                "{path}: every worker passes over a file of that name, as programs leave such files beside others,"
                " and some steer workers. If it is a job, rename it so that it ends in .yaml.",
                path=path,
            )
        )


def _which_is_meant(path: Path, template: Path | None, problems: Sequence[Problem]) -> list[Problem]:
    """What comes before the problems: the table, of a template for many; the folder, of a job file given by itself."""
    if template is not None:
        message = gettext("This table cannot be rendered with the template `{template}`:", template=template.name)
    elif path.name == JOB_FILE and path.is_file() and any(problem.where == "products" for problem in problems):
        message = gettext(
            "If the folder `{folder}` is the job, give the folder instead of the file.", folder=path.parent
        )
    else:
        return []
    return [Problem(file=str(path), line=0, column=0, where="", message=message)]


def _unreadable(path: Path, error: OSError) -> UsageError:
    return UsageError(
        gettext("{path}: cannot be read ({reason}): check its rights.", path=path, reason=error.strerror or str(error))
    )


def _jobs_of(folder: Path, settings: Settings) -> list[Path]:
    """What a folder without `job.yaml` stands for."""
    from worker import compose

    kinds = {path: compose.kind_of(path, settings) for path in sorted(folder.iterdir())}
    meant = [path for path, kind in kinds.items() if kind in ("job", "table", "almost")]
    if "templates" not in kinds.values() and _is_meant_as_job([path for path in meant if path.is_file()]):
        return [folder]
    jobs = [path for path in meant if kinds[path] == "job" and (path.is_file() or (path / JOB_FILE).exists())]
    for path in kinds:
        if remedy := compose.remedy_for(path, settings):
            say(gettext("{path}: {remedy}.", path=path, remedy=remedy), file=sys.stderr)
        elif path in meant and path not in jobs:
            say(gettext("{path}: holds no {file}: passed over.", path=path, file=JOB_FILE), file=sys.stderr)
    if not jobs:
        raise UsageError(
            gettext("{path}: holds no job. If it is one itself, name the job file {name}.", path=folder, name=JOB_FILE)
        )
    return jobs


def _is_job_file(path: Path) -> bool:
    return path.name.lower().endswith(YAML_ENDINGS)


def _is_meant_as_job(files: list[Path]) -> bool:
    """Whether these are one YAML file and what it may refer to: of a job folder whose job file has another name."""
    return len(files) > 1 and sum(map(_is_job_file, files)) == 1
