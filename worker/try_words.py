"""What one try was and what it came to, in words that people say."""

from __future__ import annotations

from collections.abc import Mapping

from worker.records import Outcome
from worker.translation import Text, gettext, printable

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

RUNG_WORDS: Mapping[str, Text] = {
    "first": gettext("first"),
    "eager": gettext("eager"),
    "free_cache": gettext("free cache"),
    "half_batch": gettext("half batch"),
    "batch_of_one": gettext("batch of one"),
    "decode_alone": gettext("decode alone"),
    "stream_blocks": gettext("stream blocks"),
    "stream_in_turn": gettext("stream in turn"),
    "encode_on_host": gettext("encode on host"),
    "tiled_decode": gettext("tiled decode"),
    "decode_fp32": gettext("decode fp32"),
    "alone": gettext("alone"),
    "again": gettext("again"),
    "attention_efficient": gettext("attention efficient"),
    "attention_math": gettext("attention math"),
    "streams_off": gettext("streams off"),
    "fresh_weights": gettext("fresh weights"),
    "denoise_fp32": gettext("denoise fp32"),
    "new_seed": gettext("new seed"),
    "new_process": gettext("new process"),
}
"""By the rung's name, as the manifest has it."""


def rung_words(rung: str) -> str:
    """A rung's name as words: `decode fp32`.

    Args:
        rung: its name; one that is not known here, as a manifest of another version may have it, is spelt by itself.
    """
    return RUNG_WORDS.get(rung) or printable(rung.replace("_", " "))
