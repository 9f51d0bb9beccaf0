"""What a file is by its first bytes, whatever its name says.

Knows the marks of formats (magic numbers); reads the first kilobytes of a file and nothing else.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from worker.studio.model_files.recognise.found import Recognised, nothing_usable
from worker.studio.model_files.safetensors_file import FileFaultError, open_regular, parse_json
from worker.translation import Text, gettext

HEAD_BYTES = 4096
SHOWN = 60
"""Characters of a page's text that a sentence shows."""
QUOTED_BYTES = 200
"""Of a text, to be shown: an answer of a server ("Entry not found") is short."""
LFS_POINTER = b"version https://git-lfs"
OBJECT = re.compile(rb"^oid sha256:([0-9a-f]{64})$", re.MULTILINE)
OBJECT_BYTES = re.compile(rb"^size (\d{1,18})$", re.MULTILINE)
PICKLE = re.compile(rb"\x80[\x02-\x05][\x8a\x95(}\]cX\x8c]")
"""How a pickle of protocol 2 to 5 begins."""
MARK = b"\xef\xbb\xbf"
"""Byte order mark of UTF-8."""
ARCHIVES = (b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ\x00")
PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"RIFF")
PROGRAMS = (b"\x7fELF", b"MZ\x90\x00", b"#!/")
BACK = gettext("Use a file in bf16 or fp32 (`.safetensors`).")
AGAIN = gettext("Download the file itself.")


def not_weights(path: Path, name: str) -> Recognised | None:
    """What a file is that is no safetensors file; None for one that begins as such a file does.

    Args:
        path: of the file.
        name: for the sentence.

    Raises:
        FileNotFoundError: there is none.
        OSError: it cannot be read now.
    """
    try:
        with open_regular(path) as file:
            head, size = file.read(HEAD_BYTES), os.fstat(file.fileno()).st_size
    except FileFaultError as fault:
        return nothing_usable("no file", gettext("{name} {fault}.", name=name, fault=fault.args[0]))
    except IsADirectoryError:
        return nothing_usable(
            "folder", gettext("{name} is a folder.", name=name), gettext("Put the file in its place.")
        )
    if head[4:9] == b"\0\0\0\0{":  # a header's length, and its beginning
        return None
    what, text, remedy = (
        _nothing_yet(head, name=name) or _binary(head, name=name) or _page(path, head, size=size, name=name)
    ) or ("", "", "")
    return nothing_usable(what, text, remedy) if what else None


def begins_with_mark(path: Path) -> bool:
    """Whether a text begins with a byte order mark, which the classes' own readers refuse.

    Args:
        path: of the file.

    Raises:
        OSError, FileFaultError: it cannot be read.
    """
    with open_regular(path) as file:
        return file.read(len(MARK)) == MARK


def _nothing_yet(head: bytes, *, name: str) -> tuple[str, Text, Text] | None:
    if not head:
        return "empty", gettext("{name} is empty.", name=name), AGAIN
    if not head.strip(b"\0"):
        return (
            "zeros",
            gettext("{name} begins with nothing but zeros: its download has not ended.", name=name),
            gettext("Let the download end, or begin it again."),
        )
    if head.startswith(LFS_POINTER):
        found, held = OBJECT.search(head), OBJECT_BYTES.search(head)
        about = f"{int(held[1]):,}" if held else "?"
        return (
            "lfs pointer",
            gettext(
                "{name} is a Git LFS pointer, not the file itself ({size} bytes, sha256 {sha256}).",
                name=name,
                size=about,
                sha256=f"{found[1].decode()[:12]}…" if found else "?",
            ),
            gettext("Run `git lfs pull` in its folder, or download the file itself."),
        )
    return None


def _binary(head: bytes, *, name: str) -> tuple[str, Text, Text] | None:
    if head.startswith(b"GGUF"):
        return "gguf", gettext("{name} is a GGUF file: quantised, for other programs.", name=name), BACK
    if PICKLE.match(head) or (head.startswith(b"PK\x03\x04") and b"data.pkl" in head):
        return (
            "pickle",
            gettext("{name} is a pickle (.ckpt, .pth, .bin), which can run code when it is opened.", name=name),
            BACK,
        )
    if head.startswith((*ARCHIVES, b"PK\x03\x04", b"PK\x05\x06")) or head[257:262] == b"ustar":
        return "archive", gettext("{name} is an archive.", name=name), gettext("Unpack it, and give what was in it.")
    if head.startswith(PICTURES):
        return "picture", gettext("{name} is a picture or a film, not weights.", name=name), AGAIN
    if head.startswith(PROGRAMS):
        return "program", gettext("{name} is a program, not weights.", name=name), AGAIN
    return None


def _page(path: Path, head: bytes, *, size: int, name: str) -> tuple[str, Text, Text] | None:
    """Text in the place of weights: a page, an answer of a server, a shard index."""
    text = head.removeprefix(MARK).lstrip()
    if text[:1] == b"<":
        return (
            "html page",
            gettext("{name} is a web page: the download got a page in the file's place.", name=name),
            gettext("Download the file itself; log in there first if its page asks for it."),
        )
    try:
        said = text.decode("utf-8", errors="strict" if size <= HEAD_BYTES else "ignore")
    except UnicodeDecodeError:
        return None
    if (text[:1] == b"{" and (b":" in text or _is_json(said))) or (text[:1] == b"[" and _is_json(said)):
        return _json(path, said, name=name)
    if not all(one.isprintable() or one.isspace() for one in said):
        return None
    if size > QUOTED_BYTES:  # it may be anybody's, behind a link
        return "text", gettext("{name} is a text, not weights.", name=name), AGAIN
    return "text", gettext("{name} is a text, not weights: {said}.", name=name, said=repr(said[:SHOWN])), AGAIN


def _is_json(said: str) -> bool:
    try:
        parse_json(said.encode())
    except ValueError:
        return False
    return True


def _json(path: Path, said: str, *, name: str) -> tuple[str, Text, Text]:
    if '"weight_map"' in said:
        return (
            "shard index",
            gettext("{name} is a shard index: a list of the files that hold the weights.", name=name),
            gettext("Give the folder of the model as `model:`, or one file with all weights."),
        )
    if '"_class_name"' in said or path.name == "model_index.json":
        return (
            "configuration",
            gettext("{name} is a configuration, not weights.", name=name),
            gettext("Give the folder of the model: `model: {folder}`.", folder=str(_model_of(path.absolute()))),
        )
    try:
        content = parse_json(said.encode())
    except ValueError:
        content = None
    answer = (content.get("error") or content.get("message")) if isinstance(content, dict) else None
    if not answer:
        return "json", gettext("{name} is a JSON text, not weights.", name=name), AGAIN
    text = gettext("{name} is a server's answer, not weights: {said}.", name=name, said=repr(str(answer)[:SHOWN]))
    return "json", text, gettext("Download the file itself; log in there first if its page asks for it.")


def _model_of(config: Path) -> Path:
    """The model folder to which a configuration belongs."""
    here, above = config.parent, config.parent.parent
    return above if (above / "model_index.json").exists() and not (here / "model_index.json").exists() else here
