"""The account that a service runs as: made, looked up, and asked what it may read and write."""

from __future__ import annotations

import getpass
import grp
import json
import os
import pwd
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from worker.errors import UsageError
from worker.service.manager import called
from worker.translation import gettext

CARD_GROUPS = ("video", "render")
"""May open graphics cards."""
NOLOGIN = "/usr/sbin/nologin"
LOOK_S = 60.0
"""For a look at some folders: a share may be slow, or hang."""
Right = Literal["read", "write"]
Answer = Literal["ok", "missing", "refused", "silent"]

_LOOK = """
import json, os, sys
def look(path, right):
    try:
        os.stat(path)
    except PermissionError:
        return "refused"
    except OSError:
        return "missing"
    wanted = os.R_OK | (os.X_OK if os.path.isdir(path) else 0) | (os.W_OK if right == "write" else 0)
    return "ok" if os.access(path, wanted) else "refused"
print(json.dumps([look(path, right) for path, right in json.load(sys.stdin)]))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who a service runs as."""

    name: str
    group: str
    uid: int
    gid: int

    @property
    def is_me(self) -> bool:
        """Whether this process runs as it."""
        return self.uid == os.geteuid()


def me() -> Account:
    """Who calls this."""
    uid, gid = os.geteuid(), os.getegid()
    return Account(name=getpass.getuser(), group=str(gid), uid=uid, gid=gid)


def found(name: str) -> Account | None:
    """The account of that name; None where there is none."""
    try:
        known = pwd.getpwnam(name)
    except KeyError:
        return None
    try:
        group = grp.getgrgid(known.pw_gid).gr_name
    except KeyError:
        group = str(known.pw_gid)
    return Account(name=name, group=group, uid=known.pw_uid, gid=known.pw_gid)


def made(name: str, *, home: Path) -> Account:
    """A new account that owns nothing and that nobody logs in as.

    Args:
        name: of it, and of its group.
        home: named as its home; not made here.

    Raises:
        UsageError: it cannot be made.
    """
    group = ["--gid", name] if _has_group(name) else ["--user-group"]
    said = called("useradd", "--system", *group, "--home-dir", str(home), "--shell", NOLOGIN, name)
    account = found(name)
    if account is None:
        raise UsageError(
            gettext("The account `{name}` cannot be made: {why}. Name one that is there, with --account.",
                    name=name, why=said.last)
        )  # fmt: skip
    return account


def card_groups() -> tuple[str, ...]:
    """Those groups that may open graphics cards and are there."""
    return tuple(name for name in CARD_GROUPS if _has_group(name))


def answers(account: Account, wanted: Iterable[tuple[Path, Right]]) -> list[Answer]:
    """What an account may do with paths, found out as that account.

    Args:
        account: who asks; another than this process's can be asked by root alone.
        wanted: each path and what is wanted of it; a folder is to be entered too.
    """
    asked = [*wanted]
    given = json.dumps([[str(path), right] for path, right in asked])
    mine = {} if account.is_me else {"user": account.uid, "group": account.gid, "extra_groups": groups_of(account)}
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _LOOK], input=given, capture_output=True, text=True, cwd="/",
            timeout=LOOK_S, check=False, **mine,  # type: ignore[call-overload]
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):  # the program itself is out of its reach, or a share hangs
        return ["silent"] * len(asked)
    return json.loads(done.stdout) if done.returncode == 0 else ["silent"] * len(asked)


def groups_of(account: Account) -> list[int]:
    """The groups that a service of it belongs to, by their numbers."""
    cards = [grp.getgrnam(name).gr_gid for name in card_groups()]
    return [*os.getgrouplist(account.name, account.gid), *cards]


def _has_group(name: str) -> bool:
    try:
        grp.getgrnam(name)
    except KeyError:
        return False
    return True
