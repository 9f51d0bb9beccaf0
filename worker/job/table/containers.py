"""What a file of products is by its first bytes: text, a workbook, or something else, which is named with a remedy."""

from __future__ import annotations

import zipfile
from collections.abc import Collection
from io import BytesIO
from typing import Literal

from worker.translation import Text, gettext
from worker.yaml_reader.document import Misread

Kind = Literal["text", "workbook"]

UNPACKED_BYTES = 128 * 1024 * 1024
"""Most that the parts of a workbook that are read may unpack to; 10,000 products with long texts come to a tenth."""
PARTS = 10_000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SPREADSHEET_XML = b"urn:schemas-microsoft-com:office:spreadsheet"


def kind_of(data: bytes) -> Kind:
    """Whether the bytes are a workbook or text.

    Args:
        data: of the whole file.

    Raises:
        Misread: they are neither; it says what they are.
    """
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise Misread(
                gettext("This workbook is protected by a password. Open it, save it without one, and put it here.")
            )
        raise Misread(_save_anew(gettext("a workbook of the old kind (.xls, .et)")))
    if data.startswith(b"PK\x05\x06"):
        raise Misread(gettext("This archive is empty. Put the table itself here, as .xlsx or CSV UTF-8."))
    if data.startswith(b"PK\x03\x04"):
        return _in_archive(data)
    for mark, name in _NO_TABLES.items():
        if data.startswith(mark):
            raise Misread(_no_table(name))
    if (markup := _markup(data)) is not None:
        raise Misread(_save_anew(markup))
    return "text"


def _markup(data: bytes) -> Text | None:
    """What a text with tags or braces of its own is; None for any other."""
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if _SPREADSHEET_XML in head or head.startswith(b"<?mso-application"):
        return gettext("a workbook as XML of 2003")
    if head.startswith(b"id;pwxl"):
        return gettext("a workbook as SYLK")
    if head.startswith((b"<!doctype html", b"<html", b"<table", b"<meta", b"mime-version")):
        return gettext("a web page that a shop calls a table")
    if head.startswith((b"[{", b'{"')):
        return gettext("JSON")
    return gettext("XML") if head.startswith(b"<?xml") else None


_NO_TABLES = {
    b"%PDF-": gettext("a PDF"),
    b"{\\rtf": gettext("a text with formats (RTF)"),
    b"\x1f\x8b": gettext("a compressed file (gzip)"),
    b"Rar!": gettext("an archive (RAR)"),
    b"7z\xbc\xaf": gettext("an archive (7z)"),
    b"\x89PNG": gettext("a picture"),
    b"\xff\xd8\xff": gettext("a picture"),
    b"GIF8": gettext("a picture"),
    b"RIFF": gettext("a picture"),
    b"SQLite format 3": gettext("a database"),
    b"\0\1\0\0Standard": gettext("a database"),
    b"PAR1": gettext("a database"),
}
"""By their first bytes."""


def _no_table(what: Text) -> Text:
    return gettext("This is {what}, not a table. Put the table itself here, as .xlsx or as CSV UTF-8.", what=what)


def _save_anew(what: Text) -> Text:
    return gettext(
        "This is {what}, which is not read. Open it in Excel, WPS or LibreOffice and save it as .xlsx or as CSV UTF-8.",
        what=what,
    )


def _in_archive(data: bytes) -> Kind:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            entries = archive.infolist()
            names = {entry.filename.lower() for entry in entries}
            _within_limits(entries)
            if any(entry.flag_bits & 1 for entry in entries):
                raise Misread(gettext("This archive is protected by a password. Save the table without one."))
            kind = archive.read("mimetype")[:200] if "mimetype" in names else b""
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, OSError, EOFError, ValueError):
        raise Misread(
            gettext("This workbook is damaged: its copy was never finished. Copy it once more, or save it anew.")
        ) from None
    if "xl/workbook.bin" in names:
        raise Misread(_save_anew(gettext("a binary workbook (.xlsb)")))
    if b"opendocument" in kind:
        raise Misread(_save_anew(gettext("a document of LibreOffice (.ods)")))
    if any(name.startswith("index/") for name in names):
        raise Misread(_save_anew(gettext("a document of Numbers")))
    if _has_workbook(names):
        return "workbook"
    if "word/document.xml" in names:
        raise Misread(_no_table(gettext("a text document (.docx)")))
    raise Misread(_no_table(gettext("an archive (.zip)")))


def _has_workbook(names: Collection[str]) -> bool:
    """Whether an archive is a workbook: writers may call the part otherwise than Excel does."""
    return "[content_types].xml" in names and any(name.startswith("xl/") for name in names)


def _within_limits(entries: list[zipfile.ZipInfo]) -> None:
    """Refuse what unpacks to too much; Python reads no part beyond the size that the directory gives.

    Raises:
        Misread: it does.
    """
    read = sum(entry.file_size for entry in entries if "/media/" not in f"/{entry.filename}")
    if read > UNPACKED_BYTES or len(entries) > PARTS:
        message = gettext(
            "This workbook unpacks to {size} MB; at most {most} MB are read. Put the table of products into a workbook"
            " of its own.",
            size=f"{read / 1e6:,.0f}",
            most=f"{UNPACKED_BYTES / 1e6:,.0f}",
        )
        raise Misread(message)
