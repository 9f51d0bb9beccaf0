"""Files made to hurt: each is refused (or read) in under a second of CPU and 200 MB, in one process that lives on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

KIB = 1024
LARGEST = 262_144

HOSTILE = {
    "billion_laughs": "a: &a [x,x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\n" * 20,
    "merge_bomb": "a: &a {k: v}\nb: {<<: [*a,*a,*a]}\n",
    "open_brackets": "[" * LARGEST,
    "open_braces": "{a: " * (LARGEST // 4),
    "nested_dashes": "- " * (LARGEST // 2),
    "nested_questions": "? " * (LARGEST // 2),
    "many_items": "shots: [" + "a," * (LARGEST // 2 - 10) + "]",
    "many_unknown_keys": "".join(f"key{n}: x\n" for n in range(7_000)),
    "many_duplicates": "a: b\n" * (LARGEST // 5),
    "many_empty_values": "".join(f"k{n}:\n" for n in range(18_000)),
    "many_wrong_shots": "shots:\n" + "- size: x\n" * 4_500,
    "many_prompts_with_braces": "shots:\n" + "- prompt: 'a {x} b'\n" * 4_500,
    "many_same_ids": "shots:\n" + "- {id: A, prompt: b}\n" * 2_900,
    "one_long_text": "prompt: " + "x" * (LARGEST - 10),
    "one_long_key": "x" * (LARGEST - 10) + ": a",
    "many_braces": "prompt: '" + "{id}" * (LARGEST // 4 - 10) + "'",
    "many_lone_braces": "prompt: '" + "{" * (LARGEST - 20) + "'",
    "long_lines_of_tabs": "prompt: a\n" + "\t" * (LARGEST - 20),
    "long_line_of_colons": "prompt: a" + ": " * (LARGEST // 2 - 20),
    "matrix_explosion": "prompt: a\nmatrix:\n" + "".join(f"  k{n}: [a, b, c, d]\n" for n in range(200)),
    "huge_integer": "prompt: a\nsteps: " + "9" * (LARGEST - 20),
    "tagged_integer": "prompt: a\nsteps: !!int 99999x\n",
    "impossible_date": "prompt: a\nname: 2026-13-45\n",
    "yaml_directive": "%YAML " + "9" * 9_000 + ".1\n---\nprompt: a",
    "one_line_of_invisible_characters": "\u200b" * (LARGEST // 3 - 10),
    "one_line_of_quoting": ">" * (LARGEST - 20),
    "one_line_of_entities": "&quot;" * (LARGEST // 6 - 10),
    "one_line_of_full_width_commas": "matrix:\n  a: [" + "a，" * (LARGEST // 4 - 20) + "]\nprompt: x {a}",
    "many_ends_of_documents": "“prompt”： “" + "...\n" * (LARGEST // 4 - 20),
    "many_foreign_placeholders": "prompt: " + "${a}" * (LARGEST // 4 - 10),
    "many_other_placeholders": "prompt: x" + "".join(f"{{a{n}}}" for n in range(30_000)),
    "many_invisible_names": "shots:\n" + "".join(f"- {{id: A\u200b{n}, prompt: b}}\n" for n in range(2_900)),
    "many_lists_in_lists": "prompt: a {m}\nmatrix:\n  m: [" + ",".join(f'"a{n}、b{n}"' for n in range(9_900)) + "]",
    "one_text_for_a_list": "matrix:\n  a: " + "b," * (LARGEST // 2 - 40) + "\nprompt: x {a}",
    "many_contradictions": "shots:\n"
    + "".join(
        f'- prompt: "{n} on a white background, '
        + ", ".join(f"with a t{m}, without a t{m}" for m in range(120))
        + '"\n'
        for n in range(60)
    ),
    "over_the_limit": "#" * (LARGEST + 1),
}

PROGRAM = """
import json, sys, time
from pathlib import Path
from worker.errors import JobInvalid
from worker.job.reader import JobFiles
from worker.records import Limits, Recommendation
reader = JobFiles(Limits(), Recommendation(width_px=256, height_px=256, steps=8, guidance=3.0), guidance_matters=True)
told = {}
for path in sorted(Path(sys.argv[1]).iterdir()):
    began = time.process_time()
    try:
        text = f"{len(reader.read(path, stem=path.stem).requests)} requests"
    except JobInvalid as error:
        text = str(error)
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    told[path.stem] = (time.process_time() - began, len(text), int(peak.split()[1]))
print(json.dumps(told))
"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[float, int, int]]:
    folder = tmp_path_factory.mktemp("hostile")
    for name, text in HOSTILE.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    process = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return json.loads(process.stdout)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_costs_little_and_is_answered_briefly(
    name: str, told: dict[str, tuple[float, int, int]]
) -> None:
    cpu_s, answer_characters, peak_kib = told[name]
    assert cpu_s < 1
    assert answer_characters < 64 * KIB
    assert peak_kib < 200 * KIB
