"""The tally: what the jobs that ended came to, in one sentence."""

from __future__ import annotations

from worker.operations.tally import Tally


def test_jobs_pictures_failures_and_the_time_from_the_first_to_the_last() -> None:
    tally = Tally()
    assert tally.said() == ""
    tally.hear("job.claimed", {}, now_s=100.0)
    for number in range(11):
        tally.hear("job.settled", {"pictures": 8, "failed": 0}, now_s=110.0 + number)
    tally.hear("job.settled", {"pictures": 8, "failed": 1, "cancelled": 2}, now_s=412.0)
    tally.hear("picture.made", {"pictures": 99}, now_s=900.0)
    assert tally.said() == "12 jobs, 96 pictures, 1 picture failed, 2 pictures cancelled, 5 min 12 s"


def test_one_of_each_and_a_refused_job() -> None:
    tally = Tally()
    tally.hear("job.settled", {"pictures": 1}, now_s=5.0)
    assert tally.said() == "1 job, 1 picture, 0 s"
    tally.hear("job.refused", {}, now_s=6.0)
    assert tally.said() == "2 jobs, 1 picture, 1 job refused, 1 s"


def test_a_job_cancelled_before_it_began_is_one_and_one_cancelled_meanwhile_is_counted_once() -> None:
    tally = Tally()
    tally.hear("job.cancelled", {"pictures": 0, "folder": "mugs"}, now_s=5.0)
    tally.hear("job.cancelled", {"pictures": 3, "left": 5}, now_s=6.0)
    tally.hear("job.settled", {"pictures": 3, "cancelled": 5}, now_s=7.0)
    assert tally.said() == "2 jobs, 3 pictures, 5 pictures cancelled, 2 s"
