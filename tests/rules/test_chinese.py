"""The Chinese catalogue: all of it, whole, and in Chinese."""

from __future__ import annotations

import argparse
import ast
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from golden_zh import SAMPLES, cases, said_in_chinese, samples, twin

from worker.translation import LOCALE_DIR, SYSTEM_WORDS

PLACE = LOCALE_DIR / "zh" / "LC_MESSAGES"
HAN = re.compile("[\u4e00-\u9fff]")
PERCENT = re.compile(r"%(?:\(\w+\))?[sr]")
CODE = re.compile("`[^`]+`")
EXAMPLE = re.compile(r"`[^`]+`|\[[^\]]+\]")
NAMES = {"torch", "diffusers", "transformers"}
SAID_OTHERWISE = {"`key: value`", "`product: mug`"}
"""Examples whose words are a reader's own."""


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="zh")


@pytest.fixture(scope="module")
def messages() -> list[Message]:
    return [message for message in read(PLACE / "zimage-worker.po") if message.id]


def forms(words: object) -> list[str]:
    return [words] if isinstance(words, str) else [str(word) for word in words]  # type: ignore[attr-defined]


def fields(form: str, message: Message) -> Counter[str]:
    if "python-format" in message.flags:
        return Counter(PERCENT.findall(form))
    return Counter(name for _, name, _, _ in Formatter().parse(form) if name is not None)


def test_every_template_is_translated_once_and_for_sure(messages: list[Message]) -> None:
    wanted = [message.id for message in read(LOCALE_DIR / "zimage-worker.pot") if message.id]
    assert [message.id for message in messages] == wanted, "run: make messages"
    assert [message.id for message in messages if not all(forms(message.string)) or message.fuzzy] == []


def test_a_translation_has_the_placeholders_of_its_template_and_no_others(messages: list[Message]) -> None:
    for message in messages:
        wanted = fields(forms(message.id)[-1], message)
        for form in forms(message.string):
            assert fields(form, message) == wanted, message.id


def test_a_translation_is_in_chinese(messages: list[Message]) -> None:
    for message in messages:
        bare = PERCENT.sub("", "".join(text for text, *_ in Formatter().parse(forms(message.id)[0])))
        if set(re.findall(r"\b[a-z]{3,}\b", CODE.sub("", bare))) - NAMES:
            for form in forms(message.string):
                assert HAN.search(form), message.id


def test_a_translation_keeps_keys_and_files_as_they_are(messages: list[Message]) -> None:
    for message in messages:
        for form in forms(message.string):
            lost = set(CODE.findall(forms(message.id)[-1])) - set(CODE.findall(form)) - SAID_OTHERWISE
            assert lost == set(), message.id


def test_a_translation_begins_and_ends_as_its_template_does(messages: list[Message]) -> None:
    """A full stop where there is one, no blank at the end, and as many lines: texts are put together."""
    for message in messages:
        english, chinese = forms(message.id)[-1], forms(message.string)[0]
        assert english.count("\n") == chinese.count("\n"), message.id
        assert english.endswith(".") == chinese.endswith(("。", "……")) or "{" in english[-12:], message.id
        assert english.endswith(" ") or not chinese.endswith(" "), message.id


def test_chinese_sentences_have_chinese_punctuation(messages: list[Message]) -> None:
    for message in messages:
        for form in forms(message.string):
            for before, mark in pairwise(EXAMPLE.sub("", form)):
                assert not (HAN.match(before) and mark in ",;!?"), message.id


def test_the_compiled_catalogue_says_what_the_translation_says(messages: list[Message]) -> None:
    with (PLACE / "zimage-worker.mo").open("rb") as file:
        compiled = read_mo(file)
    said = {tuple(forms(message.id)): forms(message.string) for message in compiled if message.id}
    assert said == {tuple(forms(one.id)): forms(one.string) for one in messages}, "run: make messages"


def test_every_word_of_argparse_that_people_meet_is_in_the_catalogue(messages: list[Message]) -> None:
    known = {form for message in messages for form in forms(message.id)}
    tree = ast.parse(Path(argparse.__file__).read_text("utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    words = {
        word.value
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id in ("_", "ngettext")
        for word in call.args
        if isinstance(word, ast.Constant) and isinstance(word.value, str)
    }
    assert {word for word in words if not FOR_PROGRAMMERS.search(word)} <= known


FOR_PROGRAMMERS = re.compile(
    "conflict|not defined|is an invalid argument|must be optional|not callable|cannot merge|invalid option string|"
    "dest= is|cannot have multiple|can't open|with mode|^ \\(default: "
)
"""What only a wrong parser, or a type of argument that we do not use, can bring about."""


def test_what_the_system_says_is_in_the_catalogue(messages: list[Message]) -> None:
    assert {message.id for message in messages} >= SYSTEM_WORDS


@pytest.mark.parametrize("path", [*cases()], ids=lambda path: path.stem)
def test_what_is_said_of_a_job_is_said_in_chinese_as_it_was_read(path: Path) -> None:
    expected = twin(path).read_text("utf-8") if twin(path).exists() else ""
    assert said_in_chinese(path) == expected, "run: python tests/golden_zh.py, and read what it wrote"


@pytest.mark.parametrize(("name", "said"), samples().items(), ids=samples())
def test_a_page_an_error_and_a_receipt_are_said_in_chinese_as_they_were_read(name: str, said: str) -> None:
    assert said == (SAMPLES / name).read_text("utf-8"), "run: python tests/golden_zh.py, and read what it wrote"
