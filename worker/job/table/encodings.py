"""Encodings: bytes of a table as text, judged by what the text would be; what cannot be judged is refused.

A mark at the beginning decides. Without one, bytes that are UTF-8 throughout are UTF-8; else the readings of all
encodings that spreadsheets write are compared, and one must be far likelier than the next.
"""

from __future__ import annotations

import codecs
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from worker.job.table.letters import ENCODINGS, OWN_ALPHABETS, SIGNS, latin, own_alphabet
from worker.job.table.likelihood import ASCII, KNOWN, SHARES, east_asian, simplified
from worker.translation import gettext
from worker.yaml_reader.document import Misread, Place, clipped

MARKS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)
"""Byte-order marks; the longer one first where one begins with another."""
NAMES = {
    "gb18030": "GBK (GB18030)", "cp950": "Big5", "cp932": "Shift-JIS", "cp949": "EUC-KR", "euc_jp": "EUC-JP",
    "cp1252": "Windows-1252", "mac_roman": "Mac Roman", "cp850": "DOS 850", "cp1250": "Windows-1250",
    "cp1254": "Windows-1254", "cp1257": "Windows-1257", "cp1251": "Windows-1251", "koi8_r": "KOI8-R",
    "cp866": "DOS 866", "cp1253": "Windows-1253", "cp1255": "Windows-1255",
}  # fmt: skip
"""As people call them."""
MARGIN = math.log(50)
"""How much likelier than the next a reading must be."""
FEW_LETTERS = {"cp1253": 8, "cp1255": 12}
"""How many letters of an alphabet must be there for it to be one: in a few, noise looks alike."""
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
_ODD = re.compile("[\u0180-\u019f\u01a2-\u01ae\u01b1-\u01cc\u01dd-\u0217\u021c-\u036f\u0530-\u07ff]")
"""Letters that two bytes of GBK give when they happen to be UTF-8: phonetic signs, Hebrew, Arabic and others."""


_NO_TEXT = re.compile("[\x00-\x08\x0e-\x1f\ufffd\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A table as text."""

    text: str
    encoding: str
    """As people call it."""
    is_certain: bool
    """Whether a mark or UTF-8 itself says so, so that nobody need be told."""


def decoded(data: bytes) -> Decoded:
    """The text of a table.

    Raises:
        Misread: it is in no encoding that can be told with confidence, or holds a byte that its encoding does not have.
    """
    for mark, encoding, name in MARKS:
        if data.startswith(mark) and (name != "UTF-32" or len(data) % 4 == 0):
            text = _strictly(data[len(mark) :], encoding, name=name)
            return Decoded(text=text, encoding=name, is_certain=name != "UTF-32")
    if b"\0" in data:
        return _without_mark(data)
    if b"\x1b$" in data:
        return Decoded(text=_strictly(data, "iso2022_jp", name="ISO-2022-JP"), encoding="ISO-2022-JP", is_certain=False)
    if (utf8 := _utf8(data)) is not None:
        return Decoded(text=utf8, encoding="UTF-8", is_certain=True)
    encoding = _judged(_sample(data))
    return Decoded(text=_strictly(data, encoding, name=NAMES[encoding]), encoding=NAMES[encoding], is_certain=False)


def _utf8(data: bytes) -> str | None:
    """The text where the bytes are meant as UTF-8, else None.

    Raises:
        Misread: most of them are, and one is not.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _strictly(data, "utf-8", name="UTF-8") if _is_damaged_utf8(data) else None
    return None if _is_gbk_by_chance(text, data) else text


def _strictly(data: bytes, encoding: str, *, name: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, errors="replace")
        lines = before.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        message = gettext(
            "Byte 0x{byte} is not {encoding}, as the rest of the file is, after `{text}`. Write this cell anew, and"
            " save the table as CSV UTF-8.",
            byte=f"{data[error.start]:02X}",
            encoding=name,
            text=clipped(lines[-1][-30:]),
        )
        raise Misread(message, Place(len(lines), len(lines[-1]) + 1)) from None


def _without_mark(data: bytes) -> Decoded:
    """UTF-16 whose mark is missing: every other byte of its ASCII characters is zero.

    Raises:
        Misread: the zero bytes are those of a copy that was never finished.
    """
    texts = [data.decode(encoding, errors="replace") for encoding in ("utf-16-le", "utf-16-be")]
    texts = [text for text in texts if not _NO_TEXT.search(text) and ("\n" in text or "\r" in text)]
    if texts:
        return Decoded(text=max(texts, key=_plain), encoding="UTF-16", is_certain=False)
    raise Misread(
        gettext("The file holds zero bytes: its copy was never finished. Copy it once more."),
        Place(data[: data.index(b"\0")].count(b"\n") + 1, 1),
    )


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
    strange = "".join(character for character in text if not character.isascii())
    if len(strange) > 8 or 2 * len(_ODD.findall(strange)) < max(len(strange), 1):
        return False
    chinese = [character for character in data.decode("gb18030", errors="replace") if not character.isascii()]
    return all(simplified(character) <= KNOWN for character in chinese)


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


def _judged(sample: bytes) -> str:
    """The encoding that the sample is in.

    Raises:
        Misread: none, or several that are as likely.
    """
    found = sorted(_readings(sample), key=lambda reading: -reading[0])  # of equals, the one that more people write
    if found and not (found[0][1] in FEW_LETTERS and _foreign(found[0][2]) < FEW_LETTERS[found[0][1]]):
        best, encoding, text = found[0]
        rivals = [one for one in found[1:] if one[2] != text and best - one[0] < MARGIN]
        if not rivals:
            return encoding
        one, other = NAMES[encoding], NAMES[rivals[0][1]]
        raise Misread(
            gettext(
                "This may be {one} (`{text}`) or {other} (`{other_text}`), and the table is too short to tell. Save it"
                " as CSV UTF-8.",
                one=one,
                text=clipped(text),
                other=other,
                other_text=clipped(rivals[0][2]),
            ),
            Place(1, 1),
        )
    message = gettext(
        "In no encoding that is understood does this file make sense: not UTF-8, GBK, Big5, Shift-JIS, EUC-KR or"
        " Windows-1252. In Excel or WPS: save as CSV UTF-8, or as .xlsx."
    )
    raise Misread(message, Place(1, 1))


def _readings(sample: bytes) -> Iterator[tuple[float, str, str]]:
    """Log-likelihood, encoding and text of each reading that makes sense."""
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
