"""A lone table as a job: its template is the job file, and the table is its products.

Knows how both are opened, and how problems call them. Nothing else beside the table is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from worker.disk import content
from worker.disk.content import NotAJob
from worker.disk.lone_table import DEFAULT_STEM, TEMPLATES, is_table, template_for, templates_beside
from worker.job.dropped import Dropped, opened, told
from worker.plain_names import alike
from worker.translation import Text, gettext
from worker.yaml_reader.document import Misread, clipped


@dataclass(frozen=True, slots=True, kw_only=True)
class LoneTable(Dropped):
    """An open template, which is the job file, and an open table: as if both lay in a folder."""

    template: str
    """How problems call the template."""
    table: str
    """The table's name."""
    shown: str
    """How problems call the table."""
    table_descriptor: int

    def job(self, max_bytes: int) -> bytes:
        """The template's bytes, at most `max_bytes` + 1 of them."""
        with open(self.descriptor, "rb", closefd=False) as file:
            return file.read(max_bytes + 1)

    def beside(self, name: str, *, max_bytes: int) -> bytes:
        """The table's bytes, at most `max_bytes` + 1 of them.

        Args:
            name: as the template has it.
            max_bytes: most bytes wanted.

        Raises:
            Misread: another file is named.
        """
        if alike(name.partition("#")[0]) != alike(self.table.partition("#")[0]):
            message = gettext(
                "The products are the table that was dropped, `{table}`, and no `{name}`. Remove this line from the"
                " template, or drop a folder with both files.",
                table=clipped(self.table),
                name=clipped(name),
            )
            raise Misread(message)
        with open(self.table_descriptor, "rb", closefd=False) as file:
            return file.read(max_bytes + 1)

    def recorded_name(self) -> str | None:
        """None: nobody has given it one."""
        return None

    def job_file(self, folder: str, *, shown: str) -> str:  # noqa: ARG002 - of a folder or a file
        """How problems call the template.

        Args:
            folder: of no meaning here.
            shown: likewise.
        """
        return self.template

    def file_beside(self, name: str, *, job_file: str) -> str:  # noqa: ARG002 - there is no other
        """How problems call the table: as the person did.

        Args:
            name: of no meaning here: there is no other file.
            job_file: likewise.
        """
        return self.shown

    def _beside_job(self) -> list[str]:
        """None: whatever lies beside the table is no part of it."""
        return []

    @property
    def is_lone_table(self) -> bool:
        """True."""
        return True

    def only_table(self) -> str:
        """The table's name."""
        return self.table


@contextmanager
def opened_job(path: Path, *, templates: Path | None = None, shown_as: str | None = None) -> Iterator[Dropped]:
    """Open a dropped file or folder, or a table with its template.

    Args:
        path: of the file or folder.
        templates: folder of templates for a table; else the one beside it.
        shown_as: how problems call a table whose template they then call by its whole path; else by its name.

    Raises:
        Misread: neither a regular file nor a folder, or a table without a template.
        OSError: it is gone, or the share failed.
    """
    if path.is_dir() or not is_table(path.name):
        with opened(path) as dropped:
            yield dropped
        return
    with ExitStack() as held:
        table_descriptor = held.enter_context(_opened_file(path))
        template = template_for(path, templates=templates)
        if template is None:
            raise Misread(_no_template(path, templates))
        shown = str(template) if shown_as else f"{template.parent.name}/{template.name}"
        descriptor = held.enter_context(_opened_file(template))
        yield LoneTable(
            is_folder=True,
            descriptor=descriptor,
            template=shown,
            table=path.name,
            shown=shown_as or path.name,
            table_descriptor=table_descriptor,
        )


@contextmanager
def _opened_file(path: Path) -> Iterator[int]:
    """A regular file, as a descriptor.

    Raises:
        Misread: it is anything else.
        OSError: it is gone, or the share failed.
    """
    with ExitStack() as held:
        try:
            with told(path.name):
                file = held.enter_context(content.opened(path))
        except (NotAJob, IsADirectoryError):
            message = gettext("`{name}` is not a regular file. Copy the file itself instead.", name=path.name)
            raise Misread(message) from None
        yield file.fileno()


def _no_template(path: Path, templates: Path | None) -> Text:
    folder = templates or templates_beside(path)
    return gettext(
        "A table by itself is a job only with a template. Put a job file for such tables into {folder} as"
        " `{own}` or `{default}`, or put the table into a folder with a job.yaml.",
        folder=f"`{folder.name}/`" if folder.name == TEMPLATES else folder,
        own=f"{path.stem}.yaml",
        default=f"{DEFAULT_STEM}.yaml",
    )
