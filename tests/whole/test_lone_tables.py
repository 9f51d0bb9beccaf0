"""A lone table becomes a catalogue of its own where the inbox holds a template for it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from house import House
from program import call_here
from twins import PaintingRenderer

from worker.disk.lone_table import template_for
from worker.errors import ExitCode
from worker.spool import how_ended, submit_all

pytestmark = pytest.mark.slow

TABLE = "sku,name\nA,mug\nB,vase\n"
TEMPLATE = 'prompt: "a {name} on concrete"\nsize: 64x64\n'


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def put(house: House, name: str, text: str | bytes = TEMPLATE) -> Path:
    path = house.root / "inbox" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def receipts(house: House) -> set[str]:
    return {path.name for path in (house.root / "outbox/receipts").glob("*.txt")}


def is_swept(house: House) -> bool:
    """No claim, no note and no staging folder is left."""
    left = [*house.folders.claims.glob("*/*"), *house.folders.returned.glob("*"), *house.root.glob("*/*.partial")]
    return not left


@pytest.mark.parametrize(
    ("table", "template"),
    [
        ("spring.csv", "spring.yaml"),
        ("spring.csv", "default.yaml"),
        ("spring.csv", "Default.YML"),
        ("Spring.CSV", "spring.yaml"),
        ("Fru\u0308hling.csv", "Fr\u00fchling.yaml"),
        ("春季.csv", "春季.yaml"),
    ],
)
def test_a_lone_table_is_made_by_its_template(house: House, table: str, template: str) -> None:
    data = TABLE.encode()
    put(house, f"_templates/{template}")
    put(house, "_templates/other.yaml", "prompt: [\n")
    put(house, table, data)
    assert house.drain() == ExitCode.DONE
    (name,) = house.names("outbox")
    folder = house.root / "outbox" / name
    assert files(folder) >= {"A_01.png", "B_01.png", "job.yaml", f"job/{table}"}
    assert (folder / "job.yaml").read_text() == TEMPLATE
    assert (folder / "job" / table).read_bytes() == data
    assert [shot["prompt"] for shot in house.manifest(name)["shots"]] == ["a mug on concrete", "a vase on concrete"]
    assert house.names("inbox") - {".zimage-worker"} == {"_templates"}
    assert (house.root / "inbox/_templates" / template).read_text() == TEMPLATE
    assert not receipts(house)
    assert is_swept(house)


def test_its_own_template_goes_before_the_default(house: House) -> None:
    put(house, "_templates/default.yaml", TEMPLATE.replace("concrete", "marble"))
    put(house, "_templates/spring.yaml")
    put(house, "spring.csv", TABLE)
    put(house, "autumn.csv", TABLE)
    assert house.drain() == ExitCode.DONE
    assert house.manifest("spring")["shots"][0]["prompt"] == "a mug on concrete"
    assert house.manifest("autumn")["shots"][0]["prompt"] == "a mug on marble"


def test_without_a_template_it_is_told_and_left_and_one_that_comes_later_makes_it(house: House) -> None:
    put(house, "spring.csv", TABLE)
    put(house, "_templates/autumn.yaml")
    assert house.drain() == ExitCode.JOBS_FAILED
    (receipt,) = receipts(house)
    assert "_templates/default.yaml" in (house.root / "outbox/receipts" / receipt).read_text()
    put(house, "_templates/default.yaml")
    assert house.drain() == ExitCode.DONE
    assert house.names("outbox") == {"spring"}


@pytest.mark.parametrize("products", ["spring.csv", "Spring.csv"])
def test_a_template_may_name_the_table(house: House, products: str) -> None:
    put(house, "_templates/spring.yaml", f"products: {products}\n{TEMPLATE}")
    put(house, "spring.csv", TABLE)
    assert house.drain() == ExitCode.DONE


def test_what_is_wrong_names_the_template_or_the_table_and_the_folder_is_a_job_again(house: House) -> None:
    put(house, "_templates/default.yaml", f"{TEMPLATE}products: mugs.csv\nstesp: 8\n")
    put(house, "spring.csv", TABLE)
    put(house, "autumn.csv", "sku,name\nA,mug\nA,mug\n")
    assert house.drain() == ExitCode.JOBS_FAILED
    text = (house.root / "failed/spring/error.txt").read_text()
    assert "_templates/default.yaml" in text
    assert "line 3" in text
    assert files(house.root / "failed/spring") == {"error.txt", "error.json", "job.yaml", "job/spring.csv"}
    put(house, "_templates/default.yaml")
    put(house, "autumn.csv", "sku,name\nA,mug\nA,mug\n")
    assert house.drain() == ExitCode.JOBS_FAILED
    assert "autumn.csv, line 3" in (house.root / "failed/autumn.2/error.txt").read_text()
    shutil.move(house.root / "failed/spring", house.root / "inbox/spring")
    (house.root / "inbox/spring/job.yaml").write_text(TEMPLATE)
    assert house.drain() == ExitCode.DONE
    assert files(house.root / "outbox/spring") >= {"A_01.png", "B_01.png", "job.yaml", "job/spring.csv"}


def test_a_finished_folder_dropped_again_is_made_again(house: House) -> None:
    put(house, "_templates/default.yaml")
    put(house, "spring.csv", TABLE)
    assert house.drain() == ExitCode.DONE
    shutil.rmtree(house.root / "inbox/_templates")
    shutil.move(house.root / "outbox/spring", house.root / "inbox/spring")
    assert house.drain() == ExitCode.DONE
    assert files(house.root / "outbox/spring") >= {"A_01.png", "B_01.png", "job.yaml", "job/spring.csv"}


def test_a_job_in_work_keeps_its_template_whatever_becomes_of_it(house: House) -> None:
    put(house, "_templates/default.yaml")
    put(house, "spring.csv", TABLE)

    def spoil(_: object) -> None:
        shutil.rmtree(house.root / "inbox/_templates", ignore_errors=True)

    assert house.drain(PaintingRenderer(after=spoil)) == ExitCode.DONE
    assert [shot["prompt"] for shot in house.manifest("spring")["shots"]] == ["a mug on concrete", "a vase on concrete"]
    assert (house.root / "outbox/spring/job.yaml").read_text() == TEMPLATE


def test_a_stopped_one_goes_back_as_a_table_and_is_gone_on_with(house: House) -> None:
    put(house, "_templates/default.yaml")
    put(house, "spring.csv", TABLE)
    house.drain(PaintingRenderer(after=lambda _: house.stop()))
    assert house.names("inbox") - {".zimage-worker"} == {"_templates", "spring.csv"}
    house.resume()
    again = PaintingRenderer()
    assert house.drain(again) == ExitCode.DONE
    assert again.painted == ["B_01.png"]
    assert is_swept(house)
    assert house.names("inbox") - {".zimage-worker"} == {"_templates"}


def test_cancel_files_mean_a_table_by_any_of_its_names(house: House) -> None:
    put(house, "_templates/default.yaml")
    for name, cancel in (("spring.csv", "spring.cancel"), ("autumn.csv", "Autumn.csv.cancel")):
        put(house, name, TABLE)
        put(house, cancel, "")
    assert house.drain() == ExitCode.JOBS_FAILED
    assert house.names("failed") == {"spring", "autumn"}


def test_a_link_is_no_template(house: House) -> None:
    put(house, "spring.csv", TABLE)
    outside = house.root / "outside.yaml"
    outside.write_text(TEMPLATE)
    (house.root / "inbox/_templates").mkdir()
    (house.root / "inbox/_templates/default.yaml").symlink_to(outside)
    assert house.drain() == ExitCode.JOBS_FAILED
    assert house.names("inbox") - {".zimage-worker"} == {"_templates", "spring.csv"}
    assert "_templates/default.yaml" in (house.root / "outbox/receipts/spring.csv.txt").read_text()


def test_commands_read_a_table_as_the_worker_does(house: House) -> None:
    put(house, "_templates/default.yaml")
    (house.root / "spring.csv").write_text(TABLE)
    assert "ok, 2 pictures" in call_here("check", "spring.csv", cwd=house.root).stdout
    assert "spring: 2 pictures" in call_here("plan", "spring.csv", cwd=house.root).stdout
    done = call_here("submit", "spring.csv", cwd=house.root)
    assert done.returncode == 0, done.stderr
    shutil.rmtree(house.root / "inbox/_templates")
    assert house.drain() == ExitCode.DONE
    assert files(house.root / "outbox/spring") >= {"A_01.png", "B_01.png", "job.yaml", "job/spring.csv"}


def test_commands_take_the_templates_beside_the_table_before_those_of_the_inbox(house: House) -> None:
    put(house, "_templates/default.yaml", TEMPLATE.replace("concrete", "marble"))
    (house.root / "mine/_templates").mkdir(parents=True)
    (house.root / "mine/_templates/default.yaml").write_text(TEMPLATE)
    (house.root / "mine/spring.csv").write_text(TABLE)
    for path in ("mine/spring.csv", "mine"):
        assert "a mug on concrete" in call_here("plan", path, cwd=house.root).stdout
    assert call_here("submit", "mine", cwd=house.root).returncode == 0
    assert house.drain() == ExitCode.DONE
    assert house.manifest("spring")["shots"][0]["prompt"] == "a mug on concrete"


def test_a_table_without_a_template_is_told_by_commands(house: House) -> None:
    (house.root / "spring.csv").write_text(TABLE)
    for command in ("check", "plan", "submit"):
        done = call_here(command, "spring.csv", cwd=house.root)
        assert done.returncode in (ExitCode.USAGE, ExitCode.JOBS_FAILED)
        assert "_templates" in done.stdout + done.stderr


@pytest.mark.parametrize("name", ["~$spring.xlsx", "._spring.csv", ".~spring.xlsx"])
def test_what_programs_lay_beside_an_open_table_is_no_table(house: House, name: str) -> None:
    put(house, "_templates/default.yaml")
    assert template_for(put(house, name, "lock")) is None
    assert template_for(put(house, "spring.csv", TABLE)) is not None


def test_a_template_by_itself_is_no_job(house: House) -> None:
    template = put(house, "_templates/default.yaml")
    for command in ("check", "plan", "submit"):
        for path in (template, template.parent):
            done = call_here(command, path, cwd=house.root)
            assert (done.returncode, "only with a table" in done.stderr) == (ExitCode.USAGE, True)
    assert call_here("check", "default.yaml", "-c", house.root / "worker.yaml", cwd=template.parent).returncode != 0


def test_of_two_tables_with_one_template_each_is_waited_for(house: House) -> None:
    put(house, "_templates/default.yaml")
    tables = [house.root / f"{name}.csv" for name in ("spring", "autumn")]
    for table, name in zip(tables, ("mug", "vase"), strict=True):
        table.write_text(f"sku,name\nA,{name}\n")
    submitted = submit_all(tables, house.folders)
    assert [one.name for one in submitted] == ["spring", "autumn"]
    assert house.drain() == ExitCode.DONE
    assert [how_ended(one, house.folders) for one in submitted] == [
        house.root / "outbox/spring", house.root / "outbox/autumn"
    ]  # fmt: skip


def test_a_folder_of_templates_in_any_letter_case_is_one(house: House) -> None:
    put(house, "_Templates/default.yaml")
    put(house, "spring.csv", TABLE)
    assert house.drain() == ExitCode.DONE
    assert house.names("outbox") == {"spring"}
    assert house.names("inbox") - {".zimage-worker"} == {"_Templates"}


def test_a_template_that_is_not_right_is_told_before_the_table_is_refused(house: House) -> None:
    put(house, "_templates/default.yaml", "stesp: 8\n")
    put(house, "spring.csv", TABLE)
    told = house.root / "outbox/receipts/spring.csv.txt"
    seen: list[str] = []
    house.at(30.0, lambda: seen.append(told.read_text()))
    house.at(40.0, lambda: put(house, "_templates/default.yaml") and None)
    assert house.drain() == ExitCode.DONE
    assert "_templates/default.yaml" in seen[0]
    assert house.names("outbox") == {"spring"}, "a template that was mended meanwhile is read anew"
    assert not receipts(house)
