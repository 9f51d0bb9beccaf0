"""Image files and what is written about them.

Knows file formats, metadata and pages. Must not know how pictures are made, and touches no disk.
"""

from typing import TYPE_CHECKING

from worker.lazy_names import lazily

if TYPE_CHECKING:
    from worker.delivery.delivery import FileDelivery

__all__ = ["FileDelivery"]

__getattr__ = lazily(__name__, {"FileDelivery": "worker.delivery.delivery"})
