"""The states of a job, and every event that leads from one to the next, as a table.

The folders are the state: each state says where a job lies then. `tests/whole/test_job_states.py` walks every row.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class JobState(StrEnum):
    """Where a job is, as anybody sees it who looks into the folders."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    RENDERING = "rendering"
    GIVEN_BACK = "given back"
    PROOFED = "proofed"
    PUBLISHED = "published"
    FAILED = "failed"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"


PLACES = {
    JobState.WAITING: "`inbox/NAME.yaml`",
    JobState.CLAIMED: "`inbox/.zimage-worker/claims/WORKER/ID/dropped/`",
    JobState.RENDERING: "the same with an attempt counted, and `outbox/NAME.CLAIM.partial/`",
    JobState.GIVEN_BACK: "`inbox/NAME.yaml`, a note in `returned/`, and `outbox/NAME.CLAIM.partial/` or its proof",
    JobState.PROOFED: "`inbox/.zimage-worker/proofs/ID/dropped/`, and `outbox/NAME.proof/`",
    JobState.PUBLISHED: "`outbox/NAME/`",
    JobState.FAILED: "`failed/NAME/`",
    JobState.CANCELLED: "`outbox/NAME/`, or `failed/NAME/` where no picture had been made, with that status",
    JobState.WITHDRAWN: "nowhere",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One way from a state to the next."""

    state: JobState
    event: str
    """What happens, for a person; unique within the state."""
    next: JobState


def _from(state: JobState, **events: JobState) -> tuple[Transition, ...]:
    return tuple(
        Transition(state=state, event=event.replace("_", " "), next=next_state) for event, next_state in events.items()
    )


TRANSITIONS = (
    *_from(
        JobState.WAITING,
        unchanged_for_settle_s_by_two_readings=JobState.CLAIMED,
        changed_between_the_last_reading_and_the_claim=JobState.WAITING,
        deleted_by_a_person=JobState.WITHDRAWN,
    ),
    *_from(
        JobState.CLAIMED,
        begun_with_one_attempt_more_counted_first=JobState.RENDERING,
        unreadable_and_its_grace_over=JobState.FAILED,
        cancelled_before_it_began=JobState.CANCELLED,
        its_worker_died=JobState.CLAIMED,
        its_files_keep_failing=JobState.CLAIMED,
        the_claim_was_removed_by_a_person=JobState.WITHDRAWN,
    ),
    *_from(
        JobState.RENDERING,
        every_picture_made=JobState.PUBLISHED,
        some_pictures_made=JobState.PUBLISHED,
        its_proof_made=JobState.PROOFED,
        no_picture_made=JobState.FAILED,
        cancelled=JobState.CANCELLED,
        cancelled_before_any_picture=JobState.CANCELLED,
        a_more_urgent_one_waits=JobState.RENDERING,
        its_worker_was_asked_to_stop=JobState.GIVEN_BACK,
        its_worker_was_asked_to_stop_while_its_name_is_taken=JobState.CLAIMED,
        its_hours_are_over=JobState.GIVEN_BACK,
        the_renderer_was_lost=JobState.GIVEN_BACK,
        every_picture_fails_alike=JobState.RENDERING,
        its_worker_died=JobState.RENDERING,
        begun_too_often=JobState.FAILED,
        begun_too_often_after_some_pictures=JobState.PUBLISHED,
        its_files_keep_failing=JobState.RENDERING,
        the_claim_was_removed_by_a_person=JobState.WITHDRAWN,
    ),
    *_from(
        JobState.GIVEN_BACK,
        unchanged_for_settle_s_by_two_readings=JobState.CLAIMED,
        rejected_or_cancelled_as_a_proof=JobState.CANCELLED,
        deleted_by_a_person=JobState.WITHDRAWN,
    ),
    *_from(
        JobState.PROOFED,
        approved=JobState.GIVEN_BACK,
        approved_while_its_name_is_taken=JobState.CLAIMED,
        rejected=JobState.GIVEN_BACK,
        cancelled=JobState.GIVEN_BACK,
        its_proof_deleted_by_a_person=JobState.PROOFED,
        deleted_by_a_person=JobState.WITHDRAWN,
    ),
)
"""A job that its dead worker had claimed is taken up by the same worker's next start, or by another worker after the
lease; one whose files keep failing is set aside, and tried again after ten minutes or at the next start; one that lacks
room stays claimed while others go first, and a drain gives it back; one that gives way to a more urgent one stays
claimed, and is gone on with after that; a worker that is asked to stop then, or whose hours end, gives both back."""
