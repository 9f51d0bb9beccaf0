"""What people ask for in a history by files beside the jobs: cancel, retry, approve, pause."""

from __future__ import annotations

import hashlib
from pathlib import Path

from whole.history import History

from worker.spool.folder_identity import MARK
from worker.spool.layout import PARTIAL, RECEIPTS


def finished_in(history: History) -> list[Path]:
    found = [path for place in ("outbox", "failed") for path in sorted((history.share / place).iterdir())]
    return [
        path for path in found
        if path.is_dir() and path.suffix != PARTIAL and not path.name.startswith(".")
        and path.name not in (RECEIPTS, "_overview", "@eaDir", MARK)
    ]  # fmt: skip


def cancel(history: History) -> None:
    found = [one for one in history.dropped if not one.is_honest and not one.is_withdrawn]
    if found:
        begun = {path.name.partition(".")[0] for path in (history.share / "outbox").glob("*.partial")}
        one = history.draw.choice([one for one in found if Path(one.name).stem in begun] or found[-3:])
        put_cancel(history, Path(one.name).stem)
        history.tell(f"cancel {one.name}")


def put_cancel(history: History, stem: str) -> None:
    (history.share / "inbox" / f"{stem}.cancel").touch()
    history.cancels.add(f"{stem}.cancel")


def retry(history: History) -> None:
    """Of a job that has ended, perhaps again while that is being made again, or just when its folder is taken away."""
    found = [path for path in finished_in(history) if (path / "job.yaml").is_file() and ".before" not in path.name]
    if found:
        path = history.draw.choice(found)
        words = history.draw.choice(("", "missing", path.parent.name, "failed\nmissing\n"))
        for root in ("outbox", "failed"):  # whichever is meant
            if (job := history.share / root / path.name / "job.yaml").is_file():
                history.again[job.read_bytes()] += 1
        (history.share / "inbox" / f"{path.name}.retry").write_text(words)
        history.tell(f"retry {path.parent.name}/{path.name} ({words!r})")


def picture_deleted(history: History) -> None:
    """A person deletes what they do not like in a finished folder."""
    found = [picture for path in finished_in(history) for picture in sorted(path.glob("*.png"))
             if (path / "manifest.json").is_file()]  # fmt: skip
    if found:
        picture = history.draw.choice(found)
        history.deleted.add(hashlib.sha256(picture.read_bytes()).hexdigest())
        history.thinned.add((picture.parent / "manifest.json").read_bytes())
        picture.unlink()
        history.tell(f"delete {picture.parent.name}/{picture.name}")


def approval(history: History) -> None:
    """Which nothing waits for, as a rule."""
    if history.dropped:
        one, verb = history.draw.choice(history.dropped), history.draw.choice(("approve", "reject"))
        verb = "approve" if one.is_honest else verb
        (history.share / "inbox" / f"{Path(one.name).stem}.{verb}").touch()
        history.cancels |= {f"{Path(one.name).stem}.{verb}"} if verb == "reject" else set()
        history.tell(f"{verb} {one.name}")


def resume(history: History) -> None:
    (history.share / "inbox/PAUSE").unlink(missing_ok=True)
    history.tell("resume")


def pause(history: History) -> None:
    path = history.share / "inbox/PAUSE"
    path.touch()
    history.tell("PAUSE")
    history.workers.at(history.workers.now_s() + 70.0, lambda: (history.share / "inbox/PAUSE").unlink(missing_ok=True))
