"""A filter in words: the chips over a list."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.kernel.errors import Refused
from zhike.records.cells import make_cell
from zhike.records.description import Description
from zhike.records.fields import Field
from zhike.records.filters import Tree, read_number
from zhike.records.kinds import KEYS, MOMENTS, NUMBERS, Kind
from zhike.staff.models import User
from zhike.web.formats import listed

OPERATORS: dict[str, Any] = {
    "is": gettext_lazy("is"),
    "is_not": gettext_lazy("is not"),
    "in": gettext_lazy("is one of"),
    "not_in": gettext_lazy("is none of"),
    "contains": gettext_lazy("contains"),
    "starts": gettext_lazy("begins with"),
    "lt": gettext_lazy("less than"),
    "lte": gettext_lazy("at most"),
    "gt": gettext_lazy("more than"),
    "gte": gettext_lazy("at least"),
    "between": gettext_lazy("between"),
    "last_days": gettext_lazy("in the last days"),
    "next_days": gettext_lazy("in the next days"),
    "period": gettext_lazy("in the period"),
    "below": gettext_lazy("is in or under"),
    "has_any": gettext_lazy("has any of"),
    "has_all": gettext_lazy("has all of"),
    "has_none": gettext_lazy("has none of"),
    "empty": gettext_lazy("is empty"),
    "not_empty": gettext_lazy("is not empty"),
}
MOMENT_OPERATORS = {
    "lt": gettext_lazy("before"),
    "lte": gettext_lazy("until"),
    "gt": gettext_lazy("after"),
    "gte": gettext_lazy("from"),
}
PERIOD_WORDS = {
    "today": gettext_lazy("today"),
    "yesterday": gettext_lazy("yesterday"),
    "tomorrow": gettext_lazy("tomorrow"),
    "this_week": gettext_lazy("this week"),
    "last_week": gettext_lazy("last week"),
    "next_week": gettext_lazy("next week"),
    "this_month": gettext_lazy("this month"),
    "last_month": gettext_lazy("last month"),
    "next_month": gettext_lazy("next month"),
    "this_quarter": gettext_lazy("this quarter"),
    "last_quarter": gettext_lazy("last quarter"),
    "this_year": gettext_lazy("this year"),
    "last_year": gettext_lazy("last year"),
}


def operator_label(field: Field, op: str) -> str:
    """The operator as it is read beside this field."""
    special = MOMENT_OPERATORS.get(op) if field.kind in MOMENTS else None
    return str(special or OPERATORS.get(op, op))


@dataclass(frozen=True)
class Chip:
    """A condition in words, and the filter that remains without it."""

    text: str
    without: Tree


def chips(description: Description, tree: Tree, user: User) -> list[Chip]:
    """One chip for each top-level part of a filter."""
    if not tree:
        return []
    parts = tree["all"] if isinstance(tree.get("all"), list) else [tree]
    words = Words(description, user, tree)
    found = []
    for index, part in enumerate(parts):
        rest = [copy.deepcopy(other) for at, other in enumerate(parts) if at != index]
        found.append(Chip(words.of(part), {"all": rest} if rest else {}))
    return found


class Words:
    """Says a filter in words. The names that keys stand for are asked for once."""

    def __init__(self, description: Description, user: User, tree: Any) -> None:
        self.fields = description.readable(user)
        self.user = user
        self.names = self._names(tree)

    def _names(self, tree: Any) -> dict[str, str]:
        from zhike.records.forms import targets
        from zhike.records.naming import name_for

        wanted: dict[str, tuple[Field, set[uuid.UUID]]] = {}
        for condition in conditions(tree):
            field = self.fields.get(str(condition.get("field")))
            if field is not None and field.kind in KEYS:
                keys = wanted.setdefault(field.target or field.kind, (field, set()))[1]
                keys.update(_keys(condition.get("value")))
        names: dict[str, str] = {}
        for field, keys in wanted.values():
            if keys:
                found = targets(field, self.user, past=True).filter(pk__in=keys)
                names |= {str(one.pk): name_for(one, self.user) for one in found}
        return names

    def of(self, tree: Any) -> str:
        if not isinstance(tree, dict):
            return "?"
        for word, joint in (("all", _(" and ")), ("any", _(" or "))):
            if isinstance(tree.get(word), list):
                return joint.join(self._inner(part) for part in tree[word]) or _("everything")
        if "not" in tree:
            return _("not (%s)") % self.of(tree["not"])
        field = self.fields.get(str(tree.get("field")))
        if field is None:
            return _("search: %s") % tree.get("value") if tree.get("field") == "search" else "?"
        value = self.value(field, str(tree.get("op")), tree.get("value"))
        return " ".join(part for part in (str(field.label), operator_label(field, str(tree.get("op"))), value) if part)

    def _inner(self, tree: Any) -> str:
        said = self.of(tree)
        is_group = isinstance(tree, dict) and any(isinstance(tree.get(word), list) for word in ("all", "any"))
        return f"({said})" if is_group else said

    def value(self, field: Field, op: str, value: Any) -> str:
        if op in ("empty", "not_empty"):
            return ""
        if op == "period":
            return str(PERIOD_WORDS.get(str(value), value))
        if op == "between" and isinstance(value, list) and len(value) == 2:
            return f"{self.one(field, value[0])} – {self.one(field, value[1])}"
        values = value if isinstance(value, list) else [value]
        said = [self.one(field, one) for one in values[:6]]
        return listed(said) + ("…" if len(values) > 6 else "")

    def one(self, field: Field, value: Any) -> str:
        if value in (None, ""):
            return ""
        if field.kind in KEYS:
            return {"me": _("me"), "my_unit": _("my department")}.get(str(value), self.names.get(str(value), "…"))
        if field.kind is Kind.BOOLEAN or field.kind in (Kind.CHOICE, Kind.REGION, Kind.INDUSTRY):
            return make_cell(field, value in (True, "true", "1") if field.kind is Kind.BOOLEAN else value).text
        if field.kind is Kind.MULTI_CHOICE:
            return str(dict(field.choices).get(str(value), value))
        if field.kind in NUMBERS:
            try:
                return f"{read_number(value):,}"
            except (ArithmeticError, ValueError, Refused):
                return str(value)
        return str(value)


def conditions(tree: Any) -> Iterator[dict[str, Any]]:
    """Every condition of a tree."""
    if isinstance(tree, dict):
        if "field" in tree:
            yield tree
        for word in ("all", "any"):
            for part in tree[word] if isinstance(tree.get(word), list) else []:
                yield from conditions(part)
        if "not" in tree:
            yield from conditions(tree["not"])


def _keys(value: Any) -> Iterator[uuid.UUID]:
    for one in value if isinstance(value, list) else [value]:
        try:
            yield uuid.UUID(str(one))
        except ValueError:
            continue
