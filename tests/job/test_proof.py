"""The key `proof`: of each product, or shot, the first picture; or of every so many."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from worker.errors import JobInvalid
from worker.records import Job

SHOTS = """\
shots:
  - {id: a, prompt: a mug, count: 2}
  - {id: b, prompt: a vase, matrix: {x: [p, q]}}
  - {id: c, prompt: a bowl}
"""
PRODUCTS = """\
products: mugs.csv
matrix: {angle: [front, back]}
shots:
  - {id: a, prompt: "a {colour} mug, {angle}", count: 2}
  - {id: b, prompt: "two {colour} cups, {angle}"}
"""
TABLE = {"mugs.csv": ("sku,colour\n" + "".join(f"{sku},red {sku}\n" for sku in range(1, 6))).encode()}


@pytest.mark.parametrize(
    ("line", "files"),
    [
        ("proof: true", {"a_01.png", "b_p_01.png", "c_01.png"}),
        ("proof: {}", {"a_01.png", "b_p_01.png", "c_01.png"}),
        ("打样: 是", {"a_01.png", "b_p_01.png", "c_01.png"}),
        ("proof: {every: 2}", {"a_01.png", "c_01.png"}),
        ("打样: {每隔: 3}", {"a_01.png"}),
        ("proof: {every: 99}", {"a_01.png"}),
        ("proof: false", set()),
        ("", set()),
    ],
)
def test_without_products_each_shot_has_one_of_its_pictures(
    read: Callable[..., Job], line: str, files: set[str]
) -> None:
    assert read(f"{SHOTS}{line}\n").proof == files


def test_with_products_each_product_has_one_whatever_shots_and_matrix_there_are(read: Callable[..., Job]) -> None:
    job = read(f"{PRODUCTS}proof: true\n", files=TABLE)
    assert len(job.requests) == 30
    assert job.proof == {f"{sku}-a_front_01.png" for sku in range(1, 6)}
    assert read(f"{PRODUCTS}proof: {{every: 2}}\n", files=TABLE).proof == {f"{sku}-a_front_01.png" for sku in (1, 3, 5)}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("proof: maybe", "proof: `maybe` is not allowed. Allowed are true, false and {every: 10}."),
        ("proof: 10", "proof: `10` is not allowed. Allowed are true, false and {every: 10}."),
        ("proof: {evry: 10}", "proof.evry: There is no key `evry`. Did you mean `every`?"),
        ("proof: {every: 0}", "proof.every: 0 is not allowed. Allowed are 1 to"),
        ("proof: [true]", "proof: A list stands here"),
    ],
)
def test_what_is_no_proof_is_told_at_its_place(read: Callable[..., Job], line: str, says: str) -> None:
    with pytest.raises(JobInvalid) as told:
        read(f"prompt: a mug\n{line}\n")
    (problem,) = told.value.problems
    assert "job.yaml:2:" in str(problem)
    assert says in str(problem)


def test_a_proof_in_a_shot_is_told_to_stand_at_the_top(read: Callable[..., Job]) -> None:
    with pytest.raises(JobInvalid, match="`proof` is of the whole job: write it at the top"):
        read("shot: {prompt: a mug, proof: true}\n")
