"""The setting `notify`: whom to tell of a night, of what, and how often. Addresses are secrets and are never shown.

Knows how an address is written (`SCHEME://...`), not which services there are: that is Apprise's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetJsonSchemaHandler, SecretStr
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from worker.alert_kinds import KINDS, Kind
from worker.errors import SettingsInvalid
from worker.problem import Problem
from worker.settings.values import beside, listed
from worker.translation import Text, gettext

URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,31})://\S+")
"""An address as Apprise has them: the service, then what only its owner should know."""
BETWEEN = re.compile(r"[\s,;]+(?=[A-Za-z][A-Za-z0-9+.-]{0,31}://)")
"""Between two addresses in one text: a comma, a blank or a line's end before the next service."""
MOST_URLS = 20
FILE_BYTES = 65_536
"""Of a file with addresses."""


def _addresses(given: object) -> object:
    """A list of addresses, however it was written.

    Raises:
        ValueError: one of them is none; it is named by its number, as it may be a secret all the same.
    """
    urls = BETWEEN.split(given.strip()) if isinstance(given, str) else given
    if not isinstance(urls, list | tuple) or not all(isinstance(url, str) for url in urls):
        raise ValueError(gettext("Allowed is a list of addresses, such as `- ntfy://my-topic`."))
    plain = [url.strip() for url in urls]
    for number, url in enumerate(plain, start=1):
        if not URL.fullmatch(url):
            raise ValueError(_no_address(number))
    if len(plain) > MOST_URLS:
        raise ValueError(gettext("Allowed are up to {most} addresses.", most=MOST_URLS))
    return plain


def _no_address(number: int) -> Text:
    return gettext(
        "Address {number} cannot be one. Write a service, :// and what it needs, without blanks, such as"
        " `ntfy://my-topic` or `mailtos://user:password@example.com`.",
        number=number,
    )


class Notify(BaseModel):
    """Whom to tell, and of what."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    urls: Annotated[tuple[SecretStr, ...], BeforeValidator(_addresses)] = ()
    file: Path | None = None
    """Holds further addresses, one a line."""
    events: Annotated[tuple[Kind, ...], BeforeValidator(listed)] = KINDS
    batch_s: Annotated[float, Field(ge=1, le=86_400)] = 600.0
    """What can wait is gathered for so long at most."""
    most_an_hour: Annotated[int, Field(ge=1, le=600)] = 12
    """Messages; what is beyond waits, and is told in one."""
    outbox_as: str | None = None
    """The outbox as a colleague's computer has it, such as `Z:\\pictures\\outbox`."""
    failed_as: str | None = None
    templates: Mapping[str, str] = Field(default_factory=dict)
    """Texts of one's own, by kind or `title`; whether they serve, `doctor` says, and a night does not end of it."""

    def __str__(self) -> str:
        """As `doctor` shows it: services, and nothing of an address behind them."""
        shown = [f"{scheme_of(url.get_secret_value())}://..." for url in self.urls]
        shown += [str(self.file)] if self.file else []
        return ", ".join(shown) or "-"

    __repr__ = __str__

    def addresses(self) -> tuple[str, ...]:
        """Those of the settings, then those of the file.

        Raises:
            SettingsInvalid: the file cannot be read, or holds something else; nothing of it is shown.
        """
        listed = self._listed() if self.file else []
        return (*(url.get_secret_value() for url in self.urls), *listed)[:MOST_URLS]

    def _listed(self) -> list[str]:
        assert self.file is not None
        try:
            with self.file.open("rb") as file:
                text = file.read(FILE_BYTES).decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror or str(error) if isinstance(error, OSError) else "UTF-8"
            raise SettingsInvalid(
                gettext(
                    "{setting}: {path} cannot be read ({why}): check the path and its rights.",
                    setting="notify.file",
                    path=self.file,
                    why=why,
                )
            ) from None
        found = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
        for number, url in enumerate(found, start=1):
            if not URL.fullmatch(url):
                where = gettext("{setting}: {path}", setting="notify.file", path=self.file)
                raise SettingsInvalid(gettext("{where}: {what}", where=where, what=_no_address(number)))
        return found


def scheme_of(url: str) -> str:
    """The service of an address: all of it that may be shown."""
    found = URL.match(url)
    return found[1].lower() if found else "?"


def _as_mapping(given: object) -> object:
    """One address, several, or all there is to say: each is written as simply as it is."""
    return {"urls": _addresses(given)} if isinstance(given, str | list | tuple) else given


class _AsPeopleWriteIt:
    """The JSON Schema of what `_as_mapping` reads."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        url: dict[str, Any] = {"type": "string", "pattern": r"^\s*[A-Za-z][A-Za-z0-9+.-]*://"}
        return {"anyOf": [url, {"type": "array", "items": url}, handler(core)]}


NotifySetting = Annotated[Notify | None, BeforeValidator(_as_mapping), _AsPeopleWriteIt()]


def from_folder(given: object, folder: Path) -> object:
    """The setting as it stands in a file: the file of addresses counts from that one's folder.

    Args:
        given: the setting's value.
        folder: of the settings file.

    Raises:
        SettingsInvalid: it begins with a home folder that nobody has.
    """
    if isinstance(given, dict) and isinstance(named := given.get("file"), str) and named.strip():
        return {**given, "file": beside(folder, named, setting="notify")}
    return given


_SECRET = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,31})[:：][/／]{2}\S+")


def without_secrets(problems: Iterable[Problem]) -> list[Problem]:
    """Problems of settings without what stands behind `SCHEME://` in them.

    Args:
        problems: may quote a line of the file.
    """
    return [
        replace(
            one,
            where=_hidden(one.where),
            message=_hidden(one.message),
            remedy=_hidden(one.remedy),
            examples=tuple(map(_hidden, one.examples)),
        )
        for one in problems
    ]


def _hidden(text: str) -> str:
    """A text of the catalogue stays one."""
    if not isinstance(text, Text):
        return _SECRET.sub(r"\1://...", text)
    values = {name: _hidden(value) if isinstance(value, str) else value for name, value in text.values.items()}
    return Text(text.template, text.plural, values)
