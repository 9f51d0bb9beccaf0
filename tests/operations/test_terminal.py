"""The terminal of a worker: sentences that stay, one line that changes in place, and nothing that ends a night."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import structlog
from small_terminal import SmallTerminal, small_terminal

from worker.line_width import columns
from worker.operations import events
from worker.operations.terminal import PATIENCE_S, Terminal
from worker.streams import LossyStream

log = structlog.get_logger()
FOLDERS = {"inbox": "/in", "outbox": "/out", "failed": "/fail"}
SETTLED = {"status": "complete", "folder": "mugs", "seconds": 24.0, "pictures": 8, "failed": 0}


class Clock:
    """Monotonic seconds that a test sets."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


class Run:
    """A terminal with a worker's screen on it, drawn only where a test asks for it."""

    def __init__(self, screen: SmallTerminal, *, term: str, drain: bool, stream: LossyStream | None = None) -> None:
        self.screen, self.clock, self.is_stopping = screen, Clock(), False
        self.lossy = stream or LossyStream(screen.stream)
        self.terminal = Terminal(
            self.lossy, folders=FOLDERS, is_draining=drain, should_stop=lambda: self.is_stopping, language="en",
            monotonic=self.clock, environment={"TERM": term},
        )  # fmt: skip
        events.configure("auto", self.lossy, show=self.terminal.show)  # type: ignore[arg-type]

    def hear(self, state: str, **facts: object) -> None:
        self.terminal.hear(state, **facts)
        self.terminal._draw()

    def rendering(self, done: int, total: int = 8, **facts: object) -> None:
        self.hear("rendering", job="mugs", done=done, total=total, step=1, steps=8, left_s=47.0, **facts)

    def rows(self) -> list[str]:
        """Without the time before each."""
        return [row[10:] if row[2:3] == ":" else row for row in self.screen.rows()]


@contextmanager
def run(width: int = 80, *, encoding: str = "utf-8", term: str = "xterm", drain: bool = False) -> Iterator[Run]:
    try:
        with small_terminal(width, encoding=encoding) as screen:
            yield Run(screen, term=term, drain=drain)
    finally:
        structlog.reset_defaults()


def test_the_line_changes_in_place_below_sentences_that_stay() -> None:
    with run() as on:
        log.info("job.started", job="mugs", pictures=8, kept=0)
        on.rendering(0)
        on.rendering(3)
        log.error("picture.failed", job="mugs", file="MUG-01_02.png", error="every try was black")
        assert on.rows() == [
            "mugs: 8 pictures",
            "failed: mugs: MUG-01_02.png: every try was black",
            "mugs  [#########...............]  3/8  step 1/8  about 47 s left",
        ]
        on.rendering(4)
        assert len(on.rows()) == 3


@pytest.mark.parametrize("width", [1, 2, 20, 40, 80, 120, 200])
@pytest.mark.parametrize("job", ["红色陶瓷马克杯秋季新品目录二〇二六年", "mugs"])
def test_no_row_of_the_line_is_wider_than_the_terminal(width: int, job: str) -> None:
    with run(width) as on:
        on.hear("rendering", job=job, done=3, total=8, step=1, steps=8, left_s=1e6, queue=20_000)
        on.rows()
        assert on.screen.widest() < width


def test_a_terminal_that_is_made_narrower_gets_a_shorter_line() -> None:
    with run(120) as on:
        on.rendering(3, queue=7)
        assert columns(on.rows()[-1]) > 40
        on.screen.resize(40)
        on.terminal._draw()
        assert columns(on.rows()[-1]) < 40


def test_a_long_sentence_is_broken_between_words_below_its_beginning() -> None:
    with run(40) as on:
        log.warning("file.ignored", file="mug.docx", why="a document is no job: copy its text into a plain file")
        rows = on.screen.rows()
        assert len(rows) == 3
        assert all(row.startswith(" " * 10) for row in rows[1:])
        assert max(map(columns, rows)) <= 40


def test_a_job_that_failed_is_said_to_lie_in_its_folder() -> None:
    with run() as on:
        log.info("job.settled", **{**SETTLED, "status": "failed", "pictures": 0, "failed": 8, "job": "mugs"})
        assert on.rows() == ["failed: mugs, 0 of 8 pictures could be made: /fail/mugs"]


def test_a_job_that_has_ended_is_on_the_line_no_more() -> None:
    with run() as on:
        on.rendering(7)
        log.info("job.settled", job="mugs", **SETTLED)
        assert on.rows() == ["finished: mugs, 8 pictures in 24 s: /out/mugs"]


def test_an_empty_queue_is_summed_up_once() -> None:
    with run(120) as on:
        log.info("job.claimed", job="mugs")
        on.clock.now_s = 24.0
        log.info("job.settled", job="mugs", **SETTLED)
        log.error("job.refused", job="bad", folder="bad", reason="The job could not be read: 1 problem.")
        on.hear("idle", queue=0)
        on.hear("idle", queue=0)
        assert [row for row in on.rows() if "Queue" in row] == ["Queue empty: 2 jobs, 8 pictures, 1 job refused, 24 s."]


def test_what_is_only_not_ready_yet_is_no_empty_queue() -> None:
    with run(120) as on:
        log.info("job.settled", job="mugs", **SETTLED)
        on.hear("idle", queue=1)
        assert not [row for row in on.rows() if "Done" in row or "Queue" in row]
        on.clock.now_s += PATIENCE_S
        on.hear("idle", queue=1)
        assert "Done: 1 job, 8 pictures, 0 s. What else lies in the inbox is not ready." in on.rows()


@pytest.mark.parametrize("is_stopping", [False, True])
def test_a_drain_is_summed_up_at_its_end_unless_it_was_stopped(is_stopping: bool) -> None:
    with run(drain=True) as on:
        with on.terminal:
            log.info("job.settled", job="mugs", **SETTLED)
            on.hear("idle", queue=0)
            on.is_stopping = is_stopping
        assert [row for row in on.rows() if "Done" in row] == ([] if is_stopping else ["Done: 1 job, 8 pictures, 0 s."])


def test_a_stop_takes_the_line_away_and_is_answered() -> None:
    with run() as on:
        on.rendering(3)
        on.is_stopping = True
        log.info("stop.asked")
        on.rendering(4)
        log.info("job.given_back", job="mugs", pictures=4, left=4)
        log.info("worker.stopping")
        assert on.rows()[0] == "Finishing this picture; Ctrl-C again stops at once."
        assert on.rows()[-1] == "Stopped."
        assert not [row for row in on.rows() if "step" in row]


def test_a_dumb_terminal_gets_sentences_alone_with_each_tenth() -> None:
    with run(term="dumb") as on:
        for done in range(20):
            on.rendering(done, total=20)
        on.rows()
        assert "\x1b" not in on.screen.text
        assert "\r" not in on.screen.text
        assert len(on.rows()) == 9
        assert on.rows()[0] == "mugs: 2 of 20 pictures"


@pytest.mark.parametrize("encoding", ["ascii", "gbk", "cp1252", "latin-1"])
def test_what_the_encoding_lacks_is_spelt_and_takes_no_more_room(encoding: str) -> None:
    with run(60, encoding=encoding) as on:
        on.hear("rendering", job="马克杯😀" * 5, done=3, total=8, left_s=47.0)
        log.info("job.started", job="马克杯😀", pictures=8)
        assert on.rows()
        assert on.screen.widest() < 60


@pytest.mark.parametrize(
    "name", ["\x1b]0;owned\x07", "a\rb", "[red]bold[/]", ":smile:", "{x}", "a\nb", "\udcff", "\u202egnp"]
)
def test_no_name_steers_the_terminal(name: str) -> None:
    with run(term="xterm") as on:
        on.hear("rendering", job=name, done=1, total=2, left_s=None)
        log.warning("file.ignored", file=name, why=name)
        on.hear("paused", reason=name)
        on.rows()
        assert not {"\x07", "\x1b]"} & set(on.screen.text)
        assert "owned" not in on.screen.text.replace(r"\x1b]0;owned\x07", "")
        for markup in ("[red]", ":smile:"):
            assert markup in on.screen.text or markup not in name


def test_a_traceback_stands_below_its_sentence() -> None:
    with run() as on:
        try:
            raise ValueError("a\x1b]b")
        except ValueError:
            log.exception("job.broken", job="mugs")
        assert "mugs: an error that nobody foresaw" in on.rows()[0]
        assert on.rows()[-1] == r"ValueError: a\x1b]b"


def test_a_terminal_that_takes_nothing_any_more_keeps_nobody() -> None:
    reader, writer = os.openpty()
    with os.fdopen(writer, "w") as stream:
        lossy = LossyStream(stream)
        terminal = Terminal(lossy, folders=FOLDERS, is_draining=True, should_stop=lambda: False, language="en",
                            environment={"TERM": "xterm"})  # fmt: skip
        events.configure("auto", lossy, show=terminal.show)  # type: ignore[arg-type]
        with terminal:
            os.close(reader)  # it was closed
            terminal.hear("rendering", job="mugs", done=1, total=8)
            terminal._draw()
            for _ in range(3):
                log.info("job.started", job="mugs", pictures=8)
        structlog.reset_defaults()
    assert lossy.lost >= 3


def test_a_chinese_text_ends_its_lines_after_marks_and_a_path_stays_whole() -> None:
    path = "/mnt/共享、一号/" + "outbox" * 10
    with run(width=60) as on:
        log.info(
            "job.warned",
            job="mugs",
            problem="可用的有 size、steps、guidance、negative_prompt、seed、count、language，就这些。",
        )
        log.info("job.warned", job="mugs", problem=f"写到这里：{path}")
        rows = on.rows()
        assert all(columns(row) <= 60 for row in rows if path not in row)
        words = ["size", "steps", "guidance", "negative_prompt", "seed", "count", "language"]
        assert all(any(word in row for row in rows) for word in words), "no word is torn"
        assert not any(row.strip().startswith(("、", "，", "。")) for row in rows)
        assert any(path in row for row in on.rows())


def test_a_warning_that_names_its_file_does_not_name_the_job_before_it() -> None:
    with run(width=120) as on:
        log.warning("job.warned", job="mugs", problem="mugs.yaml:4:7: warning: size")
        log.warning("job.warned", job="mugs", problem="job.yaml:4:7: warning: size")
        assert on.rows() == ["mugs.yaml:4:7: warning: size", "mugs: job.yaml:4:7: warning: size"]


def test_a_pause_that_a_stop_ends_does_not_go_on() -> None:
    with run() as on:
        log.info("worker.paused", reason="PAUSE lies in the inbox")
        log.info("worker.resumed")
        on.is_stopping = True
        log.info("worker.resumed")
        log.info("stop.asked")
        assert on.rows() == [
            "Paused: PAUSE lies in the inbox", "Going on.", "Stopping ...; Ctrl-C again stops at once.",
        ]  # fmt: skip
