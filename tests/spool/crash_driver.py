"""A worker's life over a real spool, killed at the n-th call that changes a folder, and what must be true after it."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import traceback
from collections.abc import Callable
from pathlib import Path

from worker.records import Claim, StagedFile
from worker.spool import Folders, FolderSpool, SpoolOptions
from worker.spool.settling import FOLDER_SETTLES

CHANGING = ("rename", "link", "unlink", "mkdir", "rmdir")
"""Calls at which a kill before and a kill after leave different folders; fsync changes nothing that is seen."""

JOBS = {
    "mug.yaml": {"": b"prompt: mug\nend: publish\n"},
    "set": {"job.yaml": b"prompt: set\nend: publish\n", "mugs.csv": b"sku\n1\n", "refs/a.txt": b"a"},
    "bad.yaml": {"": b"prompt: [\nend: refuse\n"},
    "bad_set": {"job.yaml": b"prompt: [\nend: refuse\n", "mugs.csv": b"sku\n2\n", "refs/b.txt": b"b"},
    "black.yaml": {"": b"prompt: black\nend: fail\n"},
    "spring.csv": {"spring.csv": b"sku,end\n1,end: publish\n", "job.yaml": b"prompt: by a template\n"},
}
TEMPLATE = "_templates/default.yaml"
"""Of the lone table among them: a copy of it is the job file."""


LITTER = (".DS_Store", "._mug.yaml", "Thumbs.db", ".nfs0000000000000028")
"""What a Mac, Windows and a NAS leave in any folder that they have seen; beside it a folder of a NAS."""


def litter(folders: Folders) -> None:
    """It lies in every folder of the workers' own, at whatever moment it is looked at."""
    hidden = folders.hidden
    places = [path for path in (hidden, *hidden.rglob("*")) if path.is_dir() and not _is_job(path, hidden)]
    for folder in [*places, *folders.outbox.glob("*.partial"), *folders.failed.glob("*.partial")]:
        for name in LITTER:
            (folder / name).touch()
        (folder / "@eaDir" / "mug.yaml@SynoEAStream").mkdir(parents=True, exist_ok=True)


def _is_job(path: Path, hidden: Path) -> bool:
    """Whether it is a folder that somebody dropped: what lies in it is the job's."""
    return "dropped" in path.relative_to(hidden).parts[:-1]


def drop(folders: Folders, name: str) -> None:
    """What a person does; whole at once."""
    for path, data in _files(folders.inbox, name):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _files(place: Path, name: str) -> list[tuple[Path, bytes]]:
    """A job's files as they lie in the inbox or in a claim."""
    if name.endswith(".csv"):
        return [(place / name, JOBS[name][name]), (place / TEMPLATE, JOBS[name]["job.yaml"])]
    return [(place / name / inside if inside else place / name, data) for inside, data in JOBS[name].items()]


class Life:
    """One process of one worker, on a clock that moves by itself."""

    def __init__(self, folders: Folders, state: Path, *, worker_id: str = "w1") -> None:
        self._now_s = 0.0
        self.spool = FolderSpool(
            folders, worker_id=worker_id, state_dir=state, options=SpoolOptions(settle_s=2.0), clock=lambda: self._now_s
        )

    def run(self, *, gives_back: bool = False) -> None:
        """Leftovers, then the inbox until it is empty; `gives_back`: as when asked to stop after a picture."""
        with self.spool.ownership.lock():
            for claim in self.spool.ownership.leftovers():
                self._work(claim, gives_back=gives_back)
            while self._work_on_settled(gives_back=gives_back):
                pass

    def _work_on_settled(self, *, gives_back: bool) -> bool:
        self.spool.inbox.scan()
        self._now_s += 2.0 * FOLDER_SETTLES
        claims = [claim for one in self.spool.inbox.scan() if (claim := self.spool.ownership.claim(one))]
        for claim in claims:
            self._work(claim, gives_back=gives_back)
        return bool(claims) and not gives_back

    def _work(self, claim: Claim, *, gives_back: bool) -> None:
        text = (claim.dropped / "job.yaml" if claim.dropped.is_dir() else claim.dropped).read_text()
        if "end: refuse" in text:
            self.spool.publishing.fail(claim, _refusal(claim), name=claim.stem, staging=None)
            return
        claim = self.spool.ownership.begin(claim)
        staging = self.spool.publishing.stage(claim, name=claim.stem)
        self.spool.ownership.working(claim, ["1.png"], has_made=False)
        picture = f"picture of {claim.stem} by {claim.id}".encode()
        staging.write(StagedFile(name="1.png", data=picture))
        vouched = {"file": "1.png", "sha256": hashlib.sha256(picture).hexdigest()}
        staging.write(StagedFile(name="1.json", data=json.dumps(vouched).encode()))
        if gives_back:
            self.spool.ownership.give_back(claim)
            return
        staging.write(StagedFile(name="rejected/1.png", data=b"black"))
        hashes = dict(staging.hashes)
        manifest = {"job": claim.job_id, "files": hashes}
        staging.write(StagedFile(name="manifest.json", data=json.dumps(manifest).encode()))
        if "end: fail" in text:
            self.spool.publishing.fail(claim, _refusal(claim), name=claim.stem, staging=staging)
        else:
            self.spool.publishing.publish(claim, staging, name=claim.stem)


def _refusal(claim: Claim) -> list[StagedFile]:
    return [StagedFile(name="error.txt", data=b"no"), StagedFile(name="error.json", data=b"{}")]


class Fatal:
    """Counts the calls that change folders, and kills this process before or after the n-th."""

    def __init__(self, nth: int, *, is_after: bool) -> None:
        self.count = 0
        self.changing: list[bool] = []
        self._nth = nth
        self._is_after = is_after

    def install(self) -> None:
        for name in CHANGING:
            setattr(os, name, self._wrapped(getattr(os, name)))
        os.fsync = self._wrapped(lambda descriptor: None, is_changing=False)

    def _wrapped(self, call: Callable[..., object], *, is_changing: bool = True) -> Callable[..., None]:
        def wrapped(*args: object, **named: object) -> None:
            self.count += 1
            self.changing.append(is_changing)
            if self.count == self._nth and not self._is_after:
                os.kill(os.getpid(), signal.SIGKILL)
            is_last = self.count == self._nth
            try:
                call(*args, **named)
            finally:
                if is_last:
                    os.kill(os.getpid(), signal.SIGKILL)

        return wrapped


def in_child(act: Callable[[], None]) -> int:
    """Do it in a fork; the status of its end as `os.waitpid` gives it."""
    child = os.fork()
    if child == 0:
        try:
            act()
        except BaseException:  # noqa: BLE001 - the child must end here, whatever happens
            traceback.print_exc()
            os._exit(3)
        os._exit(0)
    return os.waitpid(child, 0)[1]


def violations(folders: Folders, names: list[str], *, is_over: bool) -> list[str]:
    """What is not as promised (P1 no job lost, P2 published once, P3 nothing half-written visible)."""
    visible = [
        path
        for root in (folders.outbox, folders.failed)
        for path in root.iterdir()
        if path.suffix != ".partial" and not path.name.startswith((".", "receipts", "_overview"))
    ]
    found = [f"half-written: {path.name}" for path in visible if not _is_whole(path)]
    for name in names:
        final = [path for path in visible if _holds(path, JOBS[name])]
        if len(final) > 1:
            found.append(f"published {len(final)} times: {name}")
        if not final and (is_over or not _is_kept(folders, name)):
            found.append(f"lost: {name}")
    if is_over:
        kept = (folders.inbox / TEMPLATE).parent
        left = [*folders.claims.glob("*/*"), *folders.returned.glob("*"), *folders.outbox.glob("*.partial")]
        left = [path for path in left if path.name not in (*LITTER, "@eaDir") and "@eaDir" not in path.parts]
        left += [
            *folders.failed.glob("*.partial"),
            *(p for p in folders.inbox.iterdir() if p not in (folders.hidden, kept)),
        ]
        found += [f"left behind: {path}" for path in left]
        found += [f"too many: {path.name}" for path in visible[len(names) :]]
    return found


def verified(folders: Folders) -> set[bytes]:
    """Every picture for which a sidecar vouches, wherever it lies."""
    sidecars = [path for root in (folders.outbox, folders.failed) for path in root.rglob("1.json")]
    pictures = (path.with_suffix(".png") for path in sidecars)
    return {path.read_bytes() for path in pictures if path.exists()}


def _is_whole(folder: Path) -> bool:
    if not (folder / "job.yaml").is_file() or [path for path in folder.rglob(".*") if path.name not in LITTER]:
        return False
    if not (folder / "manifest.json").exists():
        return (folder / "error.txt").exists() and (folder / "error.json").exists()
    files = json.loads((folder / "manifest.json").read_bytes())["files"]
    return all(hashlib.sha256((folder / name).read_bytes()).hexdigest() == files[name] for name in files)


def _holds(folder: Path, job: dict[str, bytes]) -> bool:
    """Whether the final folder has the job as dropped, byte for byte."""
    places = {("job.yaml" if name in ("", "job.yaml") else f"job/{name}"): data for name, data in job.items()}
    return all((folder / name).is_file() and (folder / name).read_bytes() == data for name, data in places.items())


def _is_kept(folders: Folders, name: str) -> bool:
    """Whether the job lies whole in the inbox or in a claim."""
    for place in (folders.inbox, *folders.claims.glob("*/*/dropped")):
        if all(path.is_file() and path.read_bytes() == data for path, data in _files(place, name)):
            return True
    return False
