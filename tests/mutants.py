"""Breaks each rule of the spool and the daemon by one line, and says which tests see it: `make mutants`."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
LIMIT_S = 120.0
"""Of one run; a mutant that makes the tests hang is caught too."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One rule, and how it is broken."""

    rule: str
    file: str
    """Below `worker/`."""
    old: str
    """Stands there once."""
    new: str
    tests: str
    """What fails then: arguments of pytest, below `tests/`."""


MUTANTS = (
    Mutant("P13: what ends a job takes its pictures along", "spool/publishing.py",
           "        take_along(others, staging, went_on=self._liveness.go_on)\n", "",
           "whole/test_lives.py -k no_refusal_deletes"),
    Mutant("P13: no folder goes while a picture in it lies nowhere else", "spool/publishing.py",
           "if is_saved(folder, path, went_on=self._liveness.go_on):", "if True:",
           "whole/test_lives.py -k not_swept_while"),
    Mutant("a job under two names is made once", "spool/claims.py",
           "            leave_one(candidate.path, claims=self._folders.claims)\n", "",
           "spool/test_second_names.py"),
    Mutant("of two names of a job the one in the inbox stands", "spool/claims.py",
           "if dropped is not None and lies_in(self._folders.inbox, dropped):", "if False:",
           "spool/test_second_names.py"),
    Mutant("P14: an error of one claim is that claim's own", "spool/ownership.py",
           "if isinstance(error, OSError) and self._roots.fault() is not None:", "if isinstance(error, OSError):",
           "whole/test_unreadable_claims.py whole/test_told.py -k claim"),
    Mutant("P14: a claim that cannot be read is tried once, the others go on", "daemon/retrying_ports.py",
           "self._ownership.claim(candidate), passes=(OSError,))", "self._ownership.claim(candidate))",
           "whole/test_unreadable_claims.py"),
    Mutant("P15: a job that waits is told why", "spool/inbox.py",
           "reasons |= {**self._held, **self._waits, **self._steering}", "reasons |= {**self._held, **self._steering}",
           "whole/test_drain_ends.py -k receipt_names"),
    Mutant("P15: what waits is told that the model is away", "spool/inbox.py",
           "reasons |= {**self._held, **self._waits, **self._steering}", "reasons |= {**self._waits, **self._steering}",
           "whole/test_passing_trouble.py -k told_why"),
    Mutant("a heartbeat needs no caller", "spool/alive/liveness.py",
           "with self._driver(self.pulse):", "with self._driver(lambda: None):",
           "spool/test_liveness.py whole/test_long_steps.py"),
    Mutant("who does no step for half an hour falls silent", "spool/alive/liveness.py",
           "is_stalled = self._clock() - self._went_on_s >= STALL_S", "is_stalled = False",
           "spool/test_liveness.py -k hangs"),
    Mutant("a take-over is no death", "spool/lives.py",
           'return "ended in order"', 'return "died"', "spool/test_lives.py"),
    Mutant("a stop is no death", "spool/lives.py",
           "former.run == life.run or has_stopped(former)", "former.run == life.run",
           "spool/test_lives.py whole/test_lives.py -k 'stop or free'"),
    Mutant("progress clears the count of deaths", "spool/lives.py",
           "return 0 if has_made else", "return", "spool/test_lives.py whole/test_lives.py -k 'nothing or progress'"),
    Mutant("a picture that kills K times fails", "daemon/blame.py",
           "if count >= attempts and file in alone", "if count > attempts and file in alone",
           "whole/test_lives.py -k fails_alone"),
    Mutant("and alone: its company is not blamed", "daemon/blame.py",
           "if count >= attempts and file in alone", "if count >= attempts", "whole/test_lives.py -k of_a_batch"),
    Mutant("who lost a claim renders no more", "spool/claims.py",
           "return is_there(folder_of(claim), inbox=self._folders.inbox)", "return True",
           "contract/test_ownership.py contract/test_publishing.py"),
    Mutant("after a silence a claim is looked for", "spool/ownership.py",
           "            self._claims.require(claim)\n            self._liveness.proved()", "            pass",
           "spool/test_liveness.py -k proved"),
    Mutant("a reserve is kept", "spool/space.py",
           "room.free_bytes - room.reserve_bytes", "room.free_bytes", "contract/test_space.py"),
    Mutant("a probe is as large as what failed", "spool/space.py",
           "self.size_bytes = min(max(asked_bytes + PIECE_BYTES, 2 * self.size_bytes), PROBE_BYTES)", "pass",
           "whole/test_space.py -k almost_full"),
    Mutant("a job that lacks room lets others go first", "daemon/room.py",
           "all_must_fit=claim.job_id != self._alone", "all_must_fit=False", "whole/test_space.py -k smaller_jobs"),
    Mutant("where nothing else is left, what fits is made", "daemon/loop.py",
           "self._turns.next_claim() or self._room.next_alone()", "self._turns.next_claim()",
           "whole/test_space.py -k 'what_fits'"),
    Mutant("only a higher priority interrupts", "daemon/queue.py",
           "if one[0] > priority", "if one[0] >= priority", "whole/test_turns.py -k no_higher"),
    Mutant("what gave way goes on before others of its priority", "daemon/turns.py",
           "self._claimed_above(last.priority) or last.claim", "self._claimed_above(-(10**9)) or last.claim",
           "whole/test_turns.py -k two_high"),
    Mutant("what gave way is not read again", "daemon/turns.py",
           "return one.work if one is not None and (one.claim.id, one.work.job) == (claim.id, job) else None",
           "return None", "whole/test_turns.py -k not_read_again"),
    Mutant("a stop gives back what gave way", "daemon/loop.py",
           "for claim in self._turns.waiting():", "for claim in ():", "whole/test_turns.py -k stopped_meanwhile"),
    Mutant("after a power cut what was in work goes on first", "spool/ownership.py",
           "key=lambda claim: (claim.rests, claim.submitted_at)", "key=lambda claim: claim.submitted_at",
           "whole/test_turns.py -k power_cut"),
    Mutant("a note speaks for the same contents only", "spool/scan.py",
           "noted is not None and noted == now.fingerprint", "noted is not None", "spool/test_submit_notes.py"),
    Mutant("after enough no other picture is begun", "studio/process/child.py",
           "return not is_interrupted() and not heard", "return True", "contract/test_renderer.py -k after_enough"),
    Mutant("what a person cancels is not called failed", "daemon/job_progress.py",
           "self._give_up(request, why, is_cancelled=True)", "self._give_up(request, why, is_cancelled=False)",
           "whole/test_steering.py -k cancelling_a_running"),
    Mutant("owners take turns", "daemon/fair_turns.py",
           "return -job.priority, self.last, age", "return -job.priority, 0, age", "whole/test_fair_turns.py"),
    Mutant("a quota holds what is beyond it", "daemon/fair_turns.py",
           "if self._pictures + job.pictures > self._quota:", "if False:", "whole/test_fair_turns.py"),
    Mutant("whoever is held goes on", "daemon/fair_turns.py",
           "(not within or passed >= quota)", "not within", "whole/test_fair_turns.py"),
    Mutant("what another worker takes is its owner's turn", "daemon/queue.py",
           "self._served = self._served.after(claimed[job_id])", "pass", "whole/test_fair_turns.py"),
    Mutant("who dropped a job stays with it", "spool/notes.py",
           '("deaths", "fruitless", "dropped_by", KEY)', '("deaths", "fruitless", KEY)', "spool/test_droppers.py"),
    Mutant("an approval stays with the job that a stopped worker gives back", "spool/notes.py",
           '("deaths", "fruitless", "dropped_by", KEY)', '("deaths", "fruitless", "dropped_by")',
           "whole/test_proof_forms.py -k stopped_in_the_rest"),
    Mutant("what was proofed is not made again", "spool/publishing.py",
           "[self._folders.outbox / proof.folder] if proof is not None else []", "[]",
           "whole/test_proof.py -k is_copied"),
    Mutant("a proof that has appeared lets its job wait", "spool/publishing.py",
           '            self._hold(claim)\n            return "proof"', "            pass",
           "whole/test_proof.py -k waits_all_the_same"),
    Mutant("of two that are called alike nobody is taken at a wrong word", "spool/approvals.py",
           "if len(held) > 1:", "if not held:", "whole/test_proof.py -k called_alike"),
    Mutant("nobody is missed for a job that waits for a person", "overview_records.py",
           "any(job.proof is None for job in self.waiting)", "bool(self.waiting)",
           "whole/test_proof_told.py -k misses_no_worker"),
    Mutant("what is made again counts as what is made", "daemon/queue.py",
           "for request in job.requests[kept:])", "for request in job.requests)",
           "whole/test_fair_turns.py -k made_again"),
    Mutant("what is made again is whose who asked", "spool/scan.py",
           "(retry.asked_by or now.dropped_by)", "now.dropped_by", "spool/test_retries.py -k whose_who_asked"),
    Mutant("no note of another account is a worker's word", "spool/scan.py",
           "if is_own or now.dropped_by is None else None", "", "spool/test_retries.py -k note_of_another"),
    Mutant("a job of any name can be made again", "spool/retries.py",
           'if one and kind_of(one, is_folder=True) == "job"), "job")', '), "job")',
           "spool/test_retries.py -k any_name"),
    Mutant("whoever asks twice gets one job", "spool/retries.py",
           "if is_in_hand(wish.retry, job, self._folders):", "if False:", "spool/test_retries.py -k asks_twice"),
    Mutant("a retry that waits for what has gone expires", "spool/controls.py",
           "self._troubles.pop(control.name, None)", "pass", "spool/test_retries.py -k has_gone"),
    Mutant("a control file that stays is obeyed once", "spool/obeyed.py",
           "if not self._is_over(one.name)]", "]", "spool/test_cancels.py"),
    Mutant("a control file that means nothing expires", "spool/controls.py",
           "now_s - since_s >= EXPIRES_S", "False", "whole/test_controls.py -k expires"),
    Mutant("a retry leaves out what a person deleted", "spool/retries.py",
           "left_out = () if makes_missing else tuple(deleted)", "left_out = ()", "spool/test_retries.py -k deleted"),
    Mutant("a retry never replaces a job", "spool/retries.py",
           "if is_refused and job is not None and is_folder(hidden / job):", "if False:",
           "spool/test_retry_troubles.py -k taken_just_then"),
    Mutant("a drain ends beside jobs that lack room", "daemon/draining.py",
           "return now_s - self._short_since_s >= ROOM_S", "return False", "whole/test_space.py -k smaller_jobs"),
    Mutant("a death while a job waits for room counts against nothing", "daemon/one_job.py",
           "            self._ownership.rest(claim)\n            self._inbox", "            self._inbox",
           "whole/test_space.py -k costs_that_job"),
    Mutant("bytes of a dropped folder have a ceiling", "disk/content.py",
           "if size_bytes > DROPPED_BYTES:", "if False:", "spool/test_large_jobs.py"),
    Mutant("no link is followed on the way into a folder", "disk/beneath.py",
           "return os.open(name, FOLDER_FLAGS | os.O_NOFOLLOW, dir_fd=folder)",
           "return os.open(name, FOLDER_FLAGS, dir_fd=folder)", "disk/test_beneath.py spool/test_staff.py"),
    Mutant("no file is opened through a link", "disk/beneath.py",
           "READ_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK",
           "READ_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK", "disk/test_beneath.py spool/test_staff.py"),
    Mutant("where an inbox is a group's, accounts have claims beside each other", "spool/private_claims.py",
           "return SHARED if os.stat(inbox).st_mode & shared == shared else PRIVATE", "return PRIVATE",
           "spool/test_private_claims.py -k 'shared_with_a_group or two_accounts'"),
    Mutant("a job waits for its `.ready`", "spool/listing.py",
           "one if alike(one.name) in ready or one.remedy else replace(one, is_ready=False)", "one",
           "spool/test_scan.py spool/test_receipts.py -k ready"),
    Mutant("claims are private", "spool/private_claims.py",
           "PRIVATE = 0o700", "PRIVATE = 0o755", "spool/test_private_claims.py -k closed"),
    Mutant("the janitor touches nothing on doubt", "spool/janitor.py",
           "        if not all(records):\n            return", "        if False:\n            return",
           "spool/test_janitor.py -k cannot_be_read"),
    Mutant("a rescue to another disk copies", "spool/across_disks.py",
           "        if error.errno != errno.EXDEV:\n            raise", "        raise", "spool/test_two_disks.py"),
    Mutant("the copy is read back", "spool/across_disks.py",
           "if file_hash(hidden / name, below=root) != written:", "if False:", "spool/test_two_disks.py"),
    Mutant("a receipt is written once", "spool/receipts.py",
           "        if self._shown == former and not is_due:\n            return\n", "",
           "spool/test_receipts.py -k nothing_changes"),
    Mutant("a receipt goes once it no longer holds", "spool/receipts.py",
           "if strange := present - wanted:", "if strange := set[str]():", "spool/test_receipts.py -k taken_back"),
    Mutant("a drain that leaves something ends with 20", "daemon/draining.py",
           'return ["failed"] if given_up or claims else []', "return []",
           "whole/test_drain_ends.py -k 'can_never_be_taken or stays_unreadable'"),
    Mutant("a job that changed is not complete", "spool/publishing.py",
           "        require_unchanged(claim)\n", "", "whole/test_slow_writers.py -k rows"),
    Mutant("a folder being filled is left alone", "spool/settling.py",
           "FOLDER_SETTLES = 5", "FOLDER_SETTLES = 0",
           "spool/test_scan.py spool/test_settling.py spool/test_passed_over.py"),
    Mutant("pictures of a folder dropped again are kept", "spool/claims.py",
           "        keep_pictures(claim.dropped, outbox=self._folders.outbox)\n", "",
           "whole/test_dropped_again.py -k another_disk"),
    Mutant("a retry keeps pictures of the outbox and of failed only", "spool/retry_notes.py",
           "or not is_plain_file_name(folder) ", "", "spool/test_retry_troubles.py -k made_up"),
    Mutant("one worker makes a job of a retry", "spool/retries.py",
           "            os.rename(control, hidden / ASKED)\n", "", "spool/test_retry_troubles.py -k slower"),
    Mutant("a cancel means the shown name too", "spool/controls.py",
           "meant_by(job.dropped.name, job.stem, shown)", "meant_by(job.dropped.name, job.stem)",
           "spool/test_cancels.py -k person_sees"),
    Mutant("a cancel means it in any case", "spool/steering.py",
           "spelt = alike(name).strip()", "spelt = name.strip()", "spool/test_cancels.py -k person_sees"),
    Mutant("a cancel that means nothing expires", "spool/controls.py",
           "or now_s - since_s >= EXPIRES_S", "", "spool/test_cancels.py spool/test_receipts.py -k expire"),
    Mutant("a cancel that stays meets one job", "spool/obeyed.py",
           "return bool(stamp) and self._known.get(name) == stamp", "return False",
           "spool/test_cancels.py -k 'may_not_be_removed'"),
    Mutant("and by a note, for other workers", "spool/obeyed.py",
           'if note.get("stamp") == stamp:', "if False:", "spool/test_cancels.py -k 'may_not_be_removed'"),
    Mutant("an encoder's error fails one picture", "delivery/delivery.py",
           "        except Exception as error:\n            log.exception(\"picture.not_encoded\"",
           "        except ZeroDivisionError as error:\n            log.exception(\"picture.not_encoded\"",
           "whole/test_trouble.py -k no_encoder"),
    Mutant("a trouble is told once", "daemon/told_once.py",
           "is_new, self._reason = reason != self._reason, reason", "is_new, self._reason = True, reason",
           "whole/test_waiting.py"),
    Mutant("a share is tried at its own pace", "daemon/waiting.py",
           "self._wait(\"paused\", seconds, reason=reason, wait=self._pause)",
           "self._wait(\"paused\", seconds, reason=reason)", "whole/test_waiting.py"),
    Mutant("one copy of a picture", "spool/staging.py",
           "                remove_file(source, below=self.path.parent)", "                pass",
           "whole/test_one_copy.py -k however_often"),
    Mutant("a picture leaves its place last", "daemon/reuse.py",
           "take([*_evidence(entry, read), *pair])",
           "[take([one]) for one in (*_evidence(entry, read), *pair)]",
           "whole/test_one_copy.py -k loses_none"),
    Mutant("what has ended is not made again", "spool/publishing.py",
           "return not is_listed(self._root(root_name) / staged)", "return False", "spool/test_taken_away.py"),
    Mutant("the end is written down before the sweep", "spool/publishing.py",
           "            note_ended(claim)\n        self._sweep(claim, path, name=name)",
           "            pass\n        self._sweep(claim, path, name=name)", "spool/test_taken_away.py"),
    Mutant("a rename that did not happen is no end", "spool/publishing.py",
           "forget_ending(claim, place=self._place(root), staged=staging.path)", "pass",
           "spool/test_publish.py -k another_job"),
    Mutant("a worker's exit code is not its output's", "cli.py",
           "        sys.stdout.flush()  #", '        print(end="", flush=True)  #',
           "operations/test_log.py -k exit_code"),
)  # fmt: skip


def main() -> int:
    """Break each rule, or those whose words contain what is asked for; 1 where one is seen by nobody."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="of rules; all where none are given")
    words = parser.parse_args().words
    survived = 0
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name)
        for part in ("worker", "tests", "jobs_example"):
            shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", copy)
        for mutant in MUTANTS:
            if not words or any(word in mutant.rule for word in words):
                outcome = _lived(mutant, copy)
                survived += outcome == "SURVIVED"
                print(f"{outcome:9} {mutant.rule}: {mutant.tests}", flush=True)
    return int(survived > 0)


def _lived(mutant: Mutant, copy: Path) -> str:
    """What the tests said of it: caught, hangs or SURVIVED."""
    path = copy / "worker" / mutant.file
    text = path.read_text("utf-8")
    if text.count(mutant.old) != 1:
        return "MISPLACED"
    path.write_text(text.replace(mutant.old, mutant.new), "utf-8")
    tests, _, chosen = mutant.tests.partition(" -k ")
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider",
               *(f"tests/{one}" for one in tests.split()), *(("-k", chosen.strip("'")) if chosen else ())]  # fmt: skip
    try:
        done = subprocess.run(command, cwd=copy, env={**os.environ, "PYTHONPATH": str(copy)}, capture_output=True,
                              text=True, timeout=LIMIT_S, check=False)  # fmt: skip
    except subprocess.TimeoutExpired:
        return "hangs"
    finally:
        path.write_text(text, "utf-8")
    return {0: "SURVIVED", 1: "caught"}.get(done.returncode, "BROKEN")


if __name__ == "__main__":
    sys.exit(main())
