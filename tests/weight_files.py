"""Safetensors files and downloads of a test's own."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from worker.demo import weights_dir

TRANSFORMER = "transformer/diffusion_pytorch_model.safetensors"
ENCODER = "text_encoder/model.safetensors"
DTYPES = {"<u2": "BF16", "<f2": "F16", "<f4": "F32", "<i8": "I64"}


def bf16(numbers: np.ndarray) -> np.ndarray:
    """Cut off, as bits."""
    return (np.asarray(numbers, "<f4").view("<u4") >> 16).astype("<u2")


def safetensors(tensors: Mapping[str, np.ndarray]) -> bytes:
    """A file with these tensors in this order; unsigned numbers are bf16."""
    header, data = {}, b""
    for name, tensor in tensors.items():
        begin = len(data)
        data += tensor.tobytes()
        header[name] = {"dtype": DTYPES[tensor.dtype.str], "shape": tensor.shape, "data_offsets": [begin, len(data)]}
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def published() -> dict[str, bytes]:
    """The embedded model's files by name, as a hub has them."""
    return {path.relative_to(weights_dir()).as_posix(): path.read_bytes() for path in weights_dir().rglob("*.*")}


def etag(data: bytes, *, is_large: bool) -> str:
    """By what a hub knows a file: its SHA-256 in LFS, else git's SHA-1."""
    return hashlib.sha256(data).hexdigest() if is_large else git_sha1(data)


def git_sha1(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0%b" % (len(data), data), usedforsecurity=False).hexdigest()


def is_large(name: str) -> bool:
    return name.endswith((".safetensors", "tokenizer.json"))


def download(root: Path, files: Mapping[str, bytes]) -> Path:
    """What `hf download --local-dir root` leaves, as `write_download_metadata` of huggingface_hub writes it."""
    for name, data in files.items():
        for path in (root / name, root / f".cache/huggingface/download/{name}.metadata"):
            path.parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
        record = root / f".cache/huggingface/download/{name}.metadata"
        record.write_text(f"{'c' * 40}\n{etag(data, is_large=is_large(name))}\n1764300000.5\n")
    return root


def cache(root: Path, files: Mapping[str, bytes], repository: str = "Tongyi-MAI/Z-Image-Turbo") -> Path:
    """A snapshot in a download cache: links to blobs that are named by their hash."""
    home = root / f"models--{repository.replace('/', '--')}"
    snapshot = home / "snapshots" / ("c" * 40)
    (home / "blobs").mkdir(parents=True)
    for name, data in files.items():
        blob = home / "blobs" / etag(data, is_large=is_large(name))
        blob.write_bytes(data)
        (snapshot / name).parent.mkdir(parents=True, exist_ok=True)
        (snapshot / name).symlink_to(os.path.relpath(blob, (snapshot / name).parent))
    return snapshot


def spoil(path: Path, *, at: int | None = None, data: bytes = b"\xa5") -> None:
    """Overwrite bytes, in the middle when not told where, and leave the length."""
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 if at is None else at)
        file.write(data)
