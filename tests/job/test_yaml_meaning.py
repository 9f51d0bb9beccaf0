"""Encodings and scalars: what the author wrote is what arrives."""

from __future__ import annotations

import codecs
from collections.abc import Callable

import pytest

from worker.errors import JobInvalid
from worker.records import Job
from worker.yaml_reader.scalars import number, size_px, whole_number

TEXT = "prompt: 白色马克杯\nname: 杯\n"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.rstrip().encode(),
    ],
    ids=["utf-8", "utf-8 with mark", "utf-16 le", "utf-16 be", "windows line ends", "no last line end"],
)
def test_the_encodings_of_notepad_are_read(data: bytes, read: Callable[..., Job]) -> None:
    job = read(data)
    assert (job.name, job.requests[0].prompt) == ("杯", "白色马克杯")


def test_positions_count_characters_and_ignore_the_byte_order_mark(read: Callable[..., Job]) -> None:
    with pytest.raises(JobInvalid) as raised:
        read(codecs.BOM_UTF8 + "{prompt: 白色马克杯, 杂项: 8}".encode())
    assert (raised.value.problems[0].line, raised.value.problems[0].column) == (1, 17)


@pytest.mark.parametrize(("text", "value"), [("010", 10), ("0o17", 15), ("0x1F", 31), ("+7", 7), ("-1", -1), ("0", 0)])
def test_whole_numbers_have_their_yaml_1_2_meaning(text: str, value: int) -> None:
    assert whole_number(text) == value


@pytest.mark.parametrize("text", ["1e3", "8.0", "1_000", "1,000", "0b1", "٣", "", " 8", "9" * 5000, "190:20:30"])
def test_what_is_not_written_as_a_whole_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a whole number"):
        whole_number(text)


@pytest.mark.parametrize(("text", "value"), [("1e3", 1000), ("3.5", 3.5), (".5", 0.5), ("4.", 4), ("-0", 0)])
def test_numbers_have_their_yaml_1_2_meaning(text: str, value: float) -> None:
    assert number(text) == value


@pytest.mark.parametrize("text", [".nan", ".inf", "inf", "nan", "1_0", "", "three", "3,5"])
def test_what_is_not_a_finite_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        number(text)


@pytest.mark.parametrize(
    ("text", "size"), [("1024x768", (1024, 768)), ("256 × 384", (256, 384)), ("64X64", (64, 64)), ("Tall", (720, 1280))]
)
def test_sizes_are_read_as_people_write_them(text: str, size: tuple[int, int]) -> None:
    assert size_px(text, max_pixels=2**22) == size


def test_a_preset_beyond_the_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 65,536 are allowed, such as 256x256"):
        size_px("square", max_pixels=65_536)
