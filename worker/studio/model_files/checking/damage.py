"""Damage that bytes show by themselves: matrices that no training leaves behind."""

from __future__ import annotations

from worker.studio.model_files.safetensors_file import Header


class DamageScan:
    """Looks at a safetensors file's matrices while its bytes pass."""

    def __init__(self, header: Header) -> None:
        """Begin at the file's first byte."""

    def feed(self, piece: bytes) -> None:
        """Take the next bytes, of any length."""

    def findings(self) -> tuple[str, ...]:
        """What was found, half a sentence each."""
        return ()
