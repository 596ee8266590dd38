"""Yes and no, choices, lists, addresses of the net."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from django.utils.translation import gettext_noop as _

from zhike.records.importing.header import label_key
from zhike.records.importing.problem import Faulty
from zhike.records.importing.table import Cell
from zhike.records.importing.values.cells import folded, is_nothing, several, text_of

_YES = {"是", "有", "对", "真", "y", "yes", "true", "t", "1", "√", "✓", "✔", "on", "启用", "已", "1.0"}
_NO = {"否", "无", "没有", "错", "假", "不是", "n", "no", "false", "f", "0", "×", "✗", "✘", "off", "停用", "未", "0.0"}
_LABEL = "[A-Za-z0-9一-鿿](?:[A-Za-z0-9一-鿿-]*[A-Za-z0-9一-鿿])?"
_EMAIL = re.compile(rf"[^@\s<>\"'(),;:\\]+@({_LABEL}\.)+[A-Za-z一-鿿]{{2,24}}")
_ANGLE = re.compile(r"<([^<>]+)>")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_BETWEEN_PHONES = re.compile(r"[;；,，、|\n]+|\s*/\s*|(?<=\d{7})\s+(?=\+?\d{7})")


def text(cell: Cell, *, length: int | None = None, lines: bool = False) -> str:
    """Text as it stands, outer blanks gone; inner line breaks only in a long text.

    Raises:
        Faulty: longer than the field.
    """
    found = text_of(cell)
    if not lines and ("\n" in found or "\r" in found or "\t" in found):
        found = " ".join(found.split())
    if length is not None and len(found) > length:
        raise Faulty(_("The text has %(length)s characters; at most %(limit)s fit."), length=len(found), limit=length)
    return found


def boolean(cell: Cell) -> bool | None:
    """Yes or no.

    Raises:
        Faulty: neither.
    """
    if isinstance(cell, bool):
        return cell
    found = folded(text_of(cell)).casefold()
    if found in _YES:
        return True
    if found in _NO:
        return False
    if is_nothing(found):
        return None
    raise Faulty(_("“%(text)s” is neither yes nor no."), text=text_of(cell))


class Choices:
    """The values of a choice field, found by code, by label in either language or by another name."""

    def __init__(self, named: Mapping[str, Iterable[str]]) -> None:
        """``named``: code to all its names, the first of which is shown."""
        self.known: dict[str, str] = {}
        self.shown: list[str] = []
        for code, names in named.items():
            names = list(names)
            self.shown.append(names[0] if names else code)
            for name in (code, *names):
                self.known.setdefault(label_key(name), code)

    def one(self, cell: Cell) -> str | None:
        """The code.

        Raises:
            Faulty: no such choice.
        """
        found = text_of(cell)
        code = self.known.get(label_key(found)) if found else None
        if code is not None or is_nothing(folded(found)):
            return code
        raise Faulty(_("“%(text)s” is not one of: %(choices)s."), text=found, choices=self._told())

    def many(self, cell: Cell) -> list[str]:
        """The codes.

        Raises:
            Faulty: one of them is no choice.
        """
        whole = text_of(cell)
        code = self.known.get(label_key(whole)) if whole else None
        if code is not None:
            return [code]
        parts = (part for one in several(whole) for part in self._parts(one))
        codes = (self.one(part) for part in parts)
        return list(dict.fromkeys(code for code in codes if code is not None))

    def _parts(self, text: str) -> list[str]:
        """“使用者/采购” are two, “内线/教练” is one."""
        return [text] if label_key(text) in self.known else re.split(r"[/／]", text)

    def _told(self) -> str:
        return ", ".join(self.shown[:12]) + (" …" if len(self.shown) > 12 else "")


def tags(cell: Cell, *, length: int = 40) -> list[str]:
    """Words, once each.

    Raises:
        Faulty: one is too long.
    """
    words = [word.lstrip("#").strip() for word in several(text_of(cell))]
    if any(len(word) > length for word in words):
        raise Faulty(_("A tag has at most %(limit)s characters."), limit=length)
    return list(dict.fromkeys(word for word in words if word))


def emails(cell: Cell) -> list[str]:
    """E-mail addresses; the domain in lower case.

    Raises:
        Faulty: one is none.
    """
    found: dict[str, None] = {}
    for part in re.split(r"[;；,，、|\s]+", _ANGLE.sub(r" \1 ", folded(text_of(cell)))):
        bare = part.removeprefix("mailto:").strip("\"'")
        if not bare or is_nothing(bare) or (part and "@" not in bare and "<" in text_of(cell)):
            continue
        if not _EMAIL.fullmatch(bare) or len(bare) > 254:
            raise Faulty(_("“%(text)s” is not an e-mail address."), text=bare)
        local, _at, domain = bare.rpartition("@")
        found[f"{local}@{domain.lower()}"] = None
    return list(found)


def phones(cell: Cell) -> list[str]:
    """The numbers of a cell, each as it was written; whether they are numbers, the field's own rule says."""
    if type(cell) is str and cell.isascii() and cell.isdigit():  # what an import has a hundred thousand of
        return [cell]
    parts = _BETWEEN_PHONES.split(folded(text_of(cell)))
    return list(dict.fromkeys(part.strip() for part in parts if part and not is_nothing(part.strip())))


def url(cell: Cell, *, length: int = 200) -> str:
    """A web address; `https://` is added where nothing stands.

    Raises:
        Faulty: no web address.
    """
    found = folded(text_of(cell))
    if is_nothing(found):
        return ""
    if not found.casefold().startswith(("http://", "https://")):
        if _SCHEME.match(found) and not re.match(r"[\w.-]+:\d+", found):
            raise Faulty(_("“%(text)s” is not a web address."), text=found)
        found = f"https://{found}"
    host = found.split("://", 1)[1].split("/", 1)[0]
    if " " in found or "." not in host or len(found) > length:
        raise Faulty(_("“%(text)s” is not a web address."), text=found)
    return found
