"""Errors that end a command or a job, each with its exit code; and a list of all others that are raised on purpose.

Knows what went wrong and what a person can do. Expected outcomes (out of memory, a black picture, a file still being
copied) are values in `records`, never errors.

    WorkerError                 1  a bug, when raised bare
    |-- UsageError              2  the command line contradicts itself
    |-- SettingsInvalid        10  worker.yaml, the environment or a flag holds something not allowed
    |-- FoldersUnusable        11  inbox, outbox or failed is of a wrong type, not writable, or inside another
    |   `-- FoldersAway        11  one of them is not there: a daemon waits for it, all else ends
    |       `-- FoldersFailing 11  they are there, and full or failing just now: a drain waits a minute, too
    |-- ModelInvalid           12  the model folder lacks a part, or a part holds non-finite numbers
    |   `-- ModelAway          12  it is not there or cannot be read now: a daemon waits for it, all else ends
    |-- DeviceUnavailable      13  no GPU, or the GPU was lost: a restart may help
    |-- WorkerIdTaken          14  a live worker already has this id
    |   `-- WorkerIdBusy       14  another worker is just taking over what a dead one of this id left: waited for
    |-- JobInvalid             20  a job has problems; carries every one of them
    `-- RendererDied           13  the child process that renders ended; the daemon starts another
        `-- RendererBroken     13  picture after picture fails alike; the worker ends, and keeps its claim

    Not ends of the program, but of work on one job; each is answered by the daemon:

    ClaimLost                      another worker took the job over, and this one lets go of it
    JobChanged                     a job's files are not those that were read; it is read again
    JobInTrouble                   a step of one job keeps failing although its folders work; the others go on
    NoRoom                         not all of a job's pictures fit, or not even the next; the others go first
    GivesWay                       a more urgent job is made first, and this one goes on after it
    StopAsked                      the worker was asked to stop while it waited: for the share, its id, the model

    Inside one room, answered there:

    NotAJob                        disk: a link, a device or far too many files, where a job was expected
    NotAsWritten                   spool: a file does not read back as it was written; tried again
    NotStaged                      spool: a claim's folder holds no such file, and is there: nobody asks about the share
    NotOurs                        operations: a stranger's file lies where the overview should; it is left alone, told
    ShareAway                      spool: a folder is not the one it was; waited for
    Misread                        yaml_reader: a file cannot be read on; becomes a problem with its place
    FileFaultError                 studio/model_files: no whole safetensors file; becomes a fault of the model
    Unreadable                     studio/process: a message of the renderer's process; it is replaced
    Kept                           spool/retention: an old folder is not as a worker left it; it stays
    Stopped                        studio/render: a batch was asked to stop; its pictures are dropped
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from worker.problem import Problem
from worker.translation import joined


class ExitCode(IntEnum):
    """What the process tells its caller; the README's table is checked against this."""

    DONE = 0
    BUG = 1
    USAGE = 2
    SETTINGS_INVALID = 10
    FOLDERS_UNUSABLE = 11
    MODEL_INVALID = 12
    DEVICE_UNAVAILABLE = 13
    WORKER_ID_TAKEN = 14
    JOBS_FAILED = 20
    NOBODY_WORKS = 21
    STOPPED = 130


class WorkerError(Exception):
    """Base of all; its text is one or more sentences: what is wrong, where, what to do."""

    exit_code = ExitCode.BUG

    @property
    def text(self) -> str:
        """The sentences, as the catalogue can say them again in another language; `str()` has them in English only."""
        return str(self) if not self.args or not isinstance(self.args[0], str) else self.args[0]


class UsageError(WorkerError):
    """Raised by a command whose arguments cannot be meant; say the command with the arguments the message names."""

    exit_code = ExitCode.USAGE


class SettingsInvalid(WorkerError):
    """Raised while settings are read; mend the file, variable or flag that the message names."""

    exit_code = ExitCode.SETTINGS_INVALID

    def __init__(self, text: str = "", problems: Sequence[Problem] = ()) -> None:
        """Keep what is wrong.

        Args:
            text: says it; where it is empty, the problems say it, one per line.
            problems: each with its place; none when no file, variable or flag could be read.
        """
        super().__init__(text or joined(problem.text for problem in problems))
        self.problems = tuple(problems)


class FoldersUnusable(WorkerError):
    """Raised at start when a folder cannot serve; create it, mount it, or mend its rights."""

    exit_code = ExitCode.FOLDERS_UNUSABLE


class FoldersAway(FoldersUnusable):
    """Raised when all that is wrong is that a folder is not there; mount the share, or make the folder."""


class FoldersFailing(FoldersAway):
    """Raised when the folders are there, and one is full or fails just now; make room, or check the share."""


class ModelInvalid(WorkerError):
    """Raised before or while the model is loaded; download the part that the message names again."""

    exit_code = ExitCode.MODEL_INVALID


class ModelAway(ModelInvalid):
    """Raised when the model is not there, or cannot be read just now; mount its disk or share, mend its rights."""


class DeviceUnavailable(WorkerError):
    """Raised when the wanted device is absent or lost; check the driver, or ask for `--device cpu`."""

    exit_code = ExitCode.DEVICE_UNAVAILABLE


class WorkerIdTaken(WorkerError):
    """Raised at start when a live worker has the id; stop it, or give this one another `worker_id`."""

    exit_code = ExitCode.WORKER_ID_TAKEN


class WorkerIdBusy(WorkerIdTaken):
    """Raised at start while another worker takes over what a dead one of this id has left; wait a moment."""


class JobInvalid(WorkerError):
    """Raised when a job cannot be rendered as written; mend every problem it carries."""

    exit_code = ExitCode.JOBS_FAILED

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep all problems; the text has one per line.

        Args:
            problems: at least one error; then the warnings, if any.
        """
        super().__init__(joined(problem.text for problem in problems))
        self.problems = tuple(problems)


class RendererDied(WorkerError):
    """Raised when the rendering child ended without being asked (a crash, a kill, memory); start it again.

    During a picture it costs that picture a try; while the model is loaded it ends the worker.
    """

    exit_code = ExitCode.DEVICE_UNAVAILABLE


class RendererBroken(RendererDied):
    """Raised when picture after picture fails alike and nothing helps; look at the card and the model.

    It ends the worker, which keeps its claim and what is finished: another start may help, and counts against the job.
    """

    def __init__(self, text: str = "", *, has_made: bool = False) -> None:
        """Keep what happened.

        Args:
            text: says it.
            has_made: this run had made pictures before.
        """
        super().__init__(text)
        self.has_made = has_made


class ClaimLost(Exception):
    """Raised when a claim is no longer this worker's: taken over, or removed by hand. Let go of its job, touch nothing.

    No exit code: the worker goes on with the next job.
    """


class JobChanged(Exception):
    """Raised when a job is about to end and its files are not those that were read; read it again, and go on with it.

    No exit code: what is finished is kept; a job that changes again and again rests while the others go on.
    """


class JobInTrouble(Exception):
    """Raised when a step of one job keeps failing although its folders work; go on with the others, try it later.

    No exit code: the worker goes on with the next job.
    """


class NoRoom(Exception):
    """Raised when not all of a job's pictures fit while others may, or not even the next one; go on with the others.

    No exit code: what is finished is kept, and the job is gone on with once there is room. A drain ends without it.
    """

    def __init__(self, why: str) -> None:
        """Keep the reason.

        Args:
            why: with figures, for a person.
        """
        super().__init__(why)
        self.why = why


class GivesWay(Exception):
    """Raised between two pictures of a job when a more urgent one has been claimed; work on that, then go on with this.

    No exit code: what is finished is kept, and no attempt is counted.
    """

    def __init__(self, why: str) -> None:
        """Keep the reason.

        Args:
            why: for a person.
        """
        super().__init__(why)
        self.why = why


class StopAsked(Exception):
    """Raised while the worker waits (for a share, its id, the model) and is asked to stop; a claim in hand stands.

    No exit code of its own: the worker ends as it does when it is asked to stop.
    """
