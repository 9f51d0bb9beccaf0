"""Workbooks (`.xlsx`) written byte by byte, as several programs write them; needs no library."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell that is more than a text."""

    xml: str
    """What stands inside `<c>`."""
    kind: str = "n"
    """Its `t`: n, s, str, b, e, inlineStr."""
    style: int = 0
    """Its number format, of `STYLES`."""


STYLES = ("General", "00000", "yyyy-mm-dd", "0", "@", "0.00", "#,##0")
"""Number formats of cells, by index."""

Row = Sequence[str | Cell]


def number(value: str, *, shown_as: str = "General") -> Cell:
    """A number, as it is kept and as it is shown."""
    return Cell(xml=f"<v>{value}</v>", style=STYLES.index(shown_as))


def formula(text: str, *, cached: str | None) -> Cell:
    """A formula with the text that it came to when the workbook was saved; None for one that was never computed."""
    value = "" if cached is None else f"<v>{escape(cached)}</v>"
    return Cell(xml=f"<f>{escape(text)}</f>{value}", kind="str")


def workbook(
    sheets: Mapping[str, Sequence[Row]],
    *,
    shared: bool = True,
    hidden: Sequence[str] = (),
    more: Mapping[str, bytes] | None = None,
) -> bytes:
    """A workbook.

    Args:
        sheets: rows of cells, by the sheet's name.
        shared: texts stand in a table of shared strings (Excel), else in the cells (many exports).
        hidden: names of hidden sheets.
        more: further files of the archive.
    """
    strings: list[str] = []
    names = list(sheets)
    files = {
        f"xl/worksheets/sheet{n}.xml": _sheet(rows, strings if shared else None)
        for n, rows in enumerate(sheets.values(), start=1)
    }
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"{_hidden(name in hidden)}/>'
        for n, name in enumerate(names, start=1)
    )
    files["xl/workbook.xml"] = f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{listed}</sheets></workbook>'
    files["xl/_rels/workbook.xml.rels"] = _relations(
        [(f"rId{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(names) + 1)]
        + [("rIdS", "styles", "styles.xml"), ("rIdT", "sharedStrings", "sharedStrings.xml")]
    )
    files["_rels/.rels"] = _relations([("rId1", "officeDocument", "xl/workbook.xml")])
    files["xl/styles.xml"] = _styles()
    items = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in strings)
    files["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}" count="{len(strings)}">{items}</sst>'
    files["[Content_Types].xml"] = _content_types(len(names))
    return _zipped(
        {**{name: ('<?xml version="1.0"?>' + text).encode() for name, text in files.items()}, **(more or {})}
    )


def _hidden(is_hidden: bool) -> str:
    return ' state="hidden"' if is_hidden else ""


def _sheet(rows: Sequence[Row], strings: list[str] | None) -> str:
    lines = []
    for number_, row in enumerate(rows, start=1):
        cells = [_cell(f"{_column(at)}{number_}", value, strings) for at, value in enumerate(row)]
        lines.append(f'<row r="{number_}">{"".join(cells)}</row>')
    return f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'


def _cell(at: str, value: str | Cell, strings: list[str] | None) -> str:
    if isinstance(value, Cell):
        return f'<c r="{at}" t="{value.kind}" s="{value.style}">{value.xml}</c>'
    if value == "":
        return ""
    if strings is None:
        return f'<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    strings.append(value)
    return f'<c r="{at}" t="s"><v>{len(strings) - 1}</v></c>'


def _column(at: int) -> str:
    return chr(ord("A") + at) if at < 26 else _column(at // 26 - 1) + _column(at % 26)


def _relations(all_: Sequence[tuple[str, str, str]]) -> str:
    inner = "".join(
        f'<Relationship Id="{id_}" Type="{RELATIONS}/{kind}" Target="{target}"/>' for id_, kind, target in all_
    )
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>'
    )


def _styles() -> str:
    formats = "".join(f'<numFmt numFmtId="{164 + n}" formatCode="{escape(code)}"/>' for n, code in enumerate(STYLES))
    cells = "".join(
        f'<xf numFmtId="{164 + n}" fontId="0" fillId="0" borderId="0" xfId="0"/>' for n in range(len(STYLES))
    )
    return (
        f'<styleSheet xmlns="{MAIN}"><numFmts count="{len(STYLES)}">{formats}</numFmts><fonts count="1"><font/></fonts>'
        '<fills count="1"><fill><patternFill patternType="none"/></fill></fills><borders count="1"><border/></borders>'
        '<cellStyleXfs count="1"><xf/></cellStyleXfs>'
        f'<cellXfs count="{len(STYLES)}">{cells}</cellXfs></styleSheet>'
    )


def _content_types(sheets: int) -> str:
    parts = [("/xl/workbook.xml", f"{TYPES}.sheet.main+xml"), ("/xl/styles.xml", f"{TYPES}.styles+xml")]
    parts += [("/xl/sharedStrings.xml", f"{TYPES}.sharedStrings+xml")]
    parts += [(f"/xl/worksheets/sheet{n}.xml", f"{TYPES}.worksheet+xml") for n in range(1, sheets + 1)]
    inner = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in parts)
    return (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{inner}</Types>'
    )


def _zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 2, 3, 4, 6)), data)
    return out.getvalue()
