"""The page of the public contract says what the code does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from contract_tables import PAGE, with_tables

from worker.commands.schema import KINDS
from worker.delivery.results_table import RESULT_COLUMNS, results_table
from worker.job.file_names import RESERVED_STEMS
from worker.manifest_records import JobStatus, PictureStatus
from worker.records import Outcome
from worker.settings import Settings
from worker.spool.folder_identity import MARK
from worker.spool.layout import HIDDEN, PARTIAL, Folders
from worker.spool.steering import PAUSES, READY, VERBS

ROOT = Path(__file__).parents[2]
TEXT = PAGE.read_text("utf-8")


def section(title: str) -> str:
    """The text between a heading and the next of any level."""
    return TEXT.split(f"\n{title}\n", 1)[1].split("\n#", 1)[0]


def rows(title: str) -> list[list[str]]:
    """Cells of the tables in a section, without their heads."""
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in section(title).splitlines() if "|" in line]
    return [row for row in cells if "`" in "".join(row)]


def code_words(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def test_the_tables_of_keys_are_as_the_schemas_have_them() -> None:
    assert with_tables(TEXT) == TEXT, "run: python tests/contract_tables.py"


def test_the_version_is_the_change_log_s() -> None:
    version = re.search(r"^Contract version (\d+)\.$", TEXT, re.M)
    assert version is not None
    assert f"is version {version[1]}." in (ROOT / "CHANGELOG.md").read_text("utf-8").split("\n## ", 1)[0]


def test_every_schema_that_the_command_prints_is_named_and_no_other() -> None:
    assert set(re.findall(r"`zimage-worker schema (\w+)`", TEXT)) | {"settings"} == set(KINDS)


def test_every_status_and_outcome_has_a_row() -> None:
    said: dict[str, list[str]] = {}
    for row in rows("## Statuses"):
        for word in code_words(row[0]) or code_words(row[1]):
            said.setdefault(row[0] if "`" not in row[0] else "a try", []).append(word)
    assert said["a job"] == list(get_args(JobStatus))
    assert said["a picture"] == list(get_args(PictureStatus))
    assert sorted(said["a try"]) == sorted(get_args(Outcome))


def test_every_control_file_has_its_names() -> None:
    pause, *verbs, ready = rows("## Control files")
    assert set(code_words(pause[0])) == set(PAUSES)
    asked = [code_words(row[0]) for row in verbs]
    assert asked == [[f"NAME{ending}" for ending in (f".{verb}", f".{verb}.txt")] for verb in VERBS]
    assert code_words(ready[0]) == [f"NAME.yaml{READY}"]
    assert "ready_files" in Settings.model_fields


def test_the_columns_of_results_csv_and_its_encoding_are_as_written() -> None:
    assert [code_words(row[0])[0] for row in rows("### results.csv")] == list(RESULT_COLUMNS)
    written = results_table((), columns=("sku",))
    assert written.decode("utf-8-sig") == "sku,shot,file,status,seed,error,index,size,prompt,sha256\r\n"
    assert written.startswith(b"\xef\xbb\xbf")
    for said in ("UTF-8 with a byte order mark", "separated by commas", "CR LF"):
        assert " ".join(section("### results.csv").split()).count(said) == 1


def test_names_of_folders_and_files_are_the_code_s() -> None:
    folders = Folders(inbox=Path("inbox"), outbox=Path("outbox"), failed=Path("failed"))
    assert f"`{folders.workers / 'ID.json'}`" in TEXT
    assert f"`inbox/{HIDDEN}/`" in TEXT
    assert f"`outbox/NAME.CLAIM{PARTIAL}/`" in TEXT
    assert f"`outbox/{MARK}` and `failed/{MARK}`" in TEXT
    sentence = next(line for line in TEXT.splitlines() if line.startswith("Pictures are never named"))
    assert set(code_words(sentence)) == set(RESERVED_STEMS)


def anchors(page: Path) -> set[str]:
    """What GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)]+)\)", TEXT))))
def test_links_lead_somewhere(target: str) -> None:
    file, _, anchor = target.partition("#")
    page = (PAGE.parent / file).resolve() if file else PAGE
    assert page.is_file()
    assert not anchor or anchor in anchors(page)


def test_files_of_the_project_that_the_page_names_are_there() -> None:
    for name in re.findall(r"`((?:worker|tests)/[\w/]+\.py)`", TEXT):
        assert (ROOT / name).is_file(), name
