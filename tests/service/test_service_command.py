"""`service install|status|remove` with a systemd that only writes down what it is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from program import call_here
from systemd_stand_in import PYTHON, StandIn

from worker.errors import ExitCode
from worker.service import manager
from worker.service.unit_text import origin_of

pytestmark = pytest.mark.slow
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="a service of the whole machine is root's to install")


def install(shop: Path, *words: str) -> tuple[int, str]:
    said = call_here("service", "install", "-c", shop / "worker.yaml", *words)
    return said.returncode, said.stdout + said.stderr


def test_a_persons_own_service_is_written_begun_and_kept_after_the_session(systemd: StandIn, shop: Path) -> None:
    code, said = install(shop, "--user")
    assert (code, "zimage-worker.service is ready" in said) == (0, True), said
    assert "Lingering is switched on" in said
    assert "zimage-worker.service: idle" in said, "what it says of itself"
    assert "doctor` says" in said
    assert "    ok    doctor as " in said
    assert systemd.calls() == [
        "loginctl enable-linger", "systemctl --user daemon-reload", "systemctl --user enable zimage-worker.service",
        "systemctl --user restart --no-block zimage-worker.service",
    ]  # fmt: skip
    text = (systemd.units / "zimage-worker.service").read_text()
    assert origin_of(text) == "ours"
    assert f'-c "{shop}/worker.yaml"'.replace("%", "%%") in text


def test_twice_is_fine_and_restarts_nothing(systemd: StandIn, shop: Path) -> None:
    install(shop, "--user")
    systemd.calls()
    assert install(shop, "--user")[0] == 0
    assert systemd.calls()[-1] == "systemctl --user start --no-block zimage-worker.service"
    code, said = install(shop, "--user", "--cards", "0")
    assert (code, "service remove` first" in said) == (ExitCode.USAGE, True)


def test_what_a_person_changed_is_left_until_it_is_asked_for_and_kept_then(systemd: StandIn, shop: Path) -> None:
    install(shop, "--user")
    unit = systemd.units / "zimage-worker.service"
    unit.write_text(changed := unit.read_text().replace("RestartSec=30", "RestartSec=5"))
    code, said = install(shop, "--user")
    assert (code, "changed by hand" in said, unit.read_text()) == (ExitCode.USAGE, True, changed)
    code, said = install(shop, "--user", "--replace")
    assert code == 0, said
    assert origin_of(unit.read_text()) == "ours"
    assert unit.with_name("zimage-worker.service.before").read_text() == changed
    unit.write_text(changed)
    said = call_here("service", "remove", "--user")
    assert (said.returncode, unit.read_text()) == (ExitCode.USAGE, changed)


def test_removing_takes_what_was_written_and_nothing_else(systemd: StandIn, shop: Path) -> None:
    install(shop, "--user", "--cards", "0,1")
    (systemd.units / "default.target.wants").mkdir()
    for card in "01":
        (systemd.units / f"default.target.wants/zimage-worker@{card}.service").symlink_to("nowhere")
    (systemd.units / "zimage-worker@.service.d").mkdir()
    (systemd.units / "zimage-worker-other.service").write_text("[Service]\n")
    said = call_here("service", "status", "--user")
    assert (said.returncode, "Changes of your own" in said.stdout) == (0, True), said.stdout
    systemd.calls()
    said = call_here("service", "remove", "--user")
    assert said.returncode == 0, said.stderr
    both = "zimage-worker@0.service zimage-worker@1.service"
    assert systemd.calls() == [
        f"systemctl --user stop {both}", f"systemctl --user disable {both}", "systemctl --user daemon-reload",
        f"systemctl --user reset-failed {both}",
    ]  # fmt: skip
    left = {path.name for path in systemd.units.iterdir()}
    assert left == {"default.target.wants", "zimage-worker@.service.d", "zimage-worker-other.service"}
    assert (shop / "worker.yaml").exists()
    assert call_here("service", "remove", "--user").returncode == 0
    assert call_here("service", "status", "--user").returncode == ExitCode.NOBODY_WORKS


def test_a_start_that_fails_is_told_with_its_reason_and_the_last_words(systemd: StandIn, shop: Path) -> None:
    systemd.answers(after_start={"ActiveState": "failed", "Result": "exit-code", "ExecMainStatus": "12"})
    code, said = install(shop, "--user")
    assert code == ExitCode.MODEL_INVALID
    assert "zimage-worker.service does not run: the model cannot be used (12)" in said
    assert "lacks its vae" in said
    assert "worker.stopping" not in said, "lines for programs"
    status = call_here("service", "status", "--user")
    assert status.returncode == ExitCode.NOBODY_WORKS
    assert "has failed and stays down" in status.stdout
    assert "the model cannot be used" in status.stdout


def test_one_drain_a_night_is_a_timer(systemd: StandIn, shop: Path) -> None:
    code, said = install(shop, "--user", "--drain-at", "22：30")
    assert code == 0, said
    assert systemd.calls()[-2:] == [
        "systemctl --user enable zimage-worker-night.timer",
        "systemctl --user restart --no-block zimage-worker-night.timer",
    ]
    assert "OnCalendar=*-*-* 22:30:00" in (systemd.units / "zimage-worker-night.timer").read_text()
    assert " run --drain -c " in (systemd.units / "zimage-worker-night.service").read_text()
    for wrong in ("25:00", "ten", "", "22:60"):
        assert install(shop, "--user", "--drain-at", wrong)[0] == ExitCode.USAGE


def test_a_card_that_is_not_asked_for_any_more_is_stopped(systemd: StandIn, shop: Path) -> None:
    install(shop, "--user", "--cards", "0，1")
    (systemd.units / "default.target.wants").mkdir()
    (systemd.units / "default.target.wants/zimage-worker@1.service").symlink_to("nowhere")
    systemd.calls()
    install(shop, "--user", "--cards", "0")
    assert "systemctl --user disable --now zimage-worker@1.service" in systemd.calls()
    for wrong in ("a", "0,0", "", "-1"):
        assert install(shop, "--user", f"--cards={wrong}")[0] == ExitCode.USAGE


def test_lingering_that_is_refused_is_told_with_the_command(systemd: StandIn, shop: Path) -> None:
    systemd.answers(fail=["enable-linger"])
    code, said = install(shop, "--user")
    assert code == 0
    assert "It will end when you log out" in said
    assert "sudo loginctl enable-linger" in said


@pytest.mark.parametrize("verb", ["daemon-reload", "enable", "restart"])
def test_what_systemd_refuses_ends_it_with_its_reason(systemd: StandIn, shop: Path, verb: str) -> None:
    systemd.answers(fail=[verb])
    code, said = install(shop, "--user")
    assert code == ExitCode.USAGE
    assert f"systemctl --user {verb}" in said
    assert f"stand-in: {verb} is not allowed" in said


@as_root
def test_the_account_must_be_able_to_read_and_write_what_it_serves(systemd: StandIn, shop: Path) -> None:
    if not PYTHON.exists():
        pytest.skip("no Python here that every account may run")
    for folder in shop.parents[:-2]:
        folder.chmod(folder.stat().st_mode | 0o55)
    code, said = install(shop, "--account", "daemon")
    assert code == ExitCode.USAGE
    assert f"`daemon` may not write to {shop}/inbox" in said
    assert "sudo chown -R daemon:" in said
    assert not systemd.units.exists(), "nothing was written"
    (shop / "worker.yaml").chmod(0o600)
    assert "may not read" in install(shop, "--account", "daemon")[1]


@as_root
def test_a_service_of_the_whole_machine_runs_as_its_account(systemd: StandIn, shop: Path) -> None:
    code, said = install(shop, "--account", "root", "--name", "shop")
    assert code == 0, said
    text = (systemd.units / "shop.service").read_text()
    assert "\nUser=root\n" in text
    assert "\nStateDirectory=shop\n" in text
    assert "doctor` says, as `root`" in said


@as_root
def test_a_hook_is_told_its_limits_and_found_where_it_lies(systemd: StandIn, shop: Path) -> None:
    hook = Path("/home/nobody-here/after-job.sh")
    with (shop / "worker.yaml").open("a") as file:
        file.write(f"hook: {hook}\n")
    code, said = install(shop, "--account", "root")
    assert code == 0, said
    assert "writes to /tmp, /var/tmp alone" in said
    assert "has no network" in said
    assert "ReadWritePaths=/srv/shop; PrivateNetwork=no" in said
    assert "\nProtectHome=read-only\n" in (systemd.units / "zimage-worker.service").read_text()
    assert "hook has" not in install(shop, "--user")[1]


def test_without_systemd_or_a_settings_file_it_says_what_to_do(shop: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(manager, "RUNNING", tmp_path / "none")
    monkeypatch.setattr(manager, "KERNEL", shop / "kernel")
    (shop / "kernel").write_text("5.15-microsoft-standard-WSL2\n")
    code, said = install(shop, "--user")
    assert (code, "systemd=true" in said) == (ExitCode.USAGE, True)
    for verb in ("status", "remove"):
        assert call_here("service", verb).returncode == ExitCode.USAGE
    said = call_here("service", "install", "-c", shop / "other.yaml")
    assert (said.returncode, "init DIR" in said.stderr) == (ExitCode.USAGE, True)
    (shop / "worker.yaml").write_text("model: demo\n")
    code, said = install(shop, "--user")
    assert (code, said.count("is not set")) == (ExitCode.SETTINGS_INVALID, 3)


def test_a_dry_run_prints_the_units_and_touches_nothing(systemd: StandIn, shop: Path) -> None:
    code, said = install(shop, "--dry-run", "--drain-at", "22:00")
    assert code == 0
    assert f"# {systemd.units}/zimage-worker-night.service" in said
    assert f"# {systemd.units}/zimage-worker-night.timer" in said
    assert systemd.calls() == []
    assert not systemd.units.exists()


def test_under_sudo_a_persons_own_service_is_refused(systemd: StandIn, shop: Path, monkeypatch) -> None:
    monkeypatch.setenv("SUDO_USER", "anna")
    if os.geteuid() == 0:
        code, said = install(shop, "--user")
        assert (code, "without sudo" in said) == (ExitCode.USAGE, True)
