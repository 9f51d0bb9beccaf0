"""The JSON beside a picture, and what of it an interrupted job may use again.

It holds the picture's entry in manifest.json (schema 2; of schema 1 it is the same), and whose work it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from typing import Annotated, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from worker.delivery.encode import opens
from worker.delivery.evidence import own_evidence
from worker.manifest_records import Entry, JobRecord
from worker.records import Permission, Request, Try
from worker.translation import Language, translated_within


def json_bytes(document: Mapping[str, object], *, language: Language = "en") -> bytes:
    """UTF-8 with two spaces of indentation and a newline at the end; text stays readable text.

    Args:
        document: its keys are words for programs.
        language: of the texts of the catalogue in it, which are for people.
    """
    return f"{json.dumps(translated_within(document, language), ensure_ascii=False, indent=2)}\n".encode()


def as_dict(entry: Entry) -> dict[str, object]:
    """One entry as manifest.json has it.

    `matrix` and `product` stand only where the job has them, `asked_seed` only where a rung took another seed, `file_s`
    only where it was measured.
    """
    request = entry.request
    optional = {"matrix": dict(request.matrix), "product": dict(request.product)}
    seeds = {"seed": entry.seed} | ({"asked_seed": request.seed} if entry.seed != request.seed else {})
    return {
        "id": request.shot_id,
        "index": request.index,
        "file": request.file,
        "sidecar": entry.sidecar,
        "sha256": entry.sha256,
        **asked_fields(request),
        **seeds,
        "metadata": dict(request.metadata),
        **{key: value for key, value in optional.items() if value},
        "status": entry.status,
        "error": entry.error,
        "rung": entry.rung,
        "attempts": [_try(one_try) for one_try in entry.tries],
        **({} if entry.file_s is None else {"file_s": entry.file_s}),
    }


def asked_fields(request: Request) -> dict[str, object]:
    """What decides the picture's bytes, in the manifest's words; not `allow`, which only permits."""
    return {
        "width": request.width_px,
        "height": request.height_px,
        "prompt": request.prompt,
        "negative_prompt": request.negative_prompt,
        "seed": request.seed,
        "steps": request.steps,
        "guidance": request.guidance,
        "format": request.format,
    }


def sidecar(entry: Entry, *, record: JobRecord) -> bytes:
    """The file beside a picture: its entry, when the run that made it began, and whose work it is.

    Args:
        entry: of a picture that is there.
        record: of the job.
    """
    origin = {
        "job": record.job_id,
        "started_at": entry.started_at,
        "worker": asdict(record.worker),
        "model": asdict(record.model),
    }
    return json_bytes({**as_dict(entry), **origin}, language=record.language)


def reusable(request: Request, *, record: JobRecord, sidecar: bytes, picture: bytes) -> Entry | None:
    """The entry of a picture an earlier claim made, if it is whole and is what `request` asks for.

    Args:
        request: what is asked now.
        record: of the job; its model must be the picture's.
        sidecar: bytes of the JSON file beside the picture.
        picture: bytes of the picture's file.

    Returns:
        None when the sidecar cannot be read, the model, the request or the picture's hash differ, or it was made by
        what is not permitted any more.
    """
    try:
        recorded = _Recorded.model_validate_json(sidecar)
    except ValidationError:
        return None
    asked_seed = recorded.seed if recorded.asked_seed is None else recorded.asked_seed
    is_same = (
        recorded.status == "ok"
        and recorded.model.sha256 == record.model.sha256
        and recorded.file == request.file
        and {**recorded.model_dump(include=set(asked_fields(request))), "seed": asked_seed} == asked_fields(request)
        and _means(recorded.tries, is_other_seed=asked_seed != recorded.seed) <= request.allow
        and recorded.sha256 == sha256(picture).hexdigest()
    )
    if not is_same or not opens(picture, width_px=request.width_px, height_px=request.height_px):
        return None
    return Entry(
        request=request,
        sidecar=request.sidecar,
        sha256=recorded.sha256,
        status="ok",
        error=None,
        tries=own_evidence(request.file, recorded.tries),
        started_at=recorded.started_at,
    )


def _means(tries: tuple[Try, ...], *, is_other_seed: bool) -> frozenset[str]:
    """Permissions without which the picture would not be as it is."""
    taken = {name for one_try in tries for name in (one_try.rung, *one_try.lessons)} & set(get_args(Permission))
    if tries and tries[-1].note:  # of the try that was accepted: the plan wanted tiles
        taken.add("tiled_decode")
    return frozenset(taken | ({"new_seed"} if is_other_seed else set()))


def _moment(text: str) -> str:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("a time without its zone")
    return text


class _RecordedModel(BaseModel):
    sha256: str


class _Recorded(BaseModel):
    """Of a sidecar, what `reusable` needs. Strict: a file on a share may hold anything."""

    model_config = ConfigDict(strict=True, frozen=True, allow_inf_nan=False)

    file: str
    sha256: str
    width: int
    height: int
    prompt: str
    negative_prompt: str
    seed: int
    steps: int
    guidance: float
    format: str
    status: str
    tries: tuple[Try, ...] = Field(alias="attempts")
    model: _RecordedModel
    asked_seed: int | None = None
    started_at: Annotated[str, AfterValidator(_moment)] | None = None


def _try(one_try: Try) -> dict[str, object]:
    optional = {
        "note": one_try.note or None,
        "seed": one_try.seed,
        "lessons": list(one_try.lessons) or None,
        "evidence": one_try.evidence,
        "stages": None if one_try.stages is None else asdict(one_try.stages),
    }
    return {
        "rung": one_try.rung,
        "outcome": one_try.outcome,
        "seconds": round(one_try.seconds, 3),
        "peak_mib": one_try.peak_mib,
        **{key: value for key, value in optional.items() if value is not None},
    }
