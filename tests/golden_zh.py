"""Writes what is said of each job file under `tests/job/` in Chinese; read it before it is committed.

Run it after a case is added or a translation changed: `python tests/golden_zh.py`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "delivery")]

from html_page import Page  # noqa: E402

from worker.delivery.delivery import FileDelivery  # noqa: E402
from worker.delivery.formats import EXTENSIONS  # noqa: E402
from worker.errors import JobInvalid  # noqa: E402
from worker.identity import ModelIdentity, WorkerIdentity  # noqa: E402
from worker.job.reader import JobFiles  # noqa: E402
from worker.manifest_records import JobRecord  # noqa: E402
from worker.records import Limits, PictureResult, Recommendation, Request, Try  # noqa: E402
from worker.spool.names import remedy_for  # noqa: E402
from worker.spool.receipts import receipt  # noqa: E402
from worker.translation import gettext, joined, translated  # noqa: E402

JOBS = ROOT / "tests" / "job"


def job_reader() -> JobFiles:
    """As the tests of the job language have it."""
    recommendation = Recommendation(width_px=256, height_px=256, steps=8, guidance=3.0)
    return JobFiles(Limits(formats=EXTENSIONS), recommendation, guidance_matters=True)


def cases() -> Iterator[Path]:
    """Every job of which something is said in English."""
    for expected in sorted([*JOBS.glob("*/*.expected"), *JOBS.glob("good/*.expected.json")]):
        stem = expected.name.partition(".expected")[0]
        folder = expected.parent / stem
        yield folder if folder.is_dir() else expected.parent / f"{stem}.yaml"


def said_in_chinese(path: Path) -> str:
    """All problems or warnings of a job, a line each; empty for none."""
    try:
        told = joined(warning.text for warning in job_reader().read(path, stem=path.stem).warnings)
    except JobInvalid as invalid:
        told = invalid.text
    return f"{translated(told, 'zh')}\n" if told else ""


def twin(path: Path) -> Path:
    """Where the Chinese of a job lies."""
    return path.parent / f"{path.stem}.expected.zh"


SAMPLES = ROOT / "tests" / "delivery" / "samples_zh"
RECORD = JobRecord(
    job_id="5f0c", name="秋季马克杯", submitted_at="2026-07-01T20:59:00Z", started_at="2026-07-01T21:00:00Z",
    finished_at="2026-07-01T21:12:05Z", pictures=1, language="zh",
    worker=WorkerIdentity(id="w1", host="studio", version="0.1.0", torch="2.13.0", diffusers="0.42.1", gpu=None),
    model=ModelIdentity(id="Z-Image-Turbo", kind="turbo", sha256="ab12" * 16, demo=True),
)  # fmt: skip
FAILED = PictureResult(
    request=Request(
        shot_id="A", index=1, file="A_01.png", prompt="红色马克杯", seed=7, width_px=64, height_px=48, steps=8,
        guidance=3.0,
    ),
    picture=None,
    tries=(Try(rung="first", outcome="black", seconds=0.6), Try(rung="decode_fp32", outcome="oom", seconds=75.0)),
    error=gettext("The renderer's process hung up, and does not end when killed: its driver or disk holds it."),
)  # fmt: skip


def samples() -> dict[str, str]:
    """A page as it is read, an error.txt and a receipt, by file name."""
    delivery = FileDelivery()
    entry, _ = delivery.picture(FAILED, record=RECORD)
    pages = {file.name: b"".join(file.pieces()) for file in delivery.closing(RECORD, [entry], read=lambda _: b"")}
    broken = JOBS / "broken" / "everything-at-once.yaml"
    problems = ()
    try:
        job_reader().read(broken, stem="everything-at-once")
    except JobInvalid as invalid:
        problems = invalid.problems
    reason = gettext("Cancelled by {file}.", file="mug.cancel")
    refused = delivery.refusal("马克杯", problems, reason=reason, language="zh")
    why = remedy_for("新建文本文档.txt", is_folder=False) or ""
    return {
        "contact_sheet.txt": "\n".join(text.strip() for text in Page(pages["index.html"]).texts if text.strip()),
        "error.txt": refused[0].data.decode().replace("\r\n", "\n"),
        "receipt.txt": receipt("新建文本文档.txt", why, language="zh").decode().replace("\r\n", "\n"),
    }


def main() -> None:
    """Write all of it."""
    SAMPLES.mkdir(exist_ok=True)
    for name, text in samples().items():
        (SAMPLES / name).write_text(text, "utf-8")
    for case in cases():
        if told := said_in_chinese(case):
            twin(case).write_text(told, "utf-8")
        else:
            twin(case).unlink(missing_ok=True)


if __name__ == "__main__":
    main()
