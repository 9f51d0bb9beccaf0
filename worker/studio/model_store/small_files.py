"""The small files of a model: configurations, tokenizer, card and licence, taken from its folder and from nowhere else.

Knows which there are, and never follows a link out of the folder.
"""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

from worker.disk.beneath import real_path
from worker.errors import ModelInvalid
from worker.studio.model_files.parts import CONFIGS, TOKENIZER_EXTRAS, VOCABULARY
from worker.studio.model_files.safetensors_file import FileFaultError, open_regular
from worker.translation import gettext

MOST_BYTES = 64 * 1024**2
"""Of one such file; a tokenizer has 11 MB."""
PAPERS = re.compile(r"(readme|licen[cs]e|notice|use_policy|acceptable_use)[\w.-]*", re.IGNORECASE)
"""What belongs to weights wherever they go."""


def small_files(home: Path, *, with_papers: bool) -> Iterator[tuple[str, bytes]]:
    """Name, with `/`, and content of each small file that the copy needs.

    Args:
        home: the folder in diffusers layout that has them.
        with_papers: the card and the licence too.

    Raises:
        ModelInvalid: one leads out of the folder, or is far too large.
        OSError: one cannot be read now.
    """
    names = ["model_index.json", *(f"{part}/{name}" for part, name in CONFIGS.items())]
    names += [f"tokenizer/{name}" for name in VOCABULARY + TOKENIZER_EXTRAS]
    for name in dict.fromkeys(names):
        content = _content(home, name)
        if content is not None:
            yield name, content
    for path in sorted(home.iterdir()) if with_papers else ():
        if PAPERS.fullmatch(path.name) and _is_inside(path, home):
            content = _content(home, path.name)
            if content is not None:
                yield path.name, content


def _content(home: Path, name: str) -> bytes | None:
    """Of a plain file; None where there is none."""
    path = home / name
    try:
        opened = open_regular(path)
    except FileFaultError:
        return None
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EISDIR):
            return None
        raise
    with opened as file:
        size = os.fstat(file.fileno()).st_size
        if not _is_inside(path, home):
            raise ModelInvalid(
                gettext(
                    "{name} is a link that leads out of the folder, and is not followed: copy the folder with "
                    "`cp -rL`, or set `model:` to it as it is.",
                    name=name,
                )
            )
        if size > MOST_BYTES:
            raise ModelInvalid(gettext("{name} has {size} bytes: no model needs so large a one.", name=name, size=size))
        return file.read(MOST_BYTES)


def _is_inside(path: Path, home: Path) -> bool:
    """Whether a file lies in the folder, or among the blobs of the download cache to which the folder belongs."""
    real, root = real_path(path), real_path(home)
    blobs = root.parent.parent / "blobs"
    is_cached = root.parent.name == "snapshots" and real.parent == blobs
    return real.is_relative_to(root) or is_cached


def adapted(name: str, content: bytes, *, shift: float | None) -> bytes:
    """A configuration that says in which precision the weights lie, and their shift; the same bytes where it does.

    Args:
        name: of the file in the model.
        content: of it.
        shift: of the scheduler, where the weights have another one than the folder.
    """
    try:
        config = json.loads(content) if name.endswith("config.json") else None
    except (ValueError, RecursionError):
        return content  # told by who looks at the parts
    if not isinstance(config, dict):
        return content
    told: dict[str, object] = {}
    if name == "text_encoder/config.json":
        told = {key: "bfloat16" for key in ("dtype", "torch_dtype") if key in config}
    if name == "scheduler/scheduler_config.json" and shift is not None:
        told = {"shift": shift, **({"use_dynamic_shifting": False} if config.get("use_dynamic_shifting") else {})}
    is_told = all(config.get(key) == value for key, value in told.items())
    return content if is_told else json.dumps({**config, **told}, indent=2).encode()
