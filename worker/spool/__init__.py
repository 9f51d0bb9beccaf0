"""The spool: folders, shares, ownership.

Knows which files are whole, whose job is whose, and how a finished folder appears. Must not know what a job means.
"""

from typing import TYPE_CHECKING

from worker.lazy_names import lazily

if TYPE_CHECKING:
    from worker.spool.alive.beating import Driver, by_its_callers, in_a_thread
    from worker.spool.alive.life_signs import LifeSigns
    from worker.spool.alive.locks import WorkerLocks
    from worker.spool.asking import Asked, ask, pause, resume
    from worker.spool.conflict_copies import original_of, other_spellings
    from worker.spool.folder_identity import identity_of
    from worker.spool.folder_spool import FolderSpool, SpoolOptions, host_name
    from worker.spool.layout import Folders
    from worker.spool.names import CONFLICT_REMEDY, SPELLING_REMEDY, Kind, kind_of, remedy_for, stem_of
    from worker.spool.opening import init_folders, open_folders
    from worker.spool.outcome import Outcome, outcome_in
    from worker.spool.overview.reader import OverviewReader
    from worker.spool.space import expected_bytes
    from worker.spool.steering import Verb
    from worker.spool.submission import submit, submit_all, why_not_plain
    from worker.spool.submitted import Ends, Submitted, gone, how_ended
    from worker.spool.wakeup import InboxWakeup

__all__ = [
    "CONFLICT_REMEDY",
    "SPELLING_REMEDY",
    "Asked",
    "Driver",
    "Ends",
    "FolderSpool",
    "Folders",
    "InboxWakeup",
    "Kind",
    "LifeSigns",
    "Outcome",
    "OverviewReader",
    "SpoolOptions",
    "Submitted",
    "Verb",
    "WorkerLocks",
    "ask",
    "by_its_callers",
    "expected_bytes",
    "gone",
    "host_name",
    "how_ended",
    "identity_of",
    "in_a_thread",
    "init_folders",
    "kind_of",
    "open_folders",
    "original_of",
    "other_spellings",
    "outcome_in",
    "pause",
    "remedy_for",
    "resume",
    "stem_of",
    "submit",
    "submit_all",
    "why_not_plain",
]

__getattr__ = lazily(
    __name__,
    {
        "Asked": "worker.spool.asking",
        "CONFLICT_REMEDY": "worker.spool.names",
        "SPELLING_REMEDY": "worker.spool.names",
        "Driver": "worker.spool.alive.beating",
        "Ends": "worker.spool.submitted",
        "FolderSpool": "worker.spool.folder_spool",
        "Folders": "worker.spool.layout",
        "InboxWakeup": "worker.spool.wakeup",
        "Kind": "worker.spool.names",
        "Outcome": "worker.spool.outcome",
        "OverviewReader": "worker.spool.overview.reader",
        "LifeSigns": "worker.spool.alive.life_signs",
        "WorkerLocks": "worker.spool.alive.locks",
        "SpoolOptions": "worker.spool.folder_spool",
        "Submitted": "worker.spool.submitted",
        "Verb": "worker.spool.steering",
        "ask": "worker.spool.asking",
        "by_its_callers": "worker.spool.alive.beating",
        "gone": "worker.spool.submitted",
        "expected_bytes": "worker.spool.space",
        "host_name": "worker.spool.folder_spool",
        "how_ended": "worker.spool.submitted",
        "identity_of": "worker.spool.folder_identity",
        "in_a_thread": "worker.spool.alive.beating",
        "init_folders": "worker.spool.opening",
        "kind_of": "worker.spool.names",
        "open_folders": "worker.spool.opening",
        "original_of": "worker.spool.conflict_copies",
        "other_spellings": "worker.spool.conflict_copies",
        "pause": "worker.spool.asking",
        "outcome_in": "worker.spool.outcome",
        "remedy_for": "worker.spool.names",
        "resume": "worker.spool.asking",
        "stem_of": "worker.spool.names",
        "submit": "worker.spool.submission",
        "submit_all": "worker.spool.submission",
        "why_not_plain": "worker.spool.submission",
    },
)
