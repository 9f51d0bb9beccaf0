"""The spool: folders, shares, ownership.

Knows which files are whole, whose job is whose, and how a finished folder appears. Must not know what a job means.
"""

from typing import TYPE_CHECKING

from worker.lazy_names import lazily
from worker.spool.overview import overview  # now: the module of the same name would hide it once it is imported

if TYPE_CHECKING:
    from worker.spool.alive.beating import Driver, by_its_callers, in_a_thread
    from worker.spool.conflict_copies import original_of
    from worker.spool.folder_identity import identity_of
    from worker.spool.folder_spool import FolderSpool, SpoolOptions, host_name
    from worker.spool.layout import Folders
    from worker.spool.names import CONFLICT_REMEDY, Kind, kind_of, remedy_for, stem_of
    from worker.spool.opening import init_folders, open_folders
    from worker.spool.submission import submit, submit_all, why_not_plain
    from worker.spool.submitted import Submitted, how_ended, is_gone
    from worker.spool.wakeup import InboxWakeup

__all__ = [
    "CONFLICT_REMEDY",
    "Driver",
    "FolderSpool",
    "Folders",
    "InboxWakeup",
    "Kind",
    "SpoolOptions",
    "Submitted",
    "by_its_callers",
    "host_name",
    "how_ended",
    "identity_of",
    "in_a_thread",
    "init_folders",
    "is_gone",
    "kind_of",
    "open_folders",
    "original_of",
    "overview",
    "remedy_for",
    "stem_of",
    "submit",
    "submit_all",
    "why_not_plain",
]

__getattr__ = lazily(
    __name__,
    {
        "CONFLICT_REMEDY": "worker.spool.names",
        "Driver": "worker.spool.alive.beating",
        "FolderSpool": "worker.spool.folder_spool",
        "Folders": "worker.spool.layout",
        "InboxWakeup": "worker.spool.wakeup",
        "Kind": "worker.spool.names",
        "SpoolOptions": "worker.spool.folder_spool",
        "Submitted": "worker.spool.submitted",
        "by_its_callers": "worker.spool.alive.beating",
        "host_name": "worker.spool.folder_spool",
        "how_ended": "worker.spool.submitted",
        "identity_of": "worker.spool.folder_identity",
        "in_a_thread": "worker.spool.alive.beating",
        "init_folders": "worker.spool.opening",
        "is_gone": "worker.spool.submitted",
        "kind_of": "worker.spool.names",
        "open_folders": "worker.spool.opening",
        "original_of": "worker.spool.conflict_copies",
        "remedy_for": "worker.spool.names",
        "stem_of": "worker.spool.names",
        "submit": "worker.spool.submission",
        "submit_all": "worker.spool.submission",
        "why_not_plain": "worker.spool.submission",
    },
)
