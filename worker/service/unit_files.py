"""The unit files of one service, where systemd looks for them: written, known again, removed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from worker.disk.durable import sync_folder, write_file
from worker.service.unit_text import Origin, marked, origin_of

ENDINGS = (".service", "@.service", "-night.timer", "-night.service", "-watch.timer", "-watch.service")
"""Of the units that a service may consist of, after its name: what begins others comes before them."""
MOST_BYTES = 1 << 20
OLD = ".before"
"""After the name of what was replaced although a person had changed it; systemd passes over it."""


class UnitFiles:
    """Of one service."""

    def __init__(self, folder: Path, name: str) -> None:
        """Keep the places.

        Args:
            folder: of units.
            name: of the service.
        """
        self.folder = folder
        self.name = name

    def there(self) -> dict[str, Origin]:
        """Which of its units are there, and whose they are."""
        found = {f"{self.name}{ending}": self.origin(f"{self.name}{ending}") for ending in ENDINGS}
        return {name: origin for name, origin in found.items() if origin is not None}

    def origin(self, unit: str) -> Origin | None:
        """Whose a unit is; None where there is none."""
        text = self._text(unit)
        return None if text is None else origin_of(text)

    def differs(self, unit: str, text: str) -> bool:
        """Whether a unit is not there as it would be written.

        Args:
            unit: with its ending.
            text: without the mark.
        """
        return self._text(unit) != marked(text)

    def write(self, units: Mapping[str, str]) -> None:
        """Write units; what somebody else had written is kept beside them.

        Args:
            units: texts without the mark, by file name.

        Raises:
            OSError: they cannot be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        for unit, text in units.items():
            path = self.folder / unit
            if self.origin(unit) in ("changed", "foreign"):
                path.replace(path.with_name(unit + OLD))
            write_file(path, marked(text).encode())
            path.chmod(0o644)

    def remove(self, units: Iterable[str]) -> None:
        """Remove units.

        Args:
            units: with their endings.

        Raises:
            OSError: one cannot be removed.
        """
        for unit in units:
            (self.folder / unit).unlink(missing_ok=True)
        with suppress(OSError):
            sync_folder(self.folder)

    def cards(self) -> list[str]:
        """The instances of its template that are begun at boot, as units."""
        form = re.compile(re.escape(self.name) + r"@[^/]+\.service")
        return sorted({path.name for path in self.folder.glob("*.wants/*") if form.fullmatch(path.name)})

    def additions(self) -> list[Path]:
        """Folders with what a person has added by `systemctl edit`."""
        return [path for ending in ENDINGS if (path := self.folder / f"{self.name}{ending}.d").is_dir()]

    def _text(self, unit: str) -> str | None:
        """A unit's text; empty where it cannot be read, such as a link to nothing (a masked unit)."""
        path = self.folder / unit
        if not os.path.lexists(path):
            return None
        try:
            with path.open("rb") as file:
                return file.read(MOST_BYTES).decode("utf-8", errors="replace")
        except OSError:
            return ""
