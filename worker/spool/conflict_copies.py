"""Conflict copies: files that a synchroniser makes where two people have changed one.

Knows how each names its copies, in the languages it speaks, and which product names only look like it. Source: the
synchronisers' own documentation and issue trackers (Syncthing, Nextcloud, ownCloud, Dropbox, Seafile, Synology Drive,
Resilio, rclone bisync, Unison, pCloud, Maestral, Baidu, Weiyun, WPS, Nutstore).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable
from functools import lru_cache

from worker.lazy_patterns import LazyPattern
from worker.plain_names import composed

_MARKED = LazyPattern(
    r"""\.sync-conflict-                                        # Syncthing
    |[-_.\ ]conflict[-_.\ ]?\d{6}                               # ownCloud: mug_conflict-20240101-120000.yaml
    |[-_.]conflict[-_.]\d{4}-\d\d-\d\d                         # the same with dashes in its day
    |\#\ (name\ clash|edit\ conflict)\ \d{4}-\d\d-\d\d          # odrive: mug (# Name clash 2024-01-01 abcdef #).yaml
    |conflict(ed|ing)?[-_\ ]cop(y|ies)|konfliktkopi             # Dropbox
    |[(\[（]case[-\ ](clash|conflict)|sfconflict               # Maestral, Seafile
    |-\d\d-\d{4,6}-\d{4}_([a-z]*(conflict|uppercase)\b|\w*(冲突|衝突|競合|충돌)) # Synology
    |\d{4}-?\d\d-?\d\d[-_.\ ]conflict\b                        # mug-20240101-conflict.yaml
    |\.conflict(\.?\d+)?(\.[a-z]{3,4})?$                        # Resilio, rclone: mug.Conflict.yaml, mug.yaml.conflict2
    |\.conflict\.path[12]\b|\.\.path[12](\.[a-z]{3,4})?$          # rclone bisync
    |(冲突|衝突)(副本|複本|文件|檔案|版本)                        # Baidu, Weiyun
    |[-_\ ](冲突|衝突)[-_\ ]*([^-_\ ]+[-_\ ])?\d{6}
    |[(\[（【](冲突|衝突)[-_\ ]+\w                                # Nutstore: mug(冲突 张三).yaml
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""Names that nothing but a synchroniser gives."""
_BRACKETS = LazyPattern(r"[(\[（【]([^()\[\]（）【】]*)[)\]）】]")
_WORD = LazyPattern(
    r"""(?<![^\W\d_])(sf|ns|nutstore)?(conflict(ed|ing|s|o|erend\w*|ual|uală)?|conflit\w*
     |konflikt(?!frei)(\w{0,5}|kopi\w*|exemplar)|konflikcie|(ber)?konflik|διένεξη|конфлікт\w*|конфликт\w*|motstridi\w*|motstridand\w*|mo[dt]stridende|ristiriitai\w*|çakış\w*|ütköz\w*)
     (?![^\W\d_]|[-\ ]?free)
    |冲突|衝突|競合|충돌|xung\ đột|ขัดแย้ง|متعارض|מתנגש""",
    re.IGNORECASE | re.VERBOSE,
)
"""What such a copy is called in brackets; `conflict-free` and `Konfliktmineralien` are words of a shop."""
_COPY = LazyPattern(
    r"""(?<![^\W\d_])(cop(y|ies|ie|ia)|cópia|k[oó]pi\w*|копи\w*|копі\w*|version\w*|versi[óo]n|versão|версі?\w*
     |case|clash|slash|from|by|resolved|edit
     |unicode|encoding|kodierung|codificación|whitespace|s[iy]n[ck]\w*|αντίγραφο|eksemplar|kopya|salinan|másolat|kopio)(?![^\W\d_])
    |副本|複本|复本|拷贝|版本|文件|檔案|同步|同期|编码|編碼|エンコード|大小写|大小寫|大文字
     |コピー|複製|バージョン|사본|버전|bản\ sao|สำเนา|คัดลอก
     |نسخة|עותק|\d{4}[-_.年]\d|\d{8}""",
    re.IGNORECASE | re.VERBOSE,
)
"""What stands beside it there: that it is a copy, or a day."""
_BARE = LazyPattern(r"conflicted|(sf|ns|nutstore)conflict|case[- ]clash|冲突|衝突", re.IGNORECASE)
"""What stands there by itself (pCloud, Nutstore), perhaps with a number."""
_NEGATED = LazyPattern(r"(?<![^\W\d_])(no|non|not|sans|ohne|kein\w*|sin|senza)[- ]\w*$|[无無非不]$", re.IGNORECASE)
_HOST = r"(?-i:[A-Z][-A-Z0-9]*\d[-A-Z0-9]*)"
"""What a computer may be called, and hardly a product: PC-01."""
_PERHAPS = LazyPattern(
    rf"""\s*[(\[（【{{]\s*(?:{_WORD.pattern})\s*(?:{_HOST})?\d{{0,3}}\s*[)\]）】}}]
     |\s*[(\[（【]\s*(?:与\s*)?\S+(?:\ |的)(?:冲突|衝突)\s*[)\]）】]
     |(?:[-_~\ ]+(?:conflict(?:ed)?|冲突|衝突)[-_\ ]?(?:{_HOST}|\d{{0,3}}|\(\d{{1,3}}\))
       |\.(?:conflict[-_.]{_HOST}|冲突|衝突)
       |_conf\(\d{{1,3}}\)                                       # Google Drive
       |-(?-i:(?:DESKTOP|LAPTOP|WIN)-[A-Z0-9]{{7,11}})           # OneDrive, and a Windows computer
       |_(?-i:LOCAL|REMOTE|BASE|BACKUP)_\d{{1,7}}                # git mergetool
      )(?=\.[a-z]{{3,4}}$|$)""",
    re.IGNORECASE | re.VERBOSE,
)
"""What a person may have written too: it is a copy where the file lies beside it whose copy it would be."""


@lru_cache(maxsize=65_536)
def is_conflict_copy(name: str) -> bool:
    """Whether nobody but a synchroniser gives this name.

    Args:
        name: of a file or folder.
    """
    name = unicodedata.normalize("NFC", name)
    return _MARKED.search(name) is not None or any(_says_copy(inside) for inside in _BRACKETS.findall(name))


@lru_cache(maxsize=65_536)
def original_of(name: str) -> str | None:
    """The file of which this may be a conflict copy: it is one where that lies beside it. None for most names.

    Args:
        name: of a file or folder, composed or decomposed.
    """
    name = unicodedata.normalize("NFC", name)
    original = _PERHAPS.sub("", name, count=1)
    return original if original != name and not original.startswith(".") else None


def is_copy_among(name: str, names: Container[str]) -> bool:
    """Whether a name that a person may have given too is that of a conflict copy: what it would be a copy of is there.

    Args:
        name: of a file or folder.
        names: of all that lies beside it.
    """
    original = original_of(name)
    if original is None:
        return False
    return original in names or unicodedata.normalize("NFD", original) in names


def may_be_copy(name: str) -> bool:
    """Whether what lies beside it may make a copy of this name: a note is kept for it then.

    Args:
        name: of a file or folder.
    """
    return original_of(name) is not None or is_decomposed(name)


def is_decomposed(name: str) -> bool:
    """Whether letters of the name stand apart from their accents, as Macs and some shares write them."""
    return composed(name) != name


def other_spellings(names: Iterable[str]) -> frozenset[str]:
    """Those whose name is another one's in all but how its letters are stored; the composed one of them counts.

    Args:
        names: of all that lies in one folder.
    """
    spelt: dict[str, list[str]] = {}
    names = list(names)
    if not any(map(is_decomposed, names)):
        return frozenset()
    for name in names:
        spelt.setdefault(composed(name), []).append(name)
    return frozenset(
        name for same in spelt.values() for name in sorted(same, key=lambda one: (is_decomposed(one), one))[1:]
    )


def _says_copy(inside: str) -> bool:
    found = _WORD.search(inside)
    if found is None or _NEGATED.search(inside[: found.start()]):
        return False
    rest = inside[: found.start()] + inside[found.end() :]
    return _COPY.search(rest) is not None or _BARE.fullmatch(inside.strip(" 0123456789")) is not None
