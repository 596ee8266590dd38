"""vCard 2.1, 3.0 and 4.0 as phones and mail programs really write them, one row per card.

Written by hand because the libraries stop at a whole file for one bad photo in it; here pictures, keys
and sounds are passed over unread.
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from zhike.records.importing.readers.encoding import decide, decode_line
from zhike.records.importing.table import Row, Table

# The header that the mapping page sees; the same words as the labels of a contact.
HEADER = (
    "Name", "Company", "Department", "Position", "Phones", "E-mails", "Address", "Website", "Birthday", "Tags",
    "Remark",
)  # fmt: skip
_UNREAD = {"PHOTO", "LOGO", "KEY", "SOUND"}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SPLIT = re.compile(r"(?<!\\);")


@dataclass
class _Property:
    name: str
    params: dict[str, str]
    value: str

    def parts(self) -> list[str]:
        return [_plain(part) for part in _SPLIT.split(self.value)]


@dataclass
class _Card:
    properties: list[_Property] = field(default_factory=list)

    def all(self, name: str) -> list[_Property]:
        return [prop for prop in self.properties if prop.name == name]

    def text(self, name: str) -> str:
        return next((_plain(prop.value) for prop in self.all(name) if prop.value.strip()), "")


def read_vcards(path: Path, encoding: str = "") -> Table:
    """The cards of a file under `HEADER`."""
    known = decide(path, encoding)
    raw = path.read_bytes()
    if known.mixed:
        text = "".join(decode_line(line, known.name)[0] for line in raw.splitlines(keepends=True))
    else:
        text = raw.decode(known.name)
    return Table(kind="vcard", rows=_rows(text), encoding=known.name)


def _rows(text: str) -> Iterator[Row]:
    yield Row(1, list(HEADER))
    for number, card in enumerate(_cards(text), 2):
        yield Row(number, list(_flat(card)))


def _cards(text: str) -> Iterator[_Card]:
    card: _Card | None = None
    depth = 0
    for line in _logical_lines(text):
        upper = line.strip().upper()
        if upper == "BEGIN:VCARD":
            depth += 1
            card = card or _Card()
        elif upper == "END:VCARD":
            depth -= 1
            if card is not None and depth <= 0:
                yield card
                card, depth = None, 0
        elif card is not None and depth == 1 and (found := _property(line)) is not None:
            card.properties.append(found)
    if card is not None and card.properties:
        yield card


def _logical_lines(text: str) -> Iterator[str]:
    """Folded lines joined: by a blank at the start (3.0) or by `=` at the end (2.1, quoted-printable)."""
    held = ""
    soft = False
    for line in re.split(r"\r\n|\r|\n", text.replace("\0", "")):
        if soft:
            held = held[:-1] + line
        elif line[:1] in (" ", "\t") and held:
            held += line[1:]
        else:
            if held:
                yield held
            held = line
        soft = held.endswith("=") and "QUOTED-PRINTABLE" in held.split(":", 1)[0].upper()
    if held:
        yield held


def _property(line: str) -> _Property | None:
    head, colon, value = line.partition(":")
    if not colon:
        return None
    first, *rest = head.split(";")
    name = first.rsplit(".", 1)[-1].strip().upper()
    if name in _UNREAD:
        return None
    params: dict[str, str] = {}
    for item in rest:
        key, _equals, val = item.partition("=")
        params[key.upper()] = (params.get(key.upper(), "") + " " + val.upper()).strip()
    if "QUOTED-PRINTABLE" in params or params.get("ENCODING") == "QUOTED-PRINTABLE":
        value = _unquote(value, params.get("CHARSET", "UTF-8"))
    return _Property(name, params, value)


def _unquote(value: str, charset: str) -> str:
    raw = quopri.decodestring(value.encode("utf-8", "replace"))
    for name in (charset, "utf-8", "gb18030"):
        try:
            return raw.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    return raw.decode("utf-8", "replace")


def _plain(value: str) -> str:
    return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], value).strip()


def _flat(card: _Card) -> tuple[str, ...]:
    organisation = next((prop.parts() for prop in card.all("ORG")), [])
    return (
        card.text("FN") or _name(card),
        organisation[0] if organisation else "",
        " ".join(part for part in organisation[1:] if part),
        card.text("TITLE"),
        "; ".join(_values(card, "TEL", "tel:")),
        "; ".join(_values(card, "EMAIL", "mailto:")),
        next((_address(prop) for prop in card.all("ADR")), ""),
        card.text("URL"),
        card.text("BDAY"),
        "; ".join(_plain(tag) for prop in card.all("CATEGORIES") for tag in prop.value.split(",")),
        "\n".join(filter(None, (_plain(prop.value) for prop in card.all("NOTE")))),
    )


def _name(card: _Card) -> str:
    """From the parts of N: family name first where it is Chinese."""
    parts = [*next((prop.parts() for prop in card.all("N")), []), "", "", ""]
    family, given, middle = parts[0], parts[1], parts[2]
    if family and not family.isascii() and family[0] >= "\u4e00":
        return family + middle + given
    return " ".join(part for part in (given, middle, family) if part) or card.text("NICKNAME")


def _values(card: _Card, name: str, scheme: str) -> list[str]:
    """Once each; fax numbers are no phones."""
    found: dict[str, None] = {}
    for prop in card.all(name):
        if "FAX" in prop.params or "FAX" in prop.params.get("TYPE", ""):
            continue
        value = _plain(prop.value)
        value = value[len(scheme) :] if value.lower().startswith(scheme) else value
        if value:
            found[value] = None
    return list(found)


def _address(prop: _Property) -> str:
    """Chinese order (country to street) for Chinese addresses, the usual one for others."""
    box, extended, street, city, region, code, country = [*prop.parts(), *[""] * 7][:7]
    western = (box, extended, street, city, region, code, country)
    if any("\u4e00" <= char <= "\u9fff" for part in western for char in part):
        return "".join((country, region, city, street, extended, box))
    return ", ".join(part for part in western if part)
