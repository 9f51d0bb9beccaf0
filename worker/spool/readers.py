"""What a person reads who dropped something: told by the bytes of a job, or by a name.

Knows which files of a job hold words; what has none, such as `PAUSE`, is read by whoever wrote the last job. It never
raises.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from worker.disk.content import NotAJob, opened
from worker.disk.looks import is_folder, paths_in
from worker.disk.returned_folder import JOB_FOLDER, MADE
from worker.languages import LanguageSetting, readers_language, script_of
from worker.plain_names import YAML_ENDINGS
from worker.records import JOB_FILE
from worker.text_encodings.judge import judged
from worker.text_encodings.judged import Judged
from worker.translation import Language

HEAD_BYTES = 65_536
"""Read of each file."""
WORDS = (*YAML_ENDINGS, ".csv", ".tsv", ".txt")
LONGEST_CHARACTER = 4
"""Bytes, in every encoding."""
MOST_FILES = 4
"""Of a folder, the job file first."""


class Readers:
    """The language of each name's reader, as far as the setting leaves it open."""

    def __init__(self, setting: LanguageSetting) -> None:
        """Keep the setting.

        Args:
            setting: `language`.
        """
        self.setting = setting
        self._last: Language = "en"
        """Of the last job whose own words told it: who pauses or cancels by a file without words reads that too."""

    def language_of(self, path: Path) -> Language:
        """What its author reads.

        Args:
            path: of a job, or of whatever else lies in its place.
        """
        if self.setting != "auto":
            return self.setting
        try:
            text = "\n".join(_texts(path))
        except OSError:
            text = ""
        if not text.strip() and script_of(path.stem) == "en":
            return self._last
        language = readers_language(self.setting, text=text, name=path.stem)
        if text.strip():
            self._last = language
        return language


def _texts(path: Path) -> Iterator[str]:
    for file in _files(path):
        with suppress(OSError, NotAJob), opened(file, below=path.parent) as held:
            yield words_in(held.read(HEAD_BYTES))


def words_in(head: bytes) -> str:
    """The beginning of a file as text, as tables and jobs are read; of one that is damaged what can be read.

    Args:
        head: may end in the middle of a character.

    Returns:
        Empty for what is no text.
    """
    found = judged(head)
    for missing in range(1, LONGEST_CHARACTER):
        if isinstance(found, Judged) or missing >= len(head):
            break
        whole = judged(head[:-missing])
        found = whole if isinstance(whole, Judged) else found
    if isinstance(found, Judged):
        return found.text
    return "" if found.reason == "zeros" else head.decode(found.encoding, errors="ignore")


def _files(path: Path) -> list[Path]:
    """Those that hold words, the job file first; not what was made of a job that is dropped again."""
    if not is_folder(path):
        return [path] if path.name.lower().endswith(WORDS) else []
    listed = [*paths_in(path), *paths_in(path / JOB_FOLDER)]
    worded = [file for file in listed if file.name.lower().endswith(WORDS) and file.name not in MADE]
    return sorted(worded, key=lambda file: (file.name != JOB_FILE, file.name))[:MOST_FILES]
