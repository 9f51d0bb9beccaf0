"""Every warning about the prompts of a job, one for each cause.

Knows the order of looking: the texts as written, then the pictures they become.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from itertools import chain

from worker.job.key_rules import shots_in
from worker.job.placeholder_checks import IN_A_PICTURE, matrix_of, texts_of, unused_matrix
from worker.job.placeholders import Placeholder, parse
from worker.job.prompts.contradictions import contradictions
from worker.job.prompts.findings import Cell, Finding, Findings, Table, cell_of, names_of
from worker.job.prompts.invisible import invisible_findings
from worker.job.prompts.length import (
    TokenCounter,
    is_probably_long,
    length_finding,
    measured,
    shortened_finding,
    uncounted_finding,
)
from worker.job.prompts.lists import look_at_lists
from worker.job.prompts.lookalikes import letters_of, lookalike_findings, lookalike_id
from worker.job.prompts.misread import misread_findings
from worker.job.prompts.no_effect import without_effect
from worker.job.prompts.other_tools import other_tools
from worker.job.prompts.quotes import is_lettering, quote_findings
from worker.job.prompts.sameness import same_prompts
from worker.job.prompts.sizes import unsuited_sizes
from worker.job.prompts.unfilled import Values, unfilled
from worker.job.prompts.writing import Written
from worker.job.shot_defaults import ShotDefaults
from worker.model_limits import SuitedSizes
from worker.problem import Problem
from worker.records import Request
from worker.yaml_reader.document import Data, Document, Fault, Path

_SOME_VALUES = 20
"""Of a column or matrix key: enough to know whether they are numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """The model that a job's prompts are for."""

    guidance_matters: bool = True
    """False for one that ignores guidance and negative prompt (Turbo, say)."""
    suited: SuitedSizes | None = None
    """Sizes it was made for; None when they are not known."""
    tokens: TokenCounter | None = None
    """Counts prompts; None without a model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A picture with what its prompt was made of."""

    request: Request
    shot: ShotDefaults
    written: Written


def prompt_warnings(
    document: Document, shots: Sequence[ShotDefaults], made: Sequence[Made], *, table: Table | None, model: Model
) -> tuple[list[Fault], list[Problem]]:
    """What the model will not read as it is meant.

    Args:
        document: the job file, without a fault.
        shots: of the job.
        made: every picture.
        table: the products, or None.
        model: at hand.

    Returns:
        Warnings of the job file, and of the table.
    """
    findings = Findings()
    written = list(_texts(document.data))
    _look_at_texts(document.data, written, table=table, findings=findings)
    _look_at_pictures(made, counter=model.tokens, findings=findings)
    look_at_lists(document.data, places=document.values, findings=findings)
    unsuited_sizes(shots, suited=model.suited, findings=findings)
    told = findings.faults()
    unfilled_at = {fault.path for fault in told if fault.rule == "prompt.not_filled"}
    faults = [
        *without_effect(shots, guidance_matters=model.guidance_matters),
        *unused_matrix(document.data),
        *_same_prompts(shots, made, table=table, written=written, unfilled_at=unfilled_at),
        *told,
    ]
    return faults, findings.problems()


def _same_prompts(
    shots: Sequence[ShotDefaults],
    made: Sequence[Made],
    *,
    table: Table | None,
    written: Sequence[PromptText],
    unfilled_at: Set[Path],
) -> Iterator[Fault]:
    """A warning for each shot whose prompt is the same for most products, but where an unfilled name tells why."""
    if table is None:
        return
    prompts: dict[Path, list[tuple[str, str]]] = {}
    for one in made:
        negative = one.request.negative_prompt if one.request.guidance > 0 else ""
        prompts.setdefault(one.shot.path, []).append((one.request.prompt, negative))
    for shot in shots:
        texts = {path: text for path, _, text, _ in written if path[: len(shot.path)] == shot.path}
        if not unfilled_at.isdisjoint(texts):
            continue
        yield from same_prompts(prompts.get(shot.path, []), table=table, path=_place(shot), texts=texts.values())


def _place(shot: ShotDefaults) -> Path:
    """Where a shot's prompt stands."""
    return shot.origin("prompt" if shot.shot.product is None else "product")


PromptText = tuple[Path, str, str, dict[str, Data]]
"""Where a text stands, its key, the text, and the shot it belongs to."""


def _texts(data: dict[str, Data]) -> Iterator[PromptText]:
    """Every text that becomes (part of) a prompt, once."""
    seen: set[Path] = set()
    for path, shot in shots_in(data):
        for key, (at, text) in texts_of(data, shot, path=path):
            if key in (*IN_A_PICTURE, "file_name") and at not in seen:
                seen.add(at)
                yield at, key, text, shot


def _look_at_texts(
    data: dict[str, Data], written: list[PromptText], *, table: Table | None, findings: Findings
) -> None:
    columns = _columns(table)
    used: dict[str, bool] = {}
    for path, key, text, shot in written:
        values = {**_OWN_VALUES, **columns, **_matrix_values(data, shot)}
        if key == "file_name":
            findings.add(unfilled(text, values=values, is_template=True), path)
            continue
        findings.add(_text_findings(text, values=values, is_template=True), path)
        pieces = parse(text)
        for name, is_drawn in _drawn(pieces):
            used[name] = used.get(name, True) and not is_drawn
        if len(pieces) != 1 or isinstance(pieces[0], str):
            findings.add(quote_findings(text), path)
    _look_at_ids(data, findings)
    _look_at_letters_of_ids(data, table=table, findings=findings)
    names_of_all = {**columns, **_all_matrix_values(data)}

    @cache  # colours and materials are the same in many rows
    def found_in(text: str, *, may_be_quoted: bool) -> tuple[Finding, ...]:
        return tuple(_value_findings(text, names_of_all, may_be_quoted=may_be_quoted))

    texts: Iterable[tuple[Path | Cell, str, str]] = chain(_matrix_texts(data), _cells(table, used))
    for place, name, text in texts:
        findings.add(found_in(text, may_be_quoted=not used.get(name, False)), place)


def _look_at_ids(data: dict[str, Data], findings: Findings) -> None:
    for path, shot in shots_in(data):
        if isinstance(given := shot.get("id"), str):
            findings.add(quote_findings(given, is_drawn=False), (*path, "id"))


def _look_at_letters_of_ids(data: dict[str, Data], *, table: Table | None, findings: Findings) -> None:
    """Letters of another script in ids, by themselves or among the others: pictures are called by them."""
    ids: dict[Path | Cell, str] = {(*path, "id"): str(shot["id"]) for path, shot in shots_in(data) if "id" in shot}
    if table is not None:
        column = table.placeholders.get("id", "id")
        ids |= {Cell(file=table.file, line=row.line, column=column, row_id=row.id): row.id for row in table.rows}
    letters = frozenset(filter(None, map(letters_of, ids.values())))
    for place, text in ids.items():
        if not text.isascii():
            findings.add((*lookalike_findings(text), *lookalike_id(text, letters)), place)


def _drawn(pieces: Sequence[str | Placeholder]) -> Iterator[tuple[str, bool]]:
    """The names in a text, each with whether what fills it is lettering: of a value that is a whole text none is."""
    for before, piece in zip(("", *pieces), pieces, strict=False):
        if not isinstance(piece, str):
            words = before if isinstance(before, str) else ""
            yield piece.name, len(pieces) > 1 and is_lettering(piece.name, words)


def _text_findings(text: str, *, values: Values, is_template: bool) -> Iterator[Finding]:
    marks = list(unfilled(text, values=values, is_template=is_template))
    yield from marks
    told = [mark.found for mark in marks]  # a mark that is told is not told once more in another way
    for one in other_tools(text):
        if not any(one.found in own or own in one.found for own in told):
            yield one
    yield from misread_findings(text)
    yield from invisible_findings(text)
    yield from lookalike_findings(text)


def _value_findings(text: str, values: Values, *, may_be_quoted: bool) -> Iterator[Finding]:
    """Of a cell or a matrix value, which fills a text; its quotes are right where it is lettering in each text."""
    yield from _text_findings(text, values=values, is_template=False)
    if not may_be_quoted:
        yield from quote_findings(text)


_OWN_VALUES: Mapping[str, Sequence[str]] = {"id": ("shot-01",), "name": ("job",), "index": (), "seed": ()}


def _columns(table: Table | None) -> dict[str, list[str]]:
    if table is None:
        return {}
    return {name: [cell_of(row, name) for row in table.rows[:_SOME_VALUES]] for name in names_of(table)}


def _matrix_values(data: dict[str, Data], shot: dict[str, Data]) -> dict[str, list[str]]:
    matrix = shot["matrix"] if "matrix" in shot else data.get("matrix")
    return {key: _only_texts(values) for key, values in matrix.items()} if isinstance(matrix, dict) else {}


def _all_matrix_values(data: dict[str, Data]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for _, shot in shots_in(data):
        found |= _matrix_values(data, shot)
    return found


def _only_texts(values: Data) -> list[str]:
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []


def _matrix_texts(data: dict[str, Data]) -> Iterator[tuple[Path, str, str]]:
    for at in dict.fromkeys(at for path, shot in shots_in(data) for at in matrix_of(data, shot, path=path)):
        here: Data = data
        for part in at:
            here = here[part]  # type: ignore[index]
        yield from (((*at, number), str(at[-1]), text) for number, text in enumerate(_only_texts(here)))


def _cells(table: Table | None, used: Iterable[str]) -> Iterator[tuple[Cell, str, str]]:
    """The cells that prompts are filled with."""
    if table is None:
        return
    columns = [name for name in names_of(table) if name in used]
    for row in table.rows:
        for name in columns:
            if text := cell_of(row, name):
                yield Cell(file=table.file, line=row.line, column=name, row_id=row.id), name, text


def _look_at_pictures(made: Sequence[Made], *, counter: TokenCounter | None, findings: Findings) -> None:
    seen: set[tuple[object, ...]] = set()
    for one in made:
        request = one.request
        negative = request.negative_prompt if request.guidance > 0 else ""
        key = (request.prompt, request.negative_prompt, negative, request.width_px, request.height_px)
        if key in seen:
            continue
        seen.add(key)
        place = _place(one.shot)
        findings.add(
            contradictions(request, scene=one.written.scene, others=one.written.others), place, named=request.shot_id
        )
        findings.add(_lengths(one, request.prompt, counter), place, named=request.shot_id)
        findings.add(_lengths(None, negative, counter), one.shot.origin("negative_prompt"), named=request.shot_id)


def _lengths(one: Made | None, prompt: str, counter: TokenCounter | None) -> Iterator[Finding]:
    if one is not None and one.written.dropped:
        yield shortened_finding(one.written.dropped)
    length = measured(prompt, counter)
    if length is None and is_probably_long(prompt):
        yield uncounted_finding()
    elif length is not None and length.is_cut:
        yield length_finding(prompt, length)
