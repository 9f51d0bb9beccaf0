"""A nice worker on the machine's own clock, with the reader of the card and a stand-in for NVIDIA's driver."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from fake_card import NEEDS_COMPILER, OURS, UUID, FakeCard, program
from house import MODEL, House
from structlog.testing import capture_logs
from twins import PaintingRenderer

from worker.card_readings import QUIET_S
from worker.compose.bootstrap import bootstrap
from worker.errors import ExitCode
from worker.identity import RendererInfo
from worker.records import Request
from worker.spool import in_a_thread

pytestmark = [NEEDS_COMPILER, pytest.mark.slow]
USED_S = 5.0


class OnCard(PaintingRenderer):
    def start(self) -> RendererInfo:
        return replace(super().start(), device="cuda:0", card_uuid=UUID)


def test_it_waits_for_a_program_that_computes_and_goes_on_ten_seconds_after_it(tmp_path: Path) -> None:
    house, card, made_s = House(tmp_path), FakeCard(tmp_path), list[float]()
    house.drop("mugs.yaml", "prompt: a mug\ncount: 14\n")

    with card.driven(), program(OURS) as ours, program("render") as other:
        on_it = (f"program {ours} 20000", f"program {other} 3000", f"use {ours} 95")
        card.says(*on_it, temperature=61)
        free_again = threading.Timer(USED_S, lambda: card.says(*on_it, temperature=58))

        def after(_: Request) -> None:
            made_s.append(time.monotonic())
            if len(made_s) == 3:
                card.says(*on_it, f"use {other} 60", temperature=71)
                free_again.start()
            threading.Event().wait(0.6)

        renderer = OnCard(after=after)
        worker = bootstrap(
            house.settings(nice=True, settle_s=0.2, scan_s=0.5), renderer=lambda _: renderer, driver=in_a_thread
        )
        with capture_logs() as logs, worker.spool.ownership.lock():
            assert worker.daemon(MODEL).run(drain=True) == ExitCode.DONE
        worker.close()
    gaps = [after - before for before, after in pairwise(made_s)]
    assert QUIET_S < max(gaps) < QUIET_S + USED_S + 8.0
    assert sorted(gaps)[-2] < 3.0
    told = [one for one in logs if one["event"] in ("worker.paused", "worker.resumed", "card.unread")]
    assert [one["event"] for one in told] == ["worker.paused", "worker.resumed"]
    assert f"(process {other})" in told[0]["reason"]
    assert house.manifest("mugs")["max_temperature_c"] == 71
