"""The spool: folders, shares, ownership.

Knows which files are whole, whose job is whose, and how a finished folder appears. Must not know what a job means.
"""

from worker.spool.beating import Driver, by_its_callers, in_a_thread
from worker.spool.folder_spool import FolderSpool, SpoolOptions
from worker.spool.layout import Folders
from worker.spool.names import stem_of
from worker.spool.overview import overview
from worker.spool.ownership import host_name
from worker.spool.submission import Submitted, how_ended, init_folders, open_folders, submit
from worker.spool.wakeup import InboxWakeup

__all__ = [
    "Driver",
    "FolderSpool",
    "Folders",
    "InboxWakeup",
    "SpoolOptions",
    "Submitted",
    "by_its_callers",
    "host_name",
    "how_ended",
    "in_a_thread",
    "init_folders",
    "open_folders",
    "overview",
    "stem_of",
    "submit",
]
