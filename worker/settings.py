"""One frozen object for everything that can be set, and where each value came from.

Knows names, units, defaults and allowed values. Must not know what the rooms do with them.
Order: defaults < file < environment (`ZIMAGE_WORKER_...`) < flags.
"""

from __future__ import annotations

import difflib
import os
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from worker.errors import JobInvalid, SettingsInvalid
from worker.job.text import parse_yaml
from worker.records import Recommendation

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

ENVIRONMENT_PREFIX = "ZIMAGE_WORKER_"
DEFAULT_FILE = Path("worker.yaml")
FILE_MAX_BYTES = 65_536
PATHS = {"inbox", "outbox", "failed", "transformer_file", "state_dir"}
"""Settings that are paths: relative ones in a file count from the file's folder."""


def default_worker_id() -> str:
    """The host name, with every character that does not belong in a folder's name made a dash."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", socket.gethostname()).strip(".-")[:64] or "worker"


def default_state_dir() -> Path:
    """What systemd gives (`StateDirectory=`), else the user's state folder."""
    given = os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    home = os.environ.get("XDG_STATE_HOME") or str(Path("~/.local/state").expanduser())
    return Path(given or Path(home) / "zimage-worker")


Seconds = Annotated[float, Field(ge=0, le=86_400)]


class Settings(BaseModel):
    """The settings of a worker. Each description is also the comment in the file that `init` writes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    inbox: Path = Field(Path("inbox"), description="Folder into which people drop jobs.")
    outbox: Path = Field(Path("outbox"), description="Folder in which finished jobs appear.")
    failed: Path = Field(Path("failed"), description="Folder for jobs that could not be read or gave no picture.")
    model: str | None = Field(
        None, description="Folder of the model in diffusers layout, or `demo` for the embedded one."
    )
    transformer_file: Path | None = Field(
        None, description="A single .safetensors transformer to use in place of the folder's `transformer/` weights."
    )
    model_kind: Literal["auto", "turbo", "base"] = Field(
        "auto", description="turbo, base, or auto: read it from the model's own files."
    )
    device: Annotated[str, Field(pattern=r"^(auto|cpu|cuda(:\d+)?)$")] = Field(
        "auto", description="auto (CUDA; the CPU only for the embedded model), cuda, cuda:1, or cpu."
    )
    worker_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")] = Field(
        default_factory=default_worker_id, description="Name of this worker; the host's name when not set."
    )
    size: Annotated[str, Field(pattern=r"^\d{2,5}x\d{2,5}$")] | None = Field(
        None, description="Default size of a picture, such as 1024x1024; else the model's own."
    )
    steps: Annotated[int, Field(ge=1)] | None = Field(
        None, description="Default inference steps; else the model's own."
    )
    guidance: Annotated[float, Field(ge=0, le=20)] | None = Field(
        None, description="Default guidance scale (0 is off); else the model's own."
    )
    scan_s: Annotated[float, Field(gt=0, le=3600)] = Field(1.0, description="Seconds between two looks into the inbox.")
    settle_s: Seconds = Field(2.0, description="Seconds a job must stay unchanged before it is taken.")
    grace_s: Seconds = Field(
        60.0, description="Seconds a job that is not valid may stay unchanged before it is moved to `failed`."
    )
    away_s: Annotated[float, Field(gt=0, le=3600)] = Field(
        15.0, description="Seconds between two tries while the share is away or full."
    )
    attempts: Annotated[int, Field(ge=1, le=100)] = Field(
        3, description="How often work on a job may begin and be killed before the job is moved to `failed`."
    )
    max_job_bytes: Annotated[int, Field(ge=1024)] = Field(262_144, description="Largest job file, in bytes.")
    max_csv_bytes: Annotated[int, Field(ge=1024)] = Field(8_388_608, description="Largest products file, in bytes.")
    max_shots: Annotated[int, Field(ge=1)] = Field(10_000, description="Most pictures one job may ask for.")
    max_pixels: Annotated[int, Field(ge=4096)] = Field(
        4_194_304, description="Largest picture, in pixels (width times height)."
    )
    max_steps: Annotated[int, Field(ge=1)] = Field(100, description="Most inference steps.")
    state_dir: Path = Field(
        default_factory=default_state_dir,
        description="Local folder (never on the share) for locks and checksums.",
    )
    log: Literal["auto", "console", "json"] = Field(
        "auto", description="Log lines for a person (console), a program (json), or as the output is (auto)."
    )

    def recommendation(self, model: Recommendation) -> Recommendation:
        """The model's recommendation, with these settings' own defaults in its place where they are set."""
        width_px, height_px = map(int, self.size.split("x")) if self.size else (model.width_px, model.height_px)
        return Recommendation(
            width_px=width_px,
            height_px=height_px,
            steps=model.steps if self.steps is None else self.steps,
            guidance=model.guidance if self.guidance is None else self.guidance,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """Settings together with the origin of each value."""

    settings: Settings
    origins: Mapping[str, str]
    """By setting: `default`, `worker.yaml:3`, `environment ZIMAGE_WORKER_MODEL` or `flag --model`."""


def load(*, file: Path | None, environment: Mapping[str, str], flags: Mapping[str, str]) -> Configured:
    """Merge all sources and check the result.

    Args:
        file: as given with `-c`, or None: `./worker.yaml` is then read if it is there.
        environment: all variables; those with the prefix count.
        flags: values of the flags that were given, by setting.

    Raises:
        SettingsInvalid: a file that cannot be read, an unknown key, or a value that is not allowed; names all.
    """
    values: dict[str, object] = {}
    origins: dict[str, str] = {}
    sources = (
        _from_file(file),
        _from_environment(environment),
        {k: (v, f"flag --{_dashed(k)}") for k, v in flags.items()},
    )
    for source in sources:
        for key, (value, origin) in source.items():
            values[key], origins[key] = value, origin
    settings = _validated(values, origins)
    return Configured(settings=settings, origins={key: origins.get(key, "default") for key in Settings.model_fields})


def _dashed(key: str) -> str:
    return key.replace("_", "-")


def _from_file(given: Path | None) -> dict[str, tuple[object, str]]:
    """The file's values; its relative folders count from its own folder."""
    file = given or DEFAULT_FILE
    if given is None and not file.exists():
        return {}
    try:
        data = file.read_bytes()
        if not any(line.strip() and not line.lstrip().startswith(b"#") for line in data.splitlines()):
            return {}
        document = parse_yaml(data, file=str(file), max_bytes=FILE_MAX_BYTES)
    except OSError as error:
        raise SettingsInvalid(f"{file}: cannot be read ({error.strerror}): check the path and its rights.") from error
    except JobInvalid as invalid:
        raise SettingsInvalid(str(invalid)) from invalid
    if document.problems:
        raise SettingsInvalid("\n".join(map(str, document.problems)))
    return {
        key: (_from_here(key, value, file.parent), f"{file}:{document.place((key,), at_key=True).line}")
        for key, value in document.data.items()
    }


def _from_here(key: str, value: object, folder: Path) -> object:
    is_path = key in PATHS or (key == "model" and value != "demo")
    return str(folder / Path(value).expanduser()) if is_path and isinstance(value, str) else value


def _from_environment(environment: Mapping[str, str]) -> dict[str, tuple[object, str]]:
    return {
        name.removeprefix(ENVIRONMENT_PREFIX).lower(): (value, f"environment {name}")
        for name, value in environment.items()
        if name.startswith(ENVIRONMENT_PREFIX)
    }


def _validated(values: Mapping[str, object], origins: Mapping[str, str]) -> Settings:
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsInvalid("\n".join(_message(detail, origins) for detail in error.errors())) from None


def _message(detail: ErrorDetails, origins: Mapping[str, str]) -> str:
    key = str(detail["loc"][0])
    if detail["type"] == "extra_forbidden":
        near = difflib.get_close_matches(key, Settings.model_fields, n=1)
        hint = f"did you mean `{near[0]}`?" if near else "`zimage-worker schema settings` lists all."
        return f"{origins[key]}: {key}: there is no such setting; {hint}"
    meaning = Settings.model_fields[key].description
    return f"{origins[key]}: {key}: {str(detail['input'])[:60]!r} is not allowed: {detail['msg']}. Meaning: {meaning}"
