"""The page of a proof in a browser: from it the file can be had by which the job goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
from house import House

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("verb", "ends"), [("approve", {"Red & mugs.proof", "Red & mugs"}), ("reject", {"Red & mugs.proof"})]
)
def test_what_is_downloaded_from_the_page_and_put_into_the_inbox_is_obeyed(
    chromium, tmp_path: Path, verb: str, ends: set[str]
) -> None:
    house = House(tmp_path)
    house.drop("mugs.yaml", "name: Red & mugs\nproof: true\nprompt: a mug\ncount: 2\n")
    house.drain()
    page = chromium.new_page(accept_downloads=True)
    page.goto((house.root / "outbox/Red & mugs.proof/index.html").as_uri())
    with page.expect_download() as download:
        page.click(f"a[download$='.{verb}']")
    download.value.save_as(house.root / "inbox" / download.value.suggested_filename)
    page.close()
    house.drain()
    assert house.names("outbox") == ends
