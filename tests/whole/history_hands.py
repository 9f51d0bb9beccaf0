"""What people do in a history: drop jobs and litter, and put their hands on what waits and what is finished."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from whole.history import Dropped, History
from whole.history_controls import finished_in

from worker.spool.layout import Folders
from worker.spool.submission import submit

LITTER = (".DS_Store", "._mug.yaml", "Thumbs.db", ".nfs0000000000000028")
PIECES = 4
"""Of a file that is copied slowly, one every 1.5 s: sooner than `settle_s`."""
EXTREME_S = (0, 1, -(2**31), 2**31, 2**33, 253402300800, 99999999999)
"""File times: 1970, 1901, 2038, 2242, the year 10000 and later."""


def honest(history: History) -> None:
    drop(history, is_honest=True)


def touched(history: History) -> None:
    """One that people will put their hands on."""
    drop(history, is_honest=False)


def drop(history: History, *, is_honest: bool) -> None:
    number, inbox = len(history.dropped), history.share / "inbox"
    count = history.draw.choice((1, 1, 2) if is_honest else (1, 3, 6) if history.has_urgent else (1, 3))
    text = f"prompt: a mug no. {number}\nsize: 64x64\ncount: {count}\n".encode()
    kind = "mug" if is_honest else "odd"
    if history.draw.random() < 0.25:
        files = {"job.yaml": text, "notes/why.txt": f"for shop {number}".encode()}
        _write(inbox / f"{kind}-{number}", files)
        name = f"{kind}-{number}"
    else:
        files, name = {"": text}, f"{kind}-{number}.yaml"
    one = Dropped(name=name, files=files, is_honest=is_honest, dropped_s=history.workers.now_s())
    if name.endswith(".yaml"):
        if history.draw.random() < 0.4:
            (inbox / name).write_bytes(text[:10])
            for piece in range(1, PIECES + 1):
                rest = text[10 * piece : 10 * piece + 10] if piece < PIECES else text[10 * piece :]
                history.workers.at(history.workers.now_s() + 1.5 * piece, partial(_grow, history, one, rest))
        else:
            (inbox / name).write_bytes(text)
    if history.draw.random() < 0.2:
        moment = history.draw.choice(EXTREME_S)
        os.utime(inbox / name, (moment, moment))
        history.tell(f"{name} is of second {moment}")
    if history.has_urgent and os.getuid() == 0:
        os.chown(inbox / name, history.draw.choice((0, 4711, 4712)), -1)
    history.dropped.append(one)
    history.tell(f"dropped {name} ({count})")


def urgent(history: History) -> None:
    """One that takes its turn between two pictures of another; now and then of a long one that is dropped before."""
    if history.draw.random() < 0.5:
        _drop_urgent(history)
        return
    number = len(history.dropped)
    text = f"prompt: a mug no. {number}\nsize: 64x64\ncount: 9\n".encode()
    name = f"odd-{number}.yaml"
    (history.share / "inbox" / name).write_bytes(text)
    history.dropped.append(Dropped(name=name, files={"": text}, is_honest=False, dropped_s=history.workers.now_s()))
    history.tell(f"dropped {name} (9)")
    later_s = history.workers.now_s() + history.draw.choice((10.0, 30.0, 60.0))
    history.workers.at(later_s, lambda: _drop_urgent(history) if history.is_here() else None)


def _drop_urgent(history: History) -> None:
    """Submitted, or copied like any other."""
    number, inbox = len(history.dropped), history.share / "inbox"
    text = f"prompt: a mug no. {number}\nsize: 64x64\ncount: 2\npriority: high\n".encode()
    name = f"now-{number}.yaml"
    if history.draw.random() < 0.7:
        path = history.root / "elsewhere" / name
        path.write_bytes(text)
        failed, outbox = history.share / "failed", history.share / "outbox"
        submit(path, Folders(inbox=inbox, outbox=outbox, failed=failed))
        path.unlink()
    else:
        (inbox / name).write_bytes(text)
    one = Dropped(name=name, files={"": text}, is_honest=True, dropped_s=history.workers.now_s())
    history.dropped.append(one)
    history.tell(f"dropped {name}, which is urgent")


def _grow(history: History, one: Dropped, rest: bytes) -> None:
    """The copy goes on."""
    path = history.share / "inbox" / one.name
    if one.is_withdrawn:
        return
    if path.exists():
        path.write_bytes(path.read_bytes() + rest)
    elif one.is_honest:
        history.found.append(f"taken while it was copied: {one.name}")
    else:
        one.is_withdrawn = True


def _write(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def bad(history: History) -> None:
    number = len(history.dropped)
    text = history.draw.choice(("prompt: [\n", "size: 64x64\n", "prompt: a mug\nsize: 3x\n")) + f"# {number}\n"
    name = f"bad-{number}.yaml"
    (history.share / "inbox" / name).write_text(text)
    history.dropped.append(Dropped(name=name, files={"": text.encode()}, is_honest=False, is_bad=True))
    history.tell(f"dropped {name}, which is no valid job")


def odd(history: History) -> None:
    """What is no job at all."""
    inbox = history.share / "inbox"
    name = history.draw.choice(("link.yaml", "pipe.yaml", "empty", "two", "table.xlsx", "mug.yaml.txt", "loop"))
    path = inbox / name
    if os.path.lexists(path):
        return
    match name:
        case "link.yaml" | "loop":
            path.symlink_to("/etc/hostname" if name != "loop" else path)
        case "pipe.yaml":
            os.mkfifo(path)
        case "empty":
            path.mkdir()
        case "two":
            _write(path, {"a.yaml": b"prompt: a\n", "b.yaml": b"prompt: b\n"})
        case _:
            path.write_bytes(b"PK")
    history.tell(f"{name} lies in the inbox")


def litter(history: History) -> None:
    """In every folder of the workers' own, and in the finished ones."""
    share = history.share
    hidden = share / "inbox/.zimage-worker"
    places = [path for path in (hidden, *hidden.rglob("*")) if path.is_dir() and "@eaDir" not in path.parts]
    finished = [path for place in ("outbox", "failed") for path in (share / place).iterdir() if path.is_dir()]
    for folder in [*places, *finished, share / "inbox", share / "outbox", share / "failed"]:
        if "dropped" in folder.relative_to(share).parts[:-1] or "@eaDir" in folder.parts:
            continue
        for name in LITTER:
            (folder / name).touch()
        (folder / "@eaDir" / "mug.yaml@SynoEAStream").mkdir(parents=True, exist_ok=True)
    history.tell("litter everywhere")


def _waiting(history: History) -> list[tuple[Dropped, Path]]:
    inbox = history.share / "inbox"
    return [
        (one, inbox / one.name)
        for one in history.dropped
        if not one.is_honest and os.path.lexists(inbox / one.name) and one.name != "/"
    ]


def on_waiting(act: Callable[[History, Dropped, Path], None]) -> Callable[[History], None]:
    def done(history: History) -> None:
        if found := _waiting(history):
            one, path = history.draw.choice(found)
            act(history, one, path)
            history.tell(f"{act.__name__} {one.name}")

    return done


def rename(history: History, one: Dropped, path: Path) -> None:
    one.name = f"renamed-{one.name}"
    path.rename(path.with_name(one.name))


def delete(history: History, one: Dropped, path: Path) -> None:
    one.is_withdrawn = True
    for picture in path.rglob("*.png"):
        history.deleted.add(hashlib.sha256(picture.read_bytes()).hexdigest())
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def refill(history: History, one: Dropped, path: Path) -> None:
    """Another job under the same name."""
    one.is_withdrawn = True
    text = f"prompt: a vase no. {len(history.dropped)}\nsize: 64x64\n".encode()
    inside = "job.yaml" if path.is_dir() else ""
    (path / inside if inside else path).write_bytes(text)
    files = {**one.files, inside: text}
    history.dropped.append(Dropped(name=one.name, files=files, is_honest=False))
    one.name = "/"  # nobody finds it under its name any more


def chmod(history: History, one: Dropped, path: Path) -> None:
    path.chmod(0)
    history.workers.at(history.workers.now_s() + 40.0, lambda: path.chmod(0o755) if path.exists() else None)


def link(history: History, one: Dropped, path: Path) -> None:
    """Beside the files of a folder, or with the name of what a worker will write."""
    if path.is_dir() and not (path / "more.csv").exists():
        (path / "more.csv").symlink_to("/etc/hostname")
        history.workers.at(history.workers.now_s() + 60.0, lambda: _unlinked(history, one))


def _unlinked(history: History, one: Dropped) -> None:
    for path in history.share.rglob("more.csv"):
        path.unlink()


def take_away(history: History) -> None:
    """A person moves a finished folder to where it is needed."""
    if found := finished_in(history):
        path = history.draw.choice(found)
        history.note_moved(path)
        target = history.root / "elsewhere" / f"{len(history.told)}-{path.name}"
        path.rename(target)
        history.tell(f"take away {path.parent.name}/{path.name}")


def drop_again(history: History) -> None:
    """A finished or failed folder, moved into the inbox."""
    found = [path for path in finished_in(history) if (path / "job.yaml").exists() and ".before" not in path.name]
    if found:
        path = history.draw.choice(found)
        data, target = (path / "job.yaml").read_bytes(), history.share / "inbox" / path.name
        if not os.path.lexists(target):
            for one in history.dropped:
                if data in one.files.values():
                    one.is_honest = False
            history.note_moved(path)
            history.again[data] += path.name.partition(".")[2].startswith("proof")  # the job that waits goes on, too
            path.rename(target)
            history.tell(f"drop again {path.parent.name}/{path.name}")
