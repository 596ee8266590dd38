"""What a file really is, by its first bytes, and what it may be called."""

from __future__ import annotations

import mimetypes
import re
import unicodedata

# Shown in the page; everything else is only ever downloaded.
PREVIEWED = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
UNKNOWN = "application/octet-stream"
_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\x1f\x8b", "application/gzip"),
    (b"ID3", "audio/mpeg"),
)
# Containers whose name tells what is inside.
_CONTAINERS = {"application/zip", "application/x-ole-storage"}
_PROGRAMS = re.compile(
    r"\.(exe|msi|bat|cmd|com|scr|pif|vbs|vbe|js|jse|wsf|wsh|ps1|lnk|hta|cpl|jar|reg|apk)$", re.IGNORECASE
)
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\u202a-\u202e\u2066-\u2069]')
LONGEST_NAME = 200


def sniff(head: bytes, name: str) -> str:
    """The content type, from the first bytes; the name is believed only where the bytes allow it."""
    for beginning, kind in _BEGINNINGS:
        if head.startswith(beginning):
            guessed = mimetypes.guess_type(name)[0] or ""
            return guessed if kind in _CONTAINERS and guessed.startswith("application/") else kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        return "video/mp4"
    guessed = mimetypes.guess_type(name)[0] or UNKNOWN
    # It claims to be a picture or a page, and is not one that we know.
    if guessed.startswith(("image/", "text/html", "application/xhtml", "application/xml")):
        return UNKNOWN
    return guessed


def clean_name(name: str) -> str:
    """A name that is safe to show and to save under."""
    text = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    text = _FORBIDDEN.sub("", text).strip(" .")
    if len(text) > LONGEST_NAME:
        stem, dot, ending = text.rpartition(".")
        text = (
            f"{stem[: LONGEST_NAME - len(ending) - 1]}{dot}{ending}"
            if dot and len(ending) < 12
            else text[:LONGEST_NAME]
        )
    return text or "file"


def is_program(name: str) -> bool:
    """Files that do harm when somebody double-clicks them."""
    return bool(_PROGRAMS.search(name))
