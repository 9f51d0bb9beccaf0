from __future__ import annotations

import os
from pathlib import Path

import pytest
from onlooker import seen
from structlog.testing import capture_logs

from worker.spool import listing, submit
from worker.spool.names import kind_of, stem_of
from worker.spool.settling import FOLDER_SETTLES, LOOK_SHARE

SETTLE_S = 2.0

TEMPORARY = [
    ".mug.yaml", "~mug.yaml", "~$mug.yaml", "mug.yaml~", ".#mug.yaml", ".mug.yaml.Xa83Kd", "mug.yaml.filepart",
    "mug.yaml.part", "mug.yaml.crdownload", "mug.yaml.tmp", ".mug.yaml.swp", "4913", "._mug.yaml", ".DS_Store",
    "Thumbs.db", "desktop.ini", "mug.yaml.bak", "mug.yaml.sb-1a2b3c4d-XyZ123", "mug.yaml.downloading", "#mug.yaml#",
    "Icon\r", ".nfs000000000000002800000001", ".goutputstream-ABC123", ".syncthing.mug.yaml.tmp",
    "~syncthing~mug.yaml.tmp", "PAUSE", "mug.cancel", "mug.yaml.cancel", "mug.CANCEL", "Pause",
]  # fmt: skip
JUNK_FOLDERS = ["@eaDir", "#recycle", ".stfolder", ".zimage-worker", "$RECYCLE.BIN", "System Volume Information",
                "Thumbs.db"]  # fmt: skip


def names(candidates) -> list[str]:
    return [candidate.path.name for candidate in candidates]


def test_no_growing_prefix_of_a_job_is_ever_settled(yard) -> None:
    spool, whole = yard.worker(), "prompt: white mug\nsteps: 30\n"
    for length in range(len(whole)):
        yard.drop("mug.yaml", whole[:length])
        assert spool.inbox.scan() == ()
        yard.now_s += 1.9
        assert spool.inbox.scan() == ()
    yard.drop("mug.yaml", whole)
    (candidate,) = yard.settled(spool)
    assert (candidate.stem, yard.now_s - candidate.since_s) == ("mug", 2.0)


def test_where_it_is_asked_for_a_job_waits_for_its_ready_file(yard) -> None:
    spool = yard.worker(ready_files=True)
    yard.drop("mug.yaml")
    assert yard.settled(spool) == ()
    assert not spool.has_work()
    yard.drop("mug.yaml.ready", "")
    yard.claimed(spool)
    assert not (yard.folders.inbox / "mug.yaml.ready").exists(), "it must not speak for the next job of that name"
    submitted = yard.root / "vase.yaml"
    submitted.write_text("prompt: vase")
    submit(submitted, yard.folders, says_ready=True)
    yard.claimed(spool, "vase.yaml")


def test_a_file_time_of_2001_neither_hastens_nor_delays(yard) -> None:
    os.utime(yard.drop("mug.yaml"), (1e9, 1e9))
    spool = yard.worker()
    assert spool.inbox.scan() == ()
    yard.now_s += 2.0
    assert names(spool.inbox.scan()) == ["mug.yaml"]


def test_a_change_under_the_same_size_and_time_is_seen_when_confirming(yard) -> None:
    spool = yard.worker()
    path = yard.drop("mug.yaml", "steps: 3\n")
    os.utime(path, (1e9, 1e9))
    spool.inbox.scan()
    with path.open("r+") as file:
        file.write("steps: 8\n")
    os.utime(path, (1e9, 1e9))
    yard.now_s += 2.0
    assert spool.inbox.scan() == ()
    yard.now_s += 2.0
    assert names(spool.inbox.scan()) == ["mug.yaml"]


def test_a_folder_settles_as_a_whole_and_stays_unchanged_longer_than_a_file(yard) -> None:
    spool, settle_s = yard.worker(), SETTLE_S * FOLDER_SETTLES
    yard.drop("set/job.yaml")
    spool.inbox.scan()
    yard.now_s += settle_s - 0.5
    yard.drop("set/mugs.csv", "sku\n1\n")
    spool.inbox.scan()
    yard.now_s += settle_s - 0.5
    assert spool.inbox.scan() == ()
    yard.now_s += 0.5
    assert [one.stem for one in spool.inbox.scan()] == ["set"]


@pytest.mark.parametrize("name", TEMPORARY)
def test_temporary_and_steering_names_are_no_jobs(name: str) -> None:
    assert kind_of(name, is_folder=False) == "other"


@pytest.mark.parametrize("name", JUNK_FOLDERS)
def test_folders_of_nas_systems_are_no_jobs(name: str) -> None:
    assert kind_of(name, is_folder=True) == "other"


@pytest.mark.parametrize(
    "name",
    ["mug.sync-conflict-20260101-120000-ABCDEF.yaml", "mug_conflict-20260101.yaml", "mug (conflicted copy).yaml"],
)
def test_conflict_copies_are_told_once_and_not_rendered(yard, name: str) -> None:
    yard.drop(name)
    spool = yard.worker()
    with capture_logs() as logs:
        assert yard.settled(spool) == ()
        assert yard.settled(spool) == ()
    assert [(log["event"], log["file"]) for log in logs] == [("file.ignored", name)]
    assert spool.inbox.waiting() == frozenset()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("mug.yaml.txt", "rename it so that it ends in .yaml"),
        ("MUG.YML.TXT", "rename it so that it ends in .yaml"),
        ("mugs.csv", "into a folder with a job.yaml"),
        ("mug.json", "a job is a .yaml file"),
        ("mug。yaml", "with a plain dot"),
        ("mug.yaml.nextcloud", "have it downloaded"),
        ("mug.yaml ", "ends in .yaml"),
        ("mug.yaml\u3000", "ends in .yaml"),
        ("mug.yaml.rtf", "save it as plain text"),
        ("mug.yaml (1)", "more stands behind"),
        ("mug.yaml副本", "more stands behind"),
        ("mugyaml", "the dot before its ending is missing"),
        ("mug,yaml", "the dot before its ending is missing"),
        ("mug.yanl", "misspelt"),
        ("mug.ymal", "misspelt"),
        ("mug.ｙａｍｌ", "misspelt"),
        ("mug.y\u0430ml", "misspelt"),
        ("spring.xlsx", "_templates/default.yaml"),
        ("spring.csv ", "nothing behind"),
        ("spring。csv", "nothing behind"),
        ("spring.csv.txt", "ends in .csv"),
        ("spring.numbers", "as CSV"),
        ("spring.zip", "unpack it"),
        ("spring.docx", "copy its text"),
        ("mug.png", "a picture is no job"),
        ("mug.lnk", "copy the file it leads to"),
        ("mug.html", "take it away if it is none"),
    ],
)
def test_a_file_that_was_meant_as_a_job_is_told_once_with_the_remedy(yard, name: str, words: str) -> None:
    yard.drop(name)
    spool = yard.worker()
    with capture_logs() as logs:
        assert yard.settled(spool) == ()
        assert yard.settled(spool) == ()
    assert [(log["event"], log["file"]) for log in logs] == [("file.ignored", name)]
    assert words in logs[0]["why"]
    assert spool.inbox.waiting() == frozenset()


def test_links_pipes_and_devices_are_passed_over_without_hanging(yard) -> None:
    inbox, secret = yard.folders.inbox, yard.root / "secret.yaml"
    secret.write_text("prompt: secret\n")
    (inbox / "link.yaml").symlink_to(secret)
    os.mkfifo(inbox / "pipe.yaml")
    if os.geteuid() == 0:
        os.mknod(inbox / "zero.yaml", 0o020666, os.makedev(1, 5))
    yard.drop("set/job.yaml")
    (inbox / "set" / "refs").symlink_to("/")
    (inbox / "linked").symlink_to(yard.root)
    yard.drop("mug.yaml")
    assert names(yard.settled(yard.worker())) == ["mug.yaml"]


def test_a_folder_with_far_too_many_files_is_passed_over(yard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.disk.content.FOLDER_FILES", 3)
    for number in range(4):
        yard.drop(f"wrong/{number}.txt")
    assert yard.settled(yard.worker()) == ()


def test_contents_are_read_twice_and_once_asked_who_writes_however_often_is_looked(yard, opened: list[str]) -> None:
    for number in range(20):
        yard.drop(f"{number}.yaml")
    spool = yard.worker()
    for _ in range(10):
        spool.inbox.scan()
        yard.now_s += 1.0
    assert len([name for name in opened if name.endswith(".yaml")]) == 60


def test_the_oldest_comes_first(yard) -> None:
    for age, name in enumerate(["c.yaml", "a.yaml", "b.yaml"]):
        os.utime(yard.drop(name), (1e9 + age, 1e9 + age))
    assert names(yard.settled(yard.worker())) == ["c.yaml", "a.yaml", "b.yaml"]


def test_a_vanished_inbox_is_an_error_and_not_an_empty_inbox(yard) -> None:
    spool = yard.worker()
    yard.folders.inbox.rename(yard.root / "away")
    with pytest.raises(OSError, match="inbox"):
        spool.inbox.scan()


@pytest.mark.parametrize(
    ("name", "stem"),
    [("mug.yaml", "mug"), ("a.b.yml", "a.b"), ("杯子.yaml", "杯子"), ("a:b?.yaml", "a_b_"), ("...yaml", "job"),
     ("mug\udcff.yaml", "mug_"), ("mug. .yaml", "mug"), ("mug.partial.yaml", "mug-partial"),
     ("MUG.PARTIAL.yml", "MUG-PARTIAL"), ("CON.yaml", "job-CON"), ("com1.x.yaml", "job-com1.x"),
     ("a\u202eb\x9bc.yaml", "a_b_c"), (".partial.yaml", "partial")],
)  # fmt: skip
def test_a_stem_is_a_name_that_every_share_takes(name: str, stem: str) -> None:
    assert stem_of(name, is_folder=False) == stem


def test_names_of_any_length_and_bytes_go_through(yard) -> None:
    spool = yard.worker()
    inbox = os.fsencode(yard.folders.inbox)
    for name in (b"a" * 250 + b".yaml", b"mug\xff.yaml", "🫖".encode() * 62 + b".yaml"):
        Path(os.fsdecode(inbox + b"/" + name)).write_bytes(b"prompt: " + name[:5])
    for candidate in yard.settled(spool):
        claim = spool.ownership.claim(candidate)
        assert claim is not None
        spool.ownership.give_back(spool.ownership.begin(claim))
    ended = []
    for candidate in yard.settled(spool):
        claim = spool.ownership.begin(spool.ownership.claim(candidate))
        ended.append(spool.publishing.publish(claim, spool.publishing.stage(claim, name=claim.stem), name=claim.stem))
    assert len({path.name for path in ended}) == 3


def test_looking_again_at_what_waits_takes_a_twentieth_of_the_time_at_most(yard, monkeypatch) -> None:
    """A thousand names on a share, a look at each a round trip: a worker would do nothing else."""
    spool, count, look_s = yard.worker(), 100, 0.1
    for number in range(count):
        yard.drop(f"mug-{number}.yaml")
    assert len(yard.settled(spool)) == count
    really, spent_s = os.lstat, 0.0

    def slow(path, **named):
        nonlocal spent_s
        spent_s += look_s
        yard.now_s += look_s
        return really(path, **named)

    monkeypatch.setattr(os, "lstat", slow)
    begun_s = yard.now_s
    for _ in range(400):
        yard.now_s += 1.0
        assert len(spool.inbox.scan()) == count
    own_s = 400 * 4 * look_s  # the folders of the workers, at every scan
    assert spent_s - own_s <= (yard.now_s - begun_s) * LOOK_SHARE + 2 * count * look_s
    yard.drop("mug-7.yaml", "prompt: another\n")
    yard.now_s += count * look_s / LOOK_SHARE + 1.0
    spool.inbox.scan()
    assert len(spool.inbox.scan()) == count - 1, "it changed, and is seen to have changed"


def test_on_a_share_no_file_is_opened_to_ask_who_writes_into_it(yard, opened, monkeypatch) -> None:
    monkeypatch.setattr("worker.spool.scan.kind_of_system", lambda _: "cifs")
    yard.drop("mug.yaml")
    assert yard.settled(yard.worker())
    assert opened.count("mug.yaml") == 2, "read, and read again"


def test_a_folder_of_which_the_share_once_did_not_say_what_it_is_is_a_job_all_the_same(yard, monkeypatch) -> None:
    (yard.folders.inbox / "cats").mkdir()
    yard.drop("cats/job.yaml")
    spool, is_folder = yard.worker(), listing._is_folder
    monkeypatch.setattr(listing, "_is_folder", lambda entry: None if entry.name == "cats" else is_folder(entry))
    with capture_logs() as logs:
        assert spool.inbox.scan() == ()
    assert logs == []
    yard.drop("PAUSE", "")
    monkeypatch.setattr(listing, "_is_folder", lambda _: None)
    assert spool.inbox.is_paused(), "what steers is known by its name"
    (yard.folders.inbox / "PAUSE").unlink()
    monkeypatch.undo()
    assert names(yard.settled(spool, settle_s=FOLDER_SETTLES * SETTLE_S)) == ["cats"]


def test_litter_among_the_claims_and_the_failed_is_no_work_and_no_failure(yard) -> None:
    for place in (
        yard.folders.claims / "@eaDir" / "x",
        yard.folders.claims / "w1" / ".x",
        yard.folders.failed / "@eaDir",
    ):
        place.mkdir(parents=True)
    (yard.folders.claims / ".DS_Store").write_text("")
    assert yard.worker().has_work() is False
    overview = seen(yard.folders)
    assert (overview.ended, overview.running, overview.waiting) == ([], [], [])
