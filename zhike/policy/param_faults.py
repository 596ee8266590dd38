"""What is wrong with a parameter, in words for whoever fills in the form of a clause."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

_CHOICE = {"literal_error", "enum", "bool_parsing", "bool_type"}


def said(error: Any) -> str:
    """A fault that pydantic found (one of ``ValidationError.errors()``)."""
    kind, given = str(error["type"]), error.get("ctx", {})
    if kind == "missing" or (error.get("input", "") in (None, "") and not kind.startswith("value")):
        return _("Write something.") if kind not in _CHOICE else _("Choose one.")
    if kind in _CHOICE:
        return _("Choose one.")
    if kind.startswith("int_"):
        return _("A whole number is needed.")
    if kind in ("decimal_parsing", "decimal_type", "float_parsing", "float_type", "finite_number"):
        return _("A number is needed.")
    if kind.startswith(("date_", "datetime_")):
        return _("A day is needed, such as 2026-01-31.")
    limits = {
        "greater_than_equal": (_("Not less than %s."), "ge"),
        "greater_than": (_("More than %s."), "gt"),
        "less_than_equal": (_("Not more than %s."), "le"),
        "less_than": (_("Less than %s."), "lt"),
        "string_too_long": (_("At most %s characters."), "max_length"),
        "string_too_short": (_("At least %s characters."), "min_length"),
        "too_short": (_("At least %s entries."), "min_length"),
        "too_long": (_("At most %s entries."), "max_length"),
        "decimal_max_places": (_("At most %s places after the point."), "decimal_places"),
    }
    if kind in limits:
        text, name = limits[kind]
        return text % given[name]
    if kind == "value_error":
        return str(given.get("error", error["msg"]))
    return str(error["msg"])
