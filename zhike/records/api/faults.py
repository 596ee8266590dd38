"""What is wrong with a value that a program sent, in the language it asks for; the library's own words are English."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

_TOO_LONG, _WRONG_LIST, _WRONG_KEY = _("At most %(max_length)s characters."), _("Send a list."), _("Send a key (UUID).")
_NUMBER, _WHOLE = _("Send a number."), _("Send a whole number.")
_DAY, _MOMENT = _("Send a day: 2026-03-08."), _("Send a moment: 2026-03-08T14:30:00+08:00.")
_SAID = {
    "missing": _("This is required."),
    "extra_forbidden": _("There is no such field."),
    "string_type": _("Send a text."),
    "string_too_long": _TOO_LONG,
    "string_too_short": _("At least %(min_length)s characters."),
    "string_pattern_mismatch": _("This has not the right form."),
    "bool_type": _("Send true or false."),
    "bool_parsing": _("Send true or false."),
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _("The number is too large."),
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "decimal_max_digits": _("At most %(max_digits)s digits."),
    "decimal_max_places": _("At most %(decimal_places)s digits after the point."),
    "decimal_whole_digits": _("At most %(whole_digits)s digits before the point."),
    "greater_than": _("This must be more than %(gt)s."),
    "greater_than_equal": _("This must be at least %(ge)s."),
    "less_than": _("This must be less than %(lt)s."),
    "less_than_equal": _("This must be at most %(le)s."),
    "literal_error": _("Send one of: %(expected)s."),
    "enum": _("Send one of: %(expected)s."),
    "list_type": _WRONG_LIST,
    "tuple_type": _WRONG_LIST,
    "set_type": _WRONG_LIST,
    "too_long": _("At most %(max_length)s entries."),
    "too_short": _("At least %(min_length)s entries."),
    "dict_type": _("Send an object."),
    "model_type": _("Send an object."),
    "model_attributes_type": _("Send an object."),
    "uuid_type": _WRONG_KEY,
    "uuid_parsing": _WRONG_KEY,
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "datetime_type": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "json_invalid": _("This is not valid JSON."),
}


def told(fault: dict[str, Any]) -> str:
    """The message of one of pydantic's errors; its own where it is none of the usual ones."""
    message = _SAID.get(fault.get("type", ""))
    if message is None:
        return str(fault["msg"])
    try:
        return gettext(message) % (fault.get("ctx") or {})
    except KeyError:  # a version that names its limits otherwise
        return str(fault["msg"])
