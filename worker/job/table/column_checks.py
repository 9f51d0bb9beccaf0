"""What is told of whole columns: used ones that are there twice or empty, prompts that nobody uses, nameless values."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from worker.job.table.findings import Findings
from worker.job.table.grid import Line
from worker.job.table.header import Header, in_braces
from worker.translation import gettext
from worker.yaml_reader.document import clipped

_PROMPTS = """
    prompt prompts promptzh prompten promptcn imageprompt textprompt positiveprompt negativeprompt finalprompt
    fullprompt
    提示词 提示語 提示詞 正向提示词 正面提示词 反向提示词 负向提示词 负面提示词 图片提示词 画面提示词 生图提示词
    绘图提示词 画面描述 图片描述 咒语 プロンプト 프롬프트 промпт bildprompt
"""
PROMPTS = frozenset(_PROMPTS.split())
"""Names of columns that are there for nothing else than pictures."""


def columns_used(header: Header, used: Collection[str] | None, id_at: int | None) -> set[int]:
    """Positions of the columns that the job uses; all where that is not known.

    Args:
        header: of the table.
        used: the job's placeholders, or None.
        id_at: position of the id column, or None.
    """
    if used is None:
        return set(range(len(header.names)))
    names = {header.placeholders[name] for name in used if name in header.placeholders}
    return {at for at, name in enumerate(header.names) if name in names or at == id_at}


def check_columns(
    header: Header,
    lines: Sequence[Line],
    rows: Sequence[Sequence[str]],
    findings: Findings,
    *,
    used: Collection[str] | None,
    id_at: int | None,
) -> None:
    """Look at each column as a whole.

    Args:
        header: of the table.
        lines: every product, with its place.
        rows: the same, as cells by position.
        findings: gets what is wrong.
        used: the job's placeholders, or None.
        id_at: position of the id column, or None.
    """
    wanted = columns_used(header, used, id_at)
    for name in sorted(header.twice if used is None else header.twice & set(used)):
        message = gettext("There are two columns `{name}`. Rename or remove one.", name=clipped(name))
        findings.fault(header.line, message, where=name)
    for at, name in enumerate(header.names):
        filled = [(line.number, cells[at]) for line, cells in zip(lines, rows, strict=True) if cells[at].strip()]
        if at in wanted and not filled and rows and at != id_at and used is not None:
            message = gettext("The column `{name}` is used, and every cell of it is empty.", name=clipped(name))
            remedy = gettext("Fill it, or take `{{{name}}}` out of the job.", name=in_braces(name))
            findings.warn("table.empty_column", header.line, message, remedy=remedy, where=name)
        elif at not in wanted and filled and _is_prompt(name):
            message = gettext("The column `{name}` is not used: no text of the job has its name.", name=clipped(name))
            remedy = gettext("Write `{{{name}}}` where its texts belong.", name=in_braces(name))
            findings.warn("table.unused_columns", header.line, message, remedy=remedy, where=name)
    for line, text in _spilt(header, lines, rows):
        message = gettext("This cell stands right of the last column that has a name: `{text}`.", text=clipped(text))
        remedy = gettext("Put a cell that holds the delimiter in quotes, or give the column a name.")
        findings.warn("table.unused_columns", line, message, remedy=remedy, example=text)


def _is_prompt(name: str) -> bool:
    return "".join(c for c in name.casefold() if c.isalnum()) in PROMPTS


def _spilt(header: Header, lines: Sequence[Line], rows: Sequence[Sequence[str]]) -> Iterator[tuple[int, str]]:
    """Cells behind the last column that has a name."""
    for line, cells in zip(lines, rows, strict=True):
        if text := next((cell for cell in cells[header.last + 1 :] if cell.strip()), ""):
            yield line.number, text
