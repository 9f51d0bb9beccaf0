"""Units of memory: bytes in a MiB."""

from __future__ import annotations

MIB = 1024 * 1024
