"""How long the child may be silent: as its own speed, or that of earlier pictures, says."""

from __future__ import annotations

from dataclasses import replace

from worker.records import Picture, PictureResult, Progress, Request, Try
from worker.studio.process.messages import Finished
from worker.studio.process.silence import Allowed, SilenceLimits, Speed

LIMITS = SilenceLimits()
MUG = Request(
    shot_id="mug", index=1, file="0.png", prompt="a mug", seed=1, width_px=1024, height_px=1024, steps=8, guidance=0.0
)
PLAN = "transformer on the card"


def speed(*, is_card: bool = True, recorded_s: float | None = None) -> Speed:
    made = Speed(LIMITS, is_card=is_card, recorded_s=recorded_s)
    made.order([replace(MUG, file=f"{number}.png") for number in range(100)])
    return made


def begins(*files: str, plan: str = PLAN, request: Request = MUG) -> Progress:
    return Progress(request=replace(request, file=files[0]), step=0, steps=request.steps, files=files, plan=plan)


def steps(file: str, step: int) -> Progress:
    return Progress(request=replace(MUG, file=file), step=step, steps=MUG.steps, files=(file,))


def result(file: str, *seconds: float, request: Request = MUG) -> PictureResult:
    picture = Picture(width_px=1, height_px=1, rgb=b"rgb")
    tries = tuple(Try(rung="first", outcome="ok", seconds=one) for one in seconds)
    return PictureResult(request=replace(request, file=file), picture=picture, tries=tries)


def after(made: Speed, *answers) -> Allowed:
    for answer in answers:
        made.hear(answer)
    return made.allowed()


def test_an_order_must_be_taken_up_within_a_minute() -> None:
    assert speed().allowed() == speed(is_card=False).allowed() == Allowed(60.0)


def test_a_first_step_may_compile_and_a_card_that_takes_a_tenth_of_a_second_is_noticed_within_a_minute() -> None:
    made = speed()
    assert after(made, begins("0.png")) == Allowed(LIMITS.first_s)
    assert after(made, result("0.png", 200.0)) == Allowed(LIMITS.first_s), "until it is seen to go on"
    for number in range(1, 4):
        after(made, begins(f"{number}.png"), result(f"{number}.png", 0.8))
    assert after(made, begins("4.png"), steps("4.png", 3)).silent_s == LIMITS.step_s <= 60
    batch = [f"{number}.png" for number in range(5, 13)]
    assert after(made, begins(*batch)).silent_s <= 60, "two batches of four"


def test_what_was_compiled_sized_or_placed_otherwise_is_a_first_step_again() -> None:
    made = speed()
    after(made, begins("0.png"), result("0.png", 0.8))
    assert after(made, begins("1.png")).silent_s == LIMITS.step_s
    assert after(made, begins("1.png", plan="transformer on the card, compiled")).silent_s == LIMITS.first_s
    assert after(made, begins("1.png", request=replace(MUG, width_px=2048))).silent_s == LIMITS.first_s
    assert after(made, begins("1.png", request=replace(MUG, guidance=4.0))).silent_s == LIMITS.first_s


def test_encoding_and_another_try_may_take_as_long_as_a_first_step() -> None:
    made = speed()
    after(made, begins("0.png"), result("0.png", 0.8))
    assert after(made, begins("1.png", "2.png", plan="")).silent_s == LIMITS.first_s
    assert after(made, begins("1.png"), steps("1.png", 8)).silent_s == LIMITS.step_s
    assert after(made, begins("1.png", plan=""), steps("1.png", 1)).silent_s == LIMITS.first_s, "streamed in turn, fp32"
    assert after(made, result("1.png", 0.8, 80.0), begins("2.png")).silent_s == LIMITS.step_s, (
        "of retries nothing is learned"
    )


def test_a_picture_that_another_process_did_not_bring_home_may_be_tried_in_a_slower_way() -> None:
    made = speed()
    after(made, begins("0.png"), result("0.png", 0.8), Finished())
    made.order([replace(MUG, file="1.png"), replace(MUG, file="2.png")], resumed=["1.png"])
    assert after(made, begins("1.png")).silent_s == LIMITS.first_s
    assert after(made, result("1.png", 0.8), begins("2.png")).silent_s == LIMITS.step_s


def test_a_slow_card_is_given_its_time_and_one_slow_picture_is_no_measure() -> None:
    made = speed()
    for number, seconds in enumerate((100.0, 100.0, 3000.0, 100.0)):
        after(made, begins(f"{number}.png"), result(f"{number}.png", seconds))
    assert after(made, begins("5.png")).silent_s == LIMITS.times * 100


def test_what_was_recorded_before_counts_where_nothing_was_measured_yet() -> None:
    hour_a_step = 8 * 3600 / MUG.pixel_steps
    assert after(speed(recorded_s=hour_a_step), begins("0.png")).silent_s == LIMITS.times * 8 * 3600
    assert after(speed(), begins("0.png")).silent_s == LIMITS.first_s


def test_an_honest_step_on_a_slow_cpu_is_not_hung_and_one_that_computes_nothing_is_noticed_within_a_minute() -> None:
    """One step of 1024x1024 at 0.05 TFLOP/s takes 1,132 s."""
    made = speed(is_card=False)
    assert after(made, begins("0.png")) == Allowed(LIMITS.cpu_s, 60.0)
    assert LIMITS.cpu_s > 642 / 0.05, "a guided step of 2048x2048"
    after(made, result("0.png", 8 * 1132.0), begins("1.png"))
    assert made.allowed().silent_s > 8 * 1132
    assert made.allowed().idle_s == LIMITS.cpu_idle_s == 60.0
