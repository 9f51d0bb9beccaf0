"""On a card: the renderer as a child process, killed, and what doctor hears."""

from __future__ import annotations

import os
import signal
from contextlib import closing
from dataclasses import replace

from on_card import (
    NEEDS_CARD,
    SHOT,
    story,
)

from worker.demo import weights_dir
from worker.doctor.device_report import report_device
from worker.studio.process.parent import ChildRenderer
from worker.studio.render.load_request import Load

pytestmark = NEEDS_CARD


def test_the_child_renders_on_the_card_within_its_share_however_it_is_killed() -> None:
    with closing(ChildRenderer(Load(folder=weights_dir(), is_demo=True, memory_fraction=0.3))) as renderer:
        info = renderer.start()
        print(info)
        assert (info.device, info.precision) == ("cuda:0", "bf16")
        requests = [replace(SHOT, width_px=256, height_px=256, steps=20, seed=n, file=f"{n}.png") for n in range(20)]
        kills = {0: signal.SIGKILL, 8: signal.SIGSEGV}  # by the number of results until then
        results, killed = {}, set()

        def watch(progress) -> None:
            due = [number for number in kills if len(results) >= number]
            if progress.step == 9 and due and killed.isdisjoint(progress.files):  # one killed twice is given up
                killed.update(progress.files)
                os.kill(renderer._child.pid, kills.pop(due[0]))

        for result in renderer.render(requests, on_progress=watch):
            results[result.request.file] = result
        assert sorted(results) == sorted(request.file for request in requests)
        assert not kills
        assert all(result.picture is not None for result in results.values())
        assert any(story(result)[0] == ("first", "error") for result in results.values())
        assert max(one_try.peak_mib or 0 for result in results.values() for one_try in result.tries) > 0


def test_doctor_hears_of_the_card() -> None:
    report = report_device("auto", is_demo=False)
    print("\n".join(report.lines()))
    assert report.problem is None
    assert report.gpu
    assert report.free_mib
    assert not report.tf32_matmul
    assert not report.tf32_cudnn
    assert "expandable_segments" in report.allocator
