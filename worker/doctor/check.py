"""What a doctor check is: it gets the machine, and yields findings.

Knows what checks may look at, and that folders, model and device are asked only when the first check wants them: each
may take long, and what came before is on the screen by then.
"""

from __future__ import annotations

import os
import sysconfig
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Literal, Protocol

from worker.disk.free_room import free_room
from worker.disk.mount_tables import MountTables
from worker.doctor.device_report import DeviceReport, report_device
from worker.doctor.waiting import ReadJob, Waiting, waiting_in
from worker.errors import DeviceUnavailable, ExitCode, FoldersUnusable, ModelInvalid, WorkerError
from worker.line_width import padded
from worker.overview_records import Overview
from worker.records import Job, Request
from worker.settings import Settings
from worker.studio.card.host_room import host_room
from worker.studio.model_files.inspect import InspectedModel
from worker.studio.model_files.sizes import weights_in
from worker.studio.model_files.weights import Weights
from worker.studio.plan.host_memory import HostRoom
from worker.translation import Language, Text, gettext, translated

MARKS: Mapping[str, Text] = {"ok": gettext("ok"), "warn": gettext("warn"), "FAIL": gettext("FAIL")}
WHATS: Mapping[str, Text] = {
    "model": gettext("model"),
    "files": gettext("files"),
    "folders": gettext("folders"),
    "setting": gettext("setting"),
    "host": gettext("host"),
    "memory": gettext("memory"),
    "compiler": gettext("compiler"),
    "device": gettext("device"),
    "card": gettext("card"),
    "pause": gettext("pause"),
    "workers": gettext("workers"),
    "queue": gettext("queue"),
    "room": gettext("room"),
    "hook": gettext("hook"),
    "metrics": gettext("figures"),
    "retention": gettext("old jobs"),
    "time": gettext("time"),
    "results": gettext("results"),
    "notify": gettext("notify"),
}
"""First columns as people say them; names of folders stay as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of `doctor`."""

    mark: Literal["ok", "warn", "FAIL"]
    what: str
    text: str
    exit_code: ExitCode = ExitCode.DONE
    """What `run` would exit with because of it."""
    stops_work: bool = False
    """A warning: `run` would start, and all the same no picture is made as it stands."""

    def __str__(self) -> str:
        """The line in English."""
        return self.line("en")

    def line(self, language: Language) -> str:
        """The line, its columns below those of the others.

        Args:
            language: of the line.
        """
        mark, what = translated(MARKS[self.mark], language), translated(WHATS.get(self.what, self.what), language)
        return f"{padded(mark, 4)}  {padded(what, 10)}  {translated(self.text, language)}"


def failure(what: str, error: WorkerError) -> Finding:
    """The finding for that with which `run` would end.

    Args:
        what: the check's word, the first column of its line.
        error: with its exit code.
    """
    return Finding(mark="FAIL", what=what, text=error.text, exit_code=error.exit_code)


class AskDevice(Protocol):
    """Asks what a renderer would run on, as `report_device` does."""

    def __call__(self, device: str, *, is_demo: bool) -> DeviceReport:
        """Ask it.

        Args:
            device: `auto`, `cpu`, `cuda` or `cuda:N`.
            is_demo: the model is the embedded one.

        Raises:
            DeviceUnavailable: there is no answer.
        """


def local_now() -> datetime:
    """Now, with this machine's time zone."""
    return datetime.now().astimezone()


def _search_path() -> str | None:
    return os.environ.get("PATH")


def _include() -> Path:
    return Path(sysconfig.get_path("include"))


@dataclass(frozen=True, kw_only=True)  # without slots: each answer is kept in the object's dict
class Machine:
    """What a check may look at."""

    settings: Settings
    origins: Mapping[str, str]
    """By setting: where its value came from; `default` for none."""
    open_folders: Callable[[], object]
    """Raises FoldersUnusable where the three folders cannot serve."""
    inspect_model: Callable[[], InspectedModel]
    """Raises ModelInvalid where no model is set, or there is none in that folder."""
    look: Callable[[], Overview]
    """What is going on in the folders. Raises FoldersUnusable as `open_folders`, OSError where the share fails."""
    read_job: ReadJob
    """Reads a job of the inbox."""
    forecast_s: Callable[[Job], float | None] = lambda _: None
    """How long a job takes at this worker's speed, in seconds; None where none is recorded."""
    expected_bytes: Callable[[Request], float] = lambda _: 0.0
    """What a picture takes in the outbox, with all that comes with it."""
    outcomes: Callable[[Overview], Mapping[str, int]] = lambda _: {}
    """How often tries at the pictures of its newest jobs came to each outcome."""
    old_folders: Callable[[], int | None] = lambda: None
    """How many finished folders are old enough to be archived or deleted; None where the settings let none go."""
    archive_fault: Callable[[], Text | None] = lambda: None
    """Why the archive can take none of them."""
    ask_notify: Callable[[], Sequence[tuple[str, Text | None]]] = tuple
    """Of each address to which messages go: what it is called, and why it does not serve, if so. Raises SettingsInvalid
    where those in a file cannot be read."""
    is_notify_sent: bool = False
    """A message was sent to each of them."""
    now: Callable[[], datetime] = local_now
    ask_device: AskDevice = report_device
    host_room: Callable[[], HostRoom] = host_room
    """This computer's memory as it is now."""
    mounts: MountTables = field(default_factory=MountTables)
    search_path: str | None = field(default_factory=_search_path)
    """Folders of programs, as in `PATH`."""
    include: Path = field(default_factory=_include)
    """Folder of Python's headers."""

    @cached_property
    def folders(self) -> Mapping[str, Path] | FoldersUnusable:
        """The three folders by name, or why they cannot serve."""
        try:
            self.open_folders()
        except FoldersUnusable as refusal:
            return refusal
        return {"inbox": self.settings.inbox, "outbox": self.settings.outbox, "failed": self.settings.failed}

    @cached_property
    def overview(self) -> Overview | None:
        """What is going on in the folders; None where they cannot serve, which their own check tells."""
        if isinstance(self.folders, FoldersUnusable):
            return None
        try:
            return self.look()
        except (FoldersUnusable, OSError):  # the share went since then
            return None

    @cached_property
    def waiting(self) -> Waiting:
        """What waits in the inbox."""
        jobs = self.overview.waiting if self.overview else ()
        return waiting_in(jobs, read_job=self.read_job, forecast_s=self.forecast_s, expected_bytes=self.expected_bytes)

    @cached_property
    def free_bytes(self) -> float | None:
        """Free in the outbox beside the reserve; None where the share does not tell."""
        room = free_room(self.settings.outbox, reserve_mib=self.settings.reserve_mib)
        return None if room is None else room.free_bytes - room.reserve_bytes

    @cached_property
    def model(self) -> InspectedModel | ModelInvalid:
        """The model as its files describe it, faults included; or why there is none."""
        try:
            return self.inspect_model()
        except ModelInvalid as refusal:
            return refusal

    @cached_property
    def weights(self) -> Weights | None:
        """Sizes of the model's parts; None where it cannot be used."""
        if isinstance(self.model, ModelInvalid) or self.model.faults:
            return None
        try:
            return weights_in(self.model.source)
        except ModelInvalid:  # it went since then, which the next look tells
            return None

    @cached_property
    def device(self) -> DeviceReport | DeviceUnavailable:
        """What a renderer started now would run on, or why torch says nothing about it."""
        is_demo = isinstance(self.model, InspectedModel) and self.model.is_demo
        try:
            return self.ask_device(self.settings.device, is_demo=is_demo)
        except DeviceUnavailable as refusal:
            return refusal


class Check(Protocol):
    """One check, the function `check` of a file in `checks/`."""

    def __call__(self, machine: Machine) -> Iterator[Finding]:
        """Look at the machine.

        Yields:
            A finding a line; none where there is nothing to say.
        """
