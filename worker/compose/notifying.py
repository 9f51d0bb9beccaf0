"""Notifications joined with the settings: a worker's own, the test by `doctor`, and the timer's word by `status`."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path, PureWindowsPath

import structlog

from worker.compose.from_settings import local_name
from worker.disk.durable import make_folder
from worker.errors import SettingsInvalid, StopAsked, WorkerError
from worker.operations import events
from worker.operations.alerts.notifier import CLOSING_S, Notifier, Plan
from worker.operations.alerts.sending import Addressed, send
from worker.operations.alerts.wording import Wording
from worker.settings import Settings
from worker.settings.notify import Notify, scheme_of
from worker.translation import Language, Text, gettext, translated

log = structlog.get_logger()

DRAINED_S = 20.0
"""`--drain` has so long for its last words: nothing comes after it."""
MEMORY = "told.json"


class Telling:
    """Whoever is to be told of a worker's night, as its settings say; nobody, where they name nobody."""

    def __init__(self, settings: Settings, held: ExitStack) -> None:
        """Begin to tell.

        Args:
            settings: of the worker.
            held: what lasts as long as the telling.
        """
        self._held = held
        self._notifier: Notifier | None = None
        self.use(settings)

    def use(self, settings: Settings) -> None:
        """Tell as these settings say from now on; where another process tells for this worker, this one never does.

        Args:
            settings: of the same worker.
        """
        plan = plan_of(settings)
        if self._notifier is not None:
            self._notifier.use(plan or nobody(settings))
        elif plan is not None and plan.urls and self._held.enter_context(alone(plan.memory.parent)):
            self._notifier = Notifier(plan)
            self._held.enter_context(events.heard_by(self._notifier.hear))
            self._notifier.start()

    def hear_state(self, state: str, **facts: object) -> None:
        """A state of the worker, as its record has it.

        Args:
            state: one word.
            facts: not asked.
        """
        if self._notifier is not None:
            self._notifier.hear_state(state, **facts)

    def drained(self) -> None:
        """The inbox was worked through."""
        if self._notifier is not None:
            self._notifier.drained()

    def ended(self, reason: str) -> None:
        """The worker ends because of an error.

        Args:
            reason: for a person.
        """
        if self._notifier is not None:
            self._notifier.ended(reason)

    def close(self, within_s: float) -> None:
        """Send what is left.

        Args:
            within_s: seconds at most.
        """
        if self._notifier is not None:
            self._notifier.close(within_s)


@contextmanager
def telling(settings: Settings, *, drain: bool, should_stop: Callable[[], bool]) -> Iterator[Telling]:
    """While the context lasts, people are told of what the log says.

    Args:
        settings: of the worker.
        drain: it ends once the inbox is empty.
        should_stop: whether it was asked to stop.
    """
    with ExitStack() as held:
        made = Telling(settings, held)
        try:
            yield made
            if drain and not should_stop():
                made.drained()
        except StopAsked:
            raise
        except WorkerError as error:
            made.ended(error.text)
            raise
        except Exception as error:  # a bug, which ends the worker: somebody is told before it is raised on
            made.ended(f"{type(error).__name__}: {error}")
            raise
        finally:
            made.close(DRAINED_S if drain else CLOSING_S)


def nobody(settings: Settings) -> Plan:
    """A plan by which nobody is told.

    Args:
        settings: of the worker.
    """
    return Plan(urls=(), wording=Wording(worker=settings.worker_id), memory=_memory_of(settings, settings.worker_id))


def plan_of(settings: Settings, *, teller: str = "") -> Plan | None:
    """Whom to tell, and how; None where nobody is set.

    Args:
        settings: of the worker.
        teller: what tells in the worker's place, if it is not that.
    """
    notify = settings.notify
    if notify is None:
        return None
    try:
        urls = notify.addresses()
    except SettingsInvalid as error:
        log.warning("notify.unusable", place="file", reason=error.text)
        urls = tuple(url.get_secret_value() for url in notify.urls)
    outbox, failed = shown_folders(settings, notify)
    return Plan(
        urls=urls,
        wording=Wording(
            worker=settings.worker_id,
            language=settings.service_language,
            outbox=outbox,
            failed=failed,
            templates=notify.templates,
        ),
        memory=_memory_of(settings, teller or settings.worker_id),
        events=notify.events,
        batch_s=notify.batch_s,
        most_an_hour=notify.most_an_hour,
        describe=lambda place: described(place, urls[place]),
    )


def described(place: int, url: str) -> str:
    """An address where people read of it: `2 (mailtos)`.

    Args:
        place: its number, from 0.
        url: is not shown.
    """
    return f"{place + 1} ({scheme_of(url)})"


def _memory_of(settings: Settings, teller: str) -> Path:
    return settings.state_dir / "notify" / local_name(settings, teller) / MEMORY


def shown_folders(settings: Settings, notify: Notify) -> tuple[str, str]:
    """Outbox and failed as a colleague's computer has them, as far as somebody said so.

    Args:
        settings: name the folders of this machine.
        notify: how others call them; where only the outbox is told and both lie side by side, so they do there.
    """
    outbox, failed = settings.outbox.absolute(), settings.failed.absolute()
    outbox_as = notify.outbox_as.strip().rstrip("/\\") if notify.outbox_as else ""
    if notify.failed_as:
        return outbox_as or str(outbox), notify.failed_as.strip().rstrip("/\\")
    there = PureWindowsPath(outbox_as)
    if outbox_as and outbox.parent == failed.parent and there.name == outbox.name:
        return outbox_as, outbox_as[: -len(there.name)] + failed.name
    return outbox_as or str(outbox), str(failed)


@contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """Whether no other process is here; none can come while the context lasts.

    Args:
        folder: local; made where it is missing. Where it cannot be, nobody is here.
    """
    with suppress(OSError):
        make_folder(folder)
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        yield True
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def try_notify(settings: Settings, *, is_sent: bool) -> Sequence[tuple[str, Text | None]]:
    """What `doctor` finds of each address: what it is called, and why it does not serve, if so.

    Args:
        settings: of the worker.
        is_sent: send a message to each; else they are only looked at.

    Raises:
        SettingsInvalid: the file of addresses cannot be read.
    """
    urls = settings.notify.addresses() if settings.notify else ()
    language: Language = settings.service_language
    title = gettext("{worker}: a test", worker=settings.worker_id)
    body = gettext("This is a test by `zimage-worker doctor --notify`. Messages of the worker arrive here.")
    said: Mapping[str, str] = (
        {"title": translated(title, language), "body": translated(body, language)} if is_sent else {}
    )
    failed = send([Addressed(url=url, **said) for url in urls])
    return [(described(place, url), failed.get(place)) for place, url in enumerate(urls)]
