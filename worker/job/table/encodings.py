"""Encodings of tables: which are read without a word, and what to do about those that are not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from worker.text_encodings.judge import judged
from worker.text_encodings.judged import Judged, Reason
from worker.translation import Text, gettext
from worker.yaml_reader.document import Misread, Place

_REMEDIES: Mapping[Reason, Text] = {
    "byte": gettext("Write this cell anew, and save the table as CSV UTF-8."),
    "pieces": gettext("Open the table in a spreadsheet, mend it, and save it as CSV UTF-8."),
    "zeros": gettext("Copy it once more; or save the table as CSV UTF-8."),
    "several": gettext("Save the table as CSV UTF-8."),
    "unknown": gettext("In Excel or WPS: save as CSV UTF-8, or as .xlsx."),
}


def decoded(data: bytes) -> Judged:
    """The text of a table.

    Args:
        data: of the whole file.

    Raises:
        Misread: it is in no encoding that can be told with confidence, or holds a byte that its encoding does not have.
    """
    found = judged(data)
    if isinstance(found, Judged):  # no spreadsheet writes UTF-32, so that is told
        return replace(found, is_certain=found.is_certain and not found.encoding.startswith("utf-32"))
    raise Misread(found.message, Place(found.line, found.column), rule="table.encoding", remedy=_REMEDIES[found.reason])
