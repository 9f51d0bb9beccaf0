"""The recorder of a worker, joined with whoever hears it: the service manager, and people through a receipt."""

from __future__ import annotations

from worker import __version__, spool
from worker.clocks import Clocks
from worker.compose.from_settings import life_signs, worker_files
from worker.compose.live_settings import LiveSettings
from worker.operations.record import FolderRecorder
from worker.operations.systemd import notify_state
from worker.spool.hours_receipts import HoursReceipt


def recorder_of(
    live: LiveSettings, folders: spool.Folders, own_spool: spool.FolderSpool, *, clock: Clocks
) -> FolderRecorder:
    """A worker's recorder, whom the service manager hears, and which tells people what fits into the hours.

    Args:
        live: the settings.
        folders: known to serve.
        own_spool: the worker's view of them.
        clock: the machine's.
    """
    settings = live.now
    about = {"id": settings.worker_id, "host": spool.host_name(), "version": __version__}
    files = worker_files(folders, settings.worker_id)

    def heard(state: str, *, job: str | None = None, **facts: object) -> None:
        notify_state(state, job=job, language=live.now.service_language, **facts)

    recorder = FolderRecorder(
        files, about=about, now=clock.now, monotonic=clock.monotonic, heard=heard, sizes=own_spool.space.measured_sizes,
        lives=life_signs(settings, folders).working, hours=settings.working_hours,
    )  # fmt: skip
    receipt = HoursReceipt(folders, own_spool.readers, worker_id=settings.worker_id, clock=clock.boottime)
    recorder.on_outlook = receipt.show
    return recorder
