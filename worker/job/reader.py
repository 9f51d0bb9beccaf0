"""Reads a dropped job: a Job comes out of it, or every problem at once.

In this order: bytes, YAML, the products beside it, the shape of keys, placeholders, single values, the pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from worker.errors import JobInvalid
from worker.job.catalogue import Catalogue, parse_catalogue
from worker.job.dropped import Dropped, opened
from worker.job.file_names import default_job_name
from worker.job.key_rules import shape_faults
from worker.job.no_effect import without_effect
from worker.job.placeholder_checks import template_faults, unused_matrix
from worker.job.requests import expand
from worker.job.schema import JobFile
from worker.job.severity import judged
from worker.job.shot_defaults import shot_defaults
from worker.plain_names import is_plain_file_name
from worker.problem import Problem, errors_in
from worker.records import JOB_FILE, Job, Limits, Recommendation
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
        is_strict: bool = False,
    ) -> None:
        """Keep what all jobs have in common.

        Args:
            limits: ceilings for one job.
            recommendation: size, steps and guidance where a job is silent.
            guidance_matters: False for a model that ignores guidance and negative prompt (Turbo, say).
            is_strict: whether a job with warnings is refused unless it says otherwise.
        """
        self._limits = limits
        self._recommendation = recommendation
        self._guidance_matters = guidance_matters
        self._is_strict = is_strict

    def read(self, path: Path, *, stem: str, shown_as: str | None = None) -> Job:
        """Read, check and expand.

        Args:
            path: a `.yaml` file, or a folder with `job.yaml`. Nothing outside it is read.
            stem: the job's default name.
            shown_as: how problems call the path; else by the stem.

        Raises:
            JobInvalid: with every problem at once: the errors, then the warnings.
            OSError: the share failed; nothing is said about the job.
        """
        shown = shown_as or f"{stem}{path.suffix}"
        try:
            with opened(path) as dropped:
                if dropped.is_folder:
                    shown = f"{shown_as or stem}/{JOB_FILE}"
                data = dropped.job(self._limits.job_bytes)
                document = parse_yaml(data, file=shown, max_bytes=self._limits.job_bytes)
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
        name = spec.name or default_job_name(called)
        return self._job(document, spec, catalogue=catalogue, name=name, warnings=[*others, *unused])

    def _products(
        self, document: Document, dropped: Dropped
    ) -> tuple[Catalogue | None, list[Fault], Sequence[Problem]]:
        """The products that a folder job names, and what is wrong with them; None where there are none to read."""
        name = document.data.get("products")
        if not isinstance(name, str) or not dropped.is_folder or not is_plain_file_name(name):
            return None, [], ()
        most = self._limits.csv_bytes
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
        file = f"{document.file.rpartition('/')[0]}/{name}"
        catalogue, problems = parse_catalogue(data, file=file, max_rows=self._limits.pictures)
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
        name: str,
        warnings: Sequence[Problem],
    ) -> Job:
        shots = shot_defaults(spec, recommendation=self._recommendation)
        requests, faults, others = expand(spec, shots, catalogue=catalogue, limits=self._limits, name=name)
        faults += without_effect(shots, guidance_matters=self._guidance_matters) + unused_matrix(document.data)
        problems = collect(document, faults, others=[*others, *warnings])
        _require_no_errors(problems)
        problems = judged(
            problems,
            strict=spec.strict,
            is_strict_worker=self._is_strict,
            products=len(catalogue.rows) if catalogue else 0,
            file=document.file,
        )
        _require_no_errors(problems)
        return Job(
            name=name,
            requests=requests,
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
        return catalogue.columns
    return None if "products" in document.data else ()
