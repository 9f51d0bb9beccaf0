"""The spool: folders, shares, ownership.

Knows which files are whole, whose job is whose, and how a finished folder appears. Must not know what a job means.
"""

from worker.spool.alive.beating import Driver, by_its_callers, in_a_thread
from worker.spool.conflict_copies import original_of
from worker.spool.folder_spool import FolderSpool, SpoolOptions, host_name
from worker.spool.layout import Folders
from worker.spool.names import CONFLICT_REMEDY, Kind, kind_of, remedy_for, stem_of
from worker.spool.opening import init_folders, open_folders
from worker.spool.overview import overview
from worker.spool.submission import Submitted, how_ended, is_gone, submit, submit_all, template_of, why_not_plain
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
    "template_of",
    "why_not_plain",
]
