"""The source's files against what their download kept: each is judged as soon as it has been read.

Knows files, and nothing of what is made of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from worker.errors import ModelInvalid
from worker.studio.model_files.checking.download_records import expected_of
from worker.studio.model_files.checking.one_pass import OtherHash, ReadFile, Stamp
from worker.studio.model_files.checking.unfinished import unfinished
from worker.studio.model_files.checking.verification import Verification, VerifiedFile, to_verify
from worker.studio.model_files.parts import name_in


class SourceCheck:
    """What is known of the source's files, and what reading them has told so far."""

    def __init__(self, name: str, home: Path, files: Iterable[Path]) -> None:
        """Look what their download kept.

        Args:
            name: of the model, for people.
            home: its folder; a file elsewhere is called by its own name.
            files: absolute; all that is copied.

        Raises:
            ModelInvalid: the download of one has not ended.
            OSError: one cannot be looked at.
        """
        names = {path: name_in(home, path) for path in files}
        rest = next(iter(unfinished(names)), None)
        if rest is not None:
            raise ModelInvalid(rest)
        self._name = name
        self._files: dict[Path, VerifiedFile] = {one.path: one for one in to_verify(names, expected_of(names))}

    def also(self, path: Path) -> tuple[OtherHash, ...]:
        """Hashes of a file that are wanted beside its SHA-256."""
        return self._files[path].also

    def judge(self, path: Path, read: ReadFile) -> None:
        """Take what was read of a file.

        Args:
            path: of the file.
            read: all of it.

        Raises:
            ModelInvalid: it is damaged, or not what was downloaded.
        """
        self._files[path] = replace(self._files[path], read=read)
        fault = self._files[path].fault()
        if fault is not None:
            raise ModelInvalid(fault)

    def judge_content(self, path: Path, content: bytes) -> None:
        """Likewise of a small file that was read already.

        Args:
            path: of the file.
            content: of it.

        Raises:
            ModelInvalid: it is not what was downloaded.
            OSError: it cannot be looked at.
        """
        blob = hashlib.sha1(b"blob %d\0%b" % (len(content), content), usedforsecurity=False).hexdigest()
        read = ReadFile(
            stamp=Stamp.of(path.stat()), sha256=hashlib.sha256(content).hexdigest(), git_sha1=blob,
            md5=hashlib.md5(content, usedforsecurity=False).hexdigest(),
        )  # fmt: skip
        self.judge(path, read)

    def result(self) -> Verification:
        """What is known of all of them."""
        return Verification(model=self._name, files=tuple(self._files.values()))


def verified_by(found: Verification) -> str | None:
    """Of what the files are, where every one is as its publisher has it, or was edited by a person; else None.

    Args:
        found: of all files.
    """
    states: Mapping[str, int] = {
        state: sum(one.state == state for one in found.files) for state in ("verified", "edited")
    }
    is_whole = states["verified"] and sum(states.values()) == len(found.files)
    return f"{found.by or found.model}, {states['verified']} of {len(found.files)} files" if is_whole else None
