"""HTML pages of a job, by Jinja2 templates: the contact sheet of a finished one, the live page of one being rendered.

Knows what a page shows and how. Must not know how pictures are made, and touches no disk.
"""

from worker.delivery.pages.contact_sheet import contact_sheet
from worker.delivery.pages.live_page import live

__all__ = ["contact_sheet", "live"]
