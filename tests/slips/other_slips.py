"""Slips outside a job: a column called as one of ours, bare prompts of one seed, a machine that is not ready."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import replace
from io import StringIO
from pathlib import Path
from random import Random

from slips.tries import Try
from slips.wording import WORDS
from worker.compose.doctor_parts import doctor_machine
from worker.delivery.formats import EXTENSIONS
from worker.delivery.results_table import RESULT_COLUMNS, SEPARATORS, results_table
from worker.doctor.check import Machine
from worker.doctor.checks import CHECKS
from worker.doctor.device_report import DeviceReport
from worker.doctor.verdict import verdict
from worker.errors import DeviceUnavailable
from worker.job.reader import JobFiles
from worker.overview_records import Overview, WaitingJob, WorkerLine
from worker.records import Limits, Recommendation
from worker.settings import load
from worker.translation import gettext

READER = JobFiles(
    Limits(formats=EXTENSIONS),
    Recommendation(width_px=256, height_px=256, steps=8, guidance=3.0),
    guidance_matters=True,
)
REPORT = DeviceReport(
    torch="2.13", diffusers="0.42", transformers="5.23", wheel_cuda=None, driver=None, allocator="", device="cpu",
    tf32_matmul=False, tf32_cudnn=False, memory_mib=24_000,
)  # fmt: skip


def of_results(random: Random, _: Path) -> Try:
    """W10: the shop's table has columns of our names: they stay the shop's, and ours are there by others."""
    ours = random.sample(RESULT_COLUMNS, random.randint(1, len(RESULT_COLUMNS)))
    shop = ["sku", *(random.choice((str.upper, str.title, str))(name) for name in ours), "subject"]
    random.shuffle(shop)
    delimiter = random.choice(SEPARATORS)
    data = results_table((), columns=shop, delimiter=delimiter).decode("utf-8-sig")
    (header,) = csv.reader(StringIO(data), delimiter=delimiter)
    others = header[len(shop) :]
    is_told = (
        header[: len(shop)] == shop
        and len({name.casefold() for name in header}) == len(header)
        and all(other.endswith(name) for other, name in zip(others, RESULT_COLUMNS, strict=True))
    )
    return Try(what=f"{shop}", is_told=is_told, said=data)


def of_seed(random: Random, folder: Path) -> Try:
    """W12: bare prompts, whose pictures share a seed unless the job asks for variety: asked, each job has its own."""
    words = WORDS[random.choice(("zh", "en"))]
    prompts = [f"{random.choice(words.colours)} {random.choice(words.subjects)}" for _ in range(2)]
    seeds = []
    for number, prompt in enumerate([*prompts, prompts[0]]):
        job = folder / f"{number}.yaml"
        job.write_text(f"seed: vary\nprompt: {prompt}, on white seamless paper\n", "utf-8")
        seeds.append(READER.read(job, stem=f"job {number % 2} of {prompts}").requests[0].seed)
    return Try(what=f"{prompts}", is_told=seeds[0] == seeds[2] != seeds[1], said=f"{seeds}")


def _no_answer(device: str, *, is_demo: bool) -> DeviceReport:
    raise DeviceUnavailable(gettext("torch said nothing for {seconds} s.", seconds=180))


def _faults(random: Random, folder: Path) -> dict[str, tuple[Callable[[Machine], Machine], str]]:
    """How a machine is not ready, each with the word by which the verdict must tell it."""
    job = f"{random.choice(WORDS['en'].subjects)}.yaml".replace(" ", "-")

    def seen(**given: object) -> Callable[[Machine], Machine]:
        return lambda machine: replace(machine, look=lambda: Overview(as_of="2026-11-28T18:00:00+00:00", **given))

    def with_job(text: str, **given: object) -> Callable[[Machine], Machine]:
        waits = [WaitingJob(name=job, state="waiting")]
        workers = [WorkerLine(id="w1", host="pc", state="idle")]

        def change(machine: Machine) -> Machine:
            (folder / "inbox" / job).write_text(text)
            return replace(seen(waiting=waits, workers=workers)(machine), **given)

        return change

    def without_outbox(machine: Machine) -> Machine:
        (folder / "outbox").rmdir()
        return machine

    return {
        "pause": (seen(paused_by="PAUSE.txt"), "PAUSE.txt"),
        "dead": (seen(workers=[WorkerLine(id=f"studio-{random.randint(1, 99)}", host="pc", state="dead")]), "is dead"),
        "nobody": (seen(waiting=[WaitingJob(name=job, state="held", reason="it is held")]), "nobody works"),
        "invalid": (with_job("promt: a mug\n"), job),
        "no room": (with_job("prompt: a mug\n", expected_bytes=lambda _: 1e18), "Make room there"),
        "long": (with_job("prompt: a mug\n", forecast_s=lambda _: 1e6), "for all pictures that wait"),
        "ignored": (seen(ignored=[(f"{job}.png", "a picture is no job")]), f"{job}.png"),
        "folder": (without_outbox, "outbox"),
        "device": (lambda machine: replace(machine, ask_device=_no_answer), "torch said nothing"),
    }


def of_machine(random: Random, folder: Path) -> Try:
    """M12: a machine that is not ready in one way: the verdict says in which."""
    for name in ("inbox", "outbox", "failed"):
        (folder / name).mkdir()
    places = {name: str(folder / name) for name in ("inbox", "outbox", "failed", "state_dir")}
    machine = doctor_machine(load(file=None, environment={}, flags={"model": "demo", **places}))
    faults = _faults(random, folder)
    what = random.choice(sorted(faults))
    change, told = faults[what]
    changed = change(replace(machine, ask_device=lambda device, *, is_demo: REPORT))
    lines = verdict(finding for check in CHECKS for finding in check(changed)).lines
    return Try(what=what, is_told=any(told in line for line in lines[1:]), said="\n".join(lines))


OTHERS: Mapping[str, Callable[[Random, Path], Try]] = {"W10": of_results, "W12": of_seed, "M12": of_machine}
"""By the entry of the list of faults."""
