"""Files and folders are made, and opened for writing, through one door: `disk/beneath.py` and what stands on it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

WORKER = Path(__file__).parents[2] / "worker"
DOORS = {
    "disk/beneath.py": "the door itself",
    "disk/durable.py": "new files and folders under names that nobody can guess",
    "disk/moves.py": "the empty file that holds a name where there are no hard links",
    "disk/folder_probe.py": "a hidden file that is there for a moment",
}
"""What may write on a share."""
ELSEWHERE = {
    "cli.py": "/dev/null in the place of a closed pipe",
    "compose/bench_child.py": "its own standard output",
    "delivery/thumbnail_cache.py": "a temporary file of this machine, without a name",
    "settings/starting_file.py": "the settings file of who calls `init`",
    "service/install.py": "units in a temporary folder, for systemd to look at",
    "service/unit_files.py": "units where systemd looks for them",
    "spool/alive/locks.py": "lock files on the local disk",
    "spool/opening.py": "the three folders, which `init` makes where a person says",
    "streams.py": "/dev/null in the place of a closed standard stream",
    "studio/model_files/checking/read_cache.py": "what is known of files, in `state_dir`",
}
"""What writes elsewhere, and where."""
MAKES = {"write_text", "write_bytes", "mkdir", "makedirs", "touch", "mkstemp", "TemporaryFile", "symlink_to", "symlink"}
NEW = {"O_CREAT", "O_WRONLY", "O_RDWR", "NEW_FLAGS"}


def writes(call: ast.Call) -> bool:
    """Whether a call makes something on a disk, or opens it for writing."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    modes = {node.value for node in given if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    words = {getattr(node, "attr", getattr(node, "id", "")) for one in given for node in ast.walk(one)}
    is_write_mode = any(set(mode) <= set("rwaxbt+") and set(mode) & set("wax+") for mode in modes)
    return name in MAKES or (name in ("open", "fdopen") and (is_write_mode or bool(words & NEW)))


def writers(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*.py")
        if any(isinstance(node, ast.Call) and writes(node) for node in ast.walk(ast.parse(path.read_text("utf-8"))))
    }


@pytest.mark.slow
def test_nothing_writes_but_through_the_door_or_elsewhere_for_a_reason() -> None:
    assert writers(WORKER) == DOORS.keys() | ELSEWHERE.keys()


@pytest.mark.parametrize(
    ("line", "is_write"),
    [
        ('path.open("wb")', True),
        ('open(path, mode="r+b")', True),
        ('os.fdopen(descriptor, "wb")', True),
        ("os.open(path, os.O_WRONLY | os.O_CREAT)", True),
        ("path.write_text(text)", True),
        ("os.mkdir(path)", True),
        ('path.open("rb")', False),
        ("os.open(path, os.O_RDONLY)", False),
        ("Image.open(data)", False),
    ],
)
def test_a_line_that_writes_is_told_from_one_that_reads(line: str, is_write: bool) -> None:
    call = ast.parse(line, mode="eval").body
    assert isinstance(call, ast.Call)
    assert writes(call) == is_write
