"""Controls: what the files by which people ask for something mean, who obeys each, and what becomes of it.

Knows what waits, what is in work and what has ended by its names; tells people of each file what will happen, and of
one that means nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

import structlog

from worker.disk.owners import Owners
from worker.records import Candidate, Claim
from worker.spool.answers import Answers
from worker.spool.approvals import Decided, decide, meant
from worker.spool.control_words import EXPIRED, EXPIRES_S, HEARD, OVER, unmatched
from worker.spool.held_jobs import Held, ask_names
from worker.spool.known_jobs import Known
from worker.spool.layout import Folders
from worker.spool.listing import InboxNames
from worker.spool.obeyed import Obeyed
from worker.spool.proofs import Proofs
from worker.spool.retries import Retried, Retries
from worker.spool.steering import Control, meant_by
from worker.translation import gettext

log = structlog.get_logger()

AGAIN_S = 15.0
"""Between two tries of what the share, or a name that is taken, refused."""
MOST_TOLD = 200
"""Files of which a receipt tells: each costs a share some tenths of a second."""
MOST_GUESSED = 20
"""Files of which it is said what may be meant by them: to compare names takes its time."""
MOST_OBEYED = 20
"""In one look: the next one goes on."""


class Controls:
    """The control files of one inbox, as one worker sees them."""

    def __init__(
        self,
        folders: Folders,
        obeyed: Obeyed,
        names: InboxNames,
        *,
        clock: Callable[[], float],
        answers: Answers,
        owners: Owners,
        proofs: Proofs,
        says_ready: bool = False,
    ) -> None:
        """Keep the places; nothing is touched.

        Args:
            folders: of the spool.
            obeyed: ends a file, and knows those that could not be removed.
            names: in its inbox.
            clock: monotonic seconds.
            answers: say what came of a file.
            owners: of these files.
            proofs: jobs whose proof waits for approval.
            says_ready: jobs are taken only once `NAME.ready` lies beside them.
        """
        self._folders = folders
        self._obeyed = obeyed
        self._names = names
        self._clock = clock
        self._answers = answers
        self._proofs = proofs
        self._held: Sequence[Held] = ()
        """Jobs whose proof waits, as of the last look at them."""
        self._retries = Retries(folders, owners=owners, says_ready=says_ready)
        self._live: list[Control] = []
        """As of the last look."""
        self._cancels: dict[str, str] = {}
        """Of these the ones that cancel: the file's name by what it means."""
        self._over: list[str] = []
        self._heard: set[str] = set()
        self._shown: dict[str, str | None] = {}
        """The shown names of waiting jobs, by the names of their files."""
        self._followed: set[str] = set()
        """Files by which a job in work was ended: they must not meet the next one of that name."""
        self._unmatched_s: dict[str, float] = {}
        """Since when a file matches nothing."""
        self._troubles: dict[str, tuple[str, float]] = {}
        """Why a file is not obeyed although it means a job, and when it is tried again."""

    def look(self, names: Collection[str]) -> bool:
        """Take down what lies there now.

        Args:
            names: of the inbox.

        Returns:
            Whether there is a file that was not there at the last look.

        Raises:
            OSError: the share failed.
        """
        self._over = self._obeyed.over(names)
        self._live = self._obeyed.live(names)
        self._cancels = {one.meaning: one.name for one in self._live if one.verb == "cancel"}
        self._shown = {name: shown for name, shown in self._shown.items() if name in names}
        lie = {one.name for one in self._live}
        self._troubles = {name: trouble for name, trouble in self._troubles.items() if name in lie}
        news, self._heard = lie - self._heard, lie
        for name in sorted(news)[:MOST_TOLD]:
            log.info("control.heard", file=name)
        return bool(news)

    def obey(self) -> None:
        """Do what needs no picture: make ended jobs anew, let those go on whose proof a person has judged.

        What fails about one file is that file's own trouble: it is told, and tried again.

        Raises:
            OSError: the share failed.
        """
        self._retries.finish_left(self._names.recent())
        left, known = MOST_OBEYED, self._known()
        self._held = self._proofs.look(at_once=any(one.verb != "retry" for one in self._live))
        for control in [*self._live]:
            is_daemons = control.verb == "cancel" and not self._means_proof(control, known)
            if is_daemons or not left or self._troubles.get(control.name, ("", 0.0))[1] > self._clock():
                continue
            self._troubles.pop(control.name, None)  # its folder may have gone since: then it expires
            try:
                left -= self._is_answered(control, known)
            except OSError as error:
                why = error.strerror or str(error)
                text = gettext("it cannot be done now ({why}): check the owners and rights of its files", why=why)
                self._troubles[control.name] = text, self._clock() + AGAIN_S
        self._proofs.go_on()

    def _means_proof(self, control: Control, known: Known) -> bool:
        """Whether it is about a job whose proof waits; a cancel means another of that name first, that is not held."""
        is_meant = bool(meant(control, self._held))
        return is_meant and not (control.verb == "cancel" and control.meaning in known.open)

    def held(self) -> Sequence[Held]:
        """Jobs whose proof waits for a person, as of the last look."""
        return self._held

    def _is_answered(self, control: Control, known: Known) -> bool:
        """Obey one file, if it means a job; whether that took its time."""
        folders = known.ended.get(control.meaning, ())
        if control.verb == "retry":
            return bool(folders) and self._is_retried(control, folders)
        if self._means_proof(control, known):
            return self._is_decided(control)
        job = known.open.get(control.meaning) or next((path.name for path in folders), None)
        if job is None:
            return False
        answer = gettext("`{job}` waits for nobody's approval, so nothing has changed.", job=job)
        if control.meaning in known.open:
            answer = gettext(
                "`{job}` waits for nobody's approval now, so nothing has changed. If its proof is still to be made, say"
                " this again once that lies in the outbox.",
                job=job,
            )
        self._end(control, answer, next(iter(folders), None))
        return True

    def _is_decided(self, control: Control) -> bool:
        made = decide(control, meant(control, self._held), self._proofs)
        match made:
            case Decided():
                self._cancels.pop(control.meaning, None)
                self._end(control, made.answer, made.job)
            case _:
                self._troubles[control.name] = made, self._clock() + AGAIN_S
        self._held = self._proofs.waiting()
        return True

    def _is_retried(self, control: Control, folders: Sequence[Path]) -> bool:
        made = self._retries.make(control, folders)
        match made:
            case Retried():
                self._end(control, made.answer, made.folder)
            case str():
                self._troubles[control.name] = made, self._clock() + AGAIN_S
        return True

    def _end(self, control: Control, answer: str, of: Path | None) -> None:
        self._obeyed.end(control.name)
        self._live.remove(control)
        self._answers.give(control.name, answer, of=of)

    def meaning(self, job: Claim | Candidate, *, shown: str | None) -> str | None:
        """Name of the file by which a person cancels this job, or None.

        Args:
            job: in work, for which is looked anew; or waiting, of which the last look tells.
            shown: its shown name, where that is known.
        """
        if isinstance(job, Candidate):
            self._shown[job.path.name] = shown
            if not self._cancels:  # thousands may wait
                return None
            called = meant_by(job.path.name, job.stem, shown)
            return next((self._cancels[one] for one in called if one in self._cancels), None)
        called = meant_by(job.dropped.name, job.stem, shown)
        live = self._obeyed.live(self._recent())
        cancel = next((one.name for one in live if one.verb == "cancel" and one.meaning in called), None)
        if cancel is not None:
            self._followed.add(cancel)
        return cancel

    def _recent(self) -> Mapping[str, bool | None]:
        try:
            return self._names.recent()
        except OSError:
            return {}

    def reasons(self) -> dict[str, str]:
        """What will become of each file, to be told; those that are of no use any more are removed.

        Raises:
            OSError: the share failed.
        """
        self._followed.intersection_update(self._cancels.values())
        now_s, former, self._unmatched_s = self._clock(), self._unmatched_s, {}
        told: dict[str, str] = dict.fromkeys(self._over, OVER)
        known, names = self._known(), self._names.recent() if self._live else {}
        held = [*ask_names(self._held).values()] if self._live else []
        self._live = [one for one in self._live if one.name in names]  # a job that ends takes its cancel along
        for control in sorted(self._live, key=lambda one: one.name):
            why = self._why(control, known)
            if why is None:
                since_s = former.get(control.name, now_s)
                is_due = control.name in self._followed or now_s - since_s >= EXPIRES_S
                if is_due:
                    self._expire(control)
                    continue
                self._unmatched_s[control.name] = since_s
                why = unmatched(control, known, held=held, guesses=len(self._unmatched_s) <= MOST_GUESSED)
            told[control.name] = why
        return dict(list(told.items())[:MOST_TOLD])

    def _expire(self, control: Control) -> None:
        name = control.name
        self._live.remove(control)
        self._cancels.pop(control.meaning, None)
        if self._obeyed.end(name) and name not in self._followed:
            log.warning("control.expired", file=name, after_s=EXPIRES_S)
            self._answers.give(name, EXPIRED)
        self._followed.discard(name)

    def _why(self, control: Control, known: Known) -> str | None:
        """What will come of it; None where it means nothing."""
        if control.name in self._troubles:
            return self._troubles[control.name][0]
        job = known.open.get(control.meaning) if control.verb != "retry" else None
        if self._means_proof(control, known):
            return HEARD
        if control.verb != "cancel":
            return HEARD if job is not None or control.meaning in known.ended else None
        if job is None:
            return None
        return gettext("understood: `{job}` is cancelled after the picture in work", job=job)

    def _known(self) -> Known:
        return Known(self._folders, self._names, self._shown)
