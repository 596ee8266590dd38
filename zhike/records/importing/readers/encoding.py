"""In which encoding a text file is written.

UTF-8 proves itself: other text is hardly ever valid UTF-8. GB18030 proves little: nearly any bytes are
valid, so it counts only if what comes out is Chinese that people write. A file that changes its
encoding in the middle (two exports pasted together) is read line by line, and the rows of the minority
are reported one by one.
"""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext_noop as _

from zhike.records.importing.problem import Unreadable

# What a person may choose when the guess is wrong.
CHOICES = ("utf-8", "gb18030", "utf-16", "big5", "cp1252", "shift_jis")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNKNOWN = _("The text encoding is not recognised. Save the file as UTF-8 (in Excel: “CSV UTF-8”) and send that.")


@dataclass(frozen=True)
class Encoding:
    """``mixed``: decode line by line with `decode_line`."""

    name: str
    mixed: bool = False


def decide(path: Path, chosen: str = "") -> Encoding:
    """The encoding of a text file, or the chosen one if the file really has it.

    Raises:
        Unreadable: nothing fits.
    """
    with path.open("rb") as file:
        head = file.read(65536)
    bom = next((name for mark, name in _BOMS if head.startswith(mark)), "")
    if chosen:
        name = bom if bom and bom.startswith(chosen) else chosen
        if name == "utf-16" and not bom:
            name = _utf16_by_zeros(head) or "utf-16-le"
        return _certain(path, name)
    if bom == "utf-8-sig" and not _decodes(path, bom):
        return _by_lines(path, head)
    if bom:
        return _certain(path, bom)
    # A stray zero byte is dirt; many are UTF-16, or no text at all.
    if head.count(0) * 100 > len(head):
        name = _utf16_by_zeros(head)
        if not name:
            raise Unreadable(_("This is not a text file. Send a CSV, TSV, XLSX, XLS or vCard file."))
        return _certain(path, name)
    return Encoding("utf-8") if _decodes(path, "utf-8") else _by_lines(path, head)


def decode_line(raw: bytes, name: str) -> tuple[str, bool]:
    """Text of one line of a mixed file, and whether it is in another encoding than ``name``."""
    nature = _nature(raw)
    if nature in ("ascii", "either"):
        return raw.decode(name, "replace"), False
    if nature == "neither":
        return raw.decode(name, "replace"), True
    own = "utf-8" if nature == "utf-8" else "gb18030"
    return raw.decode(own), own != name


def _nature(raw: bytes) -> str:
    if raw.isascii():
        return "ascii"
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030" if _is(raw, "gb18030") else "neither"
    # Two-byte sequences alone also occur in GBK by chance; three-byte ones hardly do.
    if any(char >= "\u0800" for char in text) or not _is(raw, "gb18030"):
        return "utf-8"
    return "either"


def _is(raw: bytes, name: str) -> bool:
    try:
        raw.decode(name)
    except UnicodeDecodeError:
        return False
    return True


def _certain(path: Path, name: str) -> Encoding:
    try:
        codecs.lookup(name)
    except LookupError:
        raise Unreadable(_UNKNOWN) from None
    if not _decodes(path, name):
        raise Unreadable(_("The file is not all written in %(encoding)s. Choose another encoding."), encoding=name)
    return Encoding(name)


def _decodes(path: Path, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _utf16_by_zeros(head: bytes) -> str:
    """UTF-16 without a mark: the zeros of its ASCII letters all stand on one side."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > 9 * even:
        return "utf-16-le"
    return "utf-16-be" if even > 9 * odd else ""


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while line := file.readline(1 << 20):
            yield line


def _by_lines(path: Path, head: bytes) -> Encoding:
    natures = Counter(_nature(line) for line in _lines(path))
    utf8, gb, neither = natures["utf-8"], natures["gb18030"], natures["neither"]
    if not utf8 and not _looks_chinese(head):
        return _other(path, head)
    if utf8 and gb + neither:
        return Encoding("utf-8" if utf8 >= gb else "gb18030", mixed=True)
    if neither:
        if neither > gb:
            return _other(path, head)
        return Encoding("gb18030", mixed=True)
    return Encoding("gb18030")


def _looks_chinese(head: bytes) -> bool:
    text = head.decode("gb18030", "ignore")
    beyond = [char for char in text if char > "\x7f"]
    common = sum(1 for char in beyond if _is_common(char))
    return common * 2 > len(beyond)


def _is_common(char: str) -> bool:
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _other(path: Path, head: bytes) -> Encoding:
    from charset_normalizer import from_bytes

    found = from_bytes(head, cp_isolation=["cp1252", "big5", "shift_jis", "euc_kr", "cp1251", "gb18030"])
    for guess in found:
        if _decodes(path, guess.encoding):
            return Encoding(guess.encoding)
    raise Unreadable(_UNKNOWN)
