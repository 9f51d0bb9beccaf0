"""Verification: whether a model's files are what their download promised, in words for a person.

Knows files that were read, what is expected of them, and the official files; reads of them nothing but their size.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from worker.studio.model_files.checking.expected import Expected
from worker.studio.model_files.checking.official import OfficialFile, official_files
from worker.studio.model_files.checking.one_pass import OtherHash, ReadFile
from worker.translation import Text, gettext, ngettext

State = Literal["verified", "edited", "unknown", "unread", "differs", "damaged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedFile:
    """One file of a model, and what is known of it."""

    name: str
    """Path in the model's folder, or the file's own name where it lies elsewhere."""
    path: Path
    expected: Expected | None
    """By what its download kept; None where nothing did."""
    official: tuple[OfficialFile, ...]
    """Of that name; one may vouch for the file, but says nothing against another model's."""
    read: ReadFile | None = None
    """None where it was not read through yet."""

    @property
    def also(self) -> tuple[OtherHash, ...]:
        """Hashes that are needed beside the SHA-256."""
        if self.expected:
            return self.expected.also(self.path.stat().st_size)
        return tuple({name for one in self.official for name in one.also})

    @property
    def vouched(self) -> OfficialFile | None:
        """The official file that it is."""
        read = self.read
        return next((one for one in self.official if read and one.fits(read)), None)

    @property
    def state(self) -> State:
        """What is known. Who is as promised is whole, whatever its weights look like."""
        if self.read is None:
            return "unread"
        if self.promises(self.read) if self.expected else self.vouched:
            return "verified"
        if self.read.damage:
            return "damaged"
        if self.expected is None:
            return "unknown"
        return "edited" if _is_for_people(self.name) and not self.expected.is_added else "differs"

    def promises(self, read: ReadFile) -> bool:
        """Whether what was read of some file is what this one should be."""
        return self.expected is not None and self.expected.fits(read)

    def fault(self) -> Text | None:
        """What is wrong with it and what to do, a sentence; None for a file that can be used."""
        if self.state == "damaged" and self.read:
            again = gettext("Delete it and download it again: its download broke off, or its disk failed.")
            remedy = self.expected.remedy if self.expected else again
            what = self.read.damage[0].text()
            return gettext("{file} is damaged: {what}. {remedy}", file=self.name, what=what, remedy=remedy)
        if self.state == "differs" and self.expected and self.expected.is_added:
            return gettext(
                "{file} is not what `model add` wrote: its bytes have another hash than {record} says. {remedy}",
                file=self.name,
                record=str(self.expected.record),
                remedy=self.expected.remedy,
            )
        if self.state == "differs" and self.expected:
            return gettext(
                "{file} is not what was downloaded: its bytes have another hash than {record} says. {remedy} "
                "If you changed it on purpose, remove that record.",
                file=self.name,
                record=str(self.expected.record),
                remedy=self.expected.remedy,
            )
        return None


def _is_for_people(name: str) -> bool:
    """Whether people edit it: settings and templates, no vocabulary. What makes no sense in it is told elsewhere."""
    return name.endswith((".json", ".jinja")) and not name.endswith(("tokenizer.json", "vocab.json"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """All files that loading reads, and what is known of them."""

    model: str
    """Its name for people."""
    files: tuple[VerifiedFile, ...]
    note: Text | None = None
    """What else there is to say of them, half a sentence."""
    is_record_lost: bool = False
    """Whether `model add` wrote down what they were, and that cannot be read any more."""

    @property
    def faults(self) -> tuple[Text, ...]:
        """What is wrong, a sentence for each file that cannot be used."""
        return tuple(self._swapped(file) or fault for file in self.files if (fault := file.fault()) is not None)

    def _swapped(self, file: VerifiedFile) -> Text | None:
        """Of a file that is whole and has another one's name."""
        own = next((other for other in self.files if file.read and other.promises(file.read)), None)
        if own is None:
            return None
        return gettext(
            "{file} is what {other} should be, by {record}: rename it, and whatever else was swapped.",
            file=file.name,
            other=own.name,
            record=str(own.expected.record) if own.expected else own.name,
        )

    @property
    def by(self) -> str | None:
        """Whose weights they are, where records name one repository for all: `Tongyi-MAI/Z-Image-Turbo`."""
        names = {_repository(file) for file in self.files if file.path.suffix == ".safetensors"}
        return names.pop() if len(names) == 1 else None

    def summary(self) -> Text:
        """How many files are as promised, and why it is not known of the others: a sentence or two."""
        names = {state: [file.name for file in self.files if file.state == state] for state in _SAID}
        weights = [file.state == "verified" for file in self.files if file.path.suffix == ".safetensors"]
        others = [file.state == "verified" for file in self.files if file.path.suffix != ".safetensors"]
        model = self.by or self.model
        proofs = [file.expected for file in self.files if file.state == "verified"]
        if proofs and all(proof is not None and proof.is_added for proof in proofs):
            said = gettext(
                "unchanged since it was added: {model}, {count} of {total} files with weights, "
                "{others} of {all_others} others",
                model=model,
                count=sum(weights),
                total=len(weights),
                others=sum(others),
                all_others=len(others),
            )
        else:
            said = self._compared(model, weights, others)
        for state, say in _SAID.items():
            if names[state]:
                more = _unrecorded(names[state]) if state == "unknown" and self.is_record_lost else say(names[state])
                said = gettext("{said}; {more}", said=said, more=more)
        return gettext("{said}; {more}", said=said, more=self.note) if self.note else said

    @staticmethod
    def _compared(model: str, weights: list[bool], others: list[bool]) -> Text:
        return (
            gettext(
                "verified: {model}, {count} of {total} files with weights, {others} of {all_others} others",
                model=model,
                count=sum(weights),
                total=len(weights),
                others=sum(others),
                all_others=len(others),
            )
            if sum(weights) + sum(others)
            else gettext(
                "not verified: {model}, none of {total} files with weights, none of {all_others} others",
                model=model,
                total=len(weights),
                all_others=len(others),
            )
        )


def _repository(file: VerifiedFile) -> str | None:
    if file.state != "verified":
        return None
    if file.expected:
        return file.expected.repository
    return file.vouched.repository if file.vouched else None


def _unread(names: list[str]) -> Text:
    return ngettext(
        "{count} has not been read through yet: `run` does so when it starts, `model verify` at once",
        "{count} have not been read through yet: `run` does so when it starts, `model verify` at once",
        len(names),
    )


def _unknown(names: list[str]) -> Text:
    return ngettext(
        "{count} could not be compared ({name}), as its download kept no checksum (ModelScope and browsers keep none); "
        "it looks like weights, but a few wrong bits would not show",
        "{count} could not be compared (such as {name}), as their download kept no checksums (ModelScope and browsers "
        "keep none); they look like weights, but a few wrong bits would not show",
        len(names),
        name=names[0],
    )


def _unrecorded(names: list[str]) -> Text:
    return ngettext(
        "{count} could not be compared ({name}), as the record of its checksum cannot be used; "
        "it looks like weights, but a few wrong bits would not show",
        "{count} could not be compared (such as {name}), as the record of their checksums cannot be used; "
        "they look like weights, but a few wrong bits would not show",
        len(names),
        name=names[0],
    )


def _edited(names: list[str]) -> Text:
    return ngettext(
        "{count} was changed since its download ({name})",
        "{count} were changed since their download (such as {name})",
        len(names),
        name=names[0],
    )


def _wrong(names: list[str]) -> Text:
    return ngettext("{count} is wrong ({name})", "{count} are wrong (such as {name})", len(names), name=names[0])


_SAID = {"edited": _edited, "unknown": _unknown, "unread": _unread, "differs": _wrong, "damaged": _wrong}


def to_verify(files: Mapping[Path, str], expected: Mapping[Path, Expected]) -> Iterable[VerifiedFile]:
    """Files before they are read.

    Args:
        files: path to the name it has in the model.
        expected: of those of which a download kept something.
    """
    for path, name in files.items():
        yield VerifiedFile(name=name, path=path, expected=expected.get(path), official=official_files(name))
