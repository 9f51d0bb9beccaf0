"""Who is to blame when a worker dies: the pictures in work then, and not those whose prompts were encoded before."""

from __future__ import annotations

from pathlib import Path

import pytest
from house import House
from twins import PaintingRenderer

from worker.errors import ExitCode
from worker.records import Progress

FILES = [f"cups_{number:02}.png" for number in range(1, 6)]


class Killed(BaseException):
    """Nothing of the program runs any more."""


class EncodingTogether(PaintingRenderer):
    """Encodes all prompts at once, then makes one picture after the other; dies of one, at either."""

    def __init__(self, fatal: str, *, while_encoding: bool) -> None:
        super().__init__()
        self.fatal, self.while_encoding = fatal, while_encoding

    def render(self, requests, *, on_progress):
        files = tuple(request.file for request in requests)
        on_progress(Progress(request=requests[0], step=0, steps=2, files=files))
        if self.while_encoding and self.fatal in files:
            raise Killed
        for request in requests:
            on_progress(Progress(request=request, step=0, steps=2, files=(request.file,), plan="whole"))
            if request.file == self.fatal:
                raise Killed
            yield from super().render([request], on_progress=on_progress)


@pytest.mark.parametrize(("while_encoding", "deaths"), [(False, 1), (True, 2)])
def test_only_the_picture_that_kills_fails(tmp_path: Path, while_encoding: bool, deaths: int) -> None:
    house = House(tmp_path)
    house.drop("cups.yaml", "count: 5\nshots:\n  - {id: cups, prompt: a mug}\n")
    for _ in range(deaths):
        with pytest.raises(Killed):
            house.drain(EncodingTogether(FILES[3], while_encoding=while_encoding), attempts=1)
    assert house.drain(EncodingTogether(FILES[3], while_encoding=while_encoding), attempts=1) == ExitCode.JOBS_FAILED
    shots = house.manifest("cups")["shots"]
    assert [shot["file"] for shot in shots if shot["status"] == "failed"] == [FILES[3]]
