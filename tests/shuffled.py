"""Tests in a random order, and more than once in one process: `pytest --shuffle new --times 2 FOLDER`.

What one test leaves behind, another meets. The seed stands in the first lines of the output; `--shuffle SEED` gives the
same order again.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

import pytest

Item = TypeVar("Item")
SEEDS = 1_000_000


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("order")
    group.addoption("--shuffle", metavar="SEED", help="a random order; `new` for another seed each time")
    group.addoption("--times", type=int, default=1, help="so often each, all in one process; shuffled anew each time")


def pytest_configure(config: pytest.Config) -> None:
    if config.option.shuffle == "new":
        config.option.shuffle = str(random.randrange(SEEDS))


def pytest_sessionstart(session: pytest.Session) -> None:
    """Told before the first test, quiet or not: a run that is killed must be repeatable too."""
    asked, reporter = session.config.option, session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and (asked.shuffle is not None or asked.times > 1):
        reporter.write_line(f"order: --shuffle {asked.shuffle} --times {asked.times}")


@pytest.hookimpl(trylast=True)  # after pytest has put those together that share a fixture
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items[:] = ordered(items, seed=config.option.shuffle, times=config.option.times)


def ordered(items: Sequence[Item], *, seed: str | None, times: int) -> list[Item]:
    """All of them so often, each time in another order; without a seed, in their own.

    None comes twice in a row where there are others: pytest does not tear down a test that is also the next one.
    """
    drawn = None if seed is None else random.Random(seed)
    made: list[Item] = []
    for _ in range(times):
        one = list(items) if drawn is None else drawn.sample(items, len(items))
        if made and made[-1] == one[0]:
            one.append(one.pop(0))
        made += one
    return made
