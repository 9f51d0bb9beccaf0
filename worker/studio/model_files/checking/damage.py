"""Damage that bytes show by themselves: matrices that no training leaves behind, found while a file's bytes pass.

Knows numbers and rows. Vectors (biases, norms, pad tokens) may hold anything, and whole rows may be zeros: unused words
of a vocabulary, a pruned channel.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Literal

from worker.studio.model_files.safetensors_file import Header, Tensor
from worker.studio.model_files.weights import NOT_LOADED
from worker.translation import Text, gettext

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Bits = NDArray[np.uint16] | NDArray[np.uint32]

HOLE_BYTES = 4096
"""Zeros in a row of this length are a hole: a block of a file system, the least that a broken write leaves out. Random
bf16 weights have 2048 zeros in a row never; weights raised from fp8, a third of them zeros, once in 10^970."""
MOST_ZERO_ROWS = 0.5
"""Of a matrix: more rows of zeros are a hole, although it begins and ends with a row."""
PAD_TOKEN = "pad_token"
"""How the names of `x_pad_token` and `cap_pad_token` end, whatever stands before them."""
LEAST_NUMBERS = 64
"""In a matrix for a judgement."""

BYTES = {"BF16": 2, "F16": 2, "F32": 4}
INFINITE = {"BF16": 0x7F80, "F16": 0x7C00, "F32": 0x7F800000}
"""Bits of infinity by kind of number: everything from there on is infinite or no number."""

DamageKind = Literal["zeros", "constant", "not finite"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """One kind of damage in a file."""

    kind: DamageKind
    matrices: int
    """That have it, wholly or in part."""
    of: int
    """Matrices in the file."""
    such_as: str
    """Name of the first one."""

    def text(self) -> Text:
        """Half a sentence: what is wrong."""
        about = gettext("{count} of its {of} matrices", count=self.matrices, of=self.of)
        match self.kind:
            case "zeros":
                return gettext(
                    "{matrices} are zeros, wholly or in part, such as {name}", matrices=about, name=self.such_as
                )
            case "constant":
                return gettext(
                    "{matrices} hold one number over and over, such as {name}", matrices=about, name=self.such_as
                )
            case "not finite":
                return gettext(
                    "{matrices} hold infinities or no numbers, such as {name}", matrices=about, name=self.such_as
                )


class DamageScan:
    """Looks at a safetensors file's matrices while its bytes pass."""

    def __init__(self, header: Header) -> None:
        """Begin at the file's first byte."""
        self._matrices = _matrices(header)
        self._now: tuple[str, int, _Matrix] | None = next(self._matrices, None)
        self._at = 0
        self._seen = 0
        self._found: dict[DamageKind, list[str]] = {"zeros": [], "constant": [], "not finite": []}

    def feed(self, piece: bytes | memoryview) -> None:
        """Take the next bytes, of any length."""
        view = memoryview(piece)
        while self._now:
            name, begin, matrix = self._now
            start = max(begin + matrix.taken - self._at, 0)
            if start >= len(view):
                break
            matrix.take(view[start : start + matrix.left])
            if matrix.left:
                break
            self._seen += 1
            for kind in matrix.damage():
                self._found[kind].append(name)
            self._now = next(self._matrices, None)
        self._at += len(view)

    def findings(self) -> tuple[Damage, ...]:
        """What was found, an entry for each kind."""
        return tuple(
            Damage(kind=kind, matrices=len(names), of=self._seen, such_as=names[0])
            for kind, names in self._found.items()
            if names
        )


def _matrices(header: Header) -> Iterator[tuple[str, int, _Matrix]]:
    """Name, first byte in the file, and an empty state of each matrix, in the order of the data."""
    passed = 0
    for name, tensor in header.tensors.items():
        if tensor.begin >= passed and _is_looked_at(name, tensor) and not NOT_LOADED.search(name):
            passed = tensor.end
            yield name, header.data_start + tensor.begin, _Matrix(tensor)


def _is_looked_at(name: str, tensor: Tensor) -> bool:
    """A matrix, or a learned pad token, which spoils every picture where it is zero."""
    numbers, length = prod(tensor.shape), tensor.end - tensor.begin
    is_matrix = len(tensor.shape) > 1 and tensor.shape[0] > 1 and numbers > tensor.shape[0] and numbers >= LEAST_NUMBERS
    is_whole = tensor.dtype in BYTES and numbers and length == numbers * BYTES[tensor.dtype]
    return bool(is_whole and (is_matrix or name.endswith(PAD_TOKEN)))


class _Matrix:
    """What is known of one matrix so far."""

    def __init__(self, tensor: Tensor) -> None:
        self.left = tensor.end - tensor.begin
        self.taken = 0
        self._bytes = BYTES[tensor.dtype]
        self._infinite = INFINITE[tensor.dtype]
        self._sign = 1 << (8 * self._bytes - 1)
        self._row = prod(tensor.shape[1:])  # numbers in it
        self._hole = HOLE_BYTES // self._bytes
        self._carried = b""
        self._count = 0
        self._zeros_from: int | None = None
        """Number at which the zeros begin that reach to the last one seen."""
        self._zero_rows = 0
        self._is_holed = False
        self._most_positive = self._most = 0
        self._least = 2 * self._sign

    def take(self, view: memoryview) -> None:
        """The next bytes of the matrix."""
        import numpy as np

        self.left -= len(view)
        self.taken += len(view)
        data = self._carried + bytes(view) if self._carried else view
        whole = len(data) - len(data) % self._bytes
        self._carried = bytes(data[whole:])
        if whole:
            bits = np.frombuffer(data[:whole], f"<u{self._bytes}")
            self._extremes(bits)
            self._zeros(bits)
            self._count += len(bits)

    def _extremes(self, bits: Bits) -> None:
        """Without a copy: as signed numbers the largest is the most positive weight, as unsigned the most negative."""
        self._most = max(self._most, int(bits.max()))
        self._most_positive = max(self._most_positive, int(bits.view(f"<i{self._bytes}").max()))
        if self._least >= self._most:  # all equal so far
            self._least = min(self._least, int(bits.min()))

    def _zeros(self, bits: Bits) -> None:
        """Keep account of zeros in a row; only where a hole may be is every number looked at."""
        import numpy as np

        if not self._may_hole(bits):
            head, tail = bits[: self._hole], bits[-self._hole :]
            if self._zeros_from is not None:
                self._close(self._zeros_from, self._count + int(np.flatnonzero(head)[0]))
            after = len(tail) - 1 - int(np.flatnonzero(tail)[-1])
            self._zeros_from = self._count + len(bits) - after if after else None
            return
        filled = np.flatnonzero(bits) + self._count
        begin = self._count if self._zeros_from is None else self._zeros_from
        if not len(filled):
            self._zeros_from = begin
            return
        self._close(begin, int(filled[0]))
        for gap in np.flatnonzero(np.diff(filled) > self._hole).tolist():
            self._close(int(filled[gap]) + 1, int(filled[gap + 1]))
        after = self._count + len(bits) - 1 - int(filled[-1])
        self._zeros_from = int(filled[-1]) + 1 if after else None

    def _may_hole(self, bits: Bits) -> bool:
        """Whether a hole may lie within these numbers; then it has all of some half of a hole's length."""
        import numpy as np

        half = self._hole // 2
        whole = bits[: len(bits) - len(bits) % half].reshape(-1, half)
        may_be = np.flatnonzero(whole[:, 0] == 0)
        if len(may_be) and not whole[may_be].any(axis=1).all():
            return True
        return not (bits[: self._hole].any() and bits[-self._hole :].any())

    def _close(self, begin: int, end: int) -> None:
        """Zeros in a row have come to their end."""
        if end - begin < self._hole:
            return
        if begin % self._row or end % self._row:
            self._is_holed = True
        else:
            self._zero_rows += (end - begin) // self._row

    def damage(self) -> Iterator[DamageKind]:
        """What is wrong with it, once all of it was taken."""
        if self._zeros_from is not None:
            self._close(self._zeros_from, self._count)
        rows = self._count // self._row
        is_zero = self._most in (0, self._sign) and self._most_positive == 0
        if is_zero or self._is_holed or self._zero_rows > MOST_ZERO_ROWS * rows:
            yield "zeros"
        elif self._least == self._most:
            yield "constant"
        if self._most_positive >= self._infinite or self._most >= self._sign + self._infinite:
            yield "not finite"
