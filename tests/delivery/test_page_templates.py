"""The templates: streamed, strict, and every word of a page comes from the catalogue."""

from __future__ import annotations

import re
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.mofile import write_mo
from jinja2 import UndefinedError

from tests.delivery.html_page import Page
from worker import translation
from worker.delivery.pages import contact_sheet, live
from worker.delivery.pages.page import environment
from worker.delivery.refusal import error_text
from worker.delivery.thumbnail_cache import ThumbnailCache
from worker.problem import Problem

ROOT = Path(__file__).parents[2]
KEYWORDS = {"gettext": (1,), "ngettext": (1, 2), "_": None}


@pytest.fixture
def sheet_of(folder, samples):
    """The contact sheet of so many pictures, none of which has a thumbnail yet."""

    def made(count: int, read=None):
        folder.add(samples.made()).close()
        data = folder.files["MUG-01_01.png"]
        entry = folder.entries[0]
        entries = [replace(entry, request=samples.request(file=f"{n}.png")) for n in range(count)]
        cache = ThumbnailCache("empty", longest_px=64)
        return contact_sheet(samples.record, entries, read=read or (lambda name: data), thumbnails=cache)

    return made


def test_a_picture_is_read_when_its_tile_is_written(sheet_of, folder):
    asked = []
    pieces = sheet_of(1000, read=lambda name: asked.append(name) or folder.files["MUG-01_01.png"])
    assert not asked
    next(piece for piece in pieces if b"<figure" in piece)
    assert 0 < len(asked) < 10


@pytest.mark.slow
def test_a_long_sheet_is_never_whole_in_memory(sheet_of):
    sum(map(len, sheet_of(1)))  # templates are read and compiled once
    pieces = sheet_of(1000)
    tracemalloc.start()
    size = sum(map(len, pieces))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 1_000_000
    assert peak < 250_000


def test_trouble_of_the_share_stays_what_it_is(sheet_of):
    def read(name: str) -> bytes:
        raise FileNotFoundError(2, "gone", name)

    with pytest.raises(FileNotFoundError, match="gone"):
        list(sheet_of(3, read=read))


def test_a_misspelt_name_is_an_error():
    template = environment("en").from_string("{{ page.recrd }}")
    with pytest.raises(UndefinedError, match="recrd"):
        template.render(page=Page(b""))


def test_everything_is_escaped_whatever_a_template_is_called():
    for name in environment("en").list_templates(extensions=["j2"]):
        source, _, _ = environment("en").loader.get_source(environment("en"), name)
        assert "|safe" not in source
    assert environment("en").from_string("{{ x }}").render(x="<b>") == "&lt;b&gt;"


@pytest.fixture
def xx(tmp_path, monkeypatch):
    """A language that puts every text of the catalogue into brackets."""
    catalogue = Catalog(locale="en")
    mapping = [("**.py", "python"), ("**.html.j2", "jinja2")]
    options = {"**.html.j2": {"trimmed": "true", "silent": "false"}}
    for _, _, message, _, _ in extract_from_dir(ROOT / "worker/delivery", mapping, options, keywords=KEYWORDS):
        said = tuple(f"[{form}]" for form in message) if isinstance(message, tuple) else f"[{message}]"
        catalogue.add(message, said)
    for beside in ("problem", "progress_words"):
        for _, message, _, _ in extract_from_file("python", ROOT / f"worker/{beside}.py", keywords=KEYWORDS):
            said = tuple(f"[{form}]" for form in message) if isinstance(message, tuple) else f"[{message}]"
            catalogue.add(message, said)
    file = tmp_path / "xx/LC_MESSAGES" / f"{translation.DOMAIN}.mo"
    file.parent.mkdir(parents=True)
    with file.open("wb") as mo:
        write_mo(mo, catalogue)
    monkeypatch.setattr(translation, "LOCALE_DIR", tmp_path)
    yield "xx"
    translation.catalogue.cache_clear()
    environment.cache_clear()


DATA = {"autumn", "mugs", "MUG", "png", "red", "mug", "white", "background", "Image", "Turbo", "CPU", "SHA",
        "campaign"}  # fmt: skip


def words_left(text: str) -> set[str]:
    """Words outside of brackets, but for the job's own."""
    while "[" in text:
        text = re.sub(r"\[[^][]*\]", " ", text)
    return set(re.findall(r"\b[A-Za-z]{3,}\b", text)) - DATA


def test_every_word_of_a_page_comes_from_the_catalogue(folder_of, samples, xx):
    model = replace(samples.record.model, demo=True)
    warning = replace(samples.warning, file="a", where="b", message="red", remedy="mug", examples=("mugs",) * 2)
    folder = folder_of(replace(samples.record, model=model, warnings=(warning,) * 30))
    failed = replace(samples.failed(), error=translation.gettext("failed"))
    folder.add(samples.made(negative_prompt="red", metadata={"campaign": "autumn"}), samples.retried(), failed).close()
    cache = ThumbnailCache("empty", longest_px=64)
    sheet = contact_sheet(folder.record, folder.entries, read=folder.read, thumbnails=cache, language=xx)
    moment = replace(
        samples.moment, state="waiting", reason=translation.gettext("failed"), file="red", since="2026-07-01T21:00:00Z"
    )
    entries = folder.entries * 70
    shown = live(folder.record, entries, moment=moment, thumbnail=lambda _: None, needs_page=True, language=xx)
    for data in (b"".join(sheet), shown.page):
        page = Page(data)
        texts = [*page.texts, *page.values("placeholder"), *page.values("aria-label", of="div")]
        rungs = {"first", "again", "decode", "fp32", "new", "seed", "rejected"}
        assert words_left(" ".join(texts)) <= rungs
        assert page.values("lang")[0] == "xx"


def test_every_word_of_error_txt_comes_from_the_catalogue(xx):
    reason = translation.gettext("failed")
    problem = Problem(file="a", line=1, column=2, where="b", message=reason, count=3, examples=("c",))
    for problems in ((), (problem,), (problem, replace(problem, is_warning=True, examples=()))):
        assert not words_left(error_text("autumn", problems, reason=reason, language=xx).decode())
