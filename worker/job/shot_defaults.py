"""The shots of a job with every default filled in: the shot's own value, else the job's, else the model's."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from worker.job.key_rules import default_id
from worker.job.schema import JobFile, PictureKeys, Shot
from worker.records import ImageFormat, Permission, Recommendation
from worker.yaml_reader.document import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotDefaults:
    """A shot, ready to be filled with product, combination and index."""

    shot: Shot
    path: Path
    """Of the shot in the job file."""
    job: JobFile
    id: str
    size_px: tuple[int, int]
    steps: int
    guidance: float
    count: int
    format: ImageFormat
    file_name: str
    negative_prompt: str
    metadata: Mapping[str, Any]
    matrix: Mapping[str, list[str]]
    allow: frozenset[Permission]

    def origin(self, key: str) -> Path:
        """Where the value of a key was written: in the shot, else at the top."""
        return (*self.path, key) if getattr(self.shot, key, None) is not None else (key,)

    @property
    def is_named(self) -> bool:
        """Whether the author gave a file name."""
        return (self.shot.file_name, self.job.file_name) != (None, None)

    @property
    def pictures(self) -> int:
        """Of one product."""
        return math.prod(len(values) for values in self.matrix.values()) * self.count


def shot_defaults(job: JobFile, *, recommendation: Recommendation) -> list[ShotDefaults]:
    """The job's shots, with the job's own values and the model's recommendation where they are silent.

    Args:
        job: checked, with exactly one of `prompt`, `shot` and `shots`.
        recommendation: of the model and the settings, for what neither shot nor job says.
    """
    if job.shots is not None:
        shots: list[tuple[Path, Shot]] = [(("shots", at), shot) for at, shot in enumerate(job.shots)]
    elif job.shot is not None:
        shots = [(("shot",), job.shot)]
    else:
        shots = [((), Shot(prompt=job.prompt))]
    return [
        _filled_in(job, shot, path=path, number=number, recommendation=recommendation)
        for number, (path, shot) in enumerate(shots, start=1)
    ]


def _filled_in(job: JobFile, shot: Shot, *, path: Path, number: int, recommendation: Recommendation) -> ShotDefaults:
    def chosen(key: str, otherwise: Any) -> Any:  # noqa: ANN401 - of the key's own type
        sources: tuple[PictureKeys, ...] = (shot, job)
        return next((value for source in sources if (value := getattr(source, key)) is not None), otherwise)

    matrix = chosen("matrix", {})
    return ShotDefaults(
        shot=shot,
        path=path,
        job=job,
        id=shot.id or default_id(number),
        size_px=chosen("size", (recommendation.width_px, recommendation.height_px)),
        steps=chosen("steps", recommendation.steps),
        guidance=chosen("guidance", recommendation.guidance),
        count=chosen("count", 1),
        format=chosen("format", "png"),
        file_name=chosen("file_name", default_file_name(matrix)),
        negative_prompt=chosen("negative_prompt", ""),
        metadata={**(job.metadata or {}), **(shot.metadata or {})},
        matrix=matrix,
        allow=frozenset(chosen("allow", recommendation.allow)),
    )


def default_file_name(matrix: Mapping[str, object]) -> str:
    """A name that never collides: with a matrix it holds the matrix's values, in the order of its keys."""
    return "_".join(["{id}", *(f"{{{key}}}" for key in matrix), "{index:02}"])
