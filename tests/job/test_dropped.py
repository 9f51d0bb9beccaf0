"""Nothing outside the dropped file or folder is read, and nothing blocks."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from worker.errors import JobInvalid
from worker.job.reader import JobFiles

JOB = "products: p.csv\nprompt: a {colour} mug\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secret.csv").write_text("sku,colour\nA,secret\n")
    (tmp_path / "mugs").mkdir()
    (tmp_path / "mugs" / "job.yaml").write_text(JOB)
    return tmp_path / "mugs"


def message(reader: JobFiles, path: Path) -> str:
    with pytest.raises(JobInvalid) as raised:
        reader.read(path, stem=path.stem)
    return str(raised.value)


def test_a_link_to_products_is_refused(folder: Path, reader: JobFiles) -> None:
    (folder / "p.csv").symlink_to("../secret.csv")
    assert message(reader, folder) == "mugs/job.yaml:1:11: products: `p.csv` is a link. Copy the file itself instead."


def test_a_pipe_as_products_is_refused_without_waiting(folder: Path, reader: JobFiles) -> None:
    os.mkfifo(folder / "p.csv")
    assert "is not a regular file" in message(reader, folder)


def test_a_link_as_job_is_refused(folder: Path, reader: JobFiles) -> None:
    (folder.parent / "job.yaml").symlink_to(folder / "job.yaml")
    (folder.parent / "linked").symlink_to(folder)
    assert "is a link" in message(reader, folder.parent / "job.yaml")
    assert "is a link" in message(reader, folder.parent / "linked")


def test_a_link_inside_a_job_folder_is_refused(folder: Path, reader: JobFiles) -> None:
    (folder / "job.yaml").unlink()
    (folder / "job.yaml").symlink_to("../secret.csv")
    assert "is a link" in message(reader, folder)


def test_a_pipe_as_job_is_refused_without_waiting(tmp_path: Path, reader: JobFiles) -> None:
    os.mkfifo(tmp_path / "a.yaml")
    assert "neither a file nor a folder" in message(reader, tmp_path / "a.yaml")


def test_a_job_that_is_gone_says_nothing_about_the_job(tmp_path: Path, reader: JobFiles) -> None:
    with pytest.raises(FileNotFoundError):
        reader.read(tmp_path / "gone.yaml", stem="gone")


def test_only_as_much_as_allowed_is_read_of_a_huge_file(tmp_path: Path, reader: JobFiles) -> None:
    with (tmp_path / "a.yaml").open("wb") as file:
        file.truncate(2**40)
    assert "at most 262,144 are allowed" in message(reader, tmp_path / "a.yaml")


def test_problems_can_call_the_job_as_the_person_did(folder: Path, reader: JobFiles) -> None:
    with pytest.raises(JobInvalid) as raised:
        reader.read(folder, stem="mugs", shown_as="some/mugs")
    assert str(raised.value).startswith("some/mugs/job.yaml:1:11: ")


NFC, NFD = "M\u00fcller.csv", "Mu\u0308ller.csv"


@pytest.mark.parametrize(("written", "lies"), [(NFC, NFD), (NFD, NFC), ("\u30ac.csv", "\u30ab\u3099.csv")])
def test_composed_and_decomposed_letters_are_one_name(folder: Path, reader: JobFiles, written: str, lies: str) -> None:
    (folder / "job.yaml").write_text(f"products: {written}\nprompt: a {{colour}} mug\n", "utf-8")
    (folder / lies).write_text("sku,colour\nA,red\n")
    assert [request.prompt for request in reader.read(folder, stem="mugs").requests] == ["a red mug"]


def test_two_files_of_one_name_are_told(folder: Path, reader: JobFiles) -> None:
    (folder / "job.yaml").write_text(f"products: {NFC}\nprompt: a {{colour}} mug\n", "utf-8")
    for name, colour in ((NFC, "red"), (NFD, "blue")):
        (folder / name).write_text(f"sku,colour\nA,{colour}\n")
    assert "Two files in the job's folder are called `M\u00fcller.csv`" in message(reader, folder)


@pytest.mark.parametrize("column", ["colour", "name", "sku"])
def test_the_only_table_of_a_folder_is_its_products_where_its_columns_are_asked_for(
    folder: Path, reader: JobFiles, column: str
) -> None:
    (folder / "job.yaml").write_text(f"prompt: a {{{column}}} mug\n")
    (folder / "p.csv").write_text(f"code,{column}\n1,A\n2,B\n")
    assert [request.prompt for request in reader.read(folder, stem="mugs").requests] == ["a A mug", "a B mug"]
    (folder / "q.csv").write_text("name\nC\n")
    if column != "name":
        assert "Nothing is called" in message(reader, folder), "of several tables none is guessed"


@pytest.mark.parametrize("prompt", ["a mug", "a mug of {name}", "a {angle} of a mug"])
def test_a_table_that_nothing_asks_for_changes_nothing(folder: Path, reader: JobFiles, prompt: str) -> None:
    matrix = "matrix: {angle: [front view]}\n" if "angle" in prompt else ""
    (folder / "job.yaml").write_text(f"prompt: {prompt}\n{matrix}")
    (folder / "notes.csv").write_text("when,what\n1,A\n2,B\n")
    assert len(reader.read(folder, stem="mugs").requests) == 1


def test_the_only_table_is_not_passed_over_because_it_is_broken(folder: Path, reader: JobFiles) -> None:
    (folder / "job.yaml").write_text("prompt: a {name}\n")
    (folder / "p.csv").write_text("sku,name\nA,mug\nA,mug\n")
    assert "p.csv:3" in message(reader, folder)
