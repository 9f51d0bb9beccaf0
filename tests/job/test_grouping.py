"""The same cause in many places is one problem with a count; errors come first, and a few keep each their place."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.problem import Problem
from worker.translation import gettext, joined
from worker.yaml_reader.document import Document, Fault
from worker.yaml_reader.grouping import grouped
from worker.yaml_reader.problems import MAX_PROBLEMS, collect


def warning(line: int = 0, *, where: str = "", cell: str = "#N/A", rule: str = "table.spoilt_cell") -> Problem:
    message = gettext("`{cell}` is no value.", cell=cell)
    return Problem(
        file="products.csv", line=line, column=1, where=where, message=message, is_warning=True, rule=rule,
        remedy=gettext("Write it anew."),
    )  # fmt: skip


def test_one_cause_in_900_rows_is_one_warning_with_a_count_and_three_examples() -> None:
    [one] = grouped([warning(line, where="title", cell=str(line)) for line in range(2, 902)])
    assert (one.line, one.count, one.examples) == (2, 900, ("line 2", "line 3", "line 4"))
    assert str(one) == (
        "products.csv:2:1: warning: title: `2` is no value. Write it anew. (900 places, such as line 2, line 3, line 4)"
    )


def test_counts_of_what_is_grouped_already_are_added() -> None:
    first = replace(warning(2), count=4, examples=("MUG-01", "MUG-02", "MUG-03"))
    [one] = grouped([first, warning(9)])
    assert (one.count, one.examples) == (5, ("MUG-01", "MUG-02", "MUG-03"))


def test_positions_in_a_list_are_one_kind_of_place_and_keys_are_not() -> None:
    places = ["shots[1].avoid", "shots[12].avoid", "matrix.angle", "matrix.view"]
    assert [one.count for one in grouped(warning(where=where) for where in places)] == [2, 1, 1]
    assert grouped([warning(where=places[0]), warning(where=places[1])])[0].examples == tuple(places[:2])


@pytest.mark.parametrize(
    "other",
    [
        replace(warning(3), rule="table.formula"),
        replace(warning(3), file="job.yaml"),
        replace(warning(3), message=gettext("`{cell}` is a formula.", cell="=1")),
        replace(warning(3), message="another"),
    ],
)
def test_what_has_another_cause_stays_apart(other: Problem) -> None:
    assert grouped([warning(2), other]) == [warning(2), other]


def test_a_text_that_fills_another_decides_too() -> None:
    reasons = [gettext("it is empty"), gettext("it is cut")]
    said = [replace(warning(), message=gettext("No: {why}.", why=why)) for why in reasons]
    assert len(grouped(said)) == 2
    assert len(grouped(replace(warning(), message=joined(["a", one], " ")) for one in reasons)) == 2


def test_a_few_that_differ_in_a_word_are_all_told_and_many_are_one() -> None:
    words = ["--ar 16:9", "--no handle", "--v 6", "--s 50", "--q 2"]
    few = [warning(4, cell=word) for word in words]
    assert grouped(few) == few
    again = grouped([*few, *few])
    assert [(one.message, one.count) for one in again] == [(one.message, 2) for one in few]
    [many] = grouped([*few, warning(9, cell="--c 9")])
    assert (many.count, many.examples) == (6, ("line 4", "line 9"))


def test_another_remedy_is_another_cause() -> None:
    found = [replace(warning(line), remedy=gettext("Do {number}.", number=line)) for line in (1, 2)]
    assert grouped(found) == found
    other = [
        replace(warning(2, cell=str(n)), remedy=gettext("Leave it out.") if n % 2 else warning().remedy)
        for n in range(20)
    ]
    assert [one.count for one in grouped(other)] == [10, 10]


def test_two_places_are_named_both() -> None:
    assert str(grouped([warning(2), warning(5)])[0]).endswith("(2 places: line 2, line 5)")


def document(*problems: Problem) -> Document:
    return Document(file="job.yaml", data={}, problems=problems)


def error(line: int) -> Problem:
    return replace(warning(line), is_warning=False, file="job.yaml", where=f"shots[{line}]")


def test_errors_come_before_warnings_and_keep_each_their_place() -> None:
    early = replace(warning(1), file="job.yaml")
    found = collect(document(early, error(7), error(8)), others=[warning(3), warning(4), error(9)])
    assert [(one.is_warning, one.line, one.count) for one in found] == [
        (False, 7, 1), (False, 8, 1), (False, 9, 1), (True, 1, 1), (True, 3, 2),
    ]  # fmt: skip


def test_an_error_is_never_cut_for_a_warning() -> None:
    noise = [replace(warning(line), where=f"column {line}") for line in range(1, 151)]
    found = collect(document(), others=[*noise, error(200)])
    assert (found[0].line, found[0].is_warning) == (200, False)
    assert len(found) == MAX_PROBLEMS + 1
    assert (found[-1].is_warning, found[-1].rule) == (True, "job.more_problems")
    many = collect(document(*(replace(error(n), where=f"k{n}") for n in range(1, 151))), others=noise)
    assert not any(one.is_warning for one in many)
    assert len(many) == MAX_PROBLEMS + 1


def test_the_same_error_in_many_places_is_told_once_and_in_a_few_for_each() -> None:
    (many,) = collect(document(*(replace(error(n), where=f"shots[{n}].size") for n in range(1, 61))))
    assert (many.line, many.count, many.examples) == (1, 60, ("line 1", "line 2", "line 3"))
    few = collect(document(*(replace(error(n), where=f"shots[{n}].size") for n in range(1, 6))))
    assert [one.line for one in few] == [1, 2, 3, 4, 5]


def test_a_warning_found_while_reading_hides_nothing_that_is_found_later() -> None:
    early = replace(warning(1), file="job.yaml", where="shots")
    fault = Fault(path=("shots", 1, "size"), message=gettext("No."))
    assert [one.where for one in collect(document(early), [fault])] == ["shots[2].size", "shots"]


@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from("abcdefgh"), st.sampled_from(["title", "shots[1].size"]))))
def test_nothing_is_lost_and_nothing_said_twice(found: list[tuple[int, str, str]]) -> None:
    single = [replace(warning(line, cell=cell, where=where), count=line) for line, cell, where in found]
    told = grouped(single)
    assert sum(one.count for one in told) == sum(one.count for one in single)
    assert len({(one.message, one.where) for one in told}) == len(told)
    assert grouped(told) == told
    assert all(len(one.examples) <= 3 for one in told)
