"""Which warnings refuse a job: any where it is strict, some where they stand for most of a catalogue."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from worker.delivery.formats import EXTENSIONS
from worker.errors import JobInvalid
from worker.job import severity
from worker.job.reader import JobFiles
from worker.job.severity import REFUSING, judged
from worker.problem import Problem, errors_in, warnings_in
from worker.records import Job, Limits, Recommendation
from worker.translation import gettext

POINTLESS = "prompt: a mug\nguidance: 0\nnegative_prompt: text\n"
RULES = sorted(REFUSING)


def warning(rule: str = "prompt.too_long", count: int = 1, *, file: str = "a/products.csv") -> Problem:
    return Problem(
        file=file, line=2, column=1, where="prompt", message=gettext("No."), is_warning=True, rule=rule,
        remedy=gettext("Mend it."), count=count,
    )  # fmt: skip


def judge(*warnings: Problem, strict: bool | None = None, is_strict_worker: bool = False, products=0, shots=1):
    return judged(
        warnings, strict=strict, is_strict_worker=is_strict_worker, products=products, shots=shots, file="a/job.yaml"
    )


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    ("count", "products", "refuses"),
    [(900, 900, True), (451, 900, True), (450, 900, False), (1, 900, False), (2, 3, True), (1, 2, False), (1, 1, False),
     (5, 0, False)],
)  # fmt: skip
def test_a_warning_for_more_than_half_of_a_catalogue_refuses_it(rule, count, products, refuses) -> None:
    other = warning()
    found = judge(other, warning(rule, count), products=products)
    assert [one.rule for one in errors_in(found)] == [rule] * refuses
    assert len(found) == 2
    if refuses:
        assert found[1] == other
        half = f"more than half of the {products} products" if count < products else "every one of them"
        assert str(found[0]) == (
            f"a/products.csv:2:1: prompt: No. That is {half}, so nothing is rendered. Mend it. If it is meant so, write"
            f" `strict: false` into the job. ({count} places)"
        )


def test_a_placeholder_that_nothing_fills_stands_for_every_product_of_the_job_file_s_template() -> None:
    template = warning("prompt.not_filled", file="a/job.yaml")
    [error] = judge(template, products=900)
    assert "That is every one of them, so" in error.message
    assert not error.is_warning
    assert judge(template, products=1) == judge(template) == [template]
    assert judge(warning("table.encoding", file="a/job.yaml"), products=900)[0].is_warning


def test_a_long_list_of_shots_is_a_catalogue_too() -> None:
    found = judge(warning("prompt.not_filled", 6, file="a/job.yaml"), shots=10)
    assert "That is more than half of the 10 shots, so nothing is rendered." in found[0].message
    assert judge(warning("prompt.not_filled", 5, file="a/job.yaml"), shots=10)[0].is_warning
    assert judge(warning("prompt.not_filled", 9, file="a/job.yaml"), shots=9)[0].is_warning


def test_a_long_list_that_nobody_filled_is_refused_unless_it_is_meant(read: Callable[..., Job]) -> None:
    shots = "".join(f"- {{id: s{number}, prompt: 'a {{{{colour}}}} mug, view {number}'}}\n" for number in range(12))
    with pytest.raises(JobInvalid, match="That is every one of them, so nothing"):
        read(f"shots:\n{shots}")
    assert len(read(f"strict: false\nshots:\n{shots}").requests) == 12


def test_cells_that_were_mended_refuse_nothing() -> None:
    assert judge(warning("table.spoilt_cell", 900), products=900)[0].is_warning


def test_other_rules_refuse_nothing_however_many_places_they_have() -> None:
    assert judge(warning(count=900), products=900) == [warning(count=900)]


@pytest.mark.parametrize("rule", ["prompt.too_long", *RULES])
def test_an_author_who_means_it_is_believed(rule) -> None:
    meant = warning(rule, 900)
    assert judge(meant, strict=False, is_strict_worker=True, products=900) == [meant]


@pytest.mark.parametrize(
    ("strict", "is_strict_worker", "says"), [(True, False, "strict: This is"), (None, True, "`st")]
)
def test_a_strict_job_is_refused_for_any_warning_and_every_one_is_told(strict, is_strict_worker, says) -> None:
    found = judge(warning(), warning(RULES[0], 900), strict=strict, is_strict_worker=is_strict_worker, products=900)
    assert str(found[0]).startswith(f"a/job.yaml: {says}")
    assert "`strict: false`" in str(found[0])
    assert warnings_in(found) == [warning(), warning(RULES[0], 900)]


@pytest.mark.parametrize("strict", [True, None])
def test_a_strict_job_without_warnings_is_rendered(strict) -> None:
    assert judge(strict=strict, is_strict_worker=True) == []


def test_a_job_says_whether_it_is_strict(read: Callable[..., Job]) -> None:
    for word in ("true", "True", "yes", "on"):
        with pytest.raises(
            JobInvalid, match=r"job.yaml:4:9: strict: This is `true`, and there are warnings\."
        ) as raised:
            read(f"{POINTLESS}strict: {word}\n")
        assert [one.is_warning for one in raised.value.problems] == [False, True]
    for line in ("", "strict: false\n", "strict: No\n"):
        assert len(read(POINTLESS + line).warnings) == 1
    assert read("prompt: a mug\nstrict: true\n").warnings == ()
    with pytest.raises(JobInvalid, match=r"`maybe` is not allowed\. Allowed are true and false\."):
        read("prompt: a mug\nstrict: maybe\n")


def test_a_strict_worker_refuses_what_does_not_say_otherwise(tmp_path) -> None:
    size = Recommendation(width_px=256, height_px=256, steps=8, guidance=3.0)
    strict = JobFiles(Limits(formats=EXTENSIONS), size, guidance_matters=True, is_strict=True)
    job = tmp_path / "mug.yaml"
    job.write_text(POINTLESS)
    with pytest.raises(JobInvalid, match=r"mug.yaml: `strict` is set for all jobs here"):
        strict.read(job, stem="mug")
    job.write_text(f"{POINTLESS}strict: false\n")
    assert len(strict.read(job, stem="mug").warnings) == 1


CATALOGUE = {"products.csv": b"sku,subject\n1,mug\n2,bowl\n3,vase\n"}


@pytest.mark.parametrize("refuses", [True, False])
def test_a_catalogue_is_refused_by_what_stands_for_most_of_its_products(read, monkeypatch, refuses: bool) -> None:
    monkeypatch.setattr(severity, "REFUSING", frozenset({"job.unused_file"}))  # one that any job can have
    files = {**CATALOGUE, "a.docx": b"", **({"b.docx": b""} if refuses else {})}
    text = "products: products.csv\nprompt: a {subject}\n"
    if refuses:
        with pytest.raises(JobInvalid, match="more than half of the 3 products"):
            read(text, files=files)
    else:
        assert [one.count for one in read(text, files=files).warnings] == [1]
    assert len(read(f"{text}strict: false\n", files=files).requests) == 3


def test_files_that_a_job_does_not_use_are_told_and_its_own_and_litter_are_not(read: Callable[..., Job]) -> None:
    text = "products: products.csv\nprompt: a {subject}\n"
    litter = {".DS_Store": b"", "Thumbs.db": b"", "~$products.xlsx": b"", "desktop.ini": b"", "job.yaml~": b"",
              "products.csv.bak": b""}  # fmt: skip
    assert read(text, files={**CATALOGUE, **litter}).warnings == ()
    job = read(text, files={**CATALOGUE, "products2.xlsx": b"PK", "brief.docx": b"PK"})
    [told] = job.warnings
    assert (told.rule, told.count, told.examples) == ("job.unused_file", 2, ("brief.docx", "products2.xlsx"))
    assert str(told).startswith("a-job/job.yaml: warning: `brief.docx` lies in the job's folder, and nothing uses it.")


def test_a_table_that_is_spelt_in_parts_is_used(read: Callable[..., Job]) -> None:
    name, decomposed = "M\u00fcller.csv", "Mu\u0308ller.csv"
    table = CATALOGUE["products.csv"]
    assert read(f"products: {name}\nprompt: a {{subject}}\n", files={name: table}, stem="b").warnings == ()
    assert read(f"products: {decomposed}\nprompt: a {{subject}}\n", files={name: table}, stem="c").warnings == ()


def test_an_invalid_job_tells_its_table_s_warnings_after_the_errors(read: Callable[..., Job]) -> None:
    table = "sku,title\n1,马克杯\n".encode("gb18030")
    with pytest.raises(JobInvalid) as raised:
        read("products: products.csv\nprompt: a {title}\nsteps: many\n", files={"products.csv": table})
    assert [one.is_warning for one in raised.value.problems] == [False, True]


def test_a_catalogue_knows_its_delimiter(read: Callable[..., Job]) -> None:
    for delimiter in ",;\t":
        table = CATALOGUE["products.csv"].decode().replace(",", delimiter).encode()
        job = read("products: products.csv\nprompt: a {subject}\n", files={"products.csv": table})
        assert job.delimiter == delimiter
