"""The words of notifications: a sentence for each event, and of several one message with a subject.

Pure: nothing that stands in a name on the share ends a line, calls anybody, or makes a message longer than it may be.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from worker.alert_kinds import GRAVE, filled, heading, why_no_template
from worker.operations.alerts.desk import Digest, Line
from worker.operations.alerts.rows import ROWS, kind_of, words_of
from worker.operations.facts import Facts, word
from worker.translation import Language, Text, enumerated, gettext, joined, ngettext, printable, translated

SENTENCE = 400
"""Characters of one line at most."""
SUBJECT = 150
"""Characters: services cut longer ones."""
BODY = 3_600
"""Bytes: ntfy and Telegram take some 4,000 beside the subject; of what is beyond there is the count."""
HEADINGS = 4
"""Kinds in a subject; there are more in the text."""
_MENTION = re.compile(r"@(?=everyone|here|channel|all\b)|<(?=[@!#])", re.IGNORECASE)
"""By which chat programs call people: written full-width, so that a job's name calls nobody."""

Severity = Literal["info", "success", "warning", "failure"]
"""As Apprise has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message, as it is sent."""

    title: str
    body: str
    severity: Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """In whose words messages are."""

    worker: str
    """Id of the one that tells."""
    language: Language = "en"
    outbox: str = ""
    """As a reader's computer has it."""
    failed: str = ""
    templates: Mapping[str, str] = field(default_factory=dict)
    """People's own; those that do not serve are passed over."""

    def translate(self, text: str) -> str:
        """A text of the catalogue, or any other, as its reader reads it, on one line that calls nobody.

        Args:
            text: any.
        """
        line = printable(" ".join(translated(text, self.language).splitlines()))
        line = _MENTION.sub(lambda found: {"@": "＠", "<": "＜"}[found[0]], line)
        return line if len(line) <= SENTENCE else line[: SENTENCE - 1] + "…"

    def say(self, event: str, facts: Facts) -> str:
        """A sentence about an event.

        Args:
            event: one that is told of.
            facts: its own.
        """
        known = {**facts, "outbox_path": self.outbox, "failed_path": self.failed}
        text = self._with_separators(self.translate(words_of(event, known)))
        kind = kind_of(ROWS[event], facts)
        own = self.templates.get(kind) if kind else None
        if kind is None or own is None or why_no_template(kind, own) is not None:
            return text
        values = {
            name: self.translate(str(word(facts, name))) for name in ("job", "file", "pictures", "failed", "reason")
        }
        folder = f"{self.outbox if facts.get('pictures') else self.failed}/{word(facts, 'folder')}"
        values |= {"worker": self.worker, "text": text, "folder": self._with_separators(folder)}
        return self.translate(filled(own, values))

    def _with_separators(self, text: str) -> str:
        """A Windows path has its own."""
        for folder in (self.outbox, self.failed):
            if "\\" in folder and "/" not in folder:
                text = text.replace(f"{folder}/", folder.rstrip("\\") + "\\")
        return text

    def letter(self, digest: Digest) -> Letter:
        """One message of what was gathered.

        Args:
            digest: of the desk.
        """
        summary = self._summary(digest)
        title = gettext("{worker}: {summary}", worker=self.worker, summary=summary)
        own = self.templates.get("title")
        if own is not None and why_no_template("title", own) is None:
            title = filled(own, {"worker": self.worker, "summary": self.translate(summary)})  # type: ignore[assignment]
        lines = self._lines(digest)
        if self.outbox:
            page = self._with_separators(f"{self.outbox}/index.html")
            lines.append(self.translate(gettext("All of it: {page}", page=page)))
        return Letter(title=self.translate(title)[:SUBJECT], body="\n".join(lines), severity=_severity(digest))

    def _lines(self, digest: Digest) -> list[str]:
        """As many as fit, and how many more there are."""
        lines, told, left_bytes = list[str](), 0, BODY
        for line in digest.lines:
            text = self._line(line)
            left_bytes -= len(text.encode()) + 1
            if lines and left_bytes < 0:
                break
            lines.append(text)
            told += 0 if line.is_over else line.count
        more = sum(digest.counts.values()) - told
        if more > 0:
            lines.append(self.translate(ngettext("and {count} more", "and {count} more", more)))
        return lines

    def _line(self, line: Line) -> str:
        if line.count == 1:
            return line.text
        return self.translate(gettext("{text} ({count} times)", text=line.text, count=line.count))

    def _summary(self, digest: Digest) -> str:
        """What stands in the subject: the night's sum, else the one thing there is, else how often each kind."""
        night = next((line.text for line in digest.lines if line.kind == "night_done"), None)
        counts = {kind: count for kind, count in digest.counts.items() if kind != "night_done"}
        if night is not None:
            grave = [heading(kind, count) for kind, count in counts.items() if kind in GRAVE][:HEADINGS]
            done = gettext("queue empty: {tally}", tally=night)
            return joined((*grave, done), gettext("; ")) if grave else done
        if len(digest.lines) == 1 and sum(counts.values()) + digest.overs == 1:
            return digest.lines[0].text
        told: list[Text] = [heading(kind, count) for kind, count in counts.items()][:HEADINGS]
        if digest.overs:
            told.append(ngettext("{count} trouble over", "{count} troubles over", digest.overs))
        return enumerated(told)


def _severity(digest: Digest) -> Severity:
    kinds = set(digest.counts)
    if kinds & (GRAVE - {"job_partial", "job_refused", "left_over"}):
        return "failure"
    if kinds & (GRAVE | {"job_cancelled", "pictures_failing", "renderer_replaced", "picture_slow", "hook_failed"}):
        return "warning"
    return "success" if digest.overs or kinds & {"job_done", "night_done"} else "info"
