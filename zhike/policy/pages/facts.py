"""The facts of a decision for a person: each field with its name, rows a line each, keys of rows left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, get_args, get_type_hints

from django.utils.translation import gettext as _

from zhike.policy.kinds import ClauseKind, kind_of, known
from zhike.web.formats import full_moment

_KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_HIDDEN = {"subject_id", "org_unit_id", "person_id"}


def facts_of(code: str, facts: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """Name and lines of every fact that says something, of those that the reader may read (`policy.masking`)."""
    if not known(code):
        return [(name, [shown(value)]) for name, value in facts.items() if name not in _HIDDEN and shown(value)]
    kind: ClauseKind[Any, Any] = kind_of(code)
    hints = get_type_hints(kind.fact) if getattr(kind, "fact", None) else {}
    told = []
    for name, value in facts.items():
        lines = _lines(value, hints.get(name), kind.fact_labels)
        if name not in _HIDDEN and any(lines):
            told.append((_label(name, kind.fact_labels), [line for line in lines if line]))
    return told


def _label(name: str, labels: Mapping[str, Any]) -> str:
    return str(labels.get(name, name.replace("_", " ")))


def _lines(value: Any, hint: Any, labels: Mapping[str, Any]) -> list[str]:
    """A record is shown a field a line, rows a row a line, everything else as one line."""
    if isinstance(value, list) and hasattr(hint, "_fields"):
        named = zip(hint._fields, value, strict=False)
        return [f"{_label(name, labels)}: {shown(one)}" for name, one in named if shown(one)]
    if isinstance(value, dict):
        return [f"{_label(name, labels)}: {shown(one)}" for name, one in value.items() if shown(one)]
    if isinstance(value, list) and value and isinstance(value[0], list | dict):
        inner = next((one for one in get_args(hint) if hasattr(one, "_fields")), None)
        return [" · ".join(line for line in _lines(row, inner, labels) if line) for row in value]
    return [shown(value)]


def shown(value: Any) -> str:
    """A JSON value as a person reads it; nothing for what is empty and for the keys of rows."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return "; ".join(words for words in map(shown, value) if words)
    if isinstance(value, dict):
        return "; ".join(f"{name}: {shown(one)}" for name, one in value.items() if shown(one))
    text = str(value)
    if _KEY.fullmatch(text):
        return ""
    return full_moment(datetime.fromisoformat(text)) if _MOMENT.match(text) else text
