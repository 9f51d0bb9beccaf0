"""Writes pages of a made-up job into a folder, to look at while a template is edited.

`python -m tests.delivery.preview FOLDER` from the project's folder; nothing is rendered, it takes a second.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from tests.delivery.conftest import MOMENT, RECORD, WARNING, Folder, Samples

PROMPTS = ("a red mug on a white table, soft light from the left", "白色马克杯，柔和的光", "كوب أحمر على خلفية بيضاء")


def main(target: Path) -> None:
    """Write every page that there is, with the files beside them."""
    samples = Samples()
    folder = Folder(replace(RECORD, pictures=12, model=replace(RECORD.model, demo=True), warnings=(WARNING,)))
    for number in range(8):
        folder.add(samples.made(file=f"mug-{number}.png", prompt=PROMPTS[number % 3], width_px=96 + 32 * (number % 3),
                                height_px=128, metadata={"campaign": "autumn"}))  # fmt: skip
    folder.add(samples.retried(file="retried.png"), samples.failed(file="failed.png"))
    in_work = replace(folder.record, finished_at=None)
    live = folder.delivery.live(in_work, folder.entries, moment=MOMENT, needs_page=True).page
    folder.close().files["live_page.html"] = live
    paused = replace(MOMENT, state="paused", reason="PAUSE lies in the inbox: remove it to go on", since=MOMENT.at)
    folder.files["paused_page.html"] = folder.delivery.live(
        in_work, folder.entries, moment=paused, needs_page=True
    ).page
    folder.files["contact_sheet.html"] = folder.files.pop("index.html")
    for name, data in folder.files.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    print(target / "contact_sheet.html", target / "live_page.html", sep="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
