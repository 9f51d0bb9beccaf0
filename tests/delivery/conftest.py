"""Values to deliver: requests, pictures and records that a test changes where it matters."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from worker.delivery.delivery import FileDelivery
from worker.identity import ModelIdentity, WorkerIdentity
from worker.live_records import Moment
from worker.manifest_records import Entry, JobRecord
from worker.problem import Problem
from worker.records import Outcome, Picture, PictureResult, Refused, Request, StagedFile, Try
from worker.stage_times import StageSeconds
from worker.translation import gettext

WARNING = Problem(
    file="mugs/products.csv", line=3, column=1, where="title", message=gettext("`{cell}` is no title.", cell="#N/A"),
    is_warning=True, rule="table.spoilt_cell", remedy=gettext("Write the title."), count=900,
    examples=(gettext("line {line}", line=3), gettext("line {line}", line=4), gettext("line {line}", line=7)),
)  # fmt: skip
REQUEST = Request(
    shot_id="MUG-01",
    index=1,
    file="MUG-01_01.png",
    prompt="a red mug, white background",
    seed=7,
    width_px=64,
    height_px=48,
    steps=8,
    guidance=3.0,
)
RECORD = JobRecord(
    job_id="5f0c",
    name="autumn-mugs",
    submitted_at="2026-07-01T20:59:00Z",
    started_at="2026-07-01T21:00:00Z",
    finished_at="2026-07-01T21:12:05Z",
    worker=WorkerIdentity(id="w1", host="studio", version="0.1.0", torch="2.13.0", diffusers="0.42.1", gpu=None),
    model=ModelIdentity(id="Z-Image-Turbo", kind="turbo", sha256="ab12" * 16, demo=False),
    pictures=3,
    columns=("sku", "title"),
)
MOMENT = Moment(
    at="2026-07-01T21:05:00+00:00", state="rendering", folder="autumn-mugs.w1-3-ab12cd34.partial", picture_s=8.4,
    left_s=520.0, ends_at="2026-07-01T21:13:40+00:00", file="MUG-09_01.png", step=3, steps=8,
)  # fmt: skip


class Samples:
    """Makes one value of each kind."""

    record = RECORD
    moment = MOMENT
    warning = WARNING

    def request(self, **changes) -> Request:
        return replace(REQUEST, **changes)

    def picture(self, request: Request = REQUEST) -> Picture:
        width, height = request.width_px, request.height_px
        rgb = bytes((x * 3 + y * 2 + c * 60) % 256 for y in range(height) for x in range(width) for c in range(3))
        return Picture(width_px=width, height_px=height, rgb=rgb)

    def attempt(self, rung: str = "first", outcome: Outcome = "ok", seconds: float = 0.61449, **more) -> Try:
        return Try(rung=rung, outcome=outcome, seconds=seconds, peak_mib=None, **more)

    def refused(self, rung: str = "first", outcome: Outcome = "black", level: int = 0) -> Refused:
        picture = Picture(width_px=64, height_px=48, rgb=bytes([level]) * (64 * 48 * 3))
        return Refused(rung=rung, outcome=outcome, picture=picture)

    def made(self, **changes) -> PictureResult:
        request = self.request(**changes)
        return PictureResult(request=request, picture=self.picture(request), tries=(self.attempt(),))

    def retried(self, **changes) -> PictureResult:
        """Refused twice, then made with another seed."""
        tries = (
            self.attempt("first", "black", note="mean 0.0 of 255", lessons=("stream_blocks",)),
            self.attempt("again", "oom"),
            self.attempt("decode_fp32", "flat"),
            self.attempt("new_seed", seed=99, stages=StageSeconds(encode_s=0.25, denoise_s=2.0, decode_s=0.125)),
        )
        refused = (self.refused(), self.refused("decode_fp32", "flat", 128))
        return replace(self.made(**changes), tries=tries, refused=refused)

    def failed(self, **changes) -> PictureResult:
        request = self.request(**changes)
        return PictureResult(
            request=request,
            picture=None,
            tries=(self.attempt("first", "black"), self.attempt("fp32_decode", "oom", 0.2)),
            refused=(self.refused(),),
            error="Every try was black. Try another seed.",
        )

    def cancelled(self, **changes) -> PictureResult:
        request = self.request(**{"file": "never.png", **changes})
        return PictureResult(
            request=request, picture=None, tries=(), error="Cancelled by mugs.cancel.", is_cancelled=True
        )


class Folder:
    """What `run_job` does with a delivery, in memory."""

    def __init__(self, record: JobRecord = RECORD) -> None:
        self.delivery = FileDelivery()
        self.record = record
        self.files: dict[str, bytes] = {}
        self.entries: list[Entry] = []

    def add(self, *results: PictureResult) -> Folder:
        for result in results:
            entry, files = self.delivery.picture(result, record=self.record)
            self.entries.append(replace(entry, file_s=0.5) if entry.status == "ok" else entry)
            self._keep(*files)
        return self

    def live(self, record: JobRecord | None = None, entries: Sequence[Entry] | None = None, **changes) -> bytes:
        """The live page."""
        moment = replace(MOMENT, **changes)
        said = self.entries if entries is None else entries
        return self.delivery.live(record or self.record, said, moment=moment, needs_page=True).page

    def told(self, record: JobRecord | None = None, entries: Sequence[Entry] | None = None, **changes) -> dict:
        """What an open page is told by its record."""
        said = self.entries if entries is None else entries
        script = self.delivery.live(
            record or self.record, said, moment=replace(MOMENT, **changes), needs_page=False
        ).record.decode()
        return json.loads(script.removeprefix("zimageLive(").removesuffix(");\n"))

    def close(self) -> Folder:
        for file in self.delivery.closing(self.record, self.entries, read=self.read):
            self.files[file.name] = b"".join(file.pieces())
        return self

    def read(self, name: str) -> bytes:
        try:
            return self.files[name]
        except KeyError:
            raise FileNotFoundError(name) from None

    def _keep(self, *files: StagedFile) -> None:
        self.files |= {file.name: file.data for file in files}


@pytest.fixture
def samples() -> Samples:
    return Samples()


@pytest.fixture
def folder() -> Folder:
    return Folder()


@pytest.fixture
def folder_of():
    return Folder
