"""What a person reads who dropped something: told by the bytes of a job, or by a name.

Knows which files of a job hold words. The same files give the same language on every worker; it never raises.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from worker.disk.content import NotAJob, opened
from worker.disk.looks import is_folder, paths_in
from worker.disk.returned_folder import JOB_FOLDER, MADE
from worker.languages import LanguageSetting, decoded, readers_language
from worker.plain_names import YAML_ENDINGS
from worker.records import JOB_FILE
from worker.translation import Language

HEAD_BYTES = 65_536
"""Read of each file."""
WORDS = (*YAML_ENDINGS, ".csv", ".tsv", ".txt")
MOST_FILES = 4
"""Of a folder, the job file first."""


class Readers:
    """The language of each name's reader, as far as the setting leaves it open."""

    def __init__(self, setting: LanguageSetting) -> None:
        """Keep the setting.

        Args:
            setting: `language`.
        """
        self._setting = setting

    def language_of(self, path: Path) -> Language:
        """What its author reads.

        Args:
            path: of a job, or of whatever else lies in its place.
        """
        if self._setting != "auto":
            return self._setting
        try:
            text = "\n".join(_texts(path))
        except OSError:
            text = ""
        return readers_language(self._setting, text=text, name=path.stem)


def _texts(path: Path) -> Iterator[str]:
    for file in _files(path):
        with suppress(OSError, NotAJob), opened(file, below=path.parent) as held:
            yield decoded(held.read(HEAD_BYTES))


def _files(path: Path) -> list[Path]:
    """Those that hold words, the job file first; not what was made of a job that is dropped again."""
    if not is_folder(path):
        return [path] if path.name.lower().endswith(WORDS) else []
    listed = [*paths_in(path), *paths_in(path / JOB_FOLDER)]
    worded = [file for file in listed if file.name.lower().endswith(WORDS) and file.name not in MADE]
    return sorted(worded, key=lambda file: (file.name != JOB_FILE, file.name))[:MOST_FILES]
