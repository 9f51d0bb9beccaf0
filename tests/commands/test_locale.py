"""A locale ends no command, and decides no name on a share."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from program import ENVIRONMENT

from worker.errors import ExitCode

NAME = "杯子😀"
"""The last character has no bytes in GBK."""


@pytest.fixture(scope="module")
def gbk(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment whose locale is a Chinese Windows machine's of old."""
    place = tmp_path_factory.mktemp("locales")
    if shutil.which("localedef"):
        command = ["localedef", "-i", "zh_CN", "-f", "GBK", str(place / "zh_CN.GBK")]
        subprocess.run(command, capture_output=True, check=False)
    if not (place / "zh_CN.GBK").exists():
        pytest.skip("this machine cannot make the locale zh_CN.GBK")
    return {**ENVIRONMENT, "LOCPATH": str(place), "LC_ALL": "zh_CN.GBK"}


@pytest.mark.slow
def test_a_name_that_the_locale_cannot_say_is_a_name_all_the_same(tmp_path: Path, gbk: dict[str, str]) -> None:
    command = [sys.executable, "-m", "worker.cli"]
    made = subprocess.run([*command, "init", NAME], cwd=tmp_path, env=gbk, capture_output=True, check=False)
    assert made.returncode == ExitCode.DONE, made.stderr
    assert os.listdir(os.fsencode(tmp_path)) == [NAME.encode()]  # noqa: PTH208
    (tmp_path / NAME / "inbox" / f"{NAME}.yaml").write_text("prompt: a mug\n")
    asked = [*command, "status", "-c", f"{NAME}/worker.yaml"]
    told = subprocess.run(asked, cwd=tmp_path, env=gbk, capture_output=True, check=False)
    assert told.returncode == ExitCode.NOBODY_WORKS, told.stderr
    assert r"等待：1（杯子\U0001f600.yaml）" in told.stdout.decode("gbk")
    wrong = subprocess.run([*command, "check", f"{NAME}.yaml"], cwd=tmp_path, env=gbk, capture_output=True, check=False)
    assert wrong.returncode == ExitCode.USAGE
    assert r"杯子\U0001f600.yaml" in wrong.stderr.decode("gbk")
