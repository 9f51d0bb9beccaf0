"""The units for many places: systemd reads the paths as they are, and finds the service shut."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from itertools import pairwise
from pathlib import Path, PurePosixPath

import pytest
from unit_variants import variants

from worker.errors import UsageError
from worker.service.manager import complaints, exposures
from worker.service.placement import Placement, lies_in, name_of, writable_places
from worker.service.quoting import argument, mount_unit, quoted
from worker.service.unit_text import MARK, directive, marked, origin_of, with_changes
from worker.service.units import enabled, templates, templates_dir, units_for

pytestmark = pytest.mark.slow

asks_systemd = pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed (package systemd)"
)
ODD = [
    "plain",
    "with blank",
    "100% sure",
    "%n",
    "图片",
    'a "quote"',
    "it's",
    "back\\slash",
    "$HOME",
    "a;b",
    "#x",
    "é ü",
]


def placed(folder: Path, **others: object) -> Placement:
    program = folder / "bin" / "zimage-worker"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    placement = Placement(
        name="zimage-worker", program=(str(program),), settings_file=folder / "worker.yaml", account="daemon",
        group="daemon",        groups=("video",), writable=(folder,), worker_id="w",
    )  # fmt: skip
    return replace(placement, **others)


def refused(placement: Placement, folder: Path) -> list[str]:
    folder.mkdir()
    units = units_for(placement, templates())
    for name, text in units.items():
        (folder / name).write_text(marked(text))
    return [
        *complaints(units, folder, is_user=placement.is_user),
        *(exposures(units, folder) if not placement.is_user else ()),
    ]


@asks_systemd
@pytest.mark.slow
@pytest.mark.parametrize("name", ODD)
def test_systemd_finds_the_program_under_every_name(tmp_path: Path, name: str) -> None:
    """It tells of a command that is not there, so a path that it reads otherwise is seen."""
    assert refused(placed(tmp_path / name), tmp_path / "units") == []


@asks_systemd
@pytest.mark.slow
@pytest.mark.parametrize(
    "others",
    [
        {"cards": (0, 1)},
        {"drain_at": "22:00", "is_watched": True},
        {"has_network": True, "home": "read-only", "has_own_tmp": False, "is_watched": True},
        {"groups": (), "writable": (), "name": "second.shop"},
        {"is_user": True, "is_watched": True},
        {"is_user": True, "drain_at": "05:30"},
        {"is_user": True, "cards": (0,)},
    ],
    ids=str,
)
def test_systemd_accepts_every_kind_and_finds_it_shut(tmp_path: Path, others: dict[str, object]) -> None:
    assert refused(placed(tmp_path / "shop", **others), tmp_path / "units") == []


@asks_systemd
@pytest.mark.slow
def test_what_is_wrong_or_open_is_found(tmp_path: Path) -> None:
    lost = placed(tmp_path / "shop")
    Path(lost.program[0]).unlink()
    (found,) = refused(lost, tmp_path / "units")
    assert "is not executable" in found
    bare = {"zimage-worker.service": "[Service]\nExecStart=/bin/true\n"}
    (tmp_path / "units/zimage-worker.service").write_text(bare["zimage-worker.service"])
    (found,) = exposures(bare, tmp_path / "units")
    assert "exposure level" in found


@pytest.mark.parametrize("is_user", [False, True])
@pytest.mark.parametrize("kind", [{}, {"cards": (1,)}, {"drain_at": "22:00"}])
def test_every_directive_of_every_unit_has_its_reason(tmp_path: Path, kind: dict[str, object], is_user: bool) -> None:
    everything = placed(tmp_path, is_user=is_user, is_watched=True, **kind)
    for text in (*units_for(everything, templates()).values(), *templates().values()):
        bare = [
            line
            for above, line in pairwise(text.splitlines())
            if (name := re.match(r"[A-Z]\w+=", line)) and not above.startswith(("# ", name[0]))
        ]
        assert not bare
        assert not [line for line, below in pairwise(text.splitlines()) if line[:2] == "# " and below[:1] == "["]


def test_the_units_for_cards_and_nights_are_shipped_as_they_would_be_written() -> None:
    for name, text in variants().items():
        assert (templates_dir() / name).read_text("utf-8") == text, "write it anew: make pages"


def test_a_persons_unit_has_nothing_that_needs_root(tmp_path: Path) -> None:
    text = units_for(placed(tmp_path, is_user=True), templates())["zimage-worker.service"]
    names = set(re.findall(r"^([A-Z]\w+)=", text, re.M))
    assert not names & {"User", "Group", "DeviceAllow", "ReadWritePaths", "NoNewPrivileges", "SystemCallFilter"}
    assert directive(text, "WantedBy") == ["default.target"]
    assert {
        "Type",
        "Restart",
        "RestartPreventExitStatus",
        "WatchdogSec",
        "KillMode",
        "OOMPolicy",
        "ExecReload",
    } <= names


def test_workers_on_several_cards_are_instances_with_ids_of_their_own(tmp_path: Path) -> None:
    cards = placed(tmp_path, cards=(0, 2), worker_id="nas pc")
    (command,) = directive(units_for(cards, templates())["zimage-worker@.service"], "ExecStart")
    assert command.endswith('--device cuda:%i --worker-id "nas pc"-%i')
    assert enabled(cards) == ("zimage-worker@0.service", "zimage-worker@2.service")


def test_a_drain_a_night_is_not_begun_again_at_its_end(tmp_path: Path) -> None:
    units = units_for(placed(tmp_path, drain_at="22:00"), templates())
    night = units["zimage-worker-night.service"]
    assert directive(night, "Restart") == ["on-failure"]
    assert directive(night, "SuccessExitStatus") == ["20 130"]
    assert "[Install]" not in night
    assert directive(units["zimage-worker-night.timer"], "Persistent") == ["true"]


def test_the_network_is_there_for_notifications_alone(tmp_path: Path) -> None:
    shut = units_for(placed(tmp_path), templates())["zimage-worker.service"]
    open_ = units_for(placed(tmp_path, has_network=True, is_watched=True), templates())
    assert directive(shut, "PrivateNetwork") == ["yes"]
    assert directive(open_["zimage-worker.service"], "PrivateNetwork") == []
    assert "status --notify" in directive(open_["zimage-worker-watch.service"], "ExecStart")[0]
    places = [directive(open_[f"zimage-worker{name}.service"], "ReadWritePaths") for name in ("", "-watch")]
    assert places[0] == places[1] != [], "it judges the folders as the worker does"


def test_at_a_shutdown_the_share_goes_after_the_worker(tmp_path: Path) -> None:
    mounts = ("mnt-nas.mount", r"srv-\xe5\x9b\xbe.mount")
    unit = units_for(placed(tmp_path, mounts=mounts), templates())["zimage-worker.service"]
    local = units_for(placed(tmp_path), templates())["zimage-worker.service"]
    assert directive(unit, "After") == ["remote-fs.target", " ".join(mounts), "nvidia-persistenced.service"]
    assert directive(local, "After") == ["remote-fs.target", "nvidia-persistenced.service"]
    assert directive(unit, "Requires") == directive(unit, "RequiresMountsFor") == []


@asks_systemd
@pytest.mark.parametrize("point", ["/mnt/pictures", "/mnt/图片 1", "/mnt/my-share/a_b:c.d", "/.hidden//x/"])
def test_a_mount_is_named_as_systemd_names_it(point: str) -> None:
    said = subprocess.run(["systemd-escape", "-p", "--suffix=mount", point], check=True, capture_output=True, text=True)
    assert mount_unit(point) == said.stdout.strip()


@pytest.mark.parametrize("word", ["a\nb", "a\x00b", "\udcff", "", "a\u2028b"])
def test_what_no_line_can_hold_is_refused(word: str) -> None:
    with pytest.raises(UsageError):
        quoted(word)


def test_quotes_stand_where_they_are_needed() -> None:
    assert (quoted("/srv/图片"), quoted("/a b"), quoted("100%")) == ("/srv/图片", '"/a b"', '"100%%"')
    assert quoted('q"\\') == '"q\\"\\\\"'
    assert (argument("$x"), quoted("$x")) == ('"$$x"', '"$x"')


def test_a_unit_is_known_again_and_so_is_a_change_of_it() -> None:
    text = marked("[Unit]\nDescription=x\n")
    assert origin_of(text) == "ours"
    assert origin_of(text.replace("=x", "=y")) == "changed"
    assert origin_of(text.removeprefix(MARK)) == origin_of("") == origin_of("[Unit]\n") == "foreign"


def test_a_directive_goes_with_its_reason_and_the_others_stay() -> None:
    template = "[Service]\n# why a,\n# at length\nA=1\n# why b\nB=2\n# and again\nB=3\n# why c\nC=4\n"
    assert with_changes(template, {"A": [], "B": ["x", "y"]}) == "[Service]\n# why b\nB=x\nB=y\n# why c\nC=4\n"


@pytest.mark.parametrize(
    ("points", "writable"),
    [
        ({"/mnt/p/inbox": "/mnt/p", "/mnt/p/outbox": "/mnt/p", "/mnt/p/failed": "/mnt/p"}, ["/mnt/p"]),
        ({"/srv/p/inbox": "/", "/srv/p/outbox": "/", "/srv/p/failed": "/"}, ["/srv/p"]),
        ({"/srv/inbox": "/", "/srv/outbox": "/", "/srv/failed": "/"}, ["/srv/failed", "/srv/inbox", "/srv/outbox"]),
        ({"/home/a/inbox": "/home", "/home/a/outbox": "/home"}, ["/home/a/inbox", "/home/a/outbox"]),
        ({"/home/a/p/inbox": "/", "/home/a/p/outbox": "/"}, ["/home/a/p"]),
        ({"/mnt/in/inbox": "/mnt/in", "/srv/o/outbox": "/", "/srv/o/failed": "/"}, ["/mnt/in", "/srv/o"]),
        ({"/mnt/inbox": "/mnt", "/mnt/sub/outbox": "/mnt/sub"}, ["/mnt/inbox", "/mnt/sub"]),
    ],
)
def test_what_is_opened_for_writing(points: dict[str, str], writable: list[str]) -> None:
    given = {Path(folder): PurePosixPath(point) for folder, point in points.items()}
    assert list(writable_places(given, given)) == [Path(one) for one in writable]


def test_names_and_places() -> None:
    assert name_of("shop.service") == "shop"
    for wrong in ("", "a b", "../x", "@", "-x", "x" * 65, "a%b"):
        with pytest.raises(UsageError):
            name_of(wrong)
    assert lies_in([Path("/home/a/x"), Path("/homes/b")], [PurePosixPath("/home")]) == (Path("/home/a/x"),)
