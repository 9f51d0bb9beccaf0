"""What one try came to, in words that people say."""

from __future__ import annotations

from collections.abc import Mapping

from worker.records import Outcome
from worker.translation import Text, gettext

OUTCOME_WORDS: Mapping[Outcome, Text] = {
    "ok": gettext("accepted"),
    "oom": gettext("out of memory"),
    "black": gettext("black"),
    "white": gettext("white"),
    "flat": gettext("flat"),
    "not_finite": gettext("not finite"),
    "wrong_size": gettext("wrong size"),
    "error": gettext("error"),
}
"""What a person would say for the contract's words."""
