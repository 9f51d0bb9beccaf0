"""The desk of alerts: what is urgent goes at once, the rest is gathered, and there is never a flood."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from worker.alert_kinds import GRAVE, KINDS, Kind
from worker.operations.alerts.desk import AGAIN_S, HOUR_S, MOST_LINES, SOON_S, Alert, Desk, Digest


def alert(kind: Kind = "job_done", text: str = "a", *, is_urgent: bool = False, key: str = "") -> Alert:
    return Alert(kind=kind, text=text, is_urgent=is_urgent, key=key)


def taken(desk: Desk, until_s: float) -> list[tuple[float, Digest]]:
    """All messages up to a moment, each when it is due."""
    made = []
    while (due_s := desk.due_s()) is not None and due_s <= until_s:
        digest = desk.take(due_s)
        assert digest is not None, "what is due can be taken"
        made.append((due_s, digest))
    return made


def test_what_is_urgent_goes_at_once_and_takes_the_rest_with_it() -> None:
    desk = Desk()
    desk.tell(alert(), 0.0)
    desk.tell(alert("share_away", is_urgent=True, key="share"), 10.0)
    [(at_s, digest)] = taken(desk, 1e6)
    assert at_s == 10.0 + SOON_S
    assert digest.counts == {"share_away": 1, "job_done": 1}
    assert [line.kind for line in digest.lines] == ["share_away", "job_done"]


def test_the_rest_waits_for_a_quiet_minute_and_ten_minutes_at_most() -> None:
    desk = Desk(batch_s=600.0)
    desk.tell(alert(), 0.0)
    assert [at_s for at_s, _ in taken(desk, 1e6)] == [60.0]
    times = []
    for second in range(1_000, 3_000, 30):
        times += [at_s for at_s, _ in taken(desk, second)]
        desk.tell(alert(), float(second))
    times += [at_s for at_s, _ in taken(desk, 1e6)]
    assert times == [1_600.0, 2_200.0, 2_800.0, 3_040.0]


def test_of_many_alerts_a_message_has_some_lines_and_all_counts_and_the_grave_ones_stay() -> None:
    desk = Desk()
    for _ in range(500):
        desk.tell(alert("job_done"), 0.0)
    desk.tell(alert("job_failed", "the mugs"), 0.0)
    desk.tell(alert("renderer_replaced", "again"), 0.0)
    desk.tell(alert("night_done", "all"), 0.0)
    [(_, digest)] = taken(desk, 1e6)
    assert len(digest.lines) == MOST_LINES
    assert digest.counts == {"job_failed": 1, "renderer_replaced": 1, "job_done": 500, "night_done": 1}
    assert [digest.lines[at].text for at in (0, 1, -1)] == ["the mugs", "again", "all"]


def test_a_crash_loop_of_a_whole_night_is_three_messages() -> None:
    desk = Desk()
    made = []
    for second in range(0, 12 * 3_600, 30):
        made += taken(desk, second)
        desk.tell(alert("unclean_stop", is_urgent=True, key="stop"), float(second))
    assert [round(at_s) for at_s, _ in made] == [3, 3_603, 3_603 + 4 * 3_600]
    assert made[1][1].lines[0].count == 120, "how often is said"


def test_what_has_not_come_for_a_day_is_new() -> None:
    desk = Desk()
    desk.tell(alert("disk_low", is_urgent=True, key="room"), 0.0)
    assert len(taken(desk, 100.0)) == 1
    desk.tell(alert("disk_low", is_urgent=True, key="room"), 25 * HOUR_S)
    assert [at_s for at_s, _ in taken(desk, 1e6)] == [25 * HOUR_S + SOON_S]


def test_an_hour_has_no_more_messages_than_it_may_and_the_rest_comes_in_one() -> None:
    desk = Desk(most_an_hour=3)
    for number in range(10):
        desk.tell(alert("job_failed", is_urgent=True), number * 60.0)
        while desk.take(number * 60.0 + 10):
            pass
    assert len(desk.sent_s) == 3
    first_s = desk.sent_s[0]
    [(at_s, digest)] = taken(desk, 1e6)
    assert at_s == first_s + HOUR_S
    assert digest.counts == {"job_failed": 7}


def test_what_nobody_wants_is_not_told() -> None:
    desk = Desk(wanted=("job_failed",))
    desk.tell(alert("job_done"), 0.0)
    desk.tell(alert("share_away", is_urgent=True), 0.0)
    assert desk.due_s() is None


def test_at_the_end_nothing_waits_for_others_but_what_comes_again_still_does() -> None:
    desk = Desk()
    desk.tell(alert(), 0.0)
    assert desk.take(0.1, is_ending=True) is not None
    for _ in range(2):
        desk.tell(alert("worker_broken", is_urgent=True, key="ended"), 10.0)
        desk.take(10.0, is_ending=True)
    assert desk.due_s(is_ending=True) == 10.0 + AGAIN_S[0]


def test_what_is_taken_back_is_not_told_and_hastens_nothing() -> None:
    desk = Desk()
    desk.tell(alert("night_done", key="#night"), 0.0)
    desk.take_back("#night")
    assert desk.due_s() is None
    desk.tell(alert(), 500.0)
    assert desk.due_s() == 560.0


happenings = st.lists(
    st.tuples(
        st.floats(0, 900), st.sampled_from(KINDS), st.booleans(), st.sampled_from(["", "", "", "a", "b"])
    ),
    max_size=120,
)  # fmt: skip


@given(happenings, st.integers(1, 5))
def test_whatever_happens_each_hour_keeps_its_measure_and_nothing_is_lost(
    those: list[tuple[float, Kind, bool, str]], most: int
) -> None:
    desk, made, now_s = Desk(most_an_hour=most), [], 0.0
    for wait_s, kind, is_urgent, key in those:
        now_s += wait_s
        made += taken(desk, now_s)
        desk.tell(alert(kind, is_urgent=is_urgent, key=key), now_s)
    made += taken(desk, now_s + 1e6)
    times = [at_s for at_s, _ in made]
    assert all(later - earlier > HOUR_S - 1e-3 for earlier, later in zip(times, times[most:], strict=False))
    assert sum(sum(digest.counts.values()) for _, digest in made) == len(those)
    assert all(len(digest.lines) <= MOST_LINES for _, digest in made)
    assert not desk.lines


def test_grave_is_what_somebody_should_look_at() -> None:
    assert "job_failed" in GRAVE
    assert not GRAVE & {"job_done", "night_done", "window", "proof_waiting"}
