"""`schema`: JSON Schemas for editors and programs."""

from __future__ import annotations

import json

import pytest
from program import call_here


@pytest.mark.parametrize("of", ["job", "settings", "manifest", "sidecar", "error", "status"])
def test_schema_prints_json(of: str) -> None:
    assert json.loads(call_here("schema", of).stdout)["type"] == "object"
