"""The setting `retention`: finished folders that are archived or deleted after some days."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from worker.settings.values import beside, listed
from worker.translation import gettext

Which = Literal["complete", "partial", "cancelled", "failed"]


class Retention(BaseModel):
    """What goes, when and where to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    after_days: Annotated[int, Field(ge=1, le=36_500)]
    """Days since the job was finished, by its manifest."""
    do: Literal["archive", "delete"]
    archive: Path | None = None
    """Folder into which finished folders are moved; may lie on another disk."""
    which: Annotated[tuple[Which, ...], BeforeValidator(listed), Field(min_length=1)] = ("complete",)
    """Only jobs that ended so."""

    @model_validator(mode="after")
    def _knows_where_to(self) -> Retention:
        if self.do == "archive" and self.archive in (None, Path()):
            raise ValueError(gettext("`do: archive` needs `archive:`, the folder into which finished folders go."))
        if self.do == "delete" and self.archive is not None:
            raise ValueError(gettext("`do: delete` keeps nothing: remove `archive:`, or write `do: archive`."))
        return self

    def __str__(self) -> str:
        """As it is written."""
        where = f", archive: {self.archive}" if self.archive else ""
        return f"{{after_days: {self.after_days}, do: {self.do}{where}, which: [{', '.join(self.which)}]}}"


def from_folder(given: object, folder: Path) -> object:
    """The setting with the archive's relative path counted from a folder.

    Args:
        given: the value as it was written; what is none stays.
        folder: of the settings file.

    Raises:
        SettingsInvalid: it begins with a home folder that nobody has.
    """
    if not isinstance(given, dict) or not isinstance(given.get("archive"), str) or not given["archive"].strip():
        return given
    return given | {"archive": beside(folder, given["archive"], setting="retention")}
