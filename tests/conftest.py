"""What holds for all tests: the order in which they run (`shuffled`)."""

from __future__ import annotations

from shuffled import pytest_addoption, pytest_collection_modifyitems, pytest_configure, pytest_sessionstart

__all__ = ["pytest_addoption", "pytest_collection_modifyitems", "pytest_configure", "pytest_sessionstart"]
