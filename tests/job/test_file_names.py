"""Names that every file system takes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.job.file_names import (
    MAX_JOB_NAME_BYTES,
    MAX_STEM_BYTES,
    clean_stem,
    fault_of_stem,
    folder_name,
)
from worker.plain_names import alike


@pytest.mark.parametrize(
    ("text", "stem"),
    [
        ("MUG-01_front view_01", "MUG-01_front-view_01"),
        ("马克杯 红", "马克杯-红"),
        ("Ta\u0308sse", "T\u00e4sse"),
        ("हिन्दी", "हिन्दी"),
        ("../../etc/passwd", "etc-passwd"),
        (".hidden", "hidden"),
        ("dot.", "dot"),
        ("a:b*c?d", "a-b-c-d"),
        ("100 % wool", "100-wool"),
        ("???", ""),
    ],
)
def test_texts_become_plain_stems(text: str, stem: str) -> None:
    assert clean_stem(text) == stem


@given(st.text())
def test_a_stem_is_short_and_harmless_and_cleaning_twice_changes_nothing(text: str) -> None:
    stem = clean_stem(text)
    assert len(stem.encode()) <= MAX_STEM_BYTES
    assert not re.search(r'[\s/\\:*?"<>|\x00-\x1f]', stem)
    assert not stem.startswith((".", "-"))
    assert not stem.endswith((".", " "))
    assert clean_stem(stem) == stem


@given(st.text(alphabet="ab", min_size=130), st.text(alphabet="ab", min_size=130))
def test_long_names_stay_distinct(one: str, other: str) -> None:
    assert (clean_stem(one) == clean_stem(other)) == (one == other)


@pytest.mark.parametrize("stem", ["CON", "nul", "com1", "LPT9.a", "aux.b.c", "Manifest", "index", "", "job", "ERROR"])
def test_names_of_windows_and_of_the_worker_are_refused(stem: str) -> None:
    assert fault_of_stem(stem)


@pytest.mark.parametrize("stem", ["CON_01", "console", "index-1", "manifests", "杯"])
def test_names_that_only_look_like_them_are_taken(stem: str) -> None:
    assert fault_of_stem(stem) is None


def test_case_and_composition_do_not_tell_names_apart() -> None:
    assert alike("TÄSSE") == alike("ta\u0308sse")
    assert alike("STRASSE") == alike("straße")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("2026秋冬-陶瓷系列（第二批）", "2026秋冬-陶瓷系列（第二批）"),
        ("Fru\u0308hling & Sommer '26 (neu!)", "Fr\u00fchling & Sommer '26 (neu!)"),
        ("Mugs/cups: 50% off?", "Mugs-cups- 50% off"),
        ("🎄 Weihnachten 👨\u200d👩\u200d👧", "🎄 Weihnachten 👨👩👧"),
        ("أكواب \u202eخزفية\u202c", "أكواب خزفية"),
        ("  spring\n\tcollection\u3000 ", "spring collection"),
        ("trailing dots...", "trailing dots"),
        ("CON", "job-CON"),
        ("aux.2026", "job-aux.2026"),
        ("~draft", "job-draft"),
        ("@eaDir", "job-eaDir"),
        ("Thumbs.db", "job-Thumbs.db"),
        ("receipts", "job-receipts"),
        ("_Overview", "job-_Overview"),
        ("_templates", "job-_templates"),
        ("Pause", "job-Pause"),
        ("mugs.partial", "mugs-partial"),
        ("mugs.cancel", "mugs-cancel"),
        ("...", "job"),
        ("\u200b", "job"),
        ("/", "job"),
        ("杯" * 300, "杯" * 33),
    ],
)
def test_any_title_names_a_folder_and_looks_as_it_was_written(title: str, name: str) -> None:
    assert folder_name(title) == name


@given(st.text())
def test_a_folder_s_name_is_taken_and_shown_by_every_share_and_its_name_is_itself(title: str) -> None:
    name = folder_name(title)
    assert name
    assert len(name.encode()) <= MAX_JOB_NAME_BYTES
    assert not re.search(r'[<>:"/\\|?*\x00-\x1f\x7f]', name)
    assert not name.startswith((".", "~", " "))
    assert not name.endswith((".", " "))
    assert folder_name(name) == name
