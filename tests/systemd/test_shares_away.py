"""Shares and models that are late, leave and hang, under a booted systemd."""

from __future__ import annotations

import pytest
from systemd.installed import SETTINGS, UNIT, Service

pytestmark = pytest.mark.share

LATE = "sed -i 's#^/dev/ubdb.*#/dev/ubdb /mnt/pictures ext4 noauto 0 0#' /etc/fstab"
IN_TIME = "sed -i 's#^/dev/ubdb.*#/dev/ubdb /mnt/pictures ext4 nofail 0 0#' /etc/fstab"


def test_a_share_that_goes_and_returns_costs_time_only(service: Service) -> None:
    service.drop("mugs", 8)
    service.until_pictures("mugs", 2)
    worker = service.worker()
    service.machine.said(f"umount -l {service.spool}")
    service.machine.until(f"systemctl show {UNIT} -P StatusText | grep -E 'waiting|paused'")
    assert service.machine.said(f"ls -A {service.spool}") == "", "the bare folder must stay empty"
    service.machine.said(f"mount {service.spool}")
    service.until_done("mugs", 8)
    assert service.worker() == worker


def test_a_mount_unit_that_is_stopped_does_not_stop_the_service(service: Service) -> None:
    worker = service.worker()
    service.machine.said("systemctl stop mnt-pictures.mount || umount -l /mnt/pictures")
    service.machine.until(f"systemctl show {UNIT} -P StatusText | grep -E 'waiting|paused'")
    service.machine.said("systemctl start mnt-pictures.mount")
    service.drop("mugs", 2)
    service.until_done("mugs", 2)
    assert service.worker() == worker


def test_a_share_that_is_late_at_boot_is_waited_for(service: Service) -> None:
    service.drop("mugs", 2)
    service.machine.said(LATE)
    service.machine.reboot()
    service.machine.until(f"systemctl show {UNIT} -P StatusText | grep ^waiting")
    assert service.show("ActiveState") == "active"
    assert service.machine.said("systemctl is-system-running") == "running"
    assert service.machine.said(f"ls -A {service.spool}") == ""
    service.machine.said(f"{IN_TIME}; systemctl daemon-reload; mount {service.spool}")
    service.until_done("mugs", 2)
    assert service.show("NRestarts") == "0"


def test_a_model_that_is_late_at_boot_is_waited_for(service: Service) -> None:
    service.machine.said(
        "mkdir -p /srv/kept /mnt/models; cp -r /opt/source/worker/demo/weights /srv/kept/demo;"
        f"sed -i 's#^model:.*#model: /mnt/models/demo#' {SETTINGS}"
    )
    service.machine.reboot()
    service.machine.until(f"systemctl show {UNIT} -P StatusText | grep ^waiting")
    print(service.show("StatusText"))
    service.machine.said("mount --bind /srv/kept /mnt/models")
    service.drop("mugs", 2)
    service.until_done("mugs", 2)
    assert service.show("NRestarts") == "0"


DROP_IN = f"/etc/systemd/system/{UNIT}.service.d/nas.conf"
HARD_NFS = r"""
set -e
modprobe -a nfs nfsv4 nfsd veth
ip netns add nas
ip link add v1 type veth peer name e0 netns nas
ip addr add 10.0.1.1/24 dev v1; ip link set v1 up
ip -n nas addr add 10.0.1.2/24 dev e0; ip -n nas link set e0 up; ip -n nas link set lo up
mkdir -p /srv/export /mnt/nas /proc/fs/nfsd
mount -t tmpfs tmpfs /srv/export
chown zimage-worker: /srv/export
mountpoint -q /proc/fs/nfsd || mount -t nfsd nfsd /proc/fs/nfsd
rpcbind -w || true
rpc.mountd
echo 10 >/proc/fs/nfsd/nfsv4leasetime; echo 10 >/proc/fs/nfsd/nfsv4gracetime
exportfs -o rw,no_root_squash,fsid=0,sync,no_subtree_check '*:/srv/export'
rpc.nfsd 4
echo Y >/proc/fs/nfsd/v4_end_grace
nsenter --net=/run/netns/nas mount -t nfs -o vers=4.2,hard,lookupcache=positive,actimeo=1 10.0.1.1:/ /mnt/nas
"""


def test_a_network_drive_that_dies_mounted_hard_is_left_by_kill_and_gone_on_with(service: Service) -> None:
    service.machine.said(HARD_NFS)
    service.machine.said(
        f"systemctl stop {UNIT}; sed -i 's#/mnt/pictures/#/mnt/nas/#' {SETTINGS};"
        "sudo -u zimage-worker mkdir /mnt/nas/inbox /mnt/nas/outbox /mnt/nas/failed;"
        f"printf '[Service]\\nReadWritePaths=\\nReadWritePaths=/mnt/nas\\n' >{DROP_IN}; systemctl daemon-reload"
    )
    nas = Service(service.machine, "/mnt/nas")
    try:
        nas.start()
        nas.drop("mugs", 8)
        nas.until_pictures("mugs", 2)
        worker, begun = nas.worker(), nas.now()
        service.machine.said("ip link set v1 down")
        service.machine.until(f"[ ! -d /proc/{worker} ]", within_s=150)
        print(nas.events(begun)[-3000:])
        service.machine.said("ip link set v1 up")
        nas.until_restarted(worker)
        nas.until_done("mugs", 8)
    finally:
        service.machine.said(f"ip link set v1 up; rm {DROP_IN}; systemctl daemon-reload")
