"""W9 and W11: what files in an inbox are called: copies of synchronisers, almost-jobs, litter, and right names."""

from __future__ import annotations

from pathlib import Path

from program import call_here

CONFLICTS = (
    "mug.sync-conflict-20240101-120000-ABCDEFG.yaml", "mug (conflicted copy 2024-01-01 120000).yaml",
    "mug_conflict-20240101-120000.yaml",
    "mug (case clash from PC-01).yaml", "mug (Case Conflict).yaml", "mug (Case Conflict 1).yaml",
    "mug (Anna's conflicted copy 2024-01-01).yaml",
    "mug (In Konflikt stehende Kopie von Anna 2024-01-01).yaml", "mug (Konfliktkopie Anna 2024-01-01).yaml",
    "mug (Copie en conflit de Anna 2024-01-01).yaml",
    "mug (copia en conflicto de Anna 2024-01-01).yaml", "mug (Copia in conflitto di Anna 2024-01-01).yaml",
    "mug (Cópia em conflito de Anna 2024-01-01).yaml",
    "mug (Conflicterend exemplaar van Anna 2024-01-01).yaml", "mug (Anna の競合コピー 2024-01-01).yaml",
    "mug (Anna 的冲突副本 2024-01-01).yaml",
    "mug (Anna 的衝突複本 2024-01-01).yaml", "mug (Anna의 충돌하는 복사본 2024-01-01).yaml",
    "mug (конфликтующая копия Anna 2024-01-01).yaml",
    "mug (kopia powodująca konflikt Anna 2024-01-01).yaml", "mug (Unicode Encoding Conflict).yaml",
    "mug (Selective Sync Conflict).yaml",
    "mug (SFConflict anna@example.com 2024-01-01-12-00-00).yaml", "mug (Conflict Anna 2018-02-20 14-12-13).yaml",
    "mug_PC-01_Jan-01-1200-2024_Conflict.yaml", "mug_DiskStation_Feb-29-0905-2024_Conflict.yaml",
    "mug_PC-01_Jan-01-1200-2024_CaseConflict.yaml",
    "mug.Conflict.yaml", "mug.conflict1.yaml", "mug.yaml.conflict1", "mug.conflict.2.yaml", "mug.yaml..path1",
    "mug..path2.yaml", "mug [conflicted].yaml",
    "mug [conflicted 2].yaml", "mug (conflicting copy).yaml", "mug (conflicting copy 1).yaml", "mug(冲突).yaml",
    "mug(冲突副本2024-01-01).yaml",
    "mug (冲突副本 2024-01-01).yaml", "mug(冲突文件).yaml", "mug_冲突文件_20240101120000.yaml",
    "mug（冲突副本）.yaml", "mug(衝突).yaml",
    "mug(conflict from PC-01).yaml", "mug (Conflict 2024-01-01).yaml", "杯子 (冲突副本 2024-01-01 小王).yaml",
    "杯子(冲突 张三).yaml", "spring (Case Conflict)/", "mug (Slash Conflict).yaml", "mug-conflict-2024-01-01.yaml",
    "mug (# Name clash 2024-01-01 abcdef #).yaml", "mug (# Edit conflict 2024-01-01 abcdef #).yaml",
)  # fmt: skip
"""Of fourteen synchronisers, in twelve languages."""
ALMOST = (
    "mug。yaml", "mug．yaml", "mug｡yaml", "mug.yaml ", "mug.yaml.", "mug.yaml\u3000", "mug.yaml\u200b",
    "mug.yaml\u00a0", "mug.yaml.nextcloud", "mug.yaml.owncloud",
    "mug.yaml.icloud", "mug.txt", "mug.yaml.txt", "mug.yml.txt", "mug.YAML.TXT", "mug.rtf", "mug.yaml.rtf",
    "mug.yaml.docx", "mug.docx", "mug.doc",
    "mug.pages", "mug.odt", "mug.wps", "mug.pdf", "mug.md", "mug.yaml.md", "mug.html", "mug.yaml.html", "mug.url",
    "mug.lnk", "mug.yaml.lnk", "mug.yaml - Verknüpfung.lnk",
    "mug.yaml - 快捷方式.lnk", "mug.webloc", "mug.gdoc", "spring.gsheet", "spring.xlsx", "spring.xls", "spring.xlsm",
    "spring.xlsb", "spring.ods", "spring.numbers",
    "spring.et", "spring.csv", "spring.tsv", "spring.zip", "spring.rar", "spring.7z", "spring.tar.gz", "mug.png",
    "mug.jpg", "mug.heic", "mug.psd", "mug.mp4", "mug.json",
    "mug.jsonl", "mug.toml", "mug.yanl", "mug.ymal", "mug.yamll", "mug.yam", "mug.yaml_", "mugyaml", "mug,yaml",
    "mug_yaml", "mug yaml", "mug", "yaml",
    "mug.yaml (1)", "mug.yaml-1", "mug.yaml.1", "mug.yaml copy", "mug.yaml 副本", "mug.yaml - Kopie", "mug.ｙａｍｌ",
    "mug.уaml", "mug.yaml;1", "新建文本文档.txt",
    "新建 XLSX 工作表.xlsx", "README", "mug.eml", "mug.msg", "mug.xml", "mug.ini", "mug.yaml.bin", "mug.yaml.json",
    "杯子。yml", "杯子.yaml.TXT", "杯子，yaml", "mug。txt", ".mug.yaml.icloud", ".spring.xlsx.icloud", "mug.zip.001",
    "spring.ett", "spring.xlt", "mug.svg",
)  # fmt: skip
LITTER = (
    ".DS_Store", "Thumbs.db", "~$spring.xlsx", "mug.yaml.part", "desktop.ini", "._mug.yaml", ".~lock.spring.csv#",
    "mug.yaml~", "#mug.yaml#", ".mug.yaml.swp", "4913",
    "mug.yaml.tmp", "mug.yaml.crdownload", "mug.yaml.filepart", "mug.yaml.partial", ".#mug.yaml", "~mug.tmp",
    "mug.yaml.aria2", "mug.yaml.td",
    ".nfs000000000001", ".mug.yaml.Xa3f2", "~WRL0001.tmp",
)  # fmt: skip
RIGHT = (
    "mug.yaml", "mug.yml", "mug.YAML", "mug.Yml", "no-conflict-collection.yaml", "conflict.yaml",
    "conflict-free diamonds.yaml", "conflicted.yaml", "Konflikt.yaml",
    "mug (1).yaml", "mug(1).yaml", "mug 2.yaml", "mug - Copy.yaml", "mug - 副本.yaml", "mug - Kopie (2).yaml",
    "冲突色系列.yaml", "撞色.yaml", "conflict-minerals-free (rings).yaml",
    "mug.v2.yaml", "mug.final.yaml", "2026.05.yaml", "war-and-conflict-books.yaml", "spring, summer.yaml",
    "mug & co.yaml", "杯子（红）.yaml", "杯子【新】.yaml",
    "été.yaml", "mug #1.yaml", "50% off.yaml", "mug's.yaml", "😀.yaml", "mug.yaml.yaml", "partial.yaml",
    "cancel.yaml", "lock.yaml", "tmp.yaml", "bak.yaml", "-.yaml",
    "copy of mug.yaml", "mug (kopie).yaml", "mug_backup.yaml", "clash-of-colours.yaml", "case clash tee.yaml",
    "path1.yaml", "ready.yaml", "Pause.yaml", "template.yaml",
    "2026秋冬-陶瓷系列（第二批）.yaml", "ｍｕｇ.yaml", "mug, red; blue.yaml",
    "name clash 2024.yaml", "edit conflict 2024-01-01 tee.yaml", "slash (conflict).yaml", "spring/", "2026.05/",
    "春季（新）/", "conflict/",
)  # fmt: skip
"""Jobs, and folders with a job in them (`/`)."""
TEXT = "prompt: a red mug\nsize: 64x64\nsteps: 1\n"


def drop(name: str, inbox: Path) -> Path:
    """A file, or a folder with a job, of that name."""
    path = inbox / name
    if name.endswith("/"):
        path.mkdir()
        (path / "job.yaml").write_text(TEXT)
    else:
        path.write_text(TEXT)
    return path


def check_says(name: str, folder: Path) -> str:
    """What `check` says of a file or folder of that name."""
    folder.mkdir()
    path = drop(name, folder)
    done = call_here("check", path, cwd=folder)
    return done.stdout + done.stderr


def is_told(name: str, folder: Path) -> bool:
    """Whether `check` tells that this is no job, and what to do."""
    said = check_says(name, folder)
    return name.rstrip("/") in said and ": ok" not in said
