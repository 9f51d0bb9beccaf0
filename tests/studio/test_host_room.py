"""What the host may give, as Linux tells it; what a model needs of it; what is done where it is short."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.studio.card.host_room import host_room
from worker.studio.model_files.weights import Stack, Weights
from worker.studio.plan.host_memory import SPARE_MIB, HostNeed, HostRoom, host_need
from worker.studio.plan.memory import Work, make_plan

GIB = 1024
"""In MiB."""
BF16 = Weights(
    transformer=Stack(blocks=34, block_mib=345.06, rest_mib=22.6, is_mapped=True),
    text_encoder=Stack(blocks=36, block_mib=192.51, rest_mib=741.9, is_mapped=True),
    vae_mib=159.9,
)
"""Z-Image at full size, as `model add` stores it."""
TURBO = replace(BF16, transformer=replace(BF16.transformer, is_mapped=False))
"""As it is downloaded: its transformer is stored in fp32, and converted while it is loaded."""
FP32 = replace(TURBO, text_encoder=replace(BF16.text_encoder, is_mapped=False))
WEIGHTS = {"bf16": BF16, "turbo": TURBO, "fp32": FP32}
MEMINFO = (
    "MemTotal:       33554432 kB\nMemFree:         1000000 kB\nMemAvailable:   25165824 kB\nSwapTotal: 2097152 kB\n"
)


def need_of(weights: Weights, *, card_gib: float = 11.5, side: int = 1024) -> HostNeed:
    pixels = side * side
    return host_need(make_plan(card_gib * GIB, weights, Work(pixels=pixels)), weights, pixels=pixels)


def room_of(available_gib: float) -> HostRoom:
    return HostRoom(available_mib=available_gib * GIB, total_mib=32 * GIB, bound="machine")


@pytest.fixture
def machine(tmp_path: Path):
    """Writes what the kernel would tell; gives what is made of it."""

    def told(cgroup: str, files: dict[str, str]) -> HostRoom:
        for name, text in {"proc/meminfo": MEMINFO, "proc/self/cgroup": cgroup, **files}.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        return host_room(proc=tmp_path / "proc", cgroups=tmp_path / "cgroup")

    return told


def group(folder: str, *, most: str, high: str = "max", used_gib: float = 6, file_gib: float = 2) -> dict[str, str]:
    stat = f"anon 1\nfile 99\ninactive_file {file_gib / 2 * GIB**3:.0f}\nactive_file {file_gib / 2 * GIB**3:.0f}\n"
    return {
        f"cgroup/{folder}/memory.max": most, f"cgroup/{folder}/memory.high": high,
        f"cgroup/{folder}/memory.current": f"{used_gib * GIB**3:.0f}\n", f"cgroup/{folder}/memory.stat": stat,
    }  # fmt: skip


def test_without_limits_it_is_what_the_machine_has(machine) -> None:
    assert machine("0::/user.slice\n", {}) == HostRoom(
        available_mib=24 * GIB, total_mib=32 * GIB, swap_mib=2 * GIB, bound="machine"
    )


@pytest.mark.parametrize("folder", ["system.slice", "system.slice/zimage.service", "."])
@pytest.mark.parametrize("name", ["most", "high"])
def test_the_group_or_any_around_it_limits_and_its_file_pages_are_free(machine, folder: str, name: str) -> None:
    limit = {"most": "max", "high": "max", name: str(16 * GIB**3)}
    room = machine("0::/system.slice/zimage.service\n", group(folder, **limit))
    assert (room.available_mib, room.total_mib, room.bound) == (12 * GIB, 16 * GIB, "cgroup")


def test_a_container_whose_path_is_not_visible_is_limited_by_what_is(machine) -> None:
    assert machine("0::/docker/4711/not/here\n", group(".", most=str(16 * GIB**3))).available_mib == 12 * GIB


def test_groups_of_the_first_version_limit_too(machine) -> None:
    files = {
        "cgroup/memory/docker/memory.limit_in_bytes": f"{16 * GIB**3}\n",
        "cgroup/memory/docker/memory.usage_in_bytes": f"{6 * GIB**3}\n",
        "cgroup/memory/docker/memory.stat": "active_file 7\ntotal_active_file 1073741824\n"
        "total_inactive_file 1073741824\n",
        "cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
        "cgroup/memory/memory.usage_in_bytes": "1\n",
    }
    room = machine("9:cpu:/docker\n4:memory,hugetlb:/docker\n", files)
    assert (room.available_mib, room.bound) == (12 * GIB, "cgroup")


def test_more_than_the_limit_in_use_is_no_room(machine) -> None:
    assert machine("0::/\n", group(".", most=str(2 * GIB**3), file_gib=0)).available_mib == 0


@pytest.mark.parametrize("limit", ["RLIMIT_AS", "RLIMIT_DATA"])
def test_ulimit_limits_what_this_process_may_still_take(limit: str) -> None:
    code = (
        "import resource; from worker.studio.card.host_room import host_room; before = host_room(); "
        f"resource.setrlimit(resource.{limit}, (2**31, 2**31)); room = host_room(); print(room.bound, room.total_mib, "
        "int(room.available_mib))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert told[:2] == ["ulimit", "2048.0"]
    assert 0 < int(told[2]) < 2048


def test_a_machine_of_32_gb_runs_the_real_model_on_a_12_gb_card_without_swapping() -> None:
    """Another 3 GiB are the system's and a browser's."""
    free = room_of(28)
    for weights in WEIGHTS.values():
        need = need_of(weights)
        assert need.is_fast(free)
        # also where the card runs short and all blocks are streamed
        assert free.has(need.least_mib + need.locked_mib + need.off_card_mib)
        assert need_of(weights, side=2048).is_fast(free)


def test_24_gb_of_host_memory_suffice_for_a_12_gb_card() -> None:
    limit = HostRoom(available_mib=24e9 / GIB**2, total_mib=24e9 / GIB**2, bound="cgroup")
    assert need_of(BF16).is_fast(limit)
    assert need_of(TURBO).fits(limit)


@pytest.mark.parametrize(
    ("kind", "available_gib", "fits", "is_fast"),
    [
        ("bf16", 28, True, True), ("bf16", 14, True, False), ("bf16", 6, True, False), ("bf16", 4, False, False),
        ("turbo", 28, True, True), ("turbo", 18, True, False), ("turbo", 14, False, False),
        ("fp32", 28, True, True), ("fp32", 22, False, False),
    ],
)  # fmt: skip
def test_what_a_12_gb_card_needs_beside_it(kind: str, available_gib: float, fits: bool, is_fast: bool) -> None:
    need, room = need_of(WEIGHTS[kind]), room_of(available_gib)
    assert (need.fits(room), need.is_fast(room)) == (fits, is_fast)
    assert len(need.lines(room)) == (1 if is_fast else 2)


def test_a_24_gb_card_needs_host_memory_for_the_text_encoder_and_for_a_transformer_that_leaves_it() -> None:
    need = need_of(BF16, card_gib=23.5)
    assert need.locked_mib == pytest.approx(36 * 192.51)
    assert need.off_card_mib == pytest.approx(BF16.transformer.whole_mib)


@given(st.floats(5_000, 90_000), st.integers(16, 128), st.sampled_from([*WEIGHTS.values()]))
def test_weights_are_counted_once(room_mib: float, side: int, weights: Weights) -> None:
    """All that is copied at once is no more than both parts, a block that is there twice, and the program."""
    pixels = (side * 16) ** 2
    need = host_need(make_plan(room_mib, weights, Work(pixels=pixels)), weights, pixels=pixels)
    program_mib = host_need(make_plan(90_000, BF16, Work(pixels=pixels)), BF16, pixels=pixels).least_mib
    copied = need.least_mib + need.locked_mib + need.off_card_mib - program_mib
    assert -1 <= copied <= weights.transformer.whole_mib + weights.text_encoder.whole_mib + 1
    assert min(need.least_mib, need.locked_mib, need.off_card_mib) >= 0


def test_what_the_kernel_hides_limits_nothing(tmp_path: Path) -> None:
    assert not need_of(FP32).can_never_fit(host_room(proc=tmp_path, cgroups=tmp_path))


def test_what_is_lacking_and_the_remedy_are_told() -> None:
    need, room = need_of(TURBO), HostRoom(available_mib=8 * GIB, total_mib=16 * GIB, bound="cgroup")
    free, lacking = need.lines(room)
    assert free.startswith("8.0 of 16.0 GiB of this computer's memory are free")
    assert f"{(need.least_mib + SPARE_MIB - room.available_mib) / GIB:.1f} GiB are lacking" in lacking
    assert "memory.max" in lacking
    assert "model add" in lacking
