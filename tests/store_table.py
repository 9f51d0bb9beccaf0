"""A published model at full size: from `model add` to READY and the first picture, in seconds, bytes and host memory.

On a card, from the repository's root: `PYTHONPATH=. python tests/store_table.py`. It writes a download of 33 GB as
Z-Image-Turbo is published (three fp32 shards of the transformer, random weights, with the records that
`hf download --local-dir` keeps), adds it, then starts the program on the copy, on the copy under a cap of the card, and
on the download itself. Before each step the system forgets the files' pages. Needs 60 GB of disk (`--work`).
`--dry` runs the same with the embedded model on the CPU.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from nights.host_limit import HostWatch, tree
from nights.model_folder import forget_pages
from nights.neighbour import Neighbour
from nights.options import options_of
from nights.worker_run import START_S, WorkerRun, job_of
from weight_files import etag

from worker.demo import weights_dir

COMMIT = "0" * 40
CAPS_GIB = (23.5, 7.5)
PROGRAM = (sys.executable, "-c", "import sys; from worker.cli import main; sys.exit(main())")
LARGE_BYTES = 10_000_000
"""What a hub keeps in LFS; dry, nothing is large."""


def main() -> int:
    options = arguments()
    work = Path(tempfile.mkdtemp(prefix="store-", dir=options.work))
    source = work / "Z-Image-Turbo"
    begun_s = time.monotonic()
    if options.dry:
        shutil.copytree(weights_dir(), source)
    else:
        subprocess.run([sys.executable, __file__, "--write", source], check=True)
    keep_records(source)
    for path in sorted(source.glob("*/*.safetensors")):
        print(f"# {path.relative_to(source)}: {path.stat().st_size / 1e9:.2f} GB")
    print(f"# written in {time.monotonic() - begun_s:.0f} s", flush=True)
    (work / "worker.yaml").write_text(json.dumps({"state_dir": str(work / "state")}), "utf-8")
    codes = [step(work, source, "model", "add", str(source), "--as", "turbo-bf16")]
    copy = work / "models" / "turbo-bf16"
    print(f"# {copy.name}: {size_gb(copy):.1f} GB; record: {told_of(copy)}", flush=True)
    codes.append(step(work, copy, "model", "verify", str(copy)))
    for cap_gib in CAPS_GIB:
        codes.append(night(work, copy, cap_gib, options))
    codes.append(night(work, source, CAPS_GIB[0], options))
    shutil.rmtree(work)
    print(f"# exit codes {codes}")
    return 0 if not any(codes) else 1


def step(work: Path, reads: Path, *command: str) -> int:
    """One command of the program, after nothing of its files is in memory any more."""
    forget_pages(reads)
    begun_s = time.monotonic()
    with (work / "out.txt").open("wb") as out:
        process = subprocess.Popen([*PROGRAM, *command], cwd=work, stdout=out, stderr=out)
    read = Bytes(process.pid)
    with HostWatch(process.pid) as watch:
        while process.poll() is None:
            read.look()
            time.sleep(0.1)
    took = f"exit {process.returncode} | {time.monotonic() - begun_s:.0f} s | {read} | {watch}"
    print(f"| {' '.join(command[:2])} | {took} |", flush=True)
    print("\n".join(f"#   {line}" for line in (work / "out.txt").read_text("utf-8", "replace").splitlines()[-12:]))
    return process.returncode


def night(work: Path, model: Path, cap_gib: float, options: argparse.Namespace) -> int:
    """The program from its start to the last picture of a small job."""
    forget_pages(model)
    neighbour = None if options.dry else Neighbour(cap_gib, seed=0)
    steps, sizes = (2, ((64, 64),)) if options.dry else (8, ((1024, 1024),))
    job = job_of(options.pictures, steps=steps, seed=1, sizes=sizes)
    folder = work / f"night-{model.name}-{cap_gib}"
    state, device = work / f"state-{model.name}", "cpu" if options.dry else "cuda"
    run = WorkerRun(folder, job, model=model, state=state, device=device, plants={})
    read, first_s, ready_s, ready_read = Bytes(run.process.pid), 0.0, 0.0, ""
    until_s = time.monotonic() + START_S + options.seconds
    with HostWatch(run.process.pid) as watch:
        while run.process.poll() is None and time.monotonic() < until_s:
            read.look()
            events = {str(one.get("event")) for one in run.events()}
            if not ready_s and "worker.ready" in events:
                ready_s, ready_read = time.monotonic() - run.begun_s, str(read)
            if not first_s and any(folder.glob("outbox/*/*.png")):
                first_s = time.monotonic() - run.begun_s
            time.sleep(0.05)
        run.stop()
    if neighbour:
        neighbour.end()
    made = [one for one in run.made().values() if one.seconds is not None]
    print(
        f"| {model.name} at {cap_gib} GiB | exit {run.process.returncode} | ready {ready_s:.0f} s ({ready_read}), "
        f"first picture {first_s:.0f} s | {read} | {watch} | {len(made)} of {options.pictures}, "
        f"{', '.join(f'{one.seconds:.2f} s' for one in made)} |",
    )
    for plan, count in run.plans().items():
        print(f"#   plan, {count} times: {plan}")
    if len(made) < options.pictures:
        print(run.last_words())
    sys.stdout.flush()
    shutil.rmtree(folder)
    return 0 if len(made) == options.pictures and run.process.returncode == 0 else 1


class Bytes:
    """What a process and all below it have read so far: by calls, and from the disk.

    A child that has ended counts with its parent, so only those that live are added up.
    """

    def __init__(self, pid: int) -> None:
        self._pid, self._most = pid, dict.fromkeys(("rchar", "read_bytes"), 0)

    def look(self) -> None:
        live = [io_of(pid) for pid in tree(self._pid)]
        self._most = {name: max(most, sum(one.get(name, 0) for one in live)) for name, most in self._most.items()}

    def __str__(self) -> str:
        calls, disk = (most / 1e9 for most in self._most.values())
        return f"read {calls:.1f} GB by calls, {disk:.1f} GB from the disk"


def io_of(pid: int) -> dict[str, int]:
    try:
        lines = Path(f"/proc/{pid}/io").read_text().splitlines()
    except OSError:  # it has ended
        return {}
    return {name: int(value) for name, value in (line.split(": ") for line in lines)}


def keep_records(folder: Path) -> None:
    """What `hf download --local-dir` keeps of each file: its commit, its hash, when it was written."""
    files = [path for path in folder.rglob("*") if path.is_file() and ".cache" not in path.parts]
    with ThreadPoolExecutor() as pool:
        for path, sign in zip(files, pool.map(sign_of, files), strict=True):
            record = folder / ".cache/huggingface/download" / f"{path.relative_to(folder)}.metadata"
            record.parent.mkdir(parents=True, exist_ok=True)
            record.write_text(f"{COMMIT}\n{sign}\n{time.time()}\n", "utf-8")


def sign_of(path: Path) -> str:
    if path.stat().st_size < LARGE_BYTES:
        return etag(path.read_bytes(), is_large=False)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def size_gb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e9


def told_of(folder: Path) -> dict[str, object]:
    record = json.loads((folder / "model.json").read_text("utf-8"))
    return {key: record[key] for key in ("name", "kind", "recommended", "shift", "verified")}


def write(folder: Path) -> None:
    """As it is published: the transformer in three fp32 shards, the text encoder in three of bf16."""
    import torch

    from worker.bench.measuring.synthetic import build_full_size

    embedded = weights_dir()
    parts = build_full_size(embedded / "tokenizer", device=torch.device("cuda", 0))
    parts.text_encoder.save_pretrained(folder / "text_encoder", max_shard_size="4GB")
    parts.vae.save_pretrained(folder / "vae")
    parts.scheduler.save_pretrained(folder / "scheduler")
    parts.transformer.to(torch.float32).save_pretrained(folder / "transformer", max_shard_size="10GB")
    shutil.copytree(embedded / "tokenizer", folder / "tokenizer", dirs_exist_ok=True)
    shutil.copyfile(embedded / "model_index.json", folder / "model_index.json")


def arguments() -> argparse.Namespace:
    parser = options_of(__doc__, cap_gib=CAPS_GIB[0], pictures=4, seconds=200)
    return parser.parse_args()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--write"]:
        write(Path(sys.argv[2]))
    else:
        sys.exit(main())
