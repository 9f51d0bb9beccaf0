"""The judge of encodings: bytes as the text that they would be; what cannot be judged is told with its place.

A mark at the beginning decides. Without one, bytes that are UTF-8 throughout are UTF-8; else the readings of all
encodings that programs write are compared, and one must be far likelier than the next.
"""

from __future__ import annotations

import codecs
import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise

from worker.lazy_patterns import LazyPattern
from worker.problem import clipped
from worker.text_encodings.judged import NAMES, Judged, Unfit, unfit
from worker.text_encodings.letters import ENCODINGS, OWN_ALPHABETS, SIGNS, latin, own_alphabet
from worker.text_encodings.likelihood import ASCII, COMMON, KNOWN, SHARES, east_asian, simplified
from worker.text_encodings.wide import marked, with_zeros
from worker.translation import gettext

MARGIN = math.log(50)
"""How much likelier than the next a reading must be."""
LEAST_MARGIN = math.log(8)
"""The same for common Chinese characters only."""
FEW_LETTERS = {"cp1253": 8, "cp1255": 12}
"""How many letters of an alphabet must be there for it to be one: in a few, noise looks alike."""
FEW_CHINESE = 4
"""So many characters may be Chinese by chance."""
LOOKED_AT_BYTES = 300_000
"""Of the file, by which damaged UTF-8 is known."""
SAMPLE_BYTES = 30_000
"""Of cells with bytes above 0x7F, by which the encoding is judged: some ten thousand characters."""

_SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"  # as UTF-8 has them
)
_CELL_ENDS = re.compile(rb"[\r\n\t,;]+")
_IN_A_WORD = re.compile(rb"[A-Za-z]\xc3[\x80-\xbf]|\xc3[\x80-\xbf][a-z]")
"""A letter with an accent, as UTF-8 has it, beside one without."""
_HIGH = re.compile(rb"[\x80-\xff]")
_ODD = LazyPattern("[\u0180-\u019f\u01a2-\u01ae\u01b1-\u01cc\u01dd-\u0217\u021c-\u036f\u0500-\u07ff]")
"""Letters that two bytes of GBK give when they happen to be UTF-8: phonetic signs, Hebrew, Arabic and others."""


_HZ = re.compile(rb"~\{(?:[\x21-\x77][\x21-\x7e])+~\}")
"""Chinese characters between plain letters, as old mail has them."""

Reading = tuple[float, str, str]
"""Log-likelihood, encoding and text."""


def judged(data: bytes) -> Judged | Unfit:
    """The text that bytes are meant as.

    Args:
        data: of a whole file.

    Returns:
        The text; or why there is none, with the place.
    """
    if found := marked(data):
        return found
    text = data.removeprefix(codecs.BOM_UTF8)
    if b"\0" in text:
        return with_zeros(text)
    if text.isascii():
        return _seven_bits(text)
    if is_marked := text != data:
        return _read(text, "utf-8", is_certain=is_marked)
    try:
        utf8 = text.decode("utf-8")
    except UnicodeDecodeError:
        return _read(text, "utf-8", is_certain=True) if _is_damaged_utf8(text) else _old(text)
    if _is_gbk_by_chance(utf8, text):
        return _read(text, "gb18030", is_certain=False)
    return Judged(text=utf8, encoding="utf-8", is_certain=True)


def _seven_bits(data: bytes) -> Judged | Unfit:
    """Plain letters, or an encoding that has no others."""
    if b"\x1b$" in data:
        return _read(data, "iso2022_jp", is_certain=False)
    pieces = _HZ.findall(data)
    chinese = b"".join(pieces).decode("hz", errors="replace")
    if pieces and all(simplified(character) <= KNOWN for character in chinese):
        return _read(data, "hz", is_certain=False)
    return Judged(text=data.decode("ascii"), encoding="utf-8", is_certain=True)


def _read(data: bytes, encoding: str, *, is_certain: bool) -> Judged | Unfit:
    try:
        return Judged(text=data.decode(encoding), encoding=encoding, is_certain=is_certain)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, errors="replace")
        shown = clipped(before.replace("\r", "\n").rpartition("\n")[2][-30:])
        byte = f"0x{data[error.start]:02X}"
        message = gettext(
            "The byte {byte} stands here, which is not {name} as the rest of the file is.",
            byte=byte,
            name=NAMES[encoding],
        )
        if shown:
            message = gettext(
                "The byte {byte} stands behind `{text}`, which is not {name} as the rest of the file is.",
                byte=byte,
                text=shown,
                name=NAMES[encoding],
            )
        return unfit("byte", message, before=before, encoding=encoding)


def _is_damaged_utf8(data: bytes) -> bool:
    """Whether half of the bytes above 0x7F stand in sequences of UTF-8, and no other encoding makes sense of them."""
    if _holds_halves(data) or _is_cut_off(data):
        return True
    data = data[:LOOKED_AT_BYTES]
    sequences = _SEQUENCE.findall(data)
    if 2 * sum(map(len, sequences)) < len(_HIGH.findall(data)):
        return False
    if _IN_A_WORD.search(data):
        return True
    if not any(len(sequence) > 2 or sequence[0] in (0xC3, 0xD0, 0xD1) for sequence in sequences):
        return False
    return len(sequences) > 1 and not any(encoding in SHARES for _, encoding, _ in _readings(_sample(data)))


def _holds_halves(data: bytes) -> bool:
    """Whether all is UTF-8 but for halves of characters, as programs write them that turn UTF-16 letter by letter."""
    try:
        return bool(data.decode("utf-8", errors="surrogatepass"))
    except UnicodeDecodeError:
        return False


def _is_cut_off(data: bytes) -> bool:
    """Whether all is UTF-8 but for its last character, of which the end is missing."""
    whole = data.rstrip(b"\r\n")
    start = next((at for at in range(len(whole) - 1, max(len(whole) - 4, 0), -1) if whole[at] >= 0xC2), len(whole))
    head, tail = whole[:start], whole[start:]
    try:
        return bool(tail) and not head.isascii() and bool(head.decode()) and not _SEQUENCE.fullmatch(tail)
    except UnicodeDecodeError:
        return False


def _is_gbk_by_chance(text: str, data: bytes) -> bool:
    """Whether a few Chinese characters in GBK happen to be sequences of UTF-8."""
    text = unicodedata.normalize("NFC", text)  # an accent behind its letter is no letter of its own
    strange = "".join(character for character in text if not character.isascii())
    if len(strange) > 8 or not (_ODD.search(strange) or _is_medley(text)):
        return False
    is_odd = 2 * len(_ODD.findall(strange)) >= len(strange)
    most = KNOWN if is_odd else COMMON
    return all(simplified(c) <= most for c in data.decode("gb18030", errors="replace") if not c.isascii())


def _is_medley(text: str) -> bool:
    """Whether letters of two scripts stand side by side, as no text has them."""
    near = [(ord(one), ord(other)) for one, other in pairwise(text) if not (one.isascii() or other.isascii())]
    return any(one // 128 != other // 128 and max(one, other) > 0x24F for one, other in near)


def _sample(data: bytes) -> bytes:
    """Cells with bytes above 0x7F, each text once, a line each.

    The marks between cells are single bytes in every encoding that is judged, and part of no character. A word that
    stands in every row is no more evidence than in one.
    """
    kept: dict[bytes, bytes] = {}
    size = 0
    for cell in _CELL_ENDS.split(data):
        key = b"" if cell.isascii() else cell.translate(None, b"0123456789 ")
        if key and key not in kept and size < SAMPLE_BYTES:
            kept[key] = cell[:SAMPLE_BYTES]
            size += len(cell)
    return b"\n".join(kept.values())


def _old(data: bytes) -> Judged | Unfit:
    """Bytes that are not UTF-8: the encoding in which they make most sense, if it is one."""
    found = sorted(_readings(_sample(data)), key=lambda reading: -reading[0])  # of equals, what more people write
    if found and not _is_too_short(found[0]):
        best, encoding, text = found[0]
        is_plain = _is_plainly_chinese(found[0])
        margin = LEAST_MARGIN if is_plain else MARGIN
        rivals = [one for one in found[1:] if one[2] != text and best - one[0] < margin]
        rivals = [one for one in rivals if not (is_plain and _is_too_short(one))]
        return _several([found[0], rivals[0]]) if rivals else _read(data, encoding, is_certain=False)
    if _is_damaged_gbk(_sample(data)):
        return _read(data, "gb18030", is_certain=False)
    bad = next(at for at, byte in enumerate(data) if byte > 0x7F)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        bad = error.start
    message = gettext(
        "In no encoding that is known does this file make sense: it is not UTF-8, and the byte {byte} stands here.",
        byte=f"0x{data[bad]:02X}",
    )
    return unfit("unknown", message, before=data[:bad].decode("utf-8", "replace"))


def _is_damaged_gbk(sample: bytes) -> bool:
    """Whether it is plain Chinese in GBK but for some bytes."""
    chinese = [c for c in sample.decode("gb18030", errors="ignore") if not c.isascii()]
    return len(chinese) > FEW_CHINESE and all(simplified(character) <= KNOWN for character in chinese)


def _several(readings: Sequence[Reading]) -> Unfit:
    (_, one, text), (_, other, other_text) = readings
    message = gettext(
        "This may be {one} (`{text}`) or {other} (`{other_text}`), and the file is too short to tell.",
        one=NAMES[one],
        text=clipped(text),
        other=NAMES[other],
        other_text=clipped(other_text),
    )
    return unfit("several", message, before="")


def _is_too_short(reading: Reading) -> bool:
    """Whether it is in an alphabet of which more letters must be there."""
    _, encoding, text = reading
    return _foreign(text) < FEW_LETTERS.get(encoding, 0)


def _is_plainly_chinese(reading: Reading) -> bool:
    _, encoding, text = reading
    return encoding == "gb18030" and all(simplified(c) == COMMON for c in text if not c.isascii())


def _readings(sample: bytes) -> Iterator[Reading]:
    """Each reading that makes sense."""
    for encoding in SHARES:
        text = sample.decode(encoding, errors="replace")
        log, can_be = east_asian(text, encoding)
        if can_be:
            yield log, encoding, text
    for encoding in ENCODINGS:
        text = _or_nothing(sample, encoding)
        if text and (languages := latin(text, encoding)):
            yield _latin_likelihood(text), encoding, text
            if encoding == "cp1252" and languages == 1:
                break  # the other Latin ones are of fewer people
    for encoding in OWN_ALPHABETS:
        text = _or_nothing(sample, encoding)
        log = own_alphabet(text, encoding) if text else -math.inf
        if log > -math.inf:
            yield log, encoding, text


def _or_nothing(sample: bytes, encoding: str) -> str:
    try:
        return sample.decode(encoding)
    except UnicodeDecodeError:
        return ""


def _latin_likelihood(text: str) -> float:
    plain = _plain(text)
    signs = sum(character in SIGNS for character in text)
    letters = len(text) - plain - signs
    return plain * ASCII + letters * math.log(3e-3) + signs * math.log(1e-3)


def _plain(text: str) -> int:
    return sum(character.isascii() for character in text)


def _foreign(text: str) -> int:
    return len(text) - _plain(text)
