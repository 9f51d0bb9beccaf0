"""Settings of the night that come into force by `systemctl reload`, and what the unit's own limits do to them."""

from __future__ import annotations

import pytest
from systemd.installed import PROGRAM, SETTINGS, UNIT, Service

pytestmark = pytest.mark.share

HOOK = "/srv/after-job.sh"
SCRIPT = rf"""
cat >{HOOK} <<'EOF'
#!/bin/sh
[ "$1" = "$ZIMAGE_WORKER_MANIFEST" ] || exit 3
echo "$ZIMAGE_WORKER_STATUS" >FOLDER/hook.told
EOF
chmod 755 {HOOK}
"""
WAITS = f"systemctl show {UNIT} -P StatusText | grep 'setting `hours`'"
RECEIVER = r"""
cat >/srv/receiver.py <<'EOF'
import http.server
class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        told = self.rfile.read(int(self.headers["Content-Length"]))
        with open("/srv/received", "ab") as file:
            file.write(told + b"\n")
        self.send_response(200)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", 8099), Receiver).serve_forever()
EOF
rm -f /srv/received
systemctl is-active -q receiver || systemd-run --quiet --unit=receiver python3 /srv/receiver.py
"""
NOTIFY = "notify: {urls: 'json://127.0.0.1:8099', batch_s: 1}"


def reload_with(service: Service, *lines: str) -> str:
    """Add lines to the settings, and have them read again; the log's words since then."""
    begun = service.now()
    added = "\\n".join(lines)
    service.machine.said(f'cp {SETTINGS}.kept {SETTINGS}; printf "{added}\\n" >>{SETTINGS}; systemctl reload {UNIT}')
    service.machine.until(f"journalctl -u {UNIT} -o cat --since '@{begun}' | grep -E 'settings.(reloaded|invalid)'")
    return service.events(begun)


def window(service: Service, begins: str, ends: str) -> str:
    """Hours between two moments that are told as from now."""
    return service.machine.said(f"echo \"hours: $(date -d '{begins}' +%H:%M)-$(date -d '{ends}' +%H:%M)\"")


def test_hours_that_are_over_are_waited_for_with_signs_of_life_and_ended_by_a_reload(service: Service) -> None:
    service.drop("mugs", 12)
    service.until_pictures("mugs")
    worker = service.worker()
    print(reload_with(service, window(service, "2 hours", "3 hours")))
    service.machine.until(WAITS)
    print(service.show("StatusText"))
    service.machine.said("sleep 50", within_s=100)  # `WatchdogSec=` is 20 s here
    assert (service.worker(), service.show("NRestarts"), service.show("ActiveState")) == (worker, "0", "active")
    assert service.machine.run(f"pgrep -P {worker} -f worker.studio.process.child").code == 1, (
        "it has left the card free"
    )
    print(reload_with(service, window(service, "-1 hours", "2 hours")))
    service.until_done("mugs", 12)
    assert service.worker() == worker
    assert '"attempt": 1' in service.attempts("mugs").splitlines()[-1]


def test_a_start_and_a_stop_outside_the_hours(service: Service) -> None:
    reload_with(service, window(service, "2 hours", "3 hours"))
    service.machine.until(WAITS)
    begun = service.now()
    service.machine.said(f"systemctl restart {UNIT}", within_s=100)
    service.machine.until(WAITS)
    service.drop("mugs", 2)
    assert "picture.done" not in service.events(begun)
    took = service.machine.said(f"s=$(date +%s); systemctl stop {UNIT}; echo $(($(date +%s) - s))", within_s=100)
    print("stopped in", took, "s")
    assert int(took) < 20
    assert (service.show("Result"), service.show("ExecMainStatus")) == ("success", "0")
    assert service.machine.said(f"ls {service.spool}/inbox/mugs.yaml")


def test_hook_figures_and_nice_come_by_reload_where_the_unit_lets_them(service: Service) -> None:
    service.machine.said(SCRIPT.replace("FOLDER", service.spool))
    service.machine.said(f"rm -f {service.spool}/hook.told")
    worker = service.worker()
    told = reload_with(service, f"hook: [{HOOK}]", f"metrics_file: {service.spool}/zimage.prom", "nice: true")
    assert "hook, metrics_file, nice" in told
    service.drop("mugs", 2)
    service.until_done("mugs", 2)
    service.machine.until(f"grep complete {service.spool}/hook.told")
    service.machine.until(f"grep zimage_worker {service.spool}/zimage.prom")
    assert service.worker() == worker


def test_what_the_unit_forbids_is_told_and_harms_no_job(service: Service) -> None:
    service.machine.said(SCRIPT.replace("FOLDER", "/srv") + RECEIVER)
    begun = service.now()
    reload_with(service, f"hook: [{HOOK}]", "metrics_file: /srv/zimage.prom", NOTIFY)
    service.drop("mugs", 2)
    service.until_done("mugs", 2)
    for event in ("hook.failed", "metrics.not_written", "notify.failed"):
        service.machine.until(f"journalctl -u {UNIT} -o cat --since '@{begun}' | grep {event}")
        print([line for line in service.events(begun).splitlines() if event in line])
    assert service.machine.run("ls /srv/received /srv/zimage.prom /srv/hook.told").code != 0
    assert service.show("NRestarts") == "0"


def test_installed_again_it_may_do_what_the_settings_name_and_its_timer_tells_that_nobody_works(
    service: Service,
) -> None:
    machine = service.machine
    machine.said(RECEIVER + "install -d -o zimage-worker /srv/figures")
    machine.said(f'printf "metrics_file: /srv/figures/zimage.prom\\n{NOTIFY}\\n" >>{SETTINGS}')
    try:
        print(machine.said(f"{PROGRAM} service install -c {SETTINGS}", within_s=240))
        print(machine.said(f"systemd-analyze security {UNIT} --no-pager | tail -1"))
        service.drop("mugs", 2)
        service.until_done("mugs", 2)
        machine.until("grep mugs /srv/received")
        machine.until("grep zimage_worker /srv/figures/zimage.prom")
        machine.said(f"systemctl stop {UNIT}; rm /srv/received", within_s=100)
        service.drop("cups", 1)
        machine.said(f"systemctl is-active {UNIT}-watch.timer && systemctl start {UNIT}-watch.service")
        assert machine.run("ls /srv/received").code != 0, "it has not lasted"
        machine.said(
            f"date -s '+4 minutes'; systemctl start {UNIT}-watch.service; systemctl start {UNIT}-watch.service"
        )
        print(machine.said("cat /srv/received"))
        assert machine.said("grep -c . /srv/received") == "1"
        assert machine.said(f"systemctl show {UNIT}-watch.service -P Result") == "success"
    finally:
        machine.said(f"cp {SETTINGS}.kept {SETTINGS}; rm {service.spool}/inbox/*")
        print(machine.said(f"{PROGRAM} service install -c {SETTINGS}", within_s=240))
    assert machine.run(f"systemctl cat {UNIT}-watch.timer").code != 0
