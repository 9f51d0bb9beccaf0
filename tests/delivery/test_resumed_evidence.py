"""Who takes a job over takes the evidence along with the picture."""

from __future__ import annotations

from worker.daemon.reuse import kept
from worker.records import Job
from worker.spool.staging import FolderStaging


def test_refused_pictures_come_along_with_the_picture_that_was_accepted(samples, folder, tmp_path):
    result = samples.retried(allow=frozenset({"new_seed"}))
    _, files = folder.delivery.picture(result, record=samples.record)
    former = FolderStaging(tmp_path / "a.c1.partial")
    for file in files:
        former.write(file)
    (former.path / files[1].name).unlink()  # somebody tidied up: the picture counts nevertheless
    now = FolderStaging(tmp_path / "a.c2.partial", earlier=(former.path,))
    entries = kept(Job(name="a", requests=(result.request,)), samples.record, now, folder.delivery)
    assert [entry.request.file for entry in entries] == ["MUG-01_01.png"]
    assert set(now.hashes) == {file.name for file in files} - {files[1].name}
    assert now.read(files[0].name) == files[0].data
