"""The real program with the embedded model leaves the page of everything behind, true to the end."""

from __future__ import annotations

from pathlib import Path

import pytest
from program import call

from tests.delivery.html_page import Page
from worker.spool import init_folders

pytestmark = pytest.mark.slow


def test_a_run_leaves_a_page_with_its_jobs_their_pictures_and_a_worker_that_has_stopped(tmp_path: Path) -> None:
    folders = init_folders(tmp_path)
    (folders.inbox / "mugs.yaml").write_text("prompt: a red mug\nsize: 64x64\nsteps: 1\ncount: 2\n")
    (folders.inbox / "notes.docx").write_text("none of ours")
    done = call("run", "--drain", "--inbox", folders.inbox, "--outbox", folders.outbox, "--failed", folders.failed,
                "--model", "demo", "--worker-id", "studio-pc")  # fmt: skip
    page = Page((folders.outbox / "index.html").read_bytes())
    said = " ".join(page.text.split())
    assert "mugs complete" in said, done.stderr
    assert page.values("alt") == ["a red mug"] * 2
    assert "notes.docx ignored" in said
    assert "studio-pc stopped" in said
    assert (folders.overview / "now.js").exists()
    [report] = folders.reports.glob("*.html")
    told = Page(report.read_bytes())
    assert "The job is complete." in " ".join(told.text.split())
    assert f"./_reports/{report.name}" in page.values("href")
    [journal] = folders.workers.glob("*.nights")
    assert '"unclean_stops": []' in journal.read_text("utf-8")


def test_a_worker_that_cannot_begin_says_so_where_people_look(tmp_path: Path) -> None:
    folders = init_folders(tmp_path)
    ran = call("run", "--drain", "--inbox", folders.inbox, "--outbox", folders.outbox, "--failed", folders.failed,
               "--model", "demo", "--worker-id", "studio-pc")  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    refused = call("run", "--drain", "--inbox", folders.inbox, "--outbox", folders.outbox, "--failed", folders.failed,
                   "--model", tmp_path / "no-model", "--worker-id", "new-pc")  # fmt: skip
    assert refused.returncode == 12, refused.stderr
    assert "studio-pc stopped" in " ".join(Page((folders.outbox / "index.html").read_bytes()).text.split())
