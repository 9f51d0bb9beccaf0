"""The frozen values that rooms share: what is asked, and what came of it. Knows only shapes and units; all pickle."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from worker.kept_records import Proof, Retry
from worker.problem import Problem
from worker.stage_times import StageSeconds

ImageFormat = str
"""Name of a picture format, such as `png`; which there are stands in `worker/delivery/formats/`."""
Permission = Literal["tiled_decode", "new_seed"]
"""What changes a picture, and so is done only where a job or the settings allow it; each is the name of its rung."""
Outcome = Literal["ok", "oom", "black", "white", "flat", "not_finite", "wrong_size", "error"]
"""What one try came to. Everything but `ok` is a refused picture or none at all."""

JOB_FILE = "job.yaml"
"""The job file of a job folder; in a finished folder the job as it was dropped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """What a model recommends where a job is silent, and what the settings say in its place."""

    width_px: int
    height_px: int
    steps: int
    guidance: float
    """ZImagePipeline's guidance scale: 0 is off; 4 is a classic CFG scale of 5 (source: diffusers 0.42.1)."""
    allow: frozenset[Permission] = frozenset()
    """Comes from the settings alone: no model recommends a change of the picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureKind:
    """Pictures that take equally long: what decides how long one takes, on one card with one model."""

    pixels: int
    """Width times height."""
    steps: int
    is_guided: bool
    """Guidance above 0, which doubles the forwards of the transformer."""

    @property
    def pixel_steps(self) -> int:
        """Work in pixels times forwards of the transformer."""
        return self.pixels * self.steps * (2 if self.is_guided else 1)


LONGEST_PX = (8_192, 8_192)
"""Of Z-Image and Z-Image-Turbo: `axes_lens` has 512 rows and columns, each of 2x2 latents of 8x8 pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one job file may ask for: ceilings, which come from the settings, and the picture formats there are."""

    job_bytes: int = 262_144
    csv_bytes: int = 8_388_608
    pictures: int = 10_000
    """Pictures one job may ask for, after products, matrix and count."""
    text_bytes: int = 64_000_000
    """Of all pictures together: prompts, metadata and columns are repeated for each, in six files."""
    pixels: int = 4_194_304
    """Width times height of one picture; 2048x2048 is the model card's largest."""
    longest_px: tuple[int, int] = LONGEST_PX
    """Width and height at most: as far as the model's table of positions reaches."""
    steps: int = 100
    formats: Mapping[ImageFormat, str] = field(default_factory=lambda: {"png": "png"})
    """Extension by name. Whoever joins the rooms hands in what delivery can write; png is always there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One picture to make: one prompt, one seed, one size. Plain values, so that it can travel."""

    shot_id: str
    index: int
    """1-based within its shot (and matrix combination)."""
    matrix: Mapping[str, str] = field(default_factory=dict)
    file: str
    """Final file name with extension, such as `MUG-01_01.png`; unique in its job, also when case is ignored."""
    prompt: str
    negative_prompt: str = ""
    seed: int
    """0 to 2**32 - 1."""
    width_px: int
    height_px: int
    steps: int
    guidance: float
    format: ImageFormat = "png"
    metadata: Mapping[str, object] = field(default_factory=dict)
    """Carried into every result; all scalars are text exactly as written."""
    product: Mapping[str, str] = field(default_factory=dict)
    """The CSV row this picture belongs to; empty when the job has no products."""
    allow: frozenset[Permission] = frozenset()
    """What may be done for this picture although it changes it; one for which none of it was done is the same."""

    @property
    def sidecar(self) -> str:
        """Name of the JSON file beside the picture, such as `MUG-01_01.json`."""
        return f"{self.file.rpartition('.')[0]}.json"

    @property
    def pixel_steps(self) -> int:
        """Work in pixels times forwards of the transformer: guidance above 0 doubles the forwards."""
        return self.kind.pixel_steps

    @property
    def kind(self) -> PictureKind:
        """What decides how long it takes."""
        return PictureKind(pixels=self.width_px * self.height_px, steps=self.steps, is_guided=self.guidance > 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job file (or folder) made concrete."""

    name: str
    """Name of the finished folder."""
    title: str = ""
    """As its author wrote it, in any script and of any length; the folder's name where nobody wrote any."""
    requests: tuple[Request, ...]
    proof: frozenset[str] = frozenset()
    """Files of the pictures that are made first, for a person to approve before the rest; none for no proof."""
    whole: tuple[Request, ...] = ()
    """Of a job of which only the proof is asked for now: all of its requests; empty for any other."""
    priority: int = 0
    """Higher first: high 100, normal 0, low -100, or the author's number."""
    columns: tuple[str, ...] = ()
    """Columns of the products file, in its order; results.csv begins with them."""
    delimiter: str = ","
    """What parts the cells of a line in the products file, and in results.csv."""
    warnings: tuple[Problem, ...] = ()
    """One for each cause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A decoded picture, not yet a file."""

    width_px: int
    height_px: int
    rgb: bytes
    """(height_px, width_px, 3) uint8, row-major: 3 * width_px * height_px bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One try at a request, as the manifest records it."""

    rung: str
    """Name of the ladder's rung; `first` for the undisturbed try."""
    outcome: Outcome
    seconds: float
    peak_mib: float | None = None
    """Peak of the allocator on the GPU, or None on the CPU, in MiB."""
    note: str = ""
    """What a person should know of it, such as where the memory ran out; empty for nothing."""
    seed: int | None = None
    """0 to 2**32 - 1, where the rung took another seed than the request's (`new_seed`); None for the request's own."""
    lessons: tuple[str, ...] = ()
    """Rungs kept from earlier pictures, with which this one began, lowest first; of a first try only."""
    evidence: str | None = None
    """Where the refused picture lies, relative to the job's folder, such as `rejected/MUG-01_01.1-first-black.png`.

    Delivery fills it in: the studio leaves it None and hands the picture over as `Refused`.
    """
    stages: StageSeconds | None = None
    """None where a former worker made it, or the process died of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A picture that was not accepted: evidence for `rejected/`, never a result.

    The studio gives one for every try that made a picture and was refused, with exactly that try's `rung` and
    `outcome` (by which delivery finds the try), in the order of the tries, whether or not the shot succeeded
    in the end. A try that ended without a picture (out of memory, latents that are not finite) has none.
    """

    rung: str
    outcome: Outcome
    picture: Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureResult:
    """What came of one request: a picture, or an error with its evidence."""

    request: Request
    picture: Picture | None
    tries: tuple[Try, ...]
    refused: tuple[Refused, ...] = ()
    """Every refused picture on the way, also where the shot succeeded later."""
    error: str | None = None
    """Why there is no picture, for a person; None exactly when `picture` is there."""
    is_cancelled: bool = False
    """There is none as a person cancelled the job; that is no failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A step of a picture is done."""

    request: Request
    step: int
    """1-based step just finished; 0 while prompts are encoded, and when a batch begins a try."""
    steps: int
    files: tuple[str, ...] = ()
    """Of the pictures made together, or whose prompts are encoded together, `request`'s first, and of those before
    them that have no result yet."""
    plan: str = ""
    """How the card's memory is used, for a person; told when a batch begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A file or folder in the inbox that has settled: nobody has changed it for `settle_s`."""

    path: Path
    stem: str
    """File name without `.yaml`/`.yml`, or the folder's name."""
    fingerprint: str
    """SHA-256 over names and contents."""
    since_s: float
    """When it was first seen so, in seconds of the clock that goes on while the machine sleeps (`Clocks.boottime`)."""
    is_submitted: bool = False
    """It is what a command put there whole, and left a note of."""
    dropped_by: str | None = None
    """Who dropped it, where the file system tells."""
    kept: int = 0
    """How many of its pictures are there already: of a job that is made again, or whose proof is there."""
    is_approved: bool = False
    """Nobody waits for its proof: a person has approved it, or it is a retry of such a job."""
    ended_by: str | None = None
    """The file by which a person rejected its proof, or cancelled it while that waited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """This worker owns this job now."""

    id: str
    """Names worker and attempt; unique for ever, safe in a file name."""
    job_id: str
    """Unique id of the job, given when it was first claimed, kept over every attempt."""
    stem: str
    attempt: int
    """How often work on the job has begun; 0 before. A clean stop does not count."""
    dropped: Path
    """The job file or folder as the person dropped it, now inside the claim."""
    submitted_at: str
    """ISO 8601, UTC: when the file reached the inbox, as far as the share tells."""
    earlier: tuple[str, ...] = ()
    """Ids of this job's former claims, newest first: their staged pictures may be reused."""
    deaths: tuple[tuple[str, ...], ...] = ()
    """The pictures that were in work, by file name, at each death of a worker, oldest first; none in work is empty."""
    fruitless: int = 0
    """How many of these deaths came since a picture of the job was last finished."""
    retry: Retry | None = None
    """Where the job is one that has ended, made again."""
    proof: Proof | None = None
    """Where its proof lies in the outbox."""
    dropped_by: str | None = None
    """Who dropped it, where the file system tells."""
    rests: bool = False
    """Whether it had been laid aside when its worker died or it was last looked at: those in work go on first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedFile:
    """A file ready to be written into a job's folder."""

    name: str
    """Relative to the job's folder, with `/`; such as `MUG-01_01.png` or `rejected/MUG-01_01.1-first-black.png`."""
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedPieces:
    """Likewise, a piece at a time: made while it is written, and never whole in memory."""

    name: str
    pieces: Callable[[], Iterable[bytes]]
    """Makes them anew for each try."""
