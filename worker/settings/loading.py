"""The settings as they are given, merged and checked, and where each value came from.

What comes later wins: defaults < file < environment (`ZIMAGE_WORKER_...`) < flags.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from worker.errors import SettingsInvalid
from worker.problem import Problem, errors_in
from worker.records import Limits
from worker.settings import hook, notify, retention
from worker.settings.model_place import with_models
from worker.settings.notify import without_secrets
from worker.settings.settings import Settings
from worker.settings.settings_file import settings_document
from worker.settings.values import without_tilde
from worker.translation import gettext
from worker.yaml_reader.document import Document, Fault, where
from worker.yaml_reader.problems import collect, model_faults

ENVIRONMENT_PREFIX = "ZIMAGE_WORKER_"
PATHS = {"inbox", "outbox", "failed", "models_dir", "transformer_file", "metrics_file", "state_dir"}
"""Settings that are paths: relative ones in a file count from the file's folder."""
ABOUT_FILES = {"hook": hook.from_folder, "notify": notify.from_folder, "retention": retention.from_folder}
"""Settings in which a path stands among other things; likewise."""


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
    document = settings_document(file, keys=Settings.model_fields)
    elsewhere = {
        **_from_environment(environment),
        **{k: (v, gettext("flag --{name}", name=_dashed(k))) for k, v in flags.items()},
    }
    given = {**document.data, **{key: value for key, (value, _) in elsewhere.items()}}
    values = {**_from_file(document), **{key: value for key, (value, _) in elsewhere.items()}}
    values = with_models(values, named=given.get("model"), folder=Path(document.file).parent)
    settings = _validated(values, document, {key: origin for key, (_, origin) in elsewhere.items()})
    origins = {key: f"{document.file}:{document.place((key,), at_key=True).line}" for key in document.data}
    origins |= {key: origin for key, (_, origin) in elsewhere.items()}
    return Configured(
        settings=settings, origins={key: origins.get(key, gettext("default")) for key in Settings.model_fields}
    )


def _dashed(key: str) -> str:
    return key.replace("_", "-")


def _from_file(document: Document) -> dict[str, object]:
    """The file's values; its relative folders count from its own folder."""
    return {key: _from_here(key, value, Path(document.file).parent) for key, value in document.data.items()}


def _from_here(key: str, value: object, folder: Path) -> object:
    if key in ABOUT_FILES:
        return ABOUT_FILES[key](value, folder)
    is_path = key in PATHS or (key == "model" and value != "demo" and str(value).strip() != "")
    return str(folder / without_tilde(Path(value), setting=key)) if is_path and isinstance(value, str) else value


def _from_environment(environment: Mapping[str, str]) -> dict[str, tuple[object, str]]:
    return {
        name.removeprefix(ENVIRONMENT_PREFIX).lower(): (value, gettext("environment {name}", name=name))
        for name, value in environment.items()
        if name.startswith(ENVIRONMENT_PREFIX) and name not in hook.VARIABLES  # a hook may start this program
    }


def _validated(values: dict[str, object], document: Document, elsewhere: Mapping[str, str]) -> Settings:
    """The settings.

    Args:
        values: of all sources.
        document: the file; gives the positions of what it says.
        elsewhere: by setting, where a value comes from that is not the file's.

    Raises:
        SettingsInvalid: names everything that is wrong, each with its place.
    """
    faults: list[Fault] = []
    try:
        settings = Settings.model_validate(values, context=_ceilings(values))
    except ValidationError as error:
        faults = [_with_meaning(fault) for fault in model_faults(error, values, model=Settings)]
    others = [_problem(fault, elsewhere) for fault in faults if fault.path[0] in elsewhere]
    problems = collect(document, [fault for fault in faults if fault.path[0] not in elsewhere], others=others)
    if errors_in(problems):
        raise SettingsInvalid(problems=without_secrets(problems))
    return settings


def _ceilings(values: Mapping[str, object]) -> Limits:
    """What the defaults for jobs must keep; the usual limits where the settings' own are themselves not allowed."""
    try:
        given = {key: values[key] for key in ("max_pixels", "max_steps") if key in values}
        return Settings.model_validate({**given, "state_dir": "."}).limits()  # its default may be none
    except ValidationError:
        return Limits()


def _with_meaning(fault: Fault) -> Fault:
    """A value that is not allowed is told together with what the setting means."""
    known = Settings.model_fields.get(str(fault.path[0]))
    if known is None:
        return fault
    message = gettext("{message} Meaning: {meaning}", message=fault.message, meaning=known.description)
    return replace(fault, message=message)


def _problem(fault: Fault, elsewhere: Mapping[str, str]) -> Problem:
    origin = elsewhere[str(fault.path[0])]
    return Problem(file=origin, line=0, column=0, where=where(fault.path), message=fault.message)
