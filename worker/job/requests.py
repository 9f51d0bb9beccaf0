"""From a checked job file to the pictures it asks for.

Each shot is combined with products, matrix and count; each picture gets its prompt, its seed and a name of its own.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from worker.job.file_names import clean_stem, fault_of_stem
from worker.job.placeholders import Value, fill, fill_throughout, placeholders_in
from worker.job.product import join_parts, language_of
from worker.job.prompts.check import Made
from worker.job.prompts.length import TokenCounter
from worker.job.prompts.writing import written_prompt
from worker.job.schema import JobFile
from worker.job.shot_defaults import ShotDefaults
from worker.job.table.catalogue import Catalogue, Row
from worker.plain_names import alike
from worker.problem import Problem
from worker.records import ImageFormat, Limits, Request
from worker.translation import Text, enumerated, gettext
from worker.yaml_reader.document import Fault, Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What one shot of one product pictures: the id that names it, and the product's row if there is one."""

    id: str
    row: Row | None
    template: ShotDefaults


def expand(
    job: JobFile,
    shots: list[ShotDefaults],
    *,
    catalogue: Catalogue | None,
    limits: Limits,
    name: str,
    counter: TokenCounter | None = None,
) -> tuple[tuple[Made, ...], list[Fault], list[Problem]]:
    """Every picture of a job: products, then shots, then combinations, then count.

    Args:
        job: checked; its placeholders have values.
        shots: from `shot_defaults`.
        catalogue: the products, or None.
        limits: how many pictures one job may ask for, and the extension of each format.
        name: of the job.
        counter: of the prompts' tokens, by which composed prompts that are too long are shortened; or None.

    Returns:
        The requests with what they were made of, and what shows only now: too many pictures, empty prompts, names that
        collide; and, of the products file, cells that are needed and empty.
    """
    products = len(catalogue.rows) if catalogue else 1
    total = products * sum(template.pictures for template in shots)
    if total > limits.pictures:
        message = gettext(
            "The job asks for {pictures} pictures; at most {most} are allowed. Make several jobs of it.",
            pictures=f"{total:,}",
            most=f"{limits.pictures:,}",
        )
        return (), [Fault(path=_largest_factor(job), message=message, at_key=True)], []
    naming = _Naming()
    empty_cells: dict[Problem, None] = {}
    made: list[Made] = []
    text_bytes = 0
    for subject in _subjects(shots, catalogue=catalogue):
        for one in _requests(subject, job_name=name, formats=limits.formats, counter=counter):
            request = one.request
            naming.check(request, template=subject.template)
            made.append(one)
            text_bytes += _text_bytes(request)
            if text_bytes > limits.text_bytes:
                return (), [_too_much_text(job, total=total, made=len(made), limits=limits)], []
            cells = [] if request.prompt or catalogue is None else _empty_cells(subject, catalogue.file)
            empty_cells |= dict.fromkeys(cells)
            if not request.prompt and not cells:
                naming.says_nothing(request, template=subject.template)
    return tuple(made), list(naming.faults.values()), list(empty_cells)


def _empty_cells(subject: Subject, file: str) -> list[Problem]:
    """The blank cells by which nothing says what a product's shot pictures."""
    row, shot = subject.row, subject.template.shot
    text = (shot.product.subject if shot.product else shot.prompt) or ""
    blank = [piece.name for piece in placeholders_in(text) if row and not row.values.get(piece.name, "-").strip()]
    message = gettext(
        "This cell is empty, and without it nothing says what `{shot}` pictures. Fill it.", shot=subject.id
    )
    return [
        Problem(file=file, line=row.line, column=1, where=name, message=message) for name in blank if row is not None
    ]


def _text_bytes(request: Request) -> int:
    """What a picture's own files and its places in the job's repeat."""
    texts = (request.prompt, request.negative_prompt, *request.product.values(), *request.matrix.values())
    metadata = json.dumps(request.metadata, ensure_ascii=False) if request.metadata else ""
    return sum(len(text.encode(errors="surrogatepass")) for text in (*texts, metadata))


def _too_much_text(job: JobFile, *, total: int, made: int, limits: Limits) -> Fault:
    message = gettext(
        "Prompts, metadata and columns are written down for each of the {pictures} pictures; those of {made} come to "
        "more than the {most} MB that one job may have. Shorten the texts, or make several jobs of it.",
        pictures=f"{total:,}",
        made=f"{made:,}",
        most=f"{limits.text_bytes / 1e6:.0f}",
    )
    return Fault(path=_largest_factor(job), message=message, at_key=True)


def _largest_factor(job: JobFile) -> Path:
    return next(((key,) for key in ("products", "count", "matrix", "shots") if getattr(job, key) is not None), ())


def _subjects(shots: list[ShotDefaults], *, catalogue: Catalogue | None) -> Iterator[Subject]:
    rows: tuple[Row | None, ...] = catalogue.rows if catalogue else (None,)
    for row in rows:
        for template in shots:
            own = row.id if row else template.id
            both = f"{own}-{template.id}" if row and len(shots) > 1 else own
            yield Subject(id=both, row=row, template=template)


def combinations(matrix: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    """Every combination, the first key changing slowest; one empty combination when there is no matrix."""
    return [dict(zip(matrix, values, strict=True)) for values in itertools.product(*matrix.values())]


def _requests(
    subject: Subject, *, job_name: str, formats: Mapping[ImageFormat, str], counter: TokenCounter | None
) -> Iterator[Made]:
    template, row = subject.template, subject.row
    extension = formats[template.format]
    fixed: dict[str, Value] = {"name": job_name, "id": subject.id}
    if row:
        fixed |= row.values
    for combination in combinations(template.matrix):
        first = first_seed(subject.id, combination, given=_seed(template), job_name=job_name)
        for index in range(1, template.count + 1):
            values = {**fixed, **combination, "index": index}
            seed = (first + index - 1) % 2**32
            written = written_prompt(template, values, counter=counter)
            request = _request(
                subject, values, prompt=written.text, combination=combination, seed=seed, extension=extension
            )
            yield Made(request=request, shot=template, written=written)


def _seed(template: ShotDefaults) -> int | Literal["vary"] | None:
    return template.job.seed if template.shot.seed is None else template.shot.seed


def first_seed(
    shot_id: str, combination: Mapping[str, str], *, given: int | Literal["vary"] | None = None, job_name: str = ""
) -> int:
    """The seed of a shot's first picture, 0 to 2**32 - 1.

    It comes from the shot's id and its matrix values alone, so that neither a new name for the job, nor another order
    of shots or matrix keys changes a picture. With `vary` it comes from the job's name too, so that jobs of one shot
    each do not share their noise.

    Args:
        shot_id: with the product's id.
        combination: matrix values by key.
        given: the author's own, which counts if there is one.
        job_name: counts with `vary` only.
    """
    if isinstance(given, int):
        return given
    named = [job_name] if given == "vary" else []
    identity = json.dumps([*named, shot_id, sorted(combination.items())], ensure_ascii=False)
    return int.from_bytes(hashlib.sha256(identity.encode()).digest()[:4], "big")


def _request(
    subject: Subject,
    values: dict[str, Value],
    *,
    prompt: str,
    combination: Mapping[str, str],
    seed: int,
    extension: str,
) -> Request:
    template = subject.template
    stem = clean_stem(fill(template.file_name, {**values, "seed": seed}))
    return Request(
        shot_id=subject.id,
        index=int(values["index"]),
        matrix=combination,
        file=f"{stem}.{extension}",
        prompt=prompt,
        negative_prompt=_negative(template, values),
        seed=seed,
        width_px=template.size_px[0],
        height_px=template.size_px[1],
        steps=template.steps,
        guidance=template.guidance,
        format=template.format,
        metadata={key: fill_throughout(part, values) for key, part in template.metadata.items()},
        product=subject.row.cells if subject.row else {},
        allow=template.allow,
    )


def _negative(template: ShotDefaults, values: Mapping[str, Value]) -> str:
    own, added = (fill(text, values).strip() for text in (template.negative_prompt, template.shot.avoid or ""))
    return join_parts((own, added), language=language_of(own, added)) if own and added else own or added


class _Naming:
    """Remembers the names given so far; keeps one fault per template and kind."""

    def __init__(self) -> None:
        self.given: dict[str, Request] = {}
        self.faults: dict[tuple[Path, str], Fault] = {}

    def check(self, request: Request, *, template: ShotDefaults) -> None:
        path = template.origin("file_name") if template.is_named else template.path
        stem = request.file.rpartition(".")[0]
        other = self.given.setdefault(alike(stem), request)
        if other is not request:
            self._keep(path, "collision", _collision(request, other))
        if message := fault_of_stem(stem):
            self._keep(path, "stem", gettext("{message} (Shot `{shot}`.)", message=message, shot=request.shot_id))

    def says_nothing(self, request: Request, *, template: ShotDefaults) -> None:
        """Keep that a picture has an empty prompt."""
        message = gettext(
            "Nothing says what `{shot}` pictures once the placeholders are filled. Write a text.", shot=request.shot_id
        )
        key = "prompt" if template.shot.product is None else "product"
        self._keep(template.origin(key), "prompt", message)

    def _keep(self, path: Path, kind: str, message: Text) -> None:
        self.faults.setdefault((path, kind), Fault(path=path, message=message))


def _collision(request: Request, other: Request) -> Text:
    return gettext(
        "Two pictures would have the file name `{file}`: {first} and {second}."
        " Put what tells them apart into `file_name`, such as {{id}}, {{index:02}} or a matrix key.",
        file=request.file,
        first=_which(other),
        second=_which(request),
    )


def _which(request: Request) -> str:
    values = (f"{key} {value}" for key, value in request.matrix.items())
    return enumerated((f"`{request.shot_id}`", *values, gettext("picture {index}", index=request.index)))
