"""A page by Jinja2, a piece at a time, in which text cannot become markup."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from worker.delivery.pages import filters
from worker.live_records import LiveState
from worker.manifest_records import JobRecord, JobStatus
from worker.problem import Problem
from worker.translation import Language, Text, catalogue, gettext, translated

FILTERS = ("duration", "link", "moment", "name", "number", "rough", "shown", "summary")
"""Of `filters.py`, by the names that templates use."""

PIECES = 64
"""Of Jinja2's, joined into one of ours: about a tile, some 4 kB. Each one alone would be hashed and written."""

UNFOLDED = 3
"""So many warnings leave room for the pictures."""
TAGS: Mapping[Language, str] = {"en": "en", "zh": "zh-CN"}
"""For `lang` of a page: a browser takes fonts for simplified characters by it (source: BCP 47)."""

State = JobStatus | LiveState

STATE_WORDS: Mapping[State, Text] = {
    "rendering": gettext("rendering"),
    "paused": gettext("paused"),
    "waiting": gettext("waiting"),
    "interrupted": gettext("interrupted"),
    "complete": gettext("complete"),
    "partial": gettext("partial"),
    "failed": gettext("failed"),
    "cancelled": gettext("cancelled"),
    "proof": gettext("proof"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What `base.html.j2` is given as `page`."""

    record: JobRecord
    state: State

    @property
    def title(self) -> str:
        """The job's, as its author wrote it."""
        return self.record.title or self.record.name

    @property
    def quoted(self) -> str:
        """The job's name as a shell takes it."""
        return shlex.quote(self.record.name)

    @property
    def state_word(self) -> Text:
        """The state as people say it."""
        return STATE_WORDS[self.state]

    @property
    def warnings(self) -> Sequence[Problem]:
        """The job's that are shown."""
        return self.record.warnings

    @property
    def has_few_warnings(self) -> bool:
        """Whether all are few enough to be read at once, and stand there unfolded."""
        return len(self.record.warnings) <= UNFOLDED


def rendered(template: str, page: object, *, language: Language) -> Iterator[bytes]:
    """Yield a whole page that needs nothing but itself, a piece at a time.

    Args:
        template: its file name.
        page: what the template is given; iterables in it are taken while the page is written.
        language: of the page's own words.
    """
    pieces = environment(language).get_template(template).stream(page=page)
    pieces.enable_buffering(PIECES)
    for piece in pieces:
        yield piece.encode()


@lru_cache
def environment(language: Language) -> Environment:
    """The templates' own: everything is escaped, and a misspelt name is an error."""
    made = Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: translated(value, language),
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.policies["ext.i18n.trimmed"] = True
    made.install_gettext_translations(catalogue(language), newstyle=True)  # type: ignore[attr-defined]
    made.globals |= {"tag": TAGS.get(language, language), "package_file": _package_file}
    made.filters |= {name: _in(language, getattr(filters, name)) for name in FILTERS}
    return made


def _in(language: Language, say: Callable[..., str]) -> Callable[..., str]:
    return lambda value: translated(say(value), language)


def _package_file(name: str) -> Markup:
    """A file beside the templates, as it is: it is ours, so it is markup."""
    return Markup(files(__package__).joinpath("templates", name).read_text(encoding="utf-8"))
