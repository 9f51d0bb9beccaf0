"""A model on a mount that has gone, and below a folder that a service does not see, on real mounts: one sentence."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import redirect_stderr
from pathlib import Path

import pytest
from dead_mount import alone_with_mounts, dead_mount, mount
from program import call

from tests.spool.crash_driver import in_child
from worker.cli import main
from worker.demo import weights_dir
from worker.errors import ExitCode

pytestmark = pytest.mark.slow

GONE = "(Transport endpoint is not connected): its share or disk has gone. Mount it again: `umount -l` its folder, then"
NOBODY = 65_534


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Path]:
    """A working folder with a download and settings that name a model on a mount that has gone."""
    shutil.copytree(weights_dir(), tmp_path / "Z-Image-Turbo")
    for name in ("inbox", "outbox", "failed"):
        (tmp_path / name).mkdir()
    places = "inbox: inbox\noutbox: outbox\nfailed: failed\nstate_dir: state\ndevice: cpu\n"
    (tmp_path / "worker.yaml").write_text(f"{places}model: mnt/Z\nmodels_dir: mnt/models\n", "utf-8")
    (tmp_path / "mnt").mkdir()
    with dead_mount(tmp_path / "mnt"):
        yield tmp_path


@pytest.mark.parametrize(
    "arguments",
    [
        "model add mnt", "model add mnt/Z", "model add mnt/Z/z.safetensors", "model add Z-Image-Turbo --with mnt/Z",
        "model add Z-Image-Turbo", "model list", "model verify", "model verify mnt/Z", "model verify mug", "doctor",
        "convert Z-Image-Turbo mnt/out", "convert mnt/Z out",
    ],
)  # fmt: skip
def test_a_mount_that_has_gone_is_told_in_a_sentence(here: Path, arguments: str) -> None:
    ended = call(*arguments.split(), cwd=here)
    said = ended.stdout + ended.stderr
    assert ended.returncode == ExitCode.MODEL_INVALID, said
    assert GONE in said
    assert "Traceback" not in said
    assert said.count(GONE) == (2 if arguments == "doctor" else 1)  # whose verdict names it once more


def test_a_home_that_a_service_does_not_see_is_told_with_what_to_do(tmp_path: Path) -> None:
    told = tmp_path / "told"
    told.touch(mode=0o666)
    told.chmod(0o666)

    def be_the_service() -> None:
        alone_with_mounts()
        mount("tmpfs", Path("/home"), "mode=000")  # as systemd makes it inaccessible
        os.environ["INVOCATION_ID"] = "0" * 32
        os.environ["ZIMAGE_WORKER_STATE_DIR"] = "/nowhere"
        written = told.open("w")
        os.chdir("/")
        main(["model", "verify", "demo"])  # whatever is imported on the way
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        with redirect_stderr(written):
            code = main(["model", "verify", "/home/anna/Z-Image-Turbo"])
        written.flush()
        os._exit(code)

    ended = in_child(be_the_service)
    said = told.read_text("utf-8")
    assert os.waitstatus_to_exitcode(ended) == ExitCode.MODEL_INVALID, said
    assert said.startswith(
        "zimage-worker: /home/anna/Z-Image-Turbo cannot be read (Permission denied): a service sees nothing below "
        "/home (`ProtectHome=` of its unit). Move the model to a folder such as /srv/models, or write "
        "`ProtectHome=read-only` with `systemctl edit`.\n"
    )
