"""What holds for all tests: the order in which they run (`shuffled`), and a terminal that speaks English."""

from __future__ import annotations

import os

from shuffled import pytest_addoption, pytest_collection_modifyitems, pytest_configure, pytest_sessionstart

__all__ = ["pytest_addoption", "pytest_collection_modifyitems", "pytest_configure", "pytest_sessionstart"]

os.environ |= {"LC_ALL": "C.UTF-8"}
