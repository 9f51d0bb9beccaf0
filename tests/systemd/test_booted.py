"""The unit under a booted systemd: starts, hangs, kills, stops, reboots; `make test-systemd` runs them.

Needs root, mmdebstrap and User-Mode Linux. The embedded model renders real pictures; no card is there.
"""

from __future__ import annotations

import pytest
from systemd.installed import PROGRAM, SETTINGS, UNIT, Service

pytestmark = pytest.mark.share


def test_it_starts_says_how_it_is_and_renders(service: Service) -> None:
    assert service.show("ActiveState") == "active"
    assert service.show("StatusText") == "idle"
    service.drop("mugs", 3)
    service.machine.until(f"systemctl show {UNIT} -P StatusText | grep -q '^rendering.*mugs'")
    service.until_done("mugs", 3)
    assert service.machine.said(f"stat -c %U:%G:%a {service.spool}/outbox/mugs") == "zimage-worker:zimage-worker:2775"
    assert " 0.8 SAFE" in service.machine.said(f"systemd-analyze security {UNIT} --no-pager | tail -1")


@pytest.mark.parametrize("signal", ["STOP", "KILL", "SEGV"])
def test_a_renderer_that_hangs_or_dies_is_replaced_while_the_worker_stays(signal: str, service: Service) -> None:
    service.drop("mugs", 4)
    service.until_pictures("mugs")
    worker, renderer, begun = service.worker(), service.renderer(), service.now()
    service.machine.said(f"kill -{signal} {renderer}")
    service.until_done("mugs", 4)
    assert service.worker() == worker
    assert service.renderer() != renderer
    assert service.show("NRestarts") == "0"
    assert '"renderer.replaced"' in service.events(begun)


def test_a_renderer_that_the_kernel_kills_for_memory_takes_nothing_else_along(service: Service) -> None:
    service.drop("mugs", 4)
    service.until_pictures("mugs")
    worker, renderer = service.worker(), service.renderer()
    service.machine.said(f"echo 1000 >/proc/{renderer}/oom_score_adj; echo f >/proc/sysrq-trigger")
    service.machine.until(f"! kill -0 {renderer} 2>/dev/null")
    service.until_done("mugs", 4)
    assert service.worker() == worker
    assert service.show("Result") == "success"
    assert "killed by the OOM killer" in service.machine.said(f"journalctl -u {UNIT} --no-pager | tail -40")


def test_a_worker_that_is_killed_comes_back_and_goes_on_with_its_job(service: Service) -> None:
    service.drop("mugs", 5)
    service.until_pictures("mugs", 2)
    worker = service.worker()
    service.machine.said(f"kill -KILL {worker}")
    service.until_restarted(worker)
    service.until_done("mugs", 5)
    assert '"kept": 0' not in service.attempts("mugs").splitlines()[-1]


def test_a_worker_that_hangs_is_ended_by_the_watchdog_and_its_job_goes_on(service: Service) -> None:
    service.drop("mugs", 5)
    service.until_pictures("mugs", 2)
    worker, begun = service.worker(), service.now()
    service.machine.said(f"kill -STOP {worker}")
    service.until_restarted(worker)
    assert "Watchdog timeout" in service.events(begun)
    service.until_done("mugs", 5)


@pytest.mark.parametrize("how", [f"systemctl stop {UNIT}", f"{PROGRAM} stop -c {SETTINGS}"])
def test_a_stop_finishes_the_picture_and_gives_the_job_back(how: str, service: Service) -> None:
    service.drop("mugs", 12)
    service.until_pictures("mugs")
    told = service.machine.said(f"time {how}", within_s=100)
    print(how, told)
    assert service.show("ActiveState") == "inactive"
    assert service.show("Result") == "success"
    assert service.machine.said(f"ls {service.spool}/inbox/mugs.yaml")
    assert service.machine.said(f"find {service.spool}/inbox/.zimage-worker/claims -name '*.yaml' | wc -l") == "0"
    service.start()
    service.until_done("mugs", 12)
    assert '"attempt": 1' in service.attempts("mugs").splitlines()[-1]


def test_a_restart_in_the_middle_of_a_job_costs_no_attempt(service: Service) -> None:
    service.drop("mugs", 6)
    service.until_pictures("mugs")
    service.machine.said(f"systemctl restart {UNIT}", within_s=200)
    service.until_done("mugs", 6)
    assert '"attempt": 1' in service.attempts("mugs").splitlines()[-1]


def test_it_comes_back_by_itself_after_a_reboot(service: Service) -> None:
    service.drop("mugs", 8)
    service.until_pictures("mugs")
    service.machine.reboot()
    service.until_done("mugs", 8)
    assert '"attempt": 1' in service.attempts("mugs").splitlines()[-1]


def test_it_comes_back_by_itself_after_a_power_cut(service: Service) -> None:
    service.drop("mugs", 8)
    service.until_pictures("mugs", 2)
    service.machine.said("sync")
    service.machine.cut()
    service.machine.boot()
    service.until_done("mugs", 8)


def test_settings_are_read_again_between_two_pictures_and_a_bad_file_changes_nothing(service: Service) -> None:
    service.drop("mugs", 8)
    service.until_pictures("mugs")
    worker, begun = service.worker(), service.now()
    service.machine.said(f"printf 'scan_s: 2\\nlease_s: 90\\n' >>{SETTINGS}; systemctl reload {UNIT}")
    service.machine.until(f"journalctl -u {UNIT} -o cat --since '@{begun}' | grep settings.reloaded")
    print(service.events(begun))
    service.machine.said(f"echo 'scan_s: soon' >>{SETTINGS}; systemctl reload {UNIT}")
    service.machine.until(f"journalctl -u {UNIT} -o cat --since '@{begun}' | grep settings.invalid")
    service.until_done("mugs", 8)
    assert service.worker() == worker
    assert service.show("ActiveState") == "active"
    assert service.show("NRestarts") == "0"
    assert '"attempt": 1' in service.attempts("mugs").splitlines()[-1]


def test_settings_that_only_a_person_can_mend_keep_it_down(service: Service) -> None:
    service.machine.said(f"echo 'no_such_key: 1' >>{SETTINGS}; systemctl stop {UNIT}")
    assert service.machine.run(f"systemctl start {UNIT}").code == 1
    service.machine.until(f"[ $(systemctl show {UNIT} -P ActiveState) = failed ]")
    assert service.show("ExecMainStatus") == "10"
    assert service.show("NRestarts") == "0"
