"""Texts for people: one catalogue, and nothing lost on the way to it."""

from __future__ import annotations

import gettext as standard
import json
import pickle
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from worker import translation
from worker.problem import Problem, legible
from worker.translation import gettext, joined, ngettext, packed, printable, translated, unpacked


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


def test_it_goes_through_json_and_comes_back_whole() -> None:
    inner = ngettext("{count} file in {place}", "{count} files in {place}", 2, place=gettext("the inbox"))
    text = gettext("{what} ({path})", what=inner, path=Path("a"))
    again = unpacked(json.loads(json.dumps(packed(text))))
    assert (again, again.template, again.values["what"].template) == (text, text.template, inner.template)
    assert unpacked(json.loads(json.dumps(packed("plain")))) == "plain"
    assert unpacked({"template": 1}) == "{'template': 1}"


def test_what_came_from_no_catalogue_stays_as_it_is() -> None:
    assert translated("mug.yaml", "en") == "mug.yaml"


def test_a_name_that_is_no_text_is_spelt_out_and_the_template_stays() -> None:
    text = legible(ngettext("{count} file in {place}", "{count} files in {place}", 2, place=Path("a\udcff")))
    assert (text, text.template) == ("2 files in a\\xff", "{count} file in {place}")
    problem = Problem(file="a.yaml", line=0, column=0, where="", message=gettext("`{name}` is a link.", name="\udcff"))
    assert (str(problem), problem.message.template) == ("a.yaml: `\\xff` is a link.", "`{name}` is a link.")


def test_texts_one_after_the_other_and_values_known_later() -> None:
    assert joined(["{a}", gettext("{b}", b="b")], " {} ") == "{a} {} b"
    assert joined([]) == ""
    assert gettext("Say `{word}`.", word="").filled(word="mug") == "Say `mug`."


def test_a_catalogue_says_all_of_a_text_in_its_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = Catalog(locale="zh")
    catalogue.add("There is no file `{name}`.{guess}", "没有文件“{name}”。{guess}")
    catalogue.add(" Did you mean `{word}`?", "是不是“{word}”？")
    catalogue.add(("{count} problem", "{count} problems"), ("{count} 个问题",))
    file = tmp_path / "zh" / "LC_MESSAGES" / "zimage-worker.mo"
    file.parent.mkdir(parents=True)
    with file.open("wb") as opened:
        write_mo(opened, catalogue)
    found = standard.translation("zimage-worker", tmp_path, ["zh"])
    monkeypatch.setattr(translation, "catalogue", lambda _: found)
    guess = gettext(" Did you mean `{word}`?", word="mugs.csv")
    texts = [gettext("There is no file `{name}`.{guess}", name="mug.csv", guess=guess)]
    texts.append(ngettext("{count} problem", "{count} problems", 2))
    assert translated(joined(texts), "en") == "没有文件“mug.csv”。是不是“mugs.csv”？\n2 个问题"
    assert joined(texts) == "There is no file `mug.csv`. Did you mean `mugs.csv`?\n2 problems"


@pytest.mark.parametrize(
    ("name", "spelt"),
    [
        ("马克杯 ☕.yaml", "马克杯 ☕.yaml"),
        ("a\nworker b: idle", r"a\nworker b: idle"),
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("a\x9b2J\x7f", r"a\x9b2J\x7f"),
        ("a\u202egnp.exe\u2069", r"a\u202egnp.exe\u2069"),
        ("a\u2028b\u0085c", r"a\u2028b\x85c"),
        ("caf\udce9", r"caf\xe9"),
        ("\ud83d", r"\ud83d"),
    ],
)
def test_a_name_in_a_text_is_on_one_line_and_steers_nothing(name: str, spelt: str, tmp_path: Path) -> None:
    assert printable(name) == spelt
    whole = gettext("{name} waits", name=name)
    assert whole == f"{spelt} waits"
    assert joined([whole, Path(name)], "  ") == f"{spelt} waits  {spelt}"  # type: ignore[list-item]
    assert translated(whole, "en") == whole
    assert legible(whole) == whole


def test_a_text_of_several_lines_keeps_them() -> None:
    whole = joined(["a", gettext("b\nc {name}", name="d\ne")])
    assert whole == "a\nb\nc d\\ne"
    assert gettext("{text}!", text=whole) == f"{whole}!"
