"""A model that cannot be reached: which folder of the path, which right, for whom, and what to do."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from program import call_here

from tests.spool.crash_driver import in_child
from worker import compose
from worker.demo import weights_dir
from worker.errors import ExitCode, ModelAway, ModelInvalid
from worker.settings import load
from worker.studio.model_files import reach
from worker.studio.model_files.inspect import inspect_model
from worker.studio.model_files.parts import reading
from worker.studio.model_files.recognise.recognise import recognise
from worker.studio.model_store.stored import stored_models

pytestmark = pytest.mark.slow

SERVICE = 65_534
"""Number of an account that owns nothing here."""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A folder that every account may enter, on the way to it too; and its umask is nobody's."""
    if os.getuid() != 0:
        pytest.skip("only root can be another account")
    inspect_model(weights_dir())  # Python itself may lie where that account may not look
    former = os.umask(0o022)
    for parent in (tmp_path, *(one for one in tmp_path.parents if one.name.startswith(("pytest-", "popen-")))):
        parent.chmod(parent.stat().st_mode | 0o055)
    yield tmp_path
    os.umask(former)


def as_service(look: Callable[[], object], told: Path) -> str:
    """What a look says that another account takes."""
    told.touch()
    told.chmod(0o666)

    def be_it() -> None:
        os.setgroups([])
        os.setgid(SERVICE)
        os.setuid(SERVICE)
        told.write_text(str(look()))
        os._exit(0)

    assert in_child(be_it) == 0, told.read_text()
    return told.read_text()


def refusal(folder: Path, **more) -> str:
    try:
        return inspect_model(folder, **more).id
    except ModelAway as away:
        return str(away)


def test_the_folder_that_may_not_be_entered_is_named_with_its_mode_its_owner_and_the_command(place: Path) -> None:
    (place / "anna/models").mkdir(parents=True)
    (place / "anna/models/turbo").symlink_to(weights_dir())
    (place / "anna").chmod(0o700)
    (place / "link").symlink_to("anna/../anna/models")
    said = as_service(lambda: refusal(place / "link/turbo"), place / "told")
    assert said == (
        f"{place}/link/turbo cannot be read (Permission denied): nobody may not enter {place}/anna (mode 700, of "
        f"root). As its owner: `setfacl -m u:nobody:x {place}/anna`, or `chmod o+x {place}/anna`."
    )
    (place / "anna").chmod(0o711)
    assert as_service(lambda: refusal(place / "link/turbo"), place / "told") == "zimage-worker-demo"


def test_a_file_or_a_part_that_may_not_be_read_is_named(place: Path, folder: Path) -> None:
    weights = folder / "vae/diffusion_pytorch_model.safetensors"
    weights.chmod(0o600)
    said = as_service(lambda: refusal(folder), place / "told")
    assert f"{weights} cannot be read (Permission denied): nobody may not read it (mode 600, of root)." in said
    assert f"`chmod -R o+rX {weights}`" in said
    (folder / "vae").chmod(0o700)
    assert f"may not enter {folder / 'vae'} (mode 700" in as_service(lambda: refusal(folder), place / "told")


def test_a_folder_for_a_single_file_is_looked_at_as_well(place: Path) -> None:
    (place / "anna").mkdir(mode=0o700)
    file = place / "anna/tuned.safetensors"
    said = as_service(lambda: refusal(weights_dir(), transformer_file=file), place / "told")
    assert f"nobody may not enter {place}/anna" in said


@pytest.fixture
def closed(place: Path) -> Path:
    """A house of the service whose model lies in somebody's folder of mode 700."""
    call_here("init", place)
    (place / "mug.yaml").write_text("prompt: a mug\n")
    (place / "anna/model").mkdir(parents=True)
    (place / "anna").chmod(0o700)
    for name in ("inbox", "outbox", "failed"):
        os.chown(place / name, SERVICE, SERVICE)
    return place


@pytest.mark.parametrize("command", [["check", "mug.yaml"], ["plan", "mug.yaml"], ["submit", "mug.yaml"]])
def test_every_command_says_it_and_goes_on_without_the_model(closed: Path, command: list[str]) -> None:
    call_here(*command, "--model", "demo", cwd=closed)  # imports what that account might not read
    (closed / "inbox/mug.yaml").unlink(missing_ok=True)

    def call() -> str:
        done = call_here(*command, "--model", closed / "anna/model", cwd=closed)
        return f"{done.returncode}\n{done.stdout}\n{done.stderr}"

    said = as_service(call, closed / "told")
    assert said.startswith(f"{int(ExitCode.DONE)}\n"), said
    assert f"nobody may not enter {closed}/anna (mode 700" in said


def test_doctor_says_it_too(closed: Path) -> None:
    configured = load(file=closed / "worker.yaml", environment={}, flags={"model": str(closed / "anna/model")})

    def look() -> str:
        return str(
            next(finding for finding in compose.doctor(compose.doctor_machine(configured)) if finding.what == "model")
        )

    said = as_service(look, closed / "told")
    assert said.startswith("FAIL  model")
    assert f"nobody may not enter {closed}/anna (mode 700" in said


def test_a_service_that_sees_nothing_below_home_is_told_so(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`ProtectHome=yes` shows an empty folder of mode 000, `ProtectHome=tmpfs` an empty one."""
    home = place / "home"
    home.mkdir()
    monkeypatch.setattr(reach, "HIDDEN", (home,))
    assert "set `model:` to the folder" in refusal(home / "anna/model")  # no service
    monkeypatch.setenv(reach.SERVICE, "7d1e")
    assert "of which a service sees nothing (`ProtectHome=`" in refusal(home / "anna/model")
    home.chmod(0)
    said = as_service(lambda: refusal(home / "anna/model"), place / "told")
    assert f"a service sees nothing below {home} (`ProtectHome=` of its unit)" in said
    assert "move" in said.lower()
    home.chmod(0o755)
    (home / "anna").mkdir(mode=0o700)
    assert f"may not enter {home}/anna" in as_service(lambda: refusal(home / "anna/model"), place / "told")


@pytest.mark.parametrize("code", [errno.ENOTCONN, errno.ESTALE, errno.EIO, errno.EHOSTDOWN, errno.ENODEV])
def test_a_mount_whose_server_is_gone_is_away_and_the_folder_is_named(tmp_path: Path, code: int) -> None:
    with pytest.raises(ModelAway, match=rf"{tmp_path} cannot be read \({os.strerror(code)}\).*(mount|disk)"), \
            reading(tmp_path):  # fmt: skip
        raise OSError(code, os.strerror(code))


def test_a_path_that_no_waiting_cures_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    for path in (tmp_path / "a/model", tmp_path / ("m" * 300)):
        with pytest.raises(ModelInvalid, match="mend the path") as wrong:
            inspect_model(path)
        assert not isinstance(wrong.value, ModelAway)


def test_what_is_open_or_not_there_is_not_called_closed(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    for path in (weights_dir(), tmp_path / "nowhere/model", tmp_path / "loop/model", Path("/")):
        assert reach.first_closed(path) is None


def test_a_path_through_a_file_is_wrong(folder: Path) -> None:
    with pytest.raises(ModelInvalid, match="Not a directory") as wrong:
        inspect_model(folder / "model_index.json/x")
    assert not isinstance(wrong.value, ModelAway)


def test_a_subfolder_of_another_account_is_none_of_ours(place: Path, folder: Path) -> None:
    disk = place / "disk"
    (disk / "closed/inner").mkdir(parents=True)
    (disk / "lost+found").mkdir(mode=0o700)
    (disk / "link").symlink_to("closed/inner")
    (disk / "closed/z.safetensors").touch()
    (disk / "away.safetensors").symlink_to("closed/z.safetensors")
    (disk / "closed").chmod(0o700)

    def look() -> str:
        found = recognise(disk)
        return f"{found.what}: {found.remedy}"

    assert as_service(look, place / "told").startswith("no model: ")
    folder.rename(disk / "Z")
    assert as_service(look, place / "told") == f"folder of a model: Set `model:` to {disk / 'Z'}."


def test_what_may_not_be_read_among_the_models_is_listed_with_its_whole_path(place: Path) -> None:
    for name, closed in (("anna", "."), ("berta", "transformer")):
        shutil.copytree(weights_dir(), place / "models" / name)
        (place / "models" / name / closed).chmod(0o700)
    (place / "models/lost+found").mkdir(mode=0o700)
    said = as_service(lambda: [one.fault for one in stored_models(place / "models")], place / "told")
    assert f"nobody may not enter {place}/models/anna (mode 700, of root). As its owner: `setfacl" in said
    assert f"`setfacl -R -m u:nobody:rX {place}/models/berta`" in said
    assert "lost+found" not in said
