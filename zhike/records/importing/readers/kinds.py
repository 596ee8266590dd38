"""What a file really is, whatever its name says."""

from __future__ import annotations

import zipfile
from pathlib import Path

from django.utils.translation import gettext_noop as _

from zhike.records.importing.problem import Unreadable
from zhike.records.importing.table import Limits

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# What people send by mistake, by its first bytes.
_FOREIGN = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7z",
    b"\x1f\x8b": "gzip",
    b"\x7fELF": "ELF",
    b"MZ": "EXE",
    b"{\\rtf": "RTF",
    b"SQLite format 3": "SQLite",
}
_NOT_A_TABLE = _("This is a %(kind)s file. Send a CSV, TSV, XLSX, XLS or vCard file.")


def kind_of(path: Path, limits: Limits) -> str:
    """``workbook``, ``vcard`` or ``text``.

    Raises:
        Unreadable: empty, too large, damaged, or no table at all.
    """
    size = path.stat().st_size
    if size == 0:
        raise Unreadable(_("The file is empty."))
    if size > limits.max_bytes:
        raise Unreadable(
            _("The file has %(size)s MB; at most %(limit)s MB are accepted. Split it into several files."),
            size=size // 1048576,
            limit=limits.max_bytes // 1048576,
        )
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(_OLE):
        return "workbook"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_zip(path, limits)
    for magic, kind in _FOREIGN.items():
        if head.startswith(magic):
            raise Unreadable(_NOT_A_TABLE, kind=kind)
    return _kind_of_text(head)


def _kind_of_text(head: bytes) -> str:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"begin:vcard"):
        return "vcard"
    if start.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta")):
        raise Unreadable(_("This is a web page under the name of a table. Open it in Excel and save it as .xlsx."))
    return "text"


def _kind_of_zip(path: Path, limits: Limits) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise Unreadable(_("The file is damaged and cannot be unpacked. Save it again in Excel.")) from None
    unpacked = sum(member.file_size for member in members)
    if unpacked > limits.max_unpacked or len(members) > 10_000:
        raise Unreadable(
            _("Unpacked, the file would have %(size)s MB; that is refused. Split it into several files."),
            size=unpacked // 1048576,
        )
    names = {member.filename for member in members}
    if names & {"xl/workbook.xml", "xl/workbook.bin", "content.xml"} and "word/document.xml" not in names:
        return "workbook"
    office = {"word/document.xml": "Word", "ppt/presentation.xml": "PowerPoint"}
    found = next((kind for name, kind in office.items() if name in names), "ZIP")
    raise Unreadable(_NOT_A_TABLE, kind=found)
