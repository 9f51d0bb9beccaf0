"""A name in composed and in decomposed letters is one name."""

from __future__ import annotations


def test_composed_and_decomposed_letters_are_one_name_to_a_ready_file(yard) -> None:
    spool = yard.worker(ready_files=True)
    yard.drop("M\u00fcller.yaml")
    yard.drop("Mu\u0308ller.yaml.ready", "")
    assert yard.claimed(spool, "M\u00fcller.yaml")
    assert not list(yard.folders.inbox.glob("*.ready")), "it must not speak for the next job of that name"


def test_two_jobs_that_differ_by_composition_alone_are_two_jobs(yard) -> None:
    """Nobody can tell which is meant, and nothing may be lost: each is made, in a folder of its own."""
    spool = yard.worker()
    names = {"M\u00fcller.yaml", "Mu\u0308ller.yaml"}
    for name in names:
        yard.drop(name)
    assert {one.path.name for one in yard.settled(spool)} == names
