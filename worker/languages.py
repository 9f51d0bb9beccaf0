"""Which language a person reads: told by a setting, a job's own words, a name, or the terminal.

Knows scripts and locales; reads nothing itself. Pure functions: the same values give the same language on every worker.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, get_args

from worker.lazy_patterns import LazyPattern
from worker.translation import Language

LanguageSetting = Literal["auto", "zh", "en"]
"""The setting `language`; `auto` looks at what a person wrote, or at the terminal."""

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_KANA_OR_HANGUL = "\u3041-\u30fa\u30fd-\u30ff\u31f0-\u31ff\uff66-\uff9d\uac00-\ud7af"
_ONE_HAN = LazyPattern(f"[{_HAN}]")
_OTHERS = LazyPattern(f"[{_KANA_OR_HANGUL}]")
"""Of Japanese and Korean, whose texts hold Chinese characters too."""
_WORD = LazyPattern(rf"[^\W\d_{_HAN}{_KANA_OR_HANGUL}]{{2,}}")
_KEY_WITH_WORD = LazyPattern(r"^[ \t-]*[\"']?[A-Za-z_]+[\"']?[ \t]*:[ \t]+[!-~]+[ \t\r]*$", re.MULTILINE)
"""`format: png`: a line of the job language, in no language of people's."""
_KEY = LazyPattern(r"(?<![A-Za-z_])[A-Za-z_]+[\"']?[ \t]*[:：](?=[\s\"'\[{]|$)", re.MULTILINE)
_LANGUAGE_KEY = LazyPattern(
    r"(?:^|\A\s*\{\s*|,\s*(?=[\"']))[\"']?(?:language|语言|語言)[\"']?[ \t]*[:：][ \t]*[\"']?(zh|en)\b", re.M
)
_ESCAPED = LazyPattern(r"\\u([0-9a-fA-F]{4})")
"""As JSON may spell any character."""


def readers_language(setting: LanguageSetting, *, text: str, name: str) -> Language:
    """The language of words beside pictures.

    Args:
        setting: wins, unless it is `auto`.
        text: of the job as its author wrote it, all its files; its key `language` comes next, then its script. Empty
            for what is no text.
        name: of its file or folder: a person who names files in Chinese reads it.
    """
    if setting != "auto":
        return setting
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    named = _LANGUAGE_KEY.search(text)
    if named:
        return "zh" if named[1] == "zh" else "en"
    return "zh" if "zh" in (script_of(name), script_of(_KEY.sub(" ", _KEY_WITH_WORD.sub(" ", text)))) else "en"


def script_of(text: str) -> Language:
    """`zh` where at least as many Chinese characters as words of other scripts stand, and next to no kana or Hangul.

    A red mug with two characters on it is English, a phone's case with a brand in it is Chinese.
    """
    han = len(_ONE_HAN.findall(text))
    is_chinese = han > 0 and han >= len(_WORD.findall(text)) and han >= 10 * len(_OTHERS.findall(text))
    return "zh" if is_chinese else "en"


def terminal_language(environment: Mapping[str, str], *, encoding: str = "utf-8", system: str = "") -> Language:
    """The language of a terminal, as gettext finds it; English where its encoding has no Chinese characters.

    Args:
        environment: all variables; `ZIMAGE_WORKER_LANGUAGE` wins, as the setting would.
        encoding: of the standard output.
        system: the system's own locale, for where no variable names one (Windows, macOS).
    """
    asked = environment.get("ZIMAGE_WORKER_LANGUAGE", "")
    if asked in get_args(Language):
        return sayable("zh" if asked == "zh" else "en", encoding)
    locale = next((named for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (named := environment.get(name))), system)
    if re.fullmatch(r"(C|POSIX)(\..*)?", locale):
        return "en"
    first = environment.get("LANGUAGE", "").split(":")[0] if locale else ""
    is_chinese = re.match(r"zh\b|zh_|chinese", first or locale, re.IGNORECASE) is not None
    return sayable("zh" if is_chinese else "en", encoding)


def sayable(language: Language, encoding: str) -> Language:
    """That language, or English where its characters have no bytes.

    Args:
        language: that is wanted.
        encoding: of whatever it is written to.
    """
    try:
        "中".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return "en"
    return language
