"""A live page that is left open: over its job's end, a stop, a pause, a lost share, a killed worker, a take-over."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from house import House
from playwright.sync_api import expect
from twins import PaintingRenderer

from tests.browser.watching import Watched, watching
from worker.errors import ExitCode

pytestmark = pytest.mark.slow
JOB = "size: 64x64\nshots: [{prompt: a mug, count: 6}]\n"


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def page_of(house: House) -> Path:
    (page,) = (house.root / "outbox").glob("*.partial/index.html")
    return page


def told(seen: Watched, notice: str, text: str) -> None:
    expect(seen.page.locator(notice)).to_be_visible()
    expect(seen.page.locator(notice)).to_contain_text(text)


class Nth:
    """Calls something after the nth picture; each takes its time by the house's clock."""

    def __init__(self, house: House, **acts: Callable[[], object]) -> None:
        self.house, self.acts, self.made = house, acts, 0

    def __call__(self, _request) -> None:
        self.made += 1
        self.house.spend(10.0)
        act = self.acts.get(f"after_{self.made}")
        if act is not None:
            act()


@pytest.fixture
def open_page(house: House, chromium) -> Iterator[Callable[..., Watched]]:
    """Opens the live page that there is, and closes it at the end."""
    with ExitStack() as opened:
        yield lambda **named: opened.enter_context(watching(chromium, page_of(house), **named))


def test_it_leads_to_the_finished_job(house: House, open_page) -> None:
    house.drop("mugs.yaml", JOB)
    seen: list[Watched] = []
    renderer = PaintingRenderer(after=Nth(house, after_2=lambda: seen.append(open_page())))
    assert house.drain(renderer) == ExitCode.DONE
    seen[0].pass_s(10)
    expect(seen[0].page).to_have_url(re.compile("/outbox/mugs/index.html$"))
    expect(seen[0].page.locator(".tile")).to_have_count(6)


def test_it_leads_to_the_folder_that_took_a_number(house: House, open_page) -> None:
    (house.root / "outbox" / "mugs").mkdir()
    (house.root / "outbox" / "mugs" / "index.html").write_text("another's")
    house.drop("mugs.yaml", JOB)
    seen: list[Watched] = []
    house.drain(PaintingRenderer(after=Nth(house, after_2=lambda: seen.append(open_page()))))
    seen[0].pass_s(10)
    expect(seen[0].page).to_have_url(re.compile("/outbox/mugs.2/index.html$"))


def test_it_leads_to_failed_where_no_picture_could_be_made(house: House, open_page) -> None:
    house.drop("mugs.yaml", JOB)
    seen: list[Watched] = []
    files = [f"shot-01_{number:02}.png" for number in range(1, 7)]
    renderer = PaintingRenderer(refuses=files, after=Nth(house, after_2=lambda: seen.append(open_page())))
    assert house.drain(renderer) == ExitCode.JOBS_FAILED
    seen[0].pass_s(10)
    expect(seen[0].page).to_have_url(re.compile("/failed/mugs/index.html$"))


def test_a_finished_folder_that_somebody_has_taken_away_is_named(house: House, open_page) -> None:
    house.drop("mugs.yaml", JOB)
    seen: list[Watched] = []
    house.drain(PaintingRenderer(after=Nth(house, after_2=lambda: seen.append(open_page()))))
    (house.root / "outbox" / "mugs").rename(house.root / "taken")
    seen[0].pass_s(10)
    told(seen[0], "#gone", "outbox/mugs")
    assert "a mug" in seen[0].text(), "it keeps what it shows"


def test_after_a_stop_it_says_so_and_goes_on_with_the_next_start(house: House, open_page) -> None:
    house.drop("mugs.yaml", JOB)
    seen: list[Watched] = []
    acts = {"after_2": lambda: seen.append(open_page()), "after_3": house.stop}
    house.drain(PaintingRenderer(after=Nth(house, **acts)))
    seen[0].pass_s(10)
    expect(seen[0].page.locator("#summary")).to_contain_text("the worker was stopped")
    expect(seen[0].page.locator(".pill")).to_have_text("interrupted")
    house.resume()

    def looked() -> None:
        seen[0].pass_s(10)
        expect(seen[0].page.locator("dl.figures")).to_contain_text("5 of 6")
        expect(seen[0].page.locator(".pill")).to_have_text("rendering")

    assert house.drain(PaintingRenderer(after=Nth(house, after_3=looked))) == ExitCode.DONE
    seen[0].pass_s(10)
    expect(seen[0].page).to_have_url(re.compile("/outbox/mugs/index.html$"))


def test_a_pause_is_said_with_the_file_and_goes_with_it(house: House, open_page) -> None:
    house.drop("mugs.yaml", JOB)
    seen: list[Watched] = []

    def unpaused() -> None:
        seen[0].pass_s(10)
        expect(seen[0].page.locator("#summary")).to_contain_text("PAUSE lies in the inbox")
        expect(seen[0].page.locator(".pill")).to_have_text("paused")
        assert seen[0].notice() == "[]", "a pause is no silence: the worker writes on"
        (house.root / "inbox/PAUSE").unlink()

    acts = {"after_2": lambda: seen.append(open_page()), "after_3": lambda: house.drop("PAUSE", "")}
    house.at(900.0, unpaused)
    assert house.drain(PaintingRenderer(after=Nth(house, **acts))) == ExitCode.DONE
    seen[0].pass_s(10)
    expect(seen[0].page).to_have_url(re.compile("/outbox/mugs/index.html$"))


def test_a_share_that_is_away_is_said_and_nothing_is_lost_from_the_page(house: House, open_page) -> None:
    house.drop("mugs.yaml", JOB)

    def looked() -> None:
        seen = open_page()
        seen.pass_s(5)
        outbox, away = house.root / "outbox", house.root / "away"
        outbox.rename(away)
        seen.pass_s(10)
        told(seen, "#away", "The share cannot be reached since")
        expect(seen.page.locator(".head .pill")).to_be_hidden()
        assert seen.page.locator(".forecast").count()
        assert not seen.page.locator(".forecast:visible").count(), "nothing is foreseen of what nobody knows"
        assert seen.page.locator(".tile img").count() == 2
        away.rename(outbox)
        seen.pass_s(10)
        expect(seen.page.locator("#away")).to_be_hidden()
        expect(seen.page.locator(".head .pill")).to_be_visible()

    assert house.drain(PaintingRenderer(after=Nth(house, after_3=looked))) == ExitCode.DONE


def test_a_worker_that_is_killed_is_last_heard_of_and_another_goes_on(house: House, open_page) -> None:
    house.drop("mugs.yaml", JOB)
    seen: list[Watched] = []

    class Killed(BaseException):
        pass

    def killed() -> None:
        seen[0].pass_s(10)
        raise Killed

    acts = {"after_2": lambda: seen.append(open_page()), "after_4": killed}
    with pytest.raises(Killed):
        house.drain(PaintingRenderer(after=Nth(house, **acts)))
    seen[0].pass_s(60)
    assert seen[0].notice() == "[]", "a slow picture is no death"
    seen[0].pass_s(120)
    told(seen[0], "#old", "this may be old")
    assert seen[0].page.locator(".tile img").count() == 3

    def looked() -> None:
        seen[0].pass_s(10)
        expect(seen[0].page).to_have_url(re.compile("/outbox/mugs.w2-.*.partial/index.html$"))
        seen[0].pass_s(5)
        assert "w2" in (seen[0].page.locator(".tile a").first.get_attribute("href") or "")

    def looked_again() -> None:
        seen[0].pass_s(10)
        expect(seen[0].page.locator("#old")).to_be_hidden()  # it has seen the record change, whatever its clock says

    house.spend(600.0)
    assert (
        house.drain(PaintingRenderer(after=Nth(house, after_1=looked, after_3=looked_again)), worker_id="w2")
        == ExitCode.DONE
    )
    seen[0].pass_s(10)
    expect(seen[0].page).to_have_url(re.compile("/outbox/mugs/index.html$"))


def test_a_record_of_a_newer_version_leads_to_the_page_that_knows_it(house: House, open_page) -> None:
    house.drop("mugs.yaml", JOB)

    def looked() -> None:
        seen = open_page()
        newer = house.root / "outbox/newer.partial"
        newer.mkdir()
        (newer / "index.html").write_text("of the newer version")
        (record,) = (house.root / "outbox/_overview/live").iterdir()
        record.write_text(
            'zimageLive({"form": 2, "at": "2040-01-01T00:00:00Z", "href": "../newer.partial/index.html"});'
        )
        seen.pass_s(10)
        expect(seen.page).to_have_url(re.compile("/newer.partial/index.html$"))

    assert house.drain(PaintingRenderer(after=Nth(house, after_3=looked))) == ExitCode.DONE


def test_a_page_that_is_opened_long_after_a_death_says_so_at_once(house: House, open_page) -> None:
    house.drop("mugs.yaml", JOB)

    def looked() -> None:
        seen = open_page(at="2040-01-01T00:00:00Z")
        seen.pass_s(5)
        told(seen, "#old", "Last heard of at")

    assert house.drain(PaintingRenderer(after=Nth(house, after_3=looked))) == ExitCode.DONE


def test_it_goes_on_while_pictures_are_made(house: House, open_page) -> None:
    house.drop("mugs.yaml", JOB)
    seen: list[Watched] = []

    def looked() -> None:
        seen[0].pass_s(5)
        expect(seen[0].page.locator("dl.figures")).to_contain_text("4 of 6")
        assert seen[0].page.locator(".tile img").count() == 4
        assert seen[0].notice() == "[]"
        assert "mugs - 4/6" in seen[0].page.title()

    renderer = PaintingRenderer(after=Nth(house, after_2=lambda: seen.append(open_page()), after_5=looked))
    assert house.drain(renderer) == ExitCode.DONE
    assert not seen[0].errors
