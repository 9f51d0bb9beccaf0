"""Seeds: left out, the same in every job; `vary`, another one in each; what other programs write is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from worker.job.reader import JobFiles


def seeds(reader: JobFiles, tmp_path: Path, *, name: str, text: str) -> list[int]:
    path = tmp_path / f"{name}.yaml"
    path.write_text(text)
    return [request.seed for request in reader.read(path, stem=name).requests]


def test_vary_gives_each_job_its_own_noise(reader: JobFiles, tmp_path: Path) -> None:
    jobs = [seeds(reader, tmp_path, name=f"job-{n}", text="prompt: a mug\nseed: vary\n")[0] for n in range(30)]
    assert len({*jobs}) == 30


def test_vary_is_the_same_when_the_job_is_read_again(reader: JobFiles, tmp_path: Path) -> None:
    text = "seed: vary\nshots: [{prompt: a}, {prompt: b, count: 2}]\n"
    first, again = (seeds(reader, tmp_path, name="mug", text=text) for _ in range(2))
    assert first == again
    assert first[2] == (first[1] + 1) % 2**32


def test_vary_may_stand_in_one_shot(reader: JobFiles, tmp_path: Path) -> None:
    text = "seed: 7\nshots: [{prompt: a}, {prompt: b, seed: vary}]\n"
    one, other = (seeds(reader, tmp_path, name=name, text=text) for name in ("a", "b"))
    assert one[0] == other[0] == 7
    assert one[1] != other[1]


def test_without_a_word_jobs_share_their_seed(reader: JobFiles, tmp_path: Path) -> None:
    one, other = (seeds(reader, tmp_path, name=name, text="prompt: a mug\n") for name in ("a", "b"))
    assert one == other


@pytest.mark.parametrize("seed", ["-1", "random", "随机", "auto", "Random"])
def test_what_other_programs_write_for_any_seed(seed: str, reader_error: Callable[[str], str]) -> None:
    said = reader_error(f"prompt: mug\nseed: {seed}\n")
    assert "Leave `seed` out" in said
    assert "`seed: vary`" in said
