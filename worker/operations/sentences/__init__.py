"""Sentences for people about events of the log: a table, event by event."""

from worker.operations.sentences.events import NOT_SHOWN, ON_THE_LINE, SENTENCES, on_the_line, said

__all__ = ["NOT_SHOWN", "ON_THE_LINE", "SENTENCES", "on_the_line", "said"]
