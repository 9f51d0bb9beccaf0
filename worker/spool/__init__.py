"""The spool: folders, shares, ownership.

Knows which files are whole, whose job is whose, and how a finished folder appears. Must not know what a job means.
"""

from worker.disk.mount_tables import MountTables, kind_of_system
from worker.spool.folder_spool import FolderSpool, SpoolOptions
from worker.spool.layout import Folders
from worker.spool.overview import overview
from worker.spool.ownership import host_name
from worker.spool.submission import Submitted, how_ended, init_folders, open_folders, submit
from worker.spool.wakeup import InboxWakeup

__all__ = [
    "FolderSpool",
    "Folders",
    "InboxWakeup",
    "MountTables",
    "SpoolOptions",
    "Submitted",
    "host_name",
    "how_ended",
    "init_folders",
    "kind_of_system",
    "open_folders",
    "overview",
    "submit",
]
