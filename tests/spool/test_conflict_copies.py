"""A synchroniser's conflict copy is told and left; a product whose name only looks like one is made."""

from __future__ import annotations

import pytest

from worker.spool.conflict_copies import is_conflict_copy, is_copy_among, original_of

COPIES = """
mug (Case Conflict).yaml
mug (case clash from Anna).yaml
mug (Conflict Anna 2018-02-20 14-12-13).yaml
mug (SFConflict anna@example.com 2024-01-01-12-00-00).yaml
mug (冲突副本 2024-01-01).yaml
mug [conflicted].yaml
mug [conflicted 2].yaml
mug(冲突).yaml
mug（冲突）.yaml
mug【冲突】.yaml
mug(Anna 的冲突版本).yaml
mug_冲突文件_20240101.yaml
mug_冲突_20240101.yaml
mug 的衝突複本 2024.yaml
mug.Conflict.yaml
mug.conflict1.yaml
mug.yaml.conflict2
mug.yaml..path1
mug.sync-conflict-20240101-120000-ABCDEFG.yaml
mug_PC-01_Jan-01-1200-2024_Conflict.yaml
mug_NAS_Jan-01-120000-2024_CaseConflict.yaml
mug_conflict-20240101-120000.yaml
mug_conflict_20240101.yaml
mug (conflicted copy 2024-01-01 120000).yaml
mug (Anna's conflicted copy 2024-01-01).yaml
mug (Anna's conflicted copy 2024-01-01 (1)).yaml
mug (copy: conflict #1 on 2024-01-01).yaml
mug (conflicting versions - Anna).yaml
mug (conflict 2024-01-01 a1b2).yaml
mug (Conflict from Anna-PC).yaml
mug (In Konflikt stehende Kopie von Anna 2024-01-01).yaml
mug (Kopie en conflit de Anna 2024-01-01).yaml
mug (Copia in conflitto di Anna 2024-01-01).yaml
mug (copia en conflicto de Anna 2024-01-01).yaml
mug (Cópia em conflito de Anna 2024-01-01).yaml
mug (Conflicterende kopie van Anna 2024-01-01).yaml
mug (Annas modstridende kopi 2024-01-01).yaml
mug (Annas motstridiga kopia 2024-01-01).yaml
mug (Kopia powodująca konflikt Anna 2024-01-01).yaml
mug (Kópia v konflikte 2024-01-01).yaml
mug (Kopie v konfliktu s Anna 2024-01-01).yaml
mug (конфликтующая копия Anna 2024-01-01).yaml
mug (Anna の競合コピー 2024-01-01).yaml
mug (충돌된 사본 2024-01-01).yaml
mug (Bản sao xung đột).yaml
mug (çakışan kopya 2024-01-01).yaml
mug (Unicode Encoding Conflict).yaml
mug (Selective Sync Conflict 1).yaml
mug (Whitespace Conflict).yaml
mug (Konflikt bei Selektiver Synchronisierung).yaml
mug (选择性同步冲突).yaml
mug (大小写冲突).yaml
mug (選択型同期の競合).yaml
mug(冲突 张三).yaml
mug（冲突-小王）.yaml
mug_冲突_小王_20240101.yaml
mug_PC_Jan-01-1200-2024_冲突.yaml
mug (NSConflict-anna-2024-01-01).yaml
mug (NutstoreConflict).yaml
mug (conflict by Anna).yaml
mug (Edit conflict).yaml
mug.conflict.path1.yaml
mug-20240101-conflict.yaml
mug (αντίγραφο σε διένεξη Anna 2024).yaml
mug (salinan berkonflik Anna 2024-01-01).yaml
""".strip().split("\n")

PRODUCTS = """
no-conflict-collection.yaml
conflict.yaml
Konflikt.yaml
冲突.yaml
conflict_poster.yaml
war_conflict_poster.yaml
poster_conflict.yaml
war_2024_conflict.yaml
inner_conflict-series.yaml
inner.conflict.series.yaml
ring (conflict-free gold).yaml
ring (conflict free diamonds, 2024 edition).yaml
ring (non-conflict).yaml
Ring (konfliktfrei).yaml
Ring (konfliktfrei, Version 2).yaml
Ring (ohne Konfliktmineralien).yaml
bague (sans conflit).yaml
poster (Konflikt).yaml
poster [conflict resolution].yaml
戒指（无冲突钻石）.yaml
海报（色彩冲突）.yaml
衬衫(冲突色).yaml
poster (Desert Conflict).yaml
mug-DESKTOP-organizer.yaml
桌游（冲突：失落之城）.yaml
撞色（冲突美学）.yaml
ボディ（衝突試験）.yaml
mug.unison.yaml
mug (1).yaml
mug 2.yaml
mug - Copy.yaml
mug - 副本.yaml
mug-PCNAME.yaml
""".strip().split("\n")


@pytest.mark.parametrize("name", COPIES)
def test_what_only_a_synchroniser_calls_so_is_a_conflict_copy(name: str) -> None:
    assert is_conflict_copy(name)


@pytest.mark.parametrize("name", PRODUCTS)
def test_a_product_may_be_called_so(name: str) -> None:
    assert not is_conflict_copy(name)


@pytest.mark.parametrize(
    ("name", "original"),
    [
        ("mug (conflict).yaml", "mug.yaml"),
        ("mug (Konflikt 1).yaml", "mug.yaml"),
        ("mug - conflict.yaml", "mug.yaml"),
        ("mug_conflict.yaml", "mug.yaml"),
        ("Mu\u0308tze [conflict].yaml", "M\u00fctze.yaml"),
        ("mug {conflict}.yaml", "mug.yaml"),
        ("mug (Conflict PC-01).yaml", "mug.yaml"),
        ("mug-conflict-PC01.yaml", "mug.yaml"),
        ("mug_conflict(1).yaml", "mug.yaml"),
        ("mug_conf(1).yaml", "mug.yaml"),
        ("mug_冲突.yaml", "mug.yaml"),
        ("mug(小王的冲突).yaml", "mug.yaml"),
        ("mug (与 PC-01 冲突).yaml", "mug.yaml"),
        ("mug-DESKTOP-4F2K9Q1.yaml", "mug.yaml"),
        ("mug_REMOTE_1234.yaml", "mug.yaml"),
    ],
)
def test_what_a_person_may_have_called_so_is_a_copy_where_its_original_is_there(name: str, original: str) -> None:
    assert not is_conflict_copy(name)
    assert not is_copy_among(name, {name, "vase.yaml"})
    assert is_copy_among(name, {name, original})


@pytest.mark.parametrize("name", [*PRODUCTS[:4], "mug.yaml", "_conflict.yaml", "(conflict).yaml"])
def test_nothing_is_the_copy_of_itself_or_of_nothing(name: str) -> None:
    assert original_of(name) is None


def test_a_copy_is_told_and_left_and_the_others_are_taken(yard) -> None:
    for name in ("mug (conflict).yaml", "mug.yaml", "poster (conflict).yaml", "mug(冲突).yaml"):
        yard.drop(name)
    spool = yard.worker()
    assert {one.path.name for one in yard.settled(spool)} == {"mug.yaml", "poster (conflict).yaml"}
    told = spool.inbox.passed_over()
    assert set(told) == {"mug (conflict).yaml", "mug(冲突).yaml"}
    assert all(one.is_final and "conflict copy" in one.why for one in told.values())
    assert spool.inbox.waiting() == {"mug.yaml", "poster (conflict).yaml"}


def test_a_copy_stays_one_when_its_original_is_taken_also_for_a_later_run(yard) -> None:
    for name in ("mug (conflict).yaml", "mug.yaml"):
        yard.drop(name)
    spool = yard.worker()
    yard.settled(spool)
    (yard.root / "inbox/mug.yaml").unlink()
    assert yard.settled(spool) == ()
    for worker_id in ("later", "once-more"):  # at its first look a worker tells nothing yet, and forgets nothing
        yard.worker(worker_id).inbox.scan()
    later = yard.worker("latest")
    assert yard.settled(later) == ()
    assert set(later.inbox.passed_over()) == {"mug (conflict).yaml"}
    (yard.root / "inbox/mug (conflict).yaml").rename(yard.root / "inbox/mug.yaml")
    assert [one.path.name for one in yard.settled(later)] == ["mug.yaml"]
    yard.drop("mug.yaml")
    (yard.root / "inbox/mug.yaml").rename(yard.root / "inbox/mug (conflict).yaml")
    assert [one.path.name for one in yard.settled(later)] == ["mug (conflict).yaml"]


def test_of_two_spellings_of_one_name_the_composed_one_is_taken_and_the_other_told_also_later(yard) -> None:
    composed, apart = "M\u00fctze.yaml", "Mu\u0308tze.yaml"
    for name in (apart, composed):
        yard.drop(name)
    spool = yard.worker()
    assert [one.path.name for one in yard.settled(spool)] == [composed]
    assert "accents stored in another way" in spool.inbox.passed_over()[apart].why
    (yard.root / "inbox" / composed).unlink()
    yard.worker("later").inbox.scan()
    latest = yard.worker("latest")
    assert yard.settled(latest) == ()
    assert set(latest.inbox.passed_over()) == {apart}


def test_a_name_whose_accents_stand_apart_is_a_job_like_any_other_where_it_is_alone(yard) -> None:
    yard.drop("Mu\u0308tze.yaml")
    yard.drop("Mu\u0308tzen.yaml")
    assert len(yard.settled(yard.worker())) == 2
