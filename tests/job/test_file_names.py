"""Names that every file system takes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.job.file_names import (
    MAX_JOB_NAME_BYTES,
    MAX_STEM_BYTES,
    check_job_name,
    clean_stem,
    collision_key,
    default_job_name,
    fault_of_stem,
)


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
    assert collision_key("TÄSSE") == collision_key("ta\u0308sse")
    assert collision_key("STRASSE") == collision_key("straße")


@given(st.text())
def test_the_default_job_name_is_always_allowed(stem: str) -> None:
    name = default_job_name(stem)
    assert check_job_name(name) == name
    assert len(name.encode()) <= MAX_JOB_NAME_BYTES


@pytest.mark.parametrize("name", ["a/b", ".a", "a.", " a", "a.partial", "CON", "status.json", "", "杯" * 34, "a\nb"])
def test_names_that_a_share_would_refuse_or_mistake_are_told(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        check_job_name(name)
