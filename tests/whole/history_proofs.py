"""Jobs with a proof in a history: who drops one, who judges it, and that in the end somebody does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from whole.history import Dropped, History


def proofing(history: History) -> None:
    """One whose proof waits; people put their hands on every second one."""
    number, inbox = len(history.dropped), history.share / "inbox"
    is_honest = history.draw.random() < 0.5
    name = f"{'proof' if is_honest else 'odd'}-{number}.yaml"
    shots = "".join(f"  - {{id: s{at}, prompt: a mug no. {number}}}\n" for at in range(2))
    text = f"proof: {{every: 2}}\nsize: 64x64\nshots:\n{shots}".encode()
    (inbox / name).write_bytes(text)
    one = Dropped(name=name, files={"": text}, is_honest=is_honest, dropped_s=history.workers.now_s())
    history.dropped.append(one)
    history.tell(f"dropped {name}, with a proof")


def held(history: History) -> Iterator[dict[str, object]]:
    """What the records say of the proofs that wait."""
    for path in sorted((history.share / "inbox/.zimage-worker/proofs").glob("*/claim.json")):
        yield json.loads(path.read_bytes())["proof"]


def judge(history: History) -> None:
    """A proof that waits, by the name of its folder; an honest one is never rejected."""
    if found := [*held(history)]:
        proof = history.draw.choice(found)
        is_honest = str(proof["name"]).startswith("proof-")
        put(history, proof, "approve" if is_honest else history.draw.choice(("approve", "reject", "reject", "cancel")))


def put(history: History, proof: dict[str, object], verb: str) -> None:
    name = f"{proof['folder']}.{verb}"
    (history.share / "inbox" / name).touch()
    if verb != "approve":
        history.cancels.add(name)
    history.tell(f"{verb} {name}")


def approve_all(history: History) -> None:
    """In the end nobody waits for a person any more."""
    for proof in held(history):
        if proof["decision"] is None and not Path(history.share / "inbox" / f"{proof['folder']}.approve").exists():
            put(history, proof, "approve")
