"""Two people at one draft: the second sees, field by field, what the first saved, and chooses (clauses, headings)."""

from __future__ import annotations

from typing import Any, NoReturn

from django.http import HttpRequest

from zhike.kernel.errors import Conflict
from zhike.policy.comparing import in_words
from zhike.policy.models import Clause
from zhike.policy.params_form import PREFIX
from zhike.records.comparing import Words, events_since, set_back, tell, twin
from zhike.web.errors import PICK, THEIRS

Values = dict[str, Any]


def picked(request: HttpRequest, row: Any, values: Values) -> Values:
    """The values to save: where the other person's were chosen, what stands in the row now."""

    def theirs(name: str) -> bool:
        return request.POST.get(PICK + name) == THEIRS

    found = {name: getattr(row, name) if theirs(name) else value for name, value in values.items()}
    if isinstance(row, Clause) and "params" in found and row.kind == found.get("kind"):
        found["params"] = {
            name: row.params.get(name, value) if theirs(f"{PREFIX}.{name}") else value
            for name, value in found["params"].items()
        }
    return found


def compared(row: Any, values: Values, since: int | None, conflict: Conflict) -> NoReturn:
    """Raise the conflict with every field in which the two differ.

    Args:
        row: as it stands now.
        values: what the second person wanted to save.

    Raises:
        Conflict: always.
    """
    events = events_since(row, since)
    mine, before = twin(row), twin(row)
    for name, value in values.items():
        setattr(mine, name, value)
    for event in events:
        set_back(before, event.data["changes"])
    tell(row, events, (_in_words(row), _in_words(mine), _in_words(before)), conflict)


def _in_words(row: Any) -> Words:
    if isinstance(row, Clause):
        return in_words(row)
    fields = {name: row._meta.get_field(name) for name in ("title", "title_en")}
    return {name: (str(field.verbose_name), getattr(row, name)) for name, field in fields.items()}
