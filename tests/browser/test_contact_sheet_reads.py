"""The contact sheet in a browser: whole without a network, readable on a phone, on paper and aloud."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.chromium import LOOKS, Look, reading
from tests.delivery.preview import main

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_contact_sheet_serves_every_reader(chromium, tmp_path: Path, look: Look) -> None:
    main(tmp_path)
    with reading(chromium, tmp_path / "contact_sheet.html", look) as reader:
        reader.keep("contact_sheet")
        assert reader.findings() == []
        assert reader.overflow_px() <= 0
        assert reader.errors == []
