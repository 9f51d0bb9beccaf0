"""What stands in a raw text and is not what it looks like is told at its line, by its name, and nothing else is."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from raw_slips import SPACES, slips

from worker.errors import JobInvalid
from worker.job.reader import JobFiles
from worker.job.schema import WORDS
from worker.problem import Problem
from worker.records import Limits, Recommendation
from worker.yaml_reader.document import Place
from worker.yaml_reader.edits import Edits, original
from worker.yaml_reader.parser import parse_yaml
from worker.yaml_reader.raw_faults import starts_of
from worker.yaml_reader.raw_text import raw_text

SLIPS = list(slips())
MODEL = Recommendation(width_px=256, height_px=256, steps=8, guidance=3.0)
READER = JobFiles(Limits(), MODEL, guidance_matters=True)


def told(text: str, folder: Path) -> list[Problem]:
    path = folder / "a.yaml"
    path.write_bytes(text.encode())
    try:
        return list(READER.read(path, stem="a").warnings)
    except JobInvalid as invalid:
        return list(invalid.problems)


def problems_of(text: str) -> Sequence[Problem]:
    try:
        return parse_yaml(text.encode(), file="a.yaml", max_bytes=1000, words=WORDS).problems
    except JobInvalid as invalid:
        return invalid.problems


def test_there_are_more_than_150_slips() -> None:
    assert len(SLIPS) >= 150
    assert len({slip.text for slip in SLIPS}) == len(SLIPS)


@pytest.mark.slow
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CR LF", "CR"])
def test_each_slip_is_told_at_its_line_by_its_name(end: str, tmp_path: Path) -> None:
    wrong = []
    for slip in SLIPS:
        found = told(slip.text.replace("\n", end), tmp_path)
        if not any(one.line == slip.line and slip.names in one.text for one in found):
            wrong.append((slip, [one.text for one in found]))
    assert wrong == []


@pytest.mark.slow
def test_no_line_is_told_twice_for_one_cause(tmp_path: Path) -> None:
    for slip in SLIPS:
        found = [(one.line, one.message) for one in told(slip.text, tmp_path)]
        assert len(found) == len(set(found)), slip


def test_what_is_told_as_a_warning_is_read_as_it_is_meant(tmp_path: Path) -> None:
    text = "“提示词”：“{角度}红杯，白墙”\n尺寸： １０２４×１０２４\n\u200b数量：２\n矩阵：{角度：[正面, 侧面]}\n"
    path = tmp_path / "a.yaml"
    path.write_text(text, "utf-8")
    job = READER.read(path, stem="a")
    first = job.requests[0]
    assert (len(job.requests), first.prompt, first.width_px) == (4, "正面红杯，白墙", 1024)
    assert first.matrix == {"角度": "正面"}
    assert all(warning.is_warning and warning.rule and warning.remedy for warning in job.warnings)


RIGHT = [
    "prompt: 主题：红杯，背景：白墙 – 柔光　正面\n",
    "prompt: |\n  主题：红杯\n  • “引号”\n  ```\n  # no comment\n  – dash\nsteps: 8\n",
    'prompt: "multi\n  line：# text"\nsteps: 8\n',
    'prompt: "{a}"\nmatrix:\n  a:\n    - 正面：特写\n    - 侧面：全景\n',
    'prompt: "{a}"\nmatrix: {a: [正面：特写, it\'s, 12″]}\n',
    "prompt:\n  主题：红杯\n  背景：白墙\n",
    "prompt: a mug\t\nsteps: 8\t# eight\nseed:\t3\t\n\t\nname: a\n",
    "metadata: {note: 'a：b', 渠道: 淘宝}\nprompt: a\tmug — “red” · 2 × 3\n",
    "# Sure! Here is your YAML:\n---\nprompt: a mug\n...\n",
    "prompt: a mug\n---\n",
    '{"prompt": "a mug \\ud83d\\ude00",\n\t"metadata": {"a": [1, 2]}}\n',
    "prompt: https://example.com//a #1\n".replace(" #1", ""),
    "prompt: >-\n  a mug,\n\n  on wood\nname: 杯（大）\n".replace("（大）", ""),
    "提示词: 红杯\n反向提示词: 模糊\n种子: 7\n语言: 中文\n优先级: 高\n尺寸: 方形\n",
]


@pytest.mark.parametrize("text", RIGHT, ids=range(len(RIGHT)))
def test_an_authors_own_text_gets_no_word_and_is_kept(text: str, tmp_path: Path) -> None:
    assert [one for one in told(text, tmp_path) if not one.rule.startswith("prompt.")] == []


def test_a_tab_and_a_line_separator_within_quotes_stay_what_they_are() -> None:
    document = parse_yaml('a: "x\u2028y\tz"\nb: p\tq\n'.encode(), file="a", max_bytes=99)
    assert document.data == {"a": "x\u2028y\tz", "b": "p\tq"}
    assert document.place(("b",)) == Place(2, 4)


def test_900_lines_with_the_same_slip_are_told_once(tmp_path: Path) -> None:
    text = "metadata:\n" + "".join(f"  键{number}：值\n" for number in range(900)) + "prompt: 杯\n"
    (one,) = told(text, tmp_path)
    assert (one.line, one.count, one.examples) == (2, 900, ("line 2", "line 3", "line 4"))


@given(st.text(alphabet=f"ab:-#'\"{{}}[]|>，：“”＃–•\t\n {SPACES}\u200b\u2028`~", max_size=80))
@settings(max_examples=300, deadline=None)
def test_any_text_of_odd_marks_is_read_or_refused(text: str) -> None:
    lines = [problem.line for problem in problems_of(text)]
    assert all(line <= len(starts_of(text)) for line in lines)


@given(st.text(alphabet=f"ab：“”＃–•`~>，/\\'\"{{}}[]:#-\t {SPACES}\u200b\u2028", min_size=1, max_size=30))
@settings(max_examples=300, deadline=None)
def test_a_quoted_text_and_one_behind_a_bar_are_kept_without_a_word(text: str) -> None:
    quoted = json.dumps(text, ensure_ascii=False)
    for job in (f"a: {quoted}\nsteps: 8\n", f'{{"steps": 8, "a": {quoted}}}', f"? a\n: {quoted}\n"):
        document = parse_yaml(job.encode(), file="a", max_bytes=1000, words=WORDS)
        assert (document.data["a"], document.problems) == (text, ())
    line = text.strip(" \t")
    if line and "\t" not in line and "\u2028" not in line:
        document = parse_yaml(f"prompt: |\n  {line}\nsteps: 8\n".encode(), file="a", max_bytes=1000, words=WORDS)
        assert (document.data, document.problems) == ({"prompt": f"{line}\n", "steps": "8"}, ())


@given(st.dictionaries(st.integers(0, 9), st.text("xy", max_size=3), max_size=4))
def test_a_place_in_the_edited_text_is_found_in_the_old_one(pieces: dict[int, str]) -> None:
    text, edits = "0123456789", Edits()
    for at, new in pieces.items():
        edits.put(at, 1, new)
    new_text, shifts = edits.applied(text), edits.shifts([0])
    for column, character in enumerate(new_text, start=1):
        if character.isdigit():
            assert original(Place(1, column), shifts) == Place(1, int(character) + 1)


@pytest.mark.slow
def test_the_pass_over_a_large_job_costs_less_than_reading_it() -> None:
    shot = "  - id: A-{n}\n    prompt: 红色马克杯{n}，柔光箱正面打光：柔和，细腻的釉面质感，写实\n    scene: wall\n"
    lines = "".join(shot.format(n=n) for n in range(2000))
    data = f"shots:\n{lines}".encode()
    assert 220_000 < len(data) < 262_144
    began = time.process_time()
    raw_text(data, file="a", max_bytes=len(data), example="", words=WORDS)
    passed = time.process_time()
    parse_yaml(data, file="a", max_bytes=len(data), words=WORDS)
    assert passed - began < 0.5 * (time.process_time() - passed)
