"""A name in composed and in decomposed letters is one name."""

from __future__ import annotations


def test_composed_and_decomposed_letters_are_one_name_to_a_ready_file(yard) -> None:
    spool = yard.worker(ready_files=True)
    yard.drop("M\u00fcller.yaml")
    yard.drop("Mu\u0308ller.yaml.ready", "")
    assert yard.claimed(spool, "M\u00fcller.yaml")
    assert not list(yard.folders.inbox.glob("*.ready")), "it must not speak for the next job of that name"
