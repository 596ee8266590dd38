"""What was typed or imported, brought into the form in which it is kept, with what is wrong said per field.

Page, API and import all come through here; nothing is asked of the database.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from zhike.customers.rules import birthdays, industries, names, reach, regions, uscc

Values = dict[str, Any]
Faults = dict[str, str]
_Cleaner = Callable[[Any], Any]
_NOT_IN_ADDRESSES = re.compile(r"[\s<>\"']")


class Wrong(ValueError):
    """The value does not fit; the message is what the user reads."""


def clean(values: Mapping[str, Any], *, person: bool) -> tuple[Values, Faults]:
    """Normalise the values that have a standard; others pass as they are.

    Args:
        person: names of persons are shorter than those of enterprises.

    Returns:
        The values, and per field at fault the message.
    """
    cleaned: Values = {}
    faults: Faults = {}
    for name, value in values.items():
        cleaner = _CLEANERS.get(name)
        try:
            if name == "name":
                cleaned[name] = _name(value, person=person)
            elif cleaner is not None:
                cleaned[name] = cleaner(value)
            else:
                cleaned[name] = _text(value) if isinstance(value, str) else value
        except Wrong as wrong:
            faults[name] = str(wrong)
    return cleaned, faults


def _text(value: str) -> str:
    # PostgreSQL keeps no NUL; nobody typed one on purpose.
    return value.replace("\x00", "").strip()


def _name(value: Any, *, person: bool) -> str:
    tidy = names.tidy(str(value or ""))
    match names.length_fault(tidy, person=person):
        case "short":
            raise Wrong(_("Give the full name: at least 2 characters.") if tidy else _("Give a name."))
        case "long":
            most = names.MAX_PERSON if person else names.MAX_ENTERPRISE
            raise Wrong(_("This name is longer than %d characters.") % most)
    return tidy


def _phones(value: Any) -> list[str]:
    return _each(value, reach.phone, lambda raw: _("“%s” is not a phone number.") % raw)


def _emails(value: Any) -> list[str]:
    return _each(value, reach.email, lambda raw: _("“%s” is not an e-mail address.") % raw)


def _each(value: Any, convert: Callable[[str], str | None], message: Callable[[str], str]) -> list[str]:
    found: dict[str, None] = {}
    for raw in [value] if isinstance(value, str) else value or []:
        if not str(raw).strip():
            continue
        normal = convert(str(raw))
        if normal is None:
            raise Wrong(message(str(raw)[:60]))
        found[normal] = None
    return list(found)


def _handles(value: Any) -> list[dict[str, str]]:
    found: dict[tuple[str, str], dict[str, str]] = {}
    for row in value or []:
        kind, raw = str(row.get("kind") or "WECHAT").upper(), _text(str(row.get("value") or ""))
        if not raw:
            continue
        if kind not in reach.HANDLE_KINDS:
            raise Wrong(_("“%s” is no kind of account.") % kind[:30])
        normal = reach.handle(kind, raw)
        if normal is None:
            raise Wrong(_("“%(value)s” is not a %(kind)s account.") % {"value": raw[:60], "kind": kind})
        found[kind, normal.lower()] = {"kind": kind, "value": normal}
    return list(found.values())


def _addresses(value: Any) -> list[dict[str, str]]:
    found = []
    for row in value or []:
        detail = _text(str(row.get("detail") or ""))[:200]
        code = _region(row.get("region_code") or "")
        if detail or code:
            found.append({"label": _text(str(row.get("label") or ""))[:30], "region_code": code, "detail": detail})
    return found


def _region(value: Any) -> str:
    text = _text(str(value or ""))
    if not text:
        return ""
    code = regions.from_text(text)
    if code is None:
        raise Wrong(_("“%s” is not a region. Give its six-digit code or province, city and county.") % text[:60])
    return code


def _industry(value: Any) -> str:
    text = _text(str(value or ""))
    code = industries.normalise(text) if text else ""
    if code is None:
        said = _("“%s” is not an industry of GB/T 4754-2017. Give its code, such as H62, or its name.")
        raise Wrong(said % text[:60])
    return code


def _uscc(value: Any) -> str:
    code = uscc.compact(str(value or ""))
    if code:
        _check_code(uscc.fault(code))
    return code


def _taxpayer(value: Any) -> str:
    code = uscc.compact(str(value or ""))
    if code and (fault := uscc.taxpayer_fault(code)):
        raise Wrong(
            _("A taxpayer number has 15, 17, 18 or 20 characters.")
            if fault == uscc.LENGTH
            else _("This number is wrong.")
        )
    return code


def _check_code(fault: str | None) -> None:
    match fault:
        case uscc.LENGTH:
            raise Wrong(_("A credit code has 18 characters."))
        case uscc.CHARACTERS:
            raise Wrong(_("A credit code has digits and capital letters, but never I, O, S, V or Z."))
        case uscc.CHECK_DIGIT:
            raise Wrong(_("The check digit of this credit code is wrong: please compare with the licence."))


def _birthday(value: Any) -> str:
    text = _text(str(value or ""))
    if not text:
        return ""
    found = birthdays.parse(text)
    if found is None:
        raise Wrong(_("“%s” is not a birthday. Write 1986-05-29, 5-29 or 农历八月十五.") % text[:40])
    return str(found)


def _website(value: Any) -> str:
    text = _text(str(value or ""))
    if not text:
        return ""
    if "://" not in text:
        text = "https://" + text
    if not text.lower().startswith(("http://", "https://")) or _NOT_IN_ADDRESSES.search(text):
        raise Wrong(_("“%s” is not a web address.") % text[:60])
    return text


def _words(value: Any) -> list[str]:
    parts = [value] if isinstance(value, str) else value or []
    return list(dict.fromkeys(word for part in parts if (word := _text(str(part)))))


_CLEANERS: dict[str, _Cleaner] = {
    "phones": _phones,
    "emails": _emails,
    "handles": _handles,
    "addresses": _addresses,
    "region_code": _region,
    "industry_code": _industry,
    "uscc": _uscc,
    "taxpayer_id": _taxpayer,
    "birthday": _birthday,
    "website": _website,
    "tags": _words,
    "preferred_colours": _words,
    "preferred_fabrics": _words,
}
