"""What a file is, and what it may be called."""

from __future__ import annotations

import pytest

from zhike.notes.rules.file_types import PREVIEWED, UNKNOWN, clean_name, is_program, sniff

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (PNG, "a.png", "image/png"),
        (PNG, "a.html", "image/png"),
        (b"<html><script>", "picture.png", UNKNOWN),
        (b"<html><script>", "page.html", UNKNOWN),
        (b"<svg onload=", "logo.svg", UNKNOWN),
        (b"%PDF-1.7", "offer.docx", "application/pdf"),
        (b"PK\x03\x04..", "t.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (b"PK\x03\x04..", "t.png", "application/zip"),
        (b"RIFF\0\0\0\0WEBP", "x", "image/webp"),
        (b"hello", "notes.txt", "text/plain"),
        (b"hello", "notes", UNKNOWN),
    ],
)
def test_the_bytes_decide_and_not_the_name(head: bytes, name: str, kind: str) -> None:
    assert sniff(head, name) == kind


def test_nothing_that_runs_is_previewed() -> None:
    assert not any("svg" in kind or "html" in kind for kind in PREVIEWED)


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\王\\报价单.xlsx", "报价单.xlsx"),
        ('a<b>"c|.pdf', "abc.pdf"),
        ("evil\u202egpj.exe", "evilgpj.exe"),
        ("...", "file"),
        ("", "file"),
        ("长" * 300 + ".pdf", "长" * 196 + ".pdf"),
    ],
)
def test_names_are_safe(name: str, clean: str) -> None:
    assert clean_name(name) == clean


def test_programs_are_known() -> None:
    assert is_program("合同.pdf.EXE") and is_program("a.js") and not is_program("合同.pdf")
