"""The converter: takes a file's bytes as they pass, and gives each copy its own.

Knows a plan, and no disk.
"""

from __future__ import annotations

from collections.abc import Callable

from worker.studio.model_store.copy_plan import SourceFile, Span
from worker.studio.model_store.numbers import NARROWED, to_bf16

PIECE_BYTES = 4 * 1024**2
"""Converted at a time, whatever passes at once."""


class Converter:
    """Fed with all bytes of one source file in order, it writes the files that are made of it."""

    def __init__(self, source: SourceFile, writers: list[Callable[[bytes | memoryview], object]]) -> None:
        """Write what stands before the data.

        Args:
            source: with its targets.
            writers: one for each target, in their order.
        """
        self._whole = [write for target, write in zip(source.targets, writers, strict=True) if target.is_same]
        left: list[tuple[Span, Callable[[bytes | memoryview], object]]] = []
        for target, write in zip(source.targets, writers, strict=True):
            if not target.is_same:
                write(target.header())
                left += [(span, write) for span in target.spans if span.begin < span.end]
        self._left = sorted(left, key=lambda one: one[0].begin, reverse=True)
        self._at = 0
        self._rest = b""
        """Of a number whose other bytes are still to come."""

    def feed(self, piece: bytes) -> None:
        """Take the next bytes of the source file, any number of them."""
        for write in self._whole:
            write(piece)
        start, view = self._at, memoryview(piece)
        self._at += len(piece)
        while self._left and self._left[-1][0].begin < self._at:
            span, write = self._left[-1]
            first, last = max(span.begin, start), min(span.end, self._at)
            for at in range(first, last, PIECE_BYTES):
                self._convert(view[at - start : min(at + PIECE_BYTES, last) - start], span.source_dtype, write)
            if span.end > self._at:
                break
            self._left.pop()

    def _convert(self, data: memoryview, dtype: str, write: Callable[[bytes | memoryview], object]) -> None:
        if dtype not in NARROWED:
            write(data)
            return
        whole = data if not self._rest else memoryview(self._rest + data)
        usable = len(whole) - len(whole) % NARROWED[dtype]
        self._rest = bytes(whole[usable:])
        write(to_bf16(whole[:usable], dtype))

    @property
    def is_done(self) -> bool:
        """Whether every tensor has had all of its bytes."""
        return not self._left and not self._rest
