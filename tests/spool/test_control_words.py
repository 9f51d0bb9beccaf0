"""What is written into a control file is read as the editors of a shop save it."""

from __future__ import annotations

from pathlib import Path

import pytest

from worker.spool.control_files import words_in


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
@pytest.mark.parametrize("text", ["缺图", "缺图\r\n", "「缺图」。", "outbox 缺图"])
def test_a_chinese_word_is_read_in_every_encoding_of_notepad_and_whatever_stands_around_it(
    tmp_path: Path, text: str, encoding: str
) -> None:
    (tmp_path / "spring.retry.txt").write_bytes(text.encode(encoding))
    assert "缺图" in words_in(tmp_path / "spring.retry.txt")


@pytest.mark.parametrize("text", ["missing", "--missing\n", "Missing.", "failed, missing"])
def test_so_is_an_english_one(tmp_path: Path, text: str) -> None:
    (tmp_path / "mugs.retry").write_text(text)
    assert "missing" in words_in(tmp_path / "mugs.retry")
