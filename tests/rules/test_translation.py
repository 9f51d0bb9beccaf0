"""Texts for people: one catalogue, and nothing lost on the way to it."""

from __future__ import annotations

import pickle

from worker.problem import legible
from worker.translation import gettext, ngettext, translated


def test_a_text_is_english_and_keeps_its_template() -> None:
    text = gettext("`{key}` is not allowed.", key="{angle}")
    assert (text, text.template) == ("`{angle}` is not allowed.", "`{key}` is not allowed.")
    assert translated(text, "en") == text
    assert legible(text) is text


def test_a_number_decides_the_form() -> None:
    assert [ngettext("{count} job", "{count} jobs", n) for n in (0, 1, 2)] == ["0 jobs", "1 job", "2 jobs"]


def test_it_travels_between_processes() -> None:
    text = ngettext("{count} file in {place}", "{count} files in {place}", 2, place=gettext("the inbox"))
    again = pickle.loads(pickle.dumps(text))
    assert (again, again.template, again.values) == (text, text.template, text.values)


def test_what_came_from_no_catalogue_stays_as_it_is() -> None:
    assert translated("mug.yaml", "en") == "mug.yaml"
