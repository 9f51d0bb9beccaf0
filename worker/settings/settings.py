"""One frozen object for everything that can be set. Where each value comes from, `loading` knows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from worker.hours import Hours
from worker.job.values import Steps
from worker.languages import LanguageSetting
from worker.records import Limits, Recommendation
from worker.settings.card_values import CardCeiling
from worker.settings.hook import HookSetting
from worker.settings.hours_text import HoursText, hours_of
from worker.settings.model_place import MODELS_DIR
from worker.settings.notify import NotifySetting
from worker.settings.retention import Retention
from worker.settings.values import (
    AllowList,
    Device,
    MetricsFile,
    Seconds,
    Size,
    WorkerId,
    default_state_dir,
    default_worker_id,
)
from worker.translation import Language, gettext


class Settings(BaseModel):
    """The settings of a worker. Each description is also the comment in the file that `init` writes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    inbox: Path = Field(Path("inbox"), description=gettext("Folder into which people drop jobs."))
    outbox: Path = Field(Path("outbox"), description=gettext("Folder in which finished jobs appear."))
    failed: Path = Field(
        Path("failed"), description=gettext("Folder for jobs that could not be read or gave no picture.")
    )
    model: str | None = Field(
        None,
        description=gettext(
            "Folder of the model in diffusers layout, the name of one in `models_dir`, or `demo` for the embedded one."
        ),
    )
    models_dir: Path = Field(
        Path(MODELS_DIR),
        description=gettext("Folder into which `model add` writes models; where not set, beside the settings file."),
    )
    transformer_file: Path | None = Field(
        None,
        description=gettext(
            "A single .safetensors transformer to use in place of the folder's `transformer/` weights."
        ),
    )
    model_kind: Literal["auto", "turbo", "distilled", "de-turbo", "base"] = Field(
        "auto",
        description=gettext("turbo, distilled, de-turbo, base, or auto: told by the model's own files and names."),
    )
    device: Device = Field(
        "auto", description=gettext("auto (CUDA; the CPU only for the embedded model), cuda, cuda:1, or cpu.")
    )
    compile: Literal["auto", "always", "never"] = Field(
        "auto",
        description=gettext("Compile transformer and VAE: always, never, or auto: on a card, as soon as it pays."),
    )
    nice: bool = Field(
        False,
        description=gettext(
            "Wait between two pictures while other programs compute or draw on the card, until nobody has for 10 s; "
            "programs that only hold its memory and other workers do not count. NVIDIA only."
        ),
    )
    max_temperature_c: CardCeiling | None = Field(
        None,
        description=gettext(
            "Begin no picture while the card is as hot as that, in °C, and go on once it is 5 below; 40 to 110, else "
            "no ceiling. NVIDIA only."
        ),
    )
    worker_id: WorkerId = Field(
        default_factory=default_worker_id, description=gettext("Name of this worker; the host's name when not set.")
    )
    size: Size | None = Field(
        None,
        description=gettext("Default size of a picture: 1024x1024 or a preset, as in a job; else the model's own."),
    )
    steps: Steps | None = Field(None, description=gettext("Default inference steps; else the model's own."))
    guidance: Annotated[float, Field(ge=0, le=20)] | None = Field(
        None, description=gettext("Default guidance scale (0 is off); else the model's own.")
    )
    allow: AllowList = Field(
        None,
        description=gettext(
            "What every job may do although it changes the picture, unless it says otherwise: a list of "
            "tiled_decode and new_seed; else nothing."
        ),
    )
    strict: bool = Field(
        False,
        description=gettext("Refuse jobs that have warnings, before the night; a job's own `strict` goes before this."),
    )
    scan_s: Annotated[float, Field(gt=0, le=3600)] = Field(
        1.0, description=gettext("Seconds between two looks into the inbox.")
    )
    settle_s: Seconds = Field(2.0, description=gettext("Seconds a job must stay unchanged before it is taken."))
    ready_files: bool = Field(
        False,
        description=gettext(
            "Take a job only once a file with its whole name and `.ready` lies beside it (`NAME.yaml.ready`): "
            "for programs that write into the inbox."
        ),
    )
    grace_s: Seconds = Field(
        60.0, description=gettext("Seconds a job that is not valid may stay unchanged before it is moved to `failed`.")
    )
    away_s: Annotated[float, Field(gt=0, le=3600)] = Field(
        15.0, description=gettext("Seconds between two tries while the share is away or full.")
    )
    lease_s: Annotated[float, Field(ge=60, le=3600)] = Field(
        120.0,
        description=gettext("Seconds after which a silent worker of another machine is dead and its job taken over."),
    )
    attempts: Annotated[int, Field(ge=1, le=100)] = Field(
        3, description=gettext("At how many deaths of a worker a picture may be in work before it fails by itself.")
    )
    max_job_bytes: Annotated[int, Field(ge=1024)] = Field(262_144, description=gettext("Largest job file, in bytes."))
    max_csv_bytes: Annotated[int, Field(ge=1024)] = Field(
        8_388_608, description=gettext("Largest products file, in bytes; a workbook may be eight times as large.")
    )
    max_shots: Annotated[int, Field(ge=1)] = Field(10_000, description=gettext("Most pictures one job may ask for."))
    max_pixels: Annotated[int, Field(ge=4096)] = Field(
        4_194_304, description=gettext("Largest picture, in pixels (width times height).")
    )
    max_steps: Annotated[int, Field(ge=1)] = Field(100, description=gettext("Most inference steps."))
    quota: Annotated[int, Field(ge=1)] | None = Field(
        None,
        description=gettext(
            "Pictures that one person, where the file system tells who dropped a job, may have waiting; what is beyond "
            "is held until the others' have had their turn. Else any number."
        ),
    )
    hours: HoursText = Field(
        None,
        description=gettext(
            "When this worker may render, by this machine's clock, such as `22:00-07:00` or `weekdays 22:00-07:00`; "
            "outside it finishes its picture, leaves the card free and waits. Else at any time."
        ),
    )
    reserve_mib: Annotated[int, Field(ge=0)] = Field(
        1024,
        description=gettext(
            "MiB that are kept free on the outbox's disk, but at most 2 percent of it: a job whose pictures would use "
            "them waits until there is room; jobs that fit go on."
        ),
    )
    hook: HookSetting = Field(
        None,
        description=gettext(
            "A command after each job, as a list of words or a line (no shell reads it), its last word the path of the"
            " job's manifest; or {{command: [./after-job.sh], limit_s: 60}}. Else none."
        ),
    )
    metrics_file: MetricsFile | None = Field(
        None,
        description=gettext(
            "Local file, its name ending in .prom, into which the worker writes figures for Prometheus (node_exporter's"
            " textfile collector). Else none."
        ),
    )
    retention: Retention | None = Field(
        None,
        description=gettext(
            "What becomes of finished folders: {{after_days: 60, do: archive, archive: /mnt/archive}} moves those that"
            " were finished so many days ago, do: delete removes them, which: [complete, partial] says which. Else they"
            " stay."
        ),
    )
    state_dir: Path = Field(
        default_factory=default_state_dir,
        description=gettext("Local folder (never on the share) for locks and checksums."),
    )
    log: Literal["auto", "console", "json"] = Field(
        "auto",
        description=gettext(
            "Every event on a line for a person (console) or a program (json); auto: sentences and a live line on a "
            "terminal, else json."
        ),
    )
    notify: NotifySetting = Field(
        None,
        description=gettext(
            "Whom to tell of the night (needs the extra `notify`): an address of Apprise such as `ntfy://my-topic`, a "
            "list of them, or a mapping with `urls`, `file`, `events`, `batch_s`, `most_an_hour`, `outbox_as`, "
            "`failed_as` and `templates`. Else nobody."
        ),
    )
    language: LanguageSetting = Field(
        "auto",
        description=gettext(
            "Of all that people read: zh (Chinese), en (English), or auto: beside pictures that of the job, on a "
            "terminal the terminal's."
        ),
    )

    @property
    def service_language(self) -> Language:
        """Of what a service manager is told: English unless it is set, as no terminal's locale is a reader's there."""
        return "zh" if self.language == "zh" else "en"

    @property
    def working_hours(self) -> Hours | None:
        """When the worker may render; None: at any time."""
        return hours_of(self.hours)

    def limits(self) -> Limits:
        """The ceilings for one job."""
        return Limits(
            job_bytes=self.max_job_bytes,
            csv_bytes=self.max_csv_bytes,
            pictures=self.max_shots,
            pixels=self.max_pixels,
            steps=self.max_steps,
        )

    def recommendation(self, model: Recommendation) -> Recommendation:
        """The model's recommendation, with these settings' own defaults in its place where they are set."""
        width_px, height_px = map(int, self.size.split("x")) if self.size else (model.width_px, model.height_px)
        return Recommendation(
            width_px=width_px,
            height_px=height_px,
            steps=model.steps if self.steps is None else self.steps,
            guidance=model.guidance if self.guidance is None else self.guidance,
            allow=frozenset(self.allow or ()),
        )
