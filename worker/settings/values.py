"""Types of single settings: how a device, a worker's name, a size or a list is read, and what is not allowed."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema

from worker.errors import SettingsInvalid
from worker.job.values import Allow, read_size
from worker.translation import gettext
from worker.yaml_reader.document import clipped

DEVICE = r"^(auto|cpu|cuda(:\d+)?)$"
WORKER_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"


def default_worker_id() -> str:
    """The host name, with every character that does not belong in a folder's name made a dash."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", socket.gethostname()).strip(".-")[:64] or "worker"


def default_state_dir() -> Path:
    """What systemd gives (`StateDirectory=`), else the user's state folder."""
    given = os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    if given:
        return Path(given)
    home = os.environ.get("XDG_STATE_HOME")
    return (Path(home) if home else without_tilde(Path("~/.local/state"), setting="state_dir")) / "zimage-worker"


def without_tilde(path: Path, *, setting: str) -> Path:
    """The path with the home folder in the place of `~` or `~NAME`.

    Args:
        path: as it was written.
        setting: whose value it is.

    Raises:
        SettingsInvalid: nobody has such a home.
    """
    try:
        return path.expanduser()
    except RuntimeError:
        raise SettingsInvalid(
            gettext(
                "{setting}: `{path}` has no meaning here, as there is no such home folder (HOME is not set, or no"
                " account has that name): write an absolute path, in worker.yaml or as {variable}.",
                setting=setting,
                path=path,
                variable=f"ZIMAGE_WORKER_{setting.upper()}",
            )
        ) from None


def beside(folder: Path, text: str, *, setting: str) -> str:
    """A path of the settings file: a relative one counts from that file's folder.

    Args:
        folder: of the settings file.
        text: as it was written.
        setting: whose value it is.

    Raises:
        SettingsInvalid: it begins with a home folder that nobody has.
    """
    return str(folder.absolute() / without_tilde(Path(text), setting=setting))


def listed(given: object) -> object:
    """Words of a list that stand in one text, as in the environment, which has no lists: with any comma or blank."""
    return [word for word in re.split(r"[\s,;，；、]+", given) if word] if isinstance(given, str) else given


def _size(given: object, info: ValidationInfo) -> str:
    """A size by the rules of a job, written as in `1024x1024`."""
    return "{}x{}".format(*read_size(given, info))


def _device(text: str) -> str:
    if not re.fullmatch(DEVICE, text):
        raise ValueError(
            gettext(
                "`{text}` is not allowed. Allowed are auto, cpu, cuda, or one card: cuda:0, cuda:1.", text=clipped(text)
            )
        )
    return text


def _worker_id(text: str) -> str:
    if not re.fullmatch(WORKER_ID, text):
        raise ValueError(
            gettext(
                "`{text}` is not allowed. Allowed are up to 64 letters (a to z), digits, `.`, `_` and `-`; the"
                " first is a letter or a digit.",
                text=clipped(text),
            )
        )
    return text


def _metrics_file(path: Path) -> Path:
    if path.suffix != ".prom" or path.name.startswith("."):
        raise ValueError(
            gettext(
                "`{path}` is not allowed. The file's name ends in .prom and does not begin with a dot, as node_exporter"
                " reads no other.",
                path=clipped(str(path)),
            )
        )
    return path


Device = Annotated[str, AfterValidator(_device), WithJsonSchema({"type": "string", "pattern": DEVICE})]
WorkerId = Annotated[str, AfterValidator(_worker_id), WithJsonSchema({"type": "string", "pattern": WORKER_ID})]
Size = Annotated[str, BeforeValidator(_size)]
AllowList = Annotated[Allow | None, BeforeValidator(listed)]
Seconds = Annotated[float, Field(ge=0, le=86_400)]
MetricsFile = Annotated[Path, AfterValidator(_metrics_file)]
