"""What a worker writes beside pictures is in the language of the person who dropped the job."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from house import MODEL, House
from twins import PaintingRenderer

from worker.records import PictureResult, Request
from worker.translation import gettext


class Blackout(PaintingRenderer):
    """Fails as the studio does: with a text of the catalogue."""

    def _result(self, request: Request) -> PictureResult:
        made = super()._result(request)
        return (
            replace(made, picture=None, error=gettext("The renderer is not up: start it first."))
            if "灯" in (request.prompt) or "lamp" in request.prompt
            else made
        )


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def error_text(house: House, name: str) -> str:
    return (house.root / "failed" / name / "error.txt").read_text("utf-8")


def test_each_job_that_is_refused_is_told_in_its_authors_language(house: House) -> None:
    house.drop("mugs.yaml", "promt: a red mug\nsteps: many\n")
    house.drop("cups.yaml", "promt: 红色马克杯\nsteps: many\n")
    house.drop("秋季.yaml", "steps: 8\n")
    (house.root / "inbox" / "gbk.yaml").write_bytes("提示语: 白色陶瓷马克杯\nsteps: many\n".encode("gb18030"))
    house.drain()
    assert error_text(house, "mugs").startswith("The job `mugs` was not done.\n")
    for name in ("cups", "秋季", "gbk"):
        assert error_text(house, name).startswith(f"任务 `{name}` 没有做成。\n")
    told = error_text(house, "cups")
    assert "cups.yaml，第 2 行，第 8 列（steps）" in told
    assert "`many` 不是整数。请只写数字，例如 40。" in told
    written = json.loads((house.root / "failed" / "cups" / "error.json").read_text("utf-8"))
    assert written["reason"] == f"任务读不了：有 {len(written['problems'])} 个问题。"
    assert [problem["message"] for problem in written["problems"]][-1] == "`many` 不是整数。请只写数字，例如 40。"


def test_the_pages_the_table_and_the_manifest_of_a_job_speak_its_authors_language(house: House) -> None:
    house.drop("cups.yaml", "shots:\n- prompt: 红色马克杯\n- prompt: 一盏灯\n")
    house.drop("mugs.yaml", "shots:\n- prompt: a red mug\n- prompt: a lamp\n")
    house.drain(Blackout())
    page = (house.root / "outbox" / "cups" / "index.html").read_text("utf-8")
    assert '<html lang="zh-CN">' in page
    assert "部分完成" in page
    assert "渲染进程还没有启动：请先启动。" in page
    assert "渲染进程还没有启动" in (house.root / "outbox" / "cups" / "results.csv").read_text("utf-8-sig")
    assert house.manifest("cups")["shots"][1]["error"] == "渲染进程还没有启动：请先启动。"
    assert house.manifest("cups")["status"] == "partial"
    english = (house.root / "outbox" / "mugs" / "index.html").read_text("utf-8")
    assert '<html lang="en">' in english
    assert house.manifest("mugs")["shots"][1]["error"] == "The renderer is not up: start it first."


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("新建文本文档.txt", "promt: 1\n", "`新建文本文档.txt` 还没有做，原因是：\r\n\r\n文本文件不能当任务"),
        ("mug.txt", "prompt: a red mug\n", "`mug.txt` is not done, because:"),
        ("mug.txt", "提示词：红色马克杯\n", "`mug.txt` 还没有做，原因是："),
        ("cups.yaml", "promt: 红色马克杯\n", "有 1 个问题，先看这个：cups.yaml:1:1: promt: 没有 `promt` 这个键"),
    ],
)
def test_a_receipt_speaks_the_language_of_what_it_is_for(house: House, name: str, text: str, says: str) -> None:
    house.drop(name, text)
    house.at(10, house.stop)
    house.drain(drain=False)
    [receipt] = (house.root / "outbox" / "receipts").glob("*.txt")
    assert says in receipt.read_bytes().decode()


def test_two_workers_say_the_same_of_one_name(house: House) -> None:
    house.drop("cups.yaml", "promt: 红色马克杯\n")
    folder, said = house.root / "outbox" / "receipts", []
    for worker_id in ("w1", "w2"):
        house.resume()
        house.at(house.now_s() + 10, house.stop)
        house.drain(drain=False, worker_id=worker_id)
        said.append([path.read_bytes() for path in folder.iterdir()])
    assert said[0] == said[1] != []


def test_the_setting_decides_for_all(house: House) -> None:
    house.drop("cups.yaml", "promt: 红色马克杯\n")
    house.drop("mugs.yaml", "prompt: a red mug\n")
    worker = house.worker(language="en")
    with worker.spool.ownership.lock(house.wait):
        worker.daemon(MODEL).run(drain=True)
    assert error_text(house, "cups").startswith("The job `cups` was not done.")
    assert '<html lang="en">' in (house.root / "outbox" / "mugs" / "index.html").read_text("utf-8")
