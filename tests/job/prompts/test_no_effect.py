"""`check` warns of what has no effect, and of nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from worker.job.reader import JobFiles


def warnings(reader: JobFiles, tmp_path: Path, text: str) -> list[tuple[int, str]]:
    path = tmp_path / "a.yaml"
    path.write_text(text)
    return [(warning.line, warning.where) for warning in reader.read(path, stem="a").warnings]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("prompt: a\nnegative_prompt: b\n", []),
        ("prompt: a\nguidance: 0\n", []),
        ("prompt: a\nguidance: 0\nnegative_prompt: b\n", [(3, "negative_prompt")]),
        ("prompt: a\nguidance: 0\nnegative_prompt: ''\n", []),
        ("guidance: 0\nshot: {prompt: a, avoid: b}\n", [(2, "shot.avoid")]),
        ("guidance: 0\nnegative_prompt: b\nshots:\n- {prompt: a, guidance: 4}\n", []),
        ("guidance: 0\nnegative_prompt: b\nshots:\n- prompt: a\n- prompt: c\n", [(2, "negative_prompt")]),
        ("prompt: a\nmatrix: {view: [x, y]}\nfile_name: '{view}'\n", [(2, "matrix.view")]),
    ],
)
def test_with_a_base_model(text: str, expected: list[tuple[int, str]], reader: JobFiles, tmp_path: Path) -> None:
    assert warnings(reader, tmp_path, text) == expected


TWO_SHOTS = """matrix: {angle: [front, top]}
shots:
- {product: mug, camera: "{angle}"}
- prompt: a poster
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TWO_SHOTS, "`shots[2]` does not use `{angle}`: the pictures there differ only by their seeds."),
        (f"seed: 7\n{TWO_SHOTS}", "`shots[2]` does not use `{angle}`: the seed is fixed, so the same picture is made"),
        (
            f"{TWO_SHOTS}  seed: 7\n",
            "`shots[2]` does not use `{angle}`: the seed is fixed, so the same picture is made",
        ),
        (f"{TWO_SHOTS}  matrix: {{}}\n", None),
    ],
)
def test_a_shot_that_a_matrix_does_not_change_is_named(
    text: str, expected: str | None, reader: JobFiles, tmp_path: Path
) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text)
    found = [warning.message for warning in reader.read(path, stem="a").warnings]
    assert len(found) == (expected is not None)
    assert expected is None or found[0].startswith(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("prompt: a\n", []),
        ("prompt: a\nguidance: 0\n", []),
        ("prompt: a\nguidance: 4\n", [(2, "guidance")]),
        ("prompt: a\nguidance: 4\nnegative_prompt: b\n", [(2, "guidance"), (3, "negative_prompt")]),
        ("shot:\n  prompt: a\n  avoid: b\n", [(3, "shot.avoid")]),
    ],
)
def test_with_turbo(text: str, expected: list[tuple[int, str]], turbo_reader: JobFiles, tmp_path: Path) -> None:
    assert warnings(turbo_reader, tmp_path, text) == expected


def test_the_same_in_many_shots_is_one_warning(turbo_reader: JobFiles, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    shots = "".join(f"- {{prompt: mug {n}, avoid: b, matrix: {{view: [x, y]}}}}\n" for n in range(30))
    path.write_text(f"shots:\n{shots}")
    found = {warning.rule: warning for warning in turbo_reader.read(path, stem="a").warnings}
    assert set(found) == {"prompt.no_effect", "matrix.unused"}
    assert (found["prompt.no_effect"].count, found["prompt.no_effect"].examples[0]) == (30, "shots[1].avoid")
    assert "`shots[3]` and 27 more" in found["matrix.unused"].message


def test_lists_in_many_shots_are_one_warning(reader: JobFiles, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    shots = "".join(f"- {{prompt: 'mug {n} {{a}}', matrix: {{a: [红，蓝]}}}}\n" for n in range(30))
    path.write_text(f"shots:\n{shots}")
    (told,) = reader.read(path, stem="a").warnings
    assert (told.rule, told.count) == ("list.full_width_comma", 30)
