"""Reads a dropped job: a Job comes out of it, or every problem at once.

In this order: bytes, YAML, the products beside it, the shape of keys, placeholders, single values, the pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from worker.errors import JobInvalid
from worker.job.chinese_keys import in_english
from worker.job.dropped import Dropped
from worker.job.file_names import folder_name
from worker.job.key_rules import shape_faults
from worker.job.lone_tables import opened_job
from worker.job.placeholder_checks import asks_for_columns, matrix_keys, placeholders_used, template_faults
from worker.job.prompts.check import Model, prompt_warnings
from worker.job.prompts.length import TokenCounter
from worker.job.proof import proof_files
from worker.job.requests import expand
from worker.job.schema import WORDS, JobFile
from worker.job.severity import judged
from worker.job.shot_defaults import shot_defaults
from worker.job.table.catalogue import Catalogue
from worker.job.table.parse import parse_catalogue
from worker.job.table.source import WORKBOOK_TIMES, is_workbook_name, source_of
from worker.model_limits import SuitedSizes
from worker.plain_names import is_plain_file_name
from worker.problem import Problem, errors_in
from worker.records import Job, Limits, Recommendation
from worker.translation import gettext
from worker.yaml_reader.document import Document, Fault, Misread
from worker.yaml_reader.parser import parse_yaml
from worker.yaml_reader.problems import collect, model_faults


class JobFiles:
    """Reads jobs under given limits for a given model; keeps no state."""

    def __init__(
        self,
        limits: Limits,
        recommendation: Recommendation,
        *,
        guidance_matters: bool,
        suited: SuitedSizes | None = None,
        tokens: TokenCounter | None = None,
        is_strict: bool = False,
    ) -> None:
        """Keep what all jobs have in common.

        Args:
            limits: ceilings for one job.
            recommendation: size, steps and guidance where a job is silent.
            guidance_matters: False for a model that ignores guidance and negative prompt (Turbo, say).
            suited: sizes that the model was made for; None where they are not known.
            tokens: counts prompts as the model reads them; None without a model.
            is_strict: whether a job with warnings is refused unless it says otherwise.
        """
        self._limits = limits
        self._recommendation = recommendation
        self._model = Model(guidance_matters=guidance_matters, suited=suited, tokens=tokens)
        self._is_strict = is_strict

    def read(self, path: Path, *, stem: str, shown_as: str | None = None, templates: Path | None = None) -> Job:
        """Read, check and expand.

        Args:
            path: a `.yaml` file, or a folder with `job.yaml`, outside which nothing is read; or a table.
            stem: the job's default name.
            shown_as: how problems call the path; else by the stem.
            templates: folder of templates for a table; else the one beside it.

        Raises:
            JobInvalid: with every problem at once: the errors, then the warnings.
            OSError: the share failed; nothing is said about the job.
        """
        shown = shown_as or f"{stem}{path.suffix}"
        try:
            with opened_job(path, templates=templates, shown_as=shown_as) as dropped:
                shown = dropped.job_file(shown_as or stem, shown=shown)
                data = dropped.job(self._limits.job_bytes)
                document = in_english(parse_yaml(data, file=shown, max_bytes=self._limits.job_bytes, words=WORDS))
                document = self._with_products(document, dropped)
                catalogue, faults, others = self._products(document, dropped)
                unused = dropped.unused(catalogue.file.rpartition("/")[2] if catalogue else "", job=shown)
                is_folder = dropped.is_folder
                called = dropped.recorded_name() or stem
        except Misread as misread:
            raise JobInvalid([misread.problem(shown)]) from None
        columns = _columns(document, catalogue)
        faults += shape_faults(document.data, is_folder=is_folder)
        faults += template_faults(document.data, columns=columns)
        spec = self._checked(document, faults, others=others)
        return self._job(document, spec, catalogue=catalogue, title=spec.name or called, warnings=[*others, *unused])

    def _with_products(self, document: Document, dropped: Dropped) -> Document:
        """The job file with the only table beside it as its products, where it names none and asks for its columns.

        So a lone table and its template are the same job when they lie in a folder, as in the finished one.
        """
        table = dropped.only_table() if "products" not in document.data else None
        if table is None:
            return document
        named = replace(document, data={**document.data, "products": table})
        if not dropped.is_lone_table:
            catalogue, _, _ = self._products(named, dropped)
            columns = tuple(catalogue.placeholders) if catalogue else None
            return named if asks_for_columns(document.data, columns=columns) else document
        return named

    def _products(
        self, document: Document, dropped: Dropped
    ) -> tuple[Catalogue | None, list[Fault], Sequence[Problem]]:
        """The products that a folder job names, and what is wrong with them; None where there are none to read."""
        written, asked_id = document.data.get("products"), document.data.get("id_column")
        if not isinstance(written, str) or not dropped.is_folder or not is_plain_file_name(written):
            return None, [], ()
        name, sheet = source_of(written)
        most = self._limits.csv_bytes * (WORKBOOK_TIMES if is_workbook_name(name) else 1)
        try:
            data = dropped.beside(name, max_bytes=most)
        except Misread as misread:
            return None, [Fault(path=("products",), message=misread.message)], ()
        if len(data) > most:
            message = gettext(
                "`{name}` has more than {most} bytes, which is the most allowed. Make several jobs of it.",
                name=name,
                most=f"{most:,}",
            )
            return None, [Fault(path=("products",), message=message)], ()
        file = dropped.file_beside(name, job_file=document.file)
        catalogue, problems = parse_catalogue(
            data,
            file=file,
            max_rows=self._limits.pictures,
            used=placeholders_used(document.data),
            given=matrix_keys(document.data),
            asked_id=asked_id if isinstance(asked_id, str) else "",
            sheet=sheet,
        )
        return (None if problems else catalogue), [], [*problems, *catalogue.warnings]

    def _checked(self, document: Document, faults: list[Fault], *, others: Sequence[Problem]) -> JobFile:
        try:
            spec = JobFile.model_validate(document.data, context=self._limits)
        except ValidationError as error:
            faults = [*faults, *model_faults(error, document.data, model=JobFile)]
            raise JobInvalid(collect(document, faults, others=others)) from None
        _require_no_errors(collect(document, faults, others=others))
        return spec

    def _job(
        self,
        document: Document,
        spec: JobFile,
        *,
        catalogue: Catalogue | None,
        title: str,
        warnings: Sequence[Problem],
    ) -> Job:
        shots = shot_defaults(spec, recommendation=self._recommendation)
        made, faults, others = expand(
            spec, shots, catalogue=catalogue, limits=self._limits, name=title, counter=self._model.tokens
        )
        _require_no_errors(collect(document, faults, others=[*others, *warnings]))
        faults, in_cells = prompt_warnings(document, shots, made, table=catalogue, model=self._model)
        problems = judged(
            collect(document, faults, others=[*warnings, *in_cells]),
            strict=spec.strict,
            is_strict_worker=self._is_strict,
            products=len(catalogue.rows) if catalogue else 0,
            shots=len(shots),
            file=document.file,
            strict_at=document.place(("strict",)),
        )
        _require_no_errors(problems)
        requests, products = tuple(one.request for one in made), len(catalogue.rows) if catalogue else None
        proof = proof_files(requests, shots, products=products, every=spec.proof.every) if spec.proof else frozenset()
        return Job(
            name=folder_name(title),
            title=title,
            requests=requests,
            proof=proof,
            priority=spec.priority or 0,
            columns=catalogue.columns if catalogue else (),
            delimiter=catalogue.delimiter if catalogue else ",",
            warnings=tuple(problems),
        )


def _require_no_errors(problems: Sequence[Problem]) -> None:
    if errors_in(problems):
        raise JobInvalid(problems)


def _columns(document: Document, catalogue: Catalogue | None) -> tuple[str, ...] | None:
    """Columns that placeholders may name; None when products are wanted and could not be read."""
    if catalogue:
        return tuple(catalogue.placeholders)
    return None if "products" in document.data else ()
