"""One card as NVIDIA's driver describes it: temperature, use, and the programs on it, through `pynvml`.

Knows the calls of NVML and which cards do not answer which: what is not supported is None. A call into a hung driver
never returns, so that whoever asks does it in a process that may be left behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pynvml

from worker.card_readings import CardProgram, CardReading
from worker.studio.units import MIB

PROC = Path("/proc")
OURS = b"worker.studio.process.child"
"""In the command line of every worker's rendering process."""
LOST = (pynvml.NVML_ERROR_GPU_IS_LOST, pynvml.NVML_ERROR_UNINITIALIZED, pynvml.NVML_ERROR_DRIVER_NOT_LOADED)
"""After these nothing more is to be had of an open handle."""
MOST_PROGRAMS = 64
NAME_CHARACTERS = 60


class NvmlCard:
    """One card; each `read` is a moment."""

    def __init__(self, uuid: str, *, proc: Path = PROC) -> None:
        """Open it.

        Args:
            uuid: of the card or of its part (MIG) as CUDA tells it, with or without `GPU-`.
            proc: the kernel's folder of processes.

        Raises:
            pynvml.NVMLError: no driver, no library, or no such card.
        """
        pynvml.nvmlInit()
        self._handle = _handle(uuid)
        # temperature and use are the whole card's
        whole = _or_none(lambda: pynvml.nvmlDeviceGetDeviceHandleFromMigDeviceHandle(self._handle))
        self._whole = self._handle if whole is None else whole
        self._proc = proc
        self._seen_us = 0
        self._tells_use = True
        self._use()  # what was done until now is no use of now

    def read(self) -> CardReading:
        """What the driver says now.

        Raises:
            pynvml.NVMLError: the card or the driver is lost.
        """
        rates = _or_none(lambda: pynvml.nvmlDeviceGetUtilizationRates(self._whole))
        power_mw = _or_none(lambda: pynvml.nvmlDeviceGetPowerUsage(self._whole))
        return CardReading(
            temperature_c=_or_none(lambda: pynvml.nvmlDeviceGetTemperature(self._whole, pynvml.NVML_TEMPERATURE_GPU)),
            slowdown_c=_or_none(
                lambda: pynvml.nvmlDeviceGetTemperatureThreshold(
                    self._whole, pynvml.NVML_TEMPERATURE_THRESHOLD_SLOWDOWN
                )
            ),
            used_percent=None if rates is None else int(rates.gpu),
            power_w=None if power_mw is None else power_mw / 1000,
            programs=self._programs(),
        )

    def _programs(self) -> tuple[CardProgram, ...]:
        memory: dict[int, float | None] = {}
        for listing in (pynvml.nvmlDeviceGetComputeRunningProcesses, pynvml.nvmlDeviceGetGraphicsRunningProcesses):
            for one in _or_none(lambda listing=listing: listing(self._handle)) or ():  # type: ignore[misc]
                memory[int(one.pid)] = None if one.usedGpuMemory is None else round(one.usedGpuMemory / MIB, 1)
        use = self._use()
        pids = [pid for pid in {**(use or {}), **memory} if pid > 0]
        return tuple(
            CardProgram(
                pid=pid,
                memory_mib=memory.get(pid),
                used_percent=None if use is None else use.get(pid, 0),
                **self._who(pid),
            )
            for pid in pids[:MOST_PROGRAMS]
        )

    def _use(self) -> Mapping[int, int] | None:
        """Percent by process since the last reading; None where this card does not tell."""
        if not self._tells_use:
            return None
        try:
            samples = pynvml.nvmlDeviceGetProcessUtilization(self._whole, self._seen_us)
        except pynvml.NVMLError as error:
            if error.value in LOST:
                raise
            # nobody has used it since, or no process is there: what the driver says then differs by its version
            self._tells_use = error.value in (pynvml.NVML_SUCCESS, pynvml.NVML_ERROR_NOT_FOUND)
            return {} if self._tells_use else None
        since_us, self._seen_us = self._seen_us, max([self._seen_us, *(int(one.timeStamp) for one in samples)])
        return _most_used(samples, since_us=since_us)

    def _who(self, pid: int) -> dict[str, Any]:
        try:
            line = (self._proc / str(pid) / "cmdline").read_bytes()[:4096].split(b"\0")
        except OSError:  # it has ended, or is hidden from us
            return {}
        name = line[0].rpartition(b"/")[2].decode("utf-8", "replace")[:NAME_CHARACTERS]
        return {"name": name, "is_ours": OURS in line}


def _handle(uuid: str) -> Any:  # noqa: ANN401 - a pointer of NVML's
    names = [uuid] if "-" in uuid[:4] else [f"GPU-{uuid}", f"MIG-{uuid}"]
    for name in names[:-1]:
        if (handle := _or_none(lambda name=name: pynvml.nvmlDeviceGetHandleByUUID(name))) is not None:  # type: ignore[misc]
            return handle
    return pynvml.nvmlDeviceGetHandleByUUID(names[-1])


def _most_used(samples: Iterable[Any], *, since_us: int) -> dict[int, int]:
    """The highest of each process; a driver may hand out old samples, and figures that are no percent."""
    found: dict[int, int] = {}
    for one in samples:
        pid, percent = int(one.pid), int(one.smUtil)
        if int(one.timeStamp) > since_us and 0 <= percent <= 100:
            found[pid] = max(found.get(pid, 0), percent)
    return found


def _or_none(call: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever the call gives
    """What a call gives; None where the card does not support it.

    Raises:
        pynvml.NVMLError: the card or the driver is lost.
    """
    try:
        return call()
    except pynvml.NVMLError as error:
        if error.value in LOST:
            raise
        return None
