"""A name in composed and in decomposed letters is one name."""

from __future__ import annotations


def test_composed_and_decomposed_letters_are_one_name_to_a_ready_file(yard) -> None:
    spool = yard.worker(ready_files=True)
    yard.drop("M\u00fcller.yaml")
    yard.drop("Mu\u0308ller.yaml.ready", "")
    assert yard.claimed(spool, "M\u00fcller.yaml")
    assert not list(yard.folders.inbox.glob("*.ready")), "it must not speak for the next job of that name"


def test_of_two_files_that_differ_by_composition_alone_none_is_taken_and_both_are_told(yard) -> None:
    spool = yard.worker()
    for name in ("M\u00fcller.yaml", "Mu\u0308ller.yaml", "\u30ab\u3099\u30e9\u30b9.yaml"):
        yard.drop(name)
    assert [one.path.name for one in yard.settled(spool)] == ["\u30ab\u3099\u30e9\u30b9.yaml"]
    told = spool.inbox.passed_over()
    assert set(told) == {"M\u00fcller.yaml", "Mu\u0308ller.yaml"}
    assert all("keep the right one" in one.why for one in told.values())
    (yard.folders.inbox / "Mu\u0308ller.yaml").unlink()
    assert "M\u00fcller.yaml" in [one.path.name for one in yard.settled(spool)]
