"""Z-Image's folder at full size with random weights: what a user's folder costs to load, to stream and to hold.

`python tests/nights/model_folder.py FOLDER` in a process of its own, so that its memory is free before the night.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from worker.demo import weights_dir

SHARD = "2GB"
"""Written at a time, and so long copied beside the weights."""
DONE = "whole"
NEED_GB = 21


def ensure(folder: Path, *, dry: bool) -> Path:
    """The folder, written now where it is not there; dry, the embedded model."""
    if dry:
        return weights_dir()
    if (folder / DONE).exists():
        print(f"# model: {folder} is there", flush=True)
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    free_gb = shutil.disk_usage(folder).free / 1e9
    if free_gb < NEED_GB:
        raise SystemExit(f"{folder} has {free_gb:.0f} GB free, {NEED_GB} are needed: name another with --model")
    begun_s = time.monotonic()
    subprocess.run([sys.executable, __file__, folder], check=True)
    size_gb = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e9
    print(f"# model: {size_gb:.1f} GB written to {folder} in {time.monotonic() - begun_s:.0f} s", flush=True)
    return folder


def forget_pages(folder: Path) -> None:
    """Let the system drop the files' pages: whoever reads them next pays for them."""
    for path in folder.rglob("*"):
        if path.is_file():
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
                os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(handle)


def write(folder: Path) -> None:
    import torch

    from worker.bench.measuring.synthetic import build_full_size

    embedded = weights_dir()
    parts = build_full_size(embedded / "tokenizer", device=torch.device("cuda", 0))
    for name in ("text_encoder", "transformer", "vae"):
        getattr(parts, name).save_pretrained(folder / name, max_shard_size=SHARD)
    parts.scheduler.save_pretrained(folder / "scheduler")
    shutil.copytree(embedded / "tokenizer", folder / "tokenizer", dirs_exist_ok=True)
    index = json.loads((embedded / "model_index.json").read_text("utf-8"))
    (folder / "model_index.json").write_text(json.dumps(index | {"_name_or_path": "zimage-random"}), "utf-8")
    (folder / DONE).touch()


if __name__ == "__main__":
    write(Path(sys.argv[1]))
