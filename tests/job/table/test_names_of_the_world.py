"""Names of countries, languages and currencies in many languages: nothing is misread, and no sound text gets a word."""

from __future__ import annotations

import random

import pytest
from babel import Locale

from worker.job.table.cells import damage
from worker.job.table.encodings import decoded
from worker.job.table.mojibake import what_is_lost
from worker.yaml_reader.document import Misread


def names(language: str) -> list[str]:
    locale = Locale.parse(language)
    tables = (locale.territories, locale.languages, locale.currencies)
    return sorted({str(name) for table in tables for name in table.values()})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "encoding"),
    [
        ("zh", "gbk"), ("zh_Hant", "big5"), ("ko", "cp949"), ("ja", "cp932"), ("de", "cp1252"), ("es", "cp1252"),
        ("pt", "cp1252"), ("da", "cp1252"), ("fr", "cp850"), ("tr", "cp1254"), ("ru", "cp1251"), ("ru", "koi8_r"),
        ("uk", "cp1251"), ("el", "cp1253"),
    ],
)  # fmt: skip
def test_tables_of_names_are_read_or_refused_and_never_misread(language: str, encoding: str) -> None:
    choose = random.Random(5)
    known = [
        name for name in names(language) if not name.isascii() and name.encode(encoding, "replace").count(b"?") == 0
    ]
    read = 0
    for _ in range(60):
        text = "sku,subject\n" + "".join(f'A{at},"{name}"\n' for at, name in enumerate(choose.choices(known, k=8)))
        try:
            assert decoded(text.encode(encoding)).text == text
        except Misread:
            continue
        read += 1
    assert read >= 45


@pytest.mark.slow
def test_no_sound_name_is_taken_for_a_spoilt_one() -> None:
    languages = (
        "ar bg cs da de el en es et fa fi fr he hi hr hu it ja ko lt lv nl pl pt ro ru sk sv th tr uk vi zh zh_Hant"
    )
    told = [name for language in languages.split() for name in names(language) if what_is_lost(name) or damage(name)]
    assert told == []
