"""Weights that no training leaves behind are found while their bytes pass; what training leaves is not."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from weight_files import bf16, safetensors

from worker.demo import weights_dir
from worker.studio.model_files.checking.damage import HOLE_BYTES, DamageScan
from worker.studio.model_files.checking.one_pass import read_once
from worker.studio.model_files.safetensors_file import FileFaultError, Header, Tensor, read_header

pytestmark = pytest.mark.slow

RANDOM = np.random.default_rng(7)
KINDS = {"BF16": bf16, "F16": lambda numbers: numbers.astype("<f2"), "F32": lambda numbers: numbers.astype("<f4")}


def weights(*shape: int, scale: float = 0.02) -> np.ndarray:
    return RANDOM.standard_normal(shape, dtype=np.float32) * np.float32(scale)


def found(tensors: dict[str, np.ndarray], tmp_path: Path) -> dict[str, tuple[int, int, str]]:
    """Kind of damage: matrices that have it, matrices in all, the first."""
    file = tmp_path / "weights.safetensors"
    file.write_bytes(safetensors(tensors))
    return {one.kind: (one.matrices, one.of, one.such_as) for one in read_once(file).damage}


def test_the_embedded_model_has_none() -> None:
    files = sorted(weights_dir().rglob("*.safetensors"))
    assert [read_once(file).damage for file in files] == [()] * 3


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_matrix_of_full_size_has_none_whatever_its_numbers(tmp_path: Path, kind: str) -> None:
    sparse = weights(2560, 3840)
    sparse[RANDOM.random(sparse.shape) < 0.3] = 0  # raised from fp8: many small weights became zeros
    tensors = {"a": weights(3840, 2560), "sparse": sparse, "tiny": weights(3840, 256, scale=1e-4)}
    assert found({name: KINDS[kind](tensor) for name, tensor in tensors.items()}, tmp_path) == {}


@pytest.mark.parametrize("kind", KINDS)
def test_zeros_one_number_and_no_numbers_are_found_in_matrices_of_every_kind(tmp_path: Path, kind: str) -> None:
    spoilt = weights(64, 64)
    spoilt[3, 5] = np.inf
    none = weights(64, 64)
    none[60, 1] = -np.nan
    tensors = {"well": weights(64, 64), "zeros": np.zeros((64, 64)), "minus": np.full((64, 64), -0.0),
               "ones": np.ones((64, 64)), "inf": spoilt, "nan": none}  # fmt: skip
    assert found({name: KINDS[kind](tensor) for name, tensor in tensors.items()}, tmp_path) == {
        "zeros": (2, 6, "zeros"), "constant": (1, 6, "ones"), "not finite": (2, 6, "inf"),
    }  # fmt: skip


def test_vectors_and_what_is_not_loaded_may_hold_anything(tmp_path: Path) -> None:
    tensors = {"norm.weight": np.ones(4096), "bias": np.zeros(4096), "scale": np.zeros((1, 4096)),
               "norm_final": np.full(4096, np.nan), "lm_head.weight": np.zeros((64, 64))}  # fmt: skip
    assert found({name: bf16(tensor) for name, tensor in tensors.items()}, tmp_path) == {}
    assert found({"positions": np.zeros((64, 64), "<i8")}, tmp_path) == {}


@pytest.mark.parametrize(
    ("rows", "is_damage"),
    [(slice(900, 1000), False), (slice(0, 1), False), (slice(300, 700), False), (slice(300, 900), True)],
)
def test_rows_of_zeros_are_words_that_nobody_uses_until_they_are_most(
    tmp_path: Path, rows: slice, is_damage: bool
) -> None:
    words = weights(1000, 2560)
    words[rows] = 0
    assert bool(found({"embed_tokens.weight": bf16(words)}, tmp_path)) is is_damage


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("begin", "end"), [(0, 4099), (77_777, 77_777 + 2048), (1_000_001, 1_200_000), (2_000_000, None)]
)
def test_a_hole_is_found_wherever_it_begins(tmp_path: Path, kind: str, begin: int, end: int | None) -> None:
    tensor = weights(1024, 3072)
    tensor.reshape(-1)[begin:end] = 0
    assert found({"a": KINDS[kind](weights(64, 64)), "b": KINDS[kind](tensor)}, tmp_path) == {"zeros": (1, 2, "b")}


def scanned(shape: tuple[int, int], data: bytes, cuts: list[int]) -> bool:
    header = Header(tensors={"m": Tensor(dtype="BF16", shape=shape, begin=0, end=len(data))}, metadata={}, data_start=5)
    scan, whole = DamageScan(header), b"01234" + data
    for begin, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
        scan.feed(whole[begin:end])
    return bool(scan.findings())


def is_holed(shape: tuple[int, int], numbers: np.ndarray) -> bool:
    """By the rule as it is written, number by number."""
    runs, begin = [], None
    for at, number in enumerate([*numbers.reshape(-1).tolist(), 1]):
        if number == 0:
            begin = at if begin is None else begin
        elif begin is not None:
            runs.append((begin, at))
            begin = None
    long = [(a, b) for a, b in runs if b - a >= HOLE_BYTES // 2]
    whole_rows = sum((b - a) // shape[1] for a, b in long if a % shape[1] == b % shape[1] == 0)
    return any(a % shape[1] or b % shape[1] for a, b in long) or whole_rows > shape[0] / 2


@settings(deadline=None, max_examples=60)
@given(some.data())
def test_holes_are_those_of_the_rule_however_the_bytes_come(data: some.DataObject) -> None:
    shape = (data.draw(some.integers(2, 12)), data.draw(some.sampled_from([512, 1000, 2048, 2561, 4096])))
    numbers = np.ones(shape, "<u2") + np.arange(shape[0], dtype="<u2")[:, None]
    size = numbers.size
    for _ in range(data.draw(some.integers(0, 3))):
        begin = data.draw(some.integers(0, size - 1) | some.integers(0, shape[0] - 1).map(lambda row: row * shape[1]))
        length = data.draw(some.sampled_from([1, 2047, 2048, 2049, shape[1], 2 * shape[1], 5000]))
        numbers.reshape(-1)[begin : begin + length] = 0
    numbers.reshape(-1)[data.draw(some.integers(0, size - 1))] = 77
    cuts = sorted(data.draw(some.lists(some.integers(0, size * 2 + 5), max_size=5)))
    assert scanned(shape, numbers.tobytes(), cuts) == is_holed(shape, numbers)


def test_a_header_whose_tensors_lie_over_each_other_is_refused_and_its_bytes_are_still_hashed(tmp_path: Path) -> None:
    file = tmp_path / "odd.safetensors"
    text = b'{"a": {"dtype": "BF16", "shape": [64, 64], "data_offsets": [0, 8192]}, ' \
           b'"b": {"dtype": "BF16", "shape": [64, 64], "data_offsets": [4096, 12288]}}'  # fmt: skip
    file.write_bytes(len(text).to_bytes(8, "little") + text + bytes(12288))
    with pytest.raises(FileFaultError, match="overlap or leave gaps"):
        read_header(file)
    assert read_once(file).sha256 == sha256(file.read_bytes()).hexdigest()


@pytest.mark.parametrize("shape", [(1, 96), (96,)])
def test_a_pad_token_that_was_never_learned_is_found(tmp_path: Path, shape: tuple[int, ...]) -> None:
    tensors = {"transformer.x_pad_token": np.zeros(shape, np.float32), "cap_pad_token": weights(*shape)}
    assert found({name: bf16(one) for name, one in tensors.items()}, tmp_path) == {
        "zeros": (1, 2, "transformer.x_pad_token")
    }


@pytest.mark.parametrize("name", ["weights.sft", "WEIGHTS.SAFETENSORS", "weights"])
def test_weights_are_looked_at_whatever_the_file_is_called(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(safetensors({"zeros": bf16(np.zeros((64, 64)))}))
    assert [one.kind for one in read_once(file).damage] == ["zeros"]


def test_a_file_that_somebody_writes_to_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "weights.safetensors"
    file.write_bytes(safetensors({"a": bf16(weights(64, 64))}))

    def write(_: bytes) -> None:
        with file.open("r+b") as opened:
            opened.write(bytes(1))
        os.utime(file, ns=(0, 0))

    with pytest.raises(OSError, match="somebody writes to it"):
        read_once(file, on_piece=write)
