"""Which language a person reads: the setting, the job's key, the script of what they wrote; or the terminal's."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.languages import readers_language, script_of, terminal_language
from worker.line_width import columns, padded, wrapped
from worker.spool.readers import words_in
from worker.translation import gettext, sentences, translated


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("白色陶瓷马克杯，浅灰水泥墙背景", "zh"),
        ("白色 iPhone 手机壳，Pro Max", "zh"),
        ("a red mug on a wooden table", "en"),
        ("a shop sign in neon with the words 开业大吉 above the door", "en"),
        ("赤いマグカップ、木のテーブルの上", "en"),
        ("빨간 머그잔, 白色 배경", "en"),
        ("Müllers Tasse", "en"),
        ("1024x1024 _-.", "en"),
        ("", "en"),
    ],
)
def test_the_script_of_a_text(text: str, language: str) -> None:
    assert script_of(text) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("prompt: 红杯\nsize: square\nsteps: 8\nformat: png\n", "zh"),
        ("prompt: a red mug\nname: mugs\n", "en"),
        ("提示词: a red mug on a wooden table\n尺寸: 1024x1024\n", "zh"),
        ('{"prompt": "红色马克杯", "size": "1024x1024", "priority": "high"}', "zh"),
        ('{"prompt": "red mug", "language": "zh"}', "zh"),
        (r'{"prompt": "\u7ea2\u8272\u9a6c\u514b\u676f"}', "zh"),
        ("prompt: 红色马克杯\nlanguage: en\n", "en"),
        ("language: zh\nprompt: a red mug\n", "zh"),
        ("metadata:\n  language: zh\nprompt: a red mug on a table\n", "en"),
        ("products: products.csv\nshot:\n  prompt: '{品名}, {颜色}'\nsku,品名,颜色\nA,杯子,红\n", "zh"),
        ("prompt: 红色马克杯\nsteps: many: 3\n", "zh"),
        ("# 秋季上新，周一要用\nprompt: mug, white, studio light\n", "zh"),
    ],
)
def test_a_jobs_own_key_then_its_own_words(text: str, language: str) -> None:
    assert readers_language("auto", text=text, name="mug.yaml") == language


def test_a_setting_wins_and_a_name_in_chinese_is_a_readers() -> None:
    assert readers_language("en", text="prompt: 红色马克杯\nlanguage: zh", name="马克杯.yaml") == "en"
    assert readers_language("zh", text="prompt: a red mug", name="mug.yaml") == "zh"
    assert readers_language("auto", text="prompt: a red mug", name="秋季马克杯.yaml") == "zh"
    assert readers_language("auto", text="", name="新建文本文档.txt") == "zh"
    assert readers_language("auto", text="", name="spring.xlsx") == "en"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
def test_the_beginning_of_a_file_is_text_in_any_of_these_encodings(encoding: str) -> None:
    data = "prompt: 白色陶瓷马克杯，浅灰水泥墙背景".encode(encoding)
    assert script_of(words_in(data)) == script_of(words_in(data[:-1])) == "zh"


def test_tables_of_other_scripts_are_not_taken_for_chinese() -> None:
    assert script_of(words_in("sku,品名,顏色\nA,馬克杯,白色的陶瓷\n".encode("big5"))) == "zh"
    assert script_of(words_in("sku,名前\nA,赤いマグカップ、木のテーブル\n".encode("shift-jis"))) == "en"
    assert script_of(words_in("sku,이름\nA,빨간 머그잔 도자기 흰색 배경\n".encode("euc-kr"))) == "en"
    assert script_of(words_in("sku;Name\nA;Müllers größte Tasse für Gäste\n".encode("cp1252"))) == "en"


def test_what_is_no_text_has_no_script() -> None:
    assert words_in(b"PK\x03\x04\x14\0\0\0" * 50) == ""
    assert words_in(b"\0" * 9) == ""


@given(st.binary(max_size=200), st.text(max_size=50))
def test_any_bytes_have_a_reader(data: bytes, name: str) -> None:
    assert readers_language("auto", text=words_in(data), name=name) in ("en", "zh")


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_TW.UTF-8"}, "zh"),
        ({"LANG": "zh"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "POSIX"}, "en"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "zh_CN:zh"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LANGUAGE": "en_US:en"}, "en"),
        ({"LANGUAGE": "zh_CN"}, "en"),
        ({"LANG": "en_US.UTF-8", "ZIMAGE_WORKER_LANGUAGE": "zh"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "ZIMAGE_WORKER_LANGUAGE": "en"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "ZIMAGE_WORKER_LANGUAGE": "auto"}, "zh"),
    ],
)
def test_a_terminal_speaks_as_its_locale_says(environment: dict[str, str], language: str) -> None:
    assert terminal_language(environment) == language


def test_a_terminal_without_a_variable_speaks_as_its_system_and_one_without_chinese_letters_english() -> None:
    assert terminal_language({}, system="zh_CN") == terminal_language({}, system="Chinese (Simplified)_China") == "zh"
    assert terminal_language({"LANG": "zh_CN"}, encoding="ascii") == "en"
    assert terminal_language({"LANG": "zh_CN"}, encoding="gbk") == "zh"
    assert terminal_language({"ZIMAGE_WORKER_LANGUAGE": "zh"}, encoding="latin-1") == "en"


def test_a_long_line_of_anything_is_looked_through_at_once() -> None:
    for text in ("a" * 200_000, "a: " * 60_000, ", " * 100_000, "- " * 100_000, "a" + " " * 200_000, "'" * 200_000):
        began = time.process_time()
        assert readers_language("auto", text=text, name="mug") == "en"
        assert time.process_time() - began < 1


def test_a_line_of_chinese_is_as_wide_as_it_looks() -> None:
    assert [columns(text) for text in ("mug", "马克杯", "马克杯.png", "：")] == [3, 6, 10, 2]
    assert padded("显卡", 6) == "显卡  "
    lines = wrapped("长提示词也全部显示，包括 prompt 里的换行。", 12)
    assert all(columns(line) <= 14 for line in lines)
    assert "".join(lines).replace(" ", "") == "长提示词也全部显示，包括prompt里的换行。"
    assert not any(line.startswith(("，", "。")) for line in lines)
    assert wrapped("记录（model.json）里", 6) == ["记录", "（model.json）", "里"]


@given(st.text(alphabet=" abc中文，。", max_size=80), st.integers(min_value=4, max_value=30))
def test_wrapping_loses_nothing(text: str, width: int) -> None:
    assert "".join("".join(wrapped(text, width)).split()) == "".join(text.split())


def test_chinese_sentences_follow_each_other_without_a_blank() -> None:
    first, second = gettext("Going on."), gettext("Stopped.")
    told = sentences([first, "", second])
    assert told == "Going on. Stopped."
    assert translated(told, "zh") == translated(first, "zh") + translated(second, "zh")
    assert sentences([first]) == first
    assert sentences([]) == ""
