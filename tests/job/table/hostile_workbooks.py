"""Workbooks made to hurt, by name: each small as a file, each a way to keep a reader busy or to fill its memory."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from io import BytesIO

from job.table.workbooks import HEADER, with_part, workbook

SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
STYLES = "xl/styles.xml"
MB = 1_000_000


TYPES, RELS = "[Content_Types].xml", "xl/_rels/workbook.xml.rels"
KIND = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/"


def plain() -> bytes:
    """A workbook with a number, and with a text that its cells refer to, as Excel writes it."""
    data = workbook(HEADER, ("A", "mug", 7))
    strings = b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    strings += b'spreadsheetml.sharedStrings+xml"/>'
    relation = b'<Relationship Type="%ssharedStrings" Target="/xl/sharedStrings.xml" Id="s1"/>' % KIND
    data = with_part(data, TYPES, lambda part: part.replace(b"</Types>", strings + b"</Types>"))
    data = with_part(data, RELS, lambda part: part.replace(b"</Relationships>", relation + b"</Relationships>"))
    data = with_part(data, SHEET, lambda part: part.replace(b"</row>", b'</row><row><c t="s"><v>0</v></c></row>', 1))
    made = BytesIO(data)
    with zipfile.ZipFile(made, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(STRINGS, b"<sst><si><t>B</t></si></sst>")
    return made.getvalue()


def _with(part: str, where: bytes, what: bytes) -> bytes:
    """One part with more before its first such tag."""
    return with_part(plain(), part, lambda data: data.replace(where, what + where, 1))


def _before(what: bytes) -> bytes:
    return with_part(plain(), SHEET, lambda data: what + data)


def _rows(row: bytes, times: int) -> bytes:
    return _with(SHEET, b"</sheetData>", row * times)


def _inline(text: bytes) -> bytes:
    return b'<row><c t="inlineStr"><is><t>' + text + b"</t></is></c></row>"


def _many_sheets(count: int) -> bytes:
    made = BytesIO()
    sheet = b"<worksheet><sheetData>" + b"<row/>" * 5_000 + b"</sheetData></worksheet>"
    with zipfile.ZipFile(BytesIO(plain())) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "xl/workbook.xml":
                one = b'<sheet name="s%d" sheetId="%d" r:id="x%d" xmlns:r="' + KIND[:-1] + b'"/>'
                more = b"".join(one % (n, n + 9, n) for n in range(count))
                data = data.replace(b"<sheets>", b"<sheets>" + more)
            if name == "xl/_rels/workbook.xml.rels":
                one = b'<Relationship Type="' + KIND + b'worksheet" Target="/xl/worksheets/x%d.xml" Id="x%d"/>'
                more = b"".join(one % (n, n) for n in range(count))
                data = data.replace(b"</Relationships>", more + b"</Relationships>")
            new.writestr(name, data)
        for number in range(count):
            new.writestr(f"xl/worksheets/x{number}.xml", sheet)
    return made.getvalue()


def _merged() -> bytes:
    """Ten thousand rows below one of 676 values, each of which is merged to the last of them."""
    names = [(chr(65 + n // 26) + chr(65 + n % 26)).encode() for n in range(676)]
    first = b'<row r="5">' + b"".join(b'<c r="%s5"><v>1</v></c>' % name for name in names) + b"</row>"
    rows = b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (n, n) for n in range(6, 10_000))
    ranges = b"".join(b'<mergeCell ref="%s5:%s1048576"/>' % (name, name) for name in names)
    data = with_part(plain(), SHEET, lambda part: part.replace(b"</sheetData>", first + rows + b"</sheetData>"))
    return with_part(data, SHEET, lambda part: part.replace(b"</sheetData>", b"</sheetData>" + ranges))


def _lying_size() -> bytes:
    """A part of 100 MB whose directory says ten bytes."""
    data = bytearray(_rows(_inline(b"x" * MB), 100))
    with zipfile.ZipFile(BytesIO(bytes(data))) as archive:
        size = archive.getinfo(SHEET).file_size
    wrong, right = struct.pack("<I", 10), struct.pack("<I", size)
    return bytes(data).replace(right, wrong)


def _overlapping() -> bytes:
    """Thousands of entries that are all the same bytes of the file."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"<Types/>")
        archive.writestr("xl/a.xml", b"<x>" + b" " * 40_000 + b"</x>")
        one = archive.getinfo("xl/a.xml")
        for number in range(3_000):
            copy = zipfile.ZipInfo(f"xl/{number}.xml")
            for field in ("header_offset", "compress_type", "CRC", "compress_size", "file_size"):
                setattr(copy, field, getattr(one, field))
            archive.filelist.append(copy)
    return made.getvalue()


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "tags in one another": (lambda: _with(SHEET, b"<sheetData>", b"<a>" * 3 * MB), "is not as a spreadsheet writes it"),
    "tags beside one another": (lambda: _with(SHEET, b"<sheetData>", b"<a/>" * 9 * MB), "more cells, formats and text"),
    "cells without end": (lambda: _rows(b"<row>" + b"<c/>" * 900 + b"</row>", 9_000), "more cells, formats and text"),
    "values without end": (
        lambda: _rows(b"<row>" + b'<c t="inlineStr"><is><t>x</t></is></c>' * 900 + b"</row>", 3_000),
        "more cells, formats and text",
    ),
    "a cell of 100 MB": (lambda: _rows(_inline(b"x" * 100 * MB), 1), "has more than 100,000 characters"),
    "a cell of 500 kB": (lambda: _rows(_inline(b"x" * 500_000), 1), "has more than 100,000 characters"),
    "a cell of runs": (
        lambda: _rows(b'<row><c t="inlineStr"><is>' + b"<r><t>xx</t></r>" * 2 * MB + b"</is></c></row>", 1),
        "has more than 100,000 characters",
    ),
    "a cell of data sections": (
        lambda: _rows(_inline(b"<![CDATA[" + b"x" * 90_000 + b"]]>") * 1_300, 1), "more cells, formats and text",
    ),
    "emoji in every text": (
        lambda: _rows(_inline(b"x" * 90_000 + "\U0001f600".encode()), 1_300), "more cells, formats and text",
    ),
    "an element of attributes": (
        lambda: _with(SHEET, b"<sheetData>", b"<a " + b" ".join(b'a%d=""' % n for n in range(5 * MB)) + b"/>"),
        "is not as a spreadsheet writes it",
    ),
    "elements of attributes": (
        lambda: _with(SHEET, b"<sheetData>", (b"<a " + b" ".join(b'a%d=""' % n for n in range(9_000)) + b"/>") * 1_300),
        "more cells, formats and text",
    ),
    "an attribute of tags' ends": (
        lambda: _with(SHEET, b"<sheetData>", b'<a a="' + b">" * 100 * MB + b'"/>'), "is not as a spreadsheet writes it",
    ),
    "a comment": (lambda: _with(SHEET, b"<sheetData>", b"<!--" + b"<>" * 50 * MB), "is not as a spreadsheet writes it"),
    "instructions": (lambda: _with(SHEET, b"<sheetData>", b"<?a ?>" * 9 * MB), "is not as a spreadsheet writes it"),
    "merged cells": (_merged, "Merged cells of this workbook reach over"),
    "shared texts": (lambda: _with(STRINGS, b"</sst>", b"<si><t>x</t></si>" * 4 * MB), "more cells, formats and text"),
    "styles": (lambda: _with(STYLES, b"</cellXfs>", b'<xf numFmtId="14"/>' * 6 * MB), "more cells, formats and text"),
    "a format without end": (
        lambda: _with(STYLES, b"<fonts", b'<numFmts><numFmt numFmtId="0" formatCode="%s"/></numFmts>' % (b"0" * MB)),
        "",
    ),
    "names": (
        lambda: _with("xl/workbook.xml", b"</workbook>", b'<definedName name="a">b</definedName>' * 2 * MB),
        "more cells, formats and text",
    ),
    "kinds of parts": (
        lambda: _with("[Content_Types].xml", b"</Types>", b'<Default Extension="a" ContentType="b"/>' * 2 * MB),
        "more cells, formats and text",
    ),
    "2,000 sheets": (lambda: _many_sheets(2_000), "more cells, formats and text"),
    "a size that lies": (_lying_size, "This workbook cannot be read"),
    "entries that overlap": (_overlapping, "This workbook cannot be read"),
    "an entity": (
        lambda: _before(b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'),
        "is not as a spreadsheet writes it",
    ),
    "an entity behind a comment": (
        lambda: _before(b"<!--" + b" " * 70_000 + b'--><!DOCTYPE x [<!ENTITY a "b">]>'),
        "is not as a spreadsheet writes it",
    ),
}  # fmt: skip
"""Each with words of what is said; the empty text where it is read, or refused in any words."""
