"""The settings file as a document: found, read and parsed, whatever its settings mean."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from worker.errors import JobInvalid, SettingsInvalid
from worker.settings.notify import without_secrets
from worker.translation import gettext
from worker.yaml_reader.document import Document
from worker.yaml_reader.parser import parse_yaml
from worker.yaml_reader.scan import Words

DEFAULT_FILE = Path("worker.yaml")
FILE_MAX_BYTES = 65_536


def settings_document(given: Path | None, *, keys: Collection[str]) -> Document:
    """The file as it is written; an empty document where there is none to read.

    Args:
        given: as with `-c`; None for `./worker.yaml`, if it is there.
        keys: of the settings.

    Raises:
        SettingsInvalid: it cannot be read, or is not YAML.
    """
    file = given or DEFAULT_FILE
    nothing = Document(file=str(file), data={})
    if given is None and not file.exists():
        return nothing
    try:
        data = file.read_bytes()
        if not any(line.strip() and not line.lstrip().startswith(b"#") for line in data.splitlines()):
            return nothing
        words = Words(keys=frozenset(keys))
        document = parse_yaml(data, file=str(file), max_bytes=FILE_MAX_BYTES, example="model: demo", words=words)
        # nobody reads warnings of settings: what is not written as it should be is to be mended, whatever its encoding
        told = (one for one in document.problems if not (one.is_warning and one.rule == "yaml.encoding"))
        return replace(document, problems=tuple(replace(one, is_warning=False) for one in told))
    except OSError as error:
        raise SettingsInvalid(
            gettext(
                "{file}: cannot be read ({reason}): check the path and its rights.", file=file, reason=error.strerror
            )
        ) from error
    except JobInvalid as invalid:
        raise SettingsInvalid(problems=without_secrets(invalid.problems)) from None  # whose cause holds the line
