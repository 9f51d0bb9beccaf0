"""A spool of folders: inbox, ownership and publishing, joined."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from worker.clocks import utc_now
from worker.disk.mount_tables import MountTables
from worker.disk.owners import Owners
from worker.languages import LanguageSetting
from worker.spool.alive.beating import Driver, by_its_callers
from worker.spool.alive.heartbeats import Heartbeats
from worker.spool.alive.lease import Owner
from worker.spool.alive.liveness import Liveness
from worker.spool.alive.locks import WorkerLocks
from worker.spool.answers import Answers
from worker.spool.claim_files import folders_in
from worker.spool.claims import Claims
from worker.spool.controls import Controls
from worker.spool.droppers import droppers_in
from worker.spool.folder_identity import Roots
from worker.spool.inbox import FolderInbox
from worker.spool.janitor import Janitor
from worker.spool.layout import Folders
from worker.spool.listing import InboxNames
from worker.spool.live_files import LiveFiles
from worker.spool.obeyed import Obeyed
from worker.spool.ownership import FolderOwnership
from worker.spool.proof_publishing import ProofPublishing
from worker.spool.proofs import Proofs
from worker.spool.publishing import FolderPublishing
from worker.spool.readers import Readers
from worker.spool.resting import Resting
from worker.spool.retention.archive import Archive
from worker.spool.retention.keeper import Keeper
from worker.spool.scan import Scanner
from worker.spool.sightings import Sightings
from worker.spool.space import FolderSpace
from worker.spool.take_over import TakeOver


def host_name() -> str:
    """Name of this machine, by which dead workers of the same machine are told from those of another."""
    return socket.gethostname()


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolOptions:
    """What a user decides about a spool."""

    settle_s: float
    """Seconds a job must stay unchanged before it is taken."""
    lease_s: float = 120.0
    """A worker of another machine that is silent for so long is dead."""
    ready_files: bool = False
    """A job is one only once `NAME.ready` lies beside it."""
    reserve_mib: int = 1024
    """Kept free on the outbox's disk, at most 2 % of it."""
    language: LanguageSetting = "auto"
    """Of receipts; `auto`: of whoever dropped what they are for."""

    def scanner(self, names: InboxNames, *, clock: Callable[[], float], tables: MountTables) -> Scanner:
        """What looks into the inbox, as the user has it.

        Args:
            names: of the inbox.
            clock: seconds that no one sets.
            tables: tell whether owners of files say who dropped them.
        """
        return Scanner(
            names,
            owners=Owners(names.inbox, tables),
            settle_s=self.settle_s,
            clock=clock,
            needs_ready=self.ready_files,
        )


class FolderSpool:
    """One worker's view of three folders; satisfies `spool_ports.Share`."""

    def __init__(
        self,
        folders: Folders,
        *,
        worker_id: str,
        state_dir: Path,
        options: SpoolOptions,
        clock: Callable[[], float],
        now: Callable[[], str] = utc_now,
        tables: MountTables | None = None,
        driver: Driver = by_its_callers,
    ) -> None:
        """Join the parts; nothing is touched.

        Args:
            folders: known to be usable.
            worker_id: of this worker.
            state_dir: local folder for lock files.
            options: of the user.
            clock: seconds that no one sets; counts suspended time.
            now: ISO 8601, UTC.
            tables: where this machine says what should be mounted.
            driver: keeps the heart beating; one on the machine's clock needs a thread.
        """
        self._worker_id, self._clock, self._folders, tables = worker_id, clock, folders, tables or MountTables()
        self._roots, self.space = Roots(folders, tables), FolderSpace(folders.outbox, reserve_mib=options.reserve_mib)
        locks, liveness = WorkerLocks(folders.spool_file, state_dir=state_dir), Liveness(clock, driver)
        owner = Owner(worker_id=worker_id, host=host_name(), run=uuid.uuid4().hex)
        others = TakeOver(folders, owner, locks=locks, is_dead=liveness.is_dead, last_beat=liveness.last_beat)
        claims = Claims(folders, owner, others=others, locks=locks, last_beat=liveness.last_beat)
        self.readers, names = Readers(options.language), InboxNames(folders.inbox, clock=clock)
        obeyed, live = Obeyed(folders, names), LiveFiles(folders)
        self._answers = Answers(folders, self.readers, clock=clock)
        proofs = Proofs(folders, worker_id=worker_id, clock=clock, says_ready=options.ready_files, now=now)
        self.publishing = self._published(claims, liveness, obeyed, live, proofs)
        self.janitor = Janitor(
            folders, self._roots, worker_id=worker_id, clock=clock, readers=self.readers,
            sightings=Sightings(state_dir / f"leftovers-{worker_id}.json", clock=clock), live=live,
        )  # fmt: skip
        self._scanner = options.scanner(names, clock=clock, tables=tables)
        self.inbox = FolderInbox(
            folders, self._roots, names, scanner=self._scanner, needs_ready=options.ready_files, clock=clock,
            controls=self._controls(obeyed, names, options, proofs, clock=clock, tables=tables), before_scan=self._tidy,
            resting=Resting(folders, worker_id=worker_id, readers=self.readers),
        )  # fmt: skip
        self.ownership = FolderOwnership(
            folders, self._roots, self.inbox, owner=owner, locks=locks, claims=claims, liveness=liveness,
            heartbeats=lambda at: Heartbeats(folders.workers, owner, locks=at, lease_s=options.lease_s, clock=clock),
            ended=self.publishing.ended,
        )  # fmt: skip

    def _published(
        self, claims: Claims, liveness: Liveness, obeyed: Obeyed, live: LiveFiles, proofs: Proofs
    ) -> FolderPublishing:
        return FolderPublishing(
            self._folders, self._roots, claims=claims, liveness=liveness, obeyed=obeyed, answers=self._answers,
            live=live, readers=self.readers,
            proofs=ProofPublishing(
                self._folders, self._roots, claims=claims, proofs=proofs, live=live, readers=self.readers
            ),
        )  # fmt: skip

    def _controls(
        self,
        obeyed: Obeyed,
        names: InboxNames,
        options: SpoolOptions,
        proofs: Proofs,
        *,
        clock: Callable[[], float],
        tables: MountTables,
    ) -> Controls:
        owners = Owners(names.inbox, tables)
        return Controls(
            self._folders, obeyed, names, clock=clock, answers=self._answers, owners=owners, proofs=proofs,
            says_ready=options.ready_files,
        )  # fmt: skip

    def take(self, options: SpoolOptions) -> None:
        """From now on go by these, as far as they can change: how long a job settles, the reserve, the language."""
        self._scanner.settle_s = options.settle_s
        self.space.reserve_mib = options.reserve_mib
        self.readers.setting = options.language

    def _tidy(self) -> None:
        """What a failing share has left undone, then what belongs to nobody."""
        self.publishing.sweep_again()
        self._answers.sweep()
        self.janitor.sweep()

    def keeper(self, state_file: Path, *, tables: MountTables, wall_s: Callable[[], float]) -> Keeper:
        """What lets finished folders go that are old enough; for a thread of its own.

        Args:
            state_file: local; remembers the clock.
            tables: where this machine says what should be mounted.
            wall_s: seconds since 1970.
        """
        folders, roots = self._folders, (self._folders.inbox, self._folders.outbox, self._folders.failed)

        def archive_at(path: Path) -> Archive:
            return Archive(path, roots=roots, worker_id=self._worker_id, tables=tables)

        return Keeper(
            folders, worker_id=self._worker_id, state_file=state_file, require=self._roots.require,
            archive_at=archive_at, wall_s=wall_s, monotonic=self._clock,
        )  # fmt: skip

    def require(self) -> None:
        """Let nobody touch folders that are not the right ones.

        Raises:
            OSError: one of them is not there, or is another one.
        """
        self._roots.require()

    def fault(self) -> str | None:
        """Why nothing can be done in the folders now, for a person; None when they work."""
        return self._roots.fault()

    def droppers(self) -> Mapping[str, str | None]:
        """Who dropped each job that any worker has claimed now, by job id, as far as can be told.

        Raises:
            OSError: the share failed.
        """
        return droppers_in(self._folders.claims)

    def has_work(self) -> bool:
        """Whether anything waits in the inbox or is claimed by anybody."""
        if self.inbox.waiting():
            return True
        with suppress(PermissionError):
            for worker in folders_in(self._folders.claims):
                with suppress(PermissionError):  # another account's
                    if folders_in(worker):
                        return True
        return False
