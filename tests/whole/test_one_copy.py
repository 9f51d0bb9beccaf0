"""Pictures that a death left are kept in one copy, whatever the share can, and lost at no call."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from failing_calls import FailingCalls
from house import House
from twins import PaintingRenderer

from worker.errors import ExitCode

pytestmark = pytest.mark.slow

FILES = [f"cups_{number:02}.png" for number in range(1, 6)]


class Killed(BaseException):
    """Nothing of the program runs any more."""


def dies_at(house: House, file: str) -> None:
    def kill(request) -> None:
        if request.file == file:
            raise Killed

    with pytest.raises(Killed):
        house.drain(PaintingRenderer(after=kill))


def copies(house: House) -> list[str]:
    return sorted(path.name for path in house.root.glob("outbox/*.partial/cups_*.png"))


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House(tmp_path)
    house.drop("cups.yaml", "count: 5\nshots:\n  - {id: cups, prompt: a mug}\n")
    return house


@pytest.mark.parametrize("refusal", [None, errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK])
def test_however_often_a_worker_dies_there_is_one_copy_of_each_picture(house: House, refusal: int | None) -> None:
    share = FailingCalls(lambda call, path: refusal if call == "link" and ".partial" in path else None)
    with share.installed():
        for number in range(1, 5):
            dies_at(house, FILES[number])
            assert len(copies(house)) == len(set(copies(house))) > 0
        kept, painter = copies(house), PaintingRenderer()
        assert house.drain(painter) == ExitCode.DONE
    assert sorted([*painter.painted, *kept]) == FILES
    assert house.is_swept()


@pytest.mark.parametrize("call", ["link", "unlink", "fsync", "rename"])
@pytest.mark.parametrize("count", range(6))
def test_a_death_while_pictures_are_taken_over_loses_none(house: House, call: str, count: int) -> None:
    dies_at(house, FILES[3])
    before = {path.name: path.read_bytes() for path in house.root.glob("outbox/*.partial/*.png")}
    met: list[str] = []

    def kill(one: str, path: str) -> None:
        if one == call and ".partial" in path:
            met.append(path)
            if len(met) > count:
                raise Killed

    with FailingCalls(kill).installed(), pytest.raises(Killed):
        house.drain()
    real = house.settings  # the job is refused: what lies there as a picture with its sidecar is all that is looked for
    house.settings = lambda **changed: real(max_shots=2, **changed)  # type: ignore[method-assign]
    assert house.drain() == ExitCode.JOBS_FAILED
    after = {path.name: path.read_bytes() for path in house.root.glob("failed/cups/**/*.png")}
    assert before.items() <= after.items()
