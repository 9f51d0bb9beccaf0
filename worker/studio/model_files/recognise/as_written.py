"""What people write where the path of a model is asked for, and is no path of this machine.

Knows spellings alone; looks at no file.
"""

from __future__ import annotations

import re

from worker.studio.model_files.recognise.found import Recognised, nothing_usable
from worker.translation import gettext

WEB = re.compile(r"(?:^|/)(https?|ftp|hf|s3):/{1,2}(?P<rest>.*)$", re.IGNORECASE)
SHARE = re.compile(r"(?:^|/)(smb|cifs|afp|nfs|sftp|ssh|dav|davs|file):/{1,3}(?P<rest>.*)$", re.IGNORECASE)
COMMAND = re.compile(
    r"(?:^|/)(?P<command>(hf|huggingface-cli|modelscope|git|wget|curl|aria2c|pip) (download|clone|lfs|-|http).*)$"
)
VARIABLE = re.compile(r"(?:^|/)(?P<variable>\$\{?\w+\}?|%\w+%)(?=[/\\]|$)")
UNC = re.compile(r"(?:^|/)[\"']?(?P<path>\\\\[^/]+?)[\"']?$|^(?P<slashes>//[^/].*)$")
DRIVE = re.compile(r"(?:^|/)[\"']?(?P<path>[A-Za-z]:(\\|/|$).*?)[\"']?$")
BACKSLASHES = re.compile(r"(?:^|/)(?P<path>[^/\\]+\\[^/]+)$")
QUOTED = re.compile(r"(?:^|/)(?P<path>[\"'“”‘’「](?P<inside>.+)[\"'“”‘’」])$")
REPOSITORY = re.compile(
    r"(?:^|/)(?P<name>(Tongyi-MAI|Comfy-Org|AI-ModelScope|modelscope|black-forest-labs|Qwen)/[\w.-]+)$"
)
DEMO = re.compile(r"(?:^|/)demo$", re.IGNORECASE)


def as_written(path: str) -> Recognised | None:
    """What a path that leads nowhere was meant to be; None when it is written like any path.

    Args:
        path: as in the settings; relative ones may have a folder before them by now.
    """
    return _address(path) or _typed(path) or _windows(path) or _name(path)


def _address(path: str) -> Recognised | None:
    web = WEB.search(path)
    if web:
        return nothing_usable(
            "url",
            gettext("{address} is an address on the internet.", address=f"{web[1]}://{web['rest']}"),
            gettext(
                "This program downloads nothing: download the model first (`hf download` or `modelscope download`), "
                "and set `model:` to the folder."
            ),
        )
    share = SHARE.search(path)
    if share:
        return nothing_usable(
            "share address",
            gettext("{address} is the address of a share, not a folder.", address=f"{share[1]}://{share['rest']}"),
            gettext(
                "Mount the share, and set `model:` to the folder where it is mounted, such as /mnt/nas/Z-Image-Turbo."
            ),
        )
    return None


def _typed(path: str) -> Recognised | None:
    command, variable = COMMAND.search(path), VARIABLE.search(path)
    if command:
        return nothing_usable(
            "command",
            gettext("{command} is a command, not a folder.", command=command["command"]),
            gettext("Run it in a terminal, and set `model:` to the folder that it wrote."),
        )
    if variable:
        return nothing_usable(
            "variable",
            gettext("{variable} is a variable, which settings do not know.", variable=variable["variable"]),
            gettext("Write the path in full; `~` is the home folder."),
        )
    if not path.strip("/ .") and not path.startswith(("/", ".")):
        return nothing_usable(
            "blank", gettext("`model:` is blank."), gettext("Set it to the folder of the model, or to `demo`.")
        )
    return None


def _windows(path: str) -> Recognised | None:
    for what, pattern in (("unc", UNC), ("windows path", DRIVE), ("windows path", BACKSLASHES)):
        found = pattern.search(path)
        if found:
            return nothing_usable(
                what,
                gettext("{path} is a path of Windows.", path=found["path"] or found["slashes"]),
                gettext(
                    "Mount its disk or share here, and set `model:` to the folder as Linux names it, such as "
                    "/mnt/nas/Z-Image-Turbo; under WSL, C:\\ is /mnt/c."
                ),
            )
    return None


def _name(path: str) -> Recognised | None:
    quoted = QUOTED.search(path)
    if quoted:
        return nothing_usable(
            "quoted",
            gettext("{path} has quotes in it.", path=quoted["path"]),
            gettext("Leave them out: `model: {inside}`.", inside=quoted["inside"]),
        )
    repository = REPOSITORY.search(path)
    if repository:
        return nothing_usable(
            "repo id",
            gettext("{name} is the name of a model on the internet, not a folder.", name=repository["name"]),
            gettext(
                "Download it first: `hf download {name} --local-dir FOLDER`, or in China `modelscope download --model "
                "{name} --local_dir FOLDER`; then set `model:` to that folder.",
                name=repository["name"],
            ),
        )
    if DEMO.search(path):
        return nothing_usable(
            "demo",
            gettext("There is no such folder; the embedded model is called `demo`, in small letters."),
            gettext("Write `model: demo`."),
        )
    return None
