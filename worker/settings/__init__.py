"""The settings: everything that can be set, from which source it came, and the file that `init` writes.

Must not know what the rooms do with them.
"""

from worker.settings.loading import Configured, load
from worker.settings.nearby import nearby_file
from worker.settings.settings import Settings

__all__ = ["Configured", "Settings", "load", "nearby_file"]
