"""The one filter language: a JSON tree of field, operator and value, compiled to a condition.

    {"all": [{"field": "status", "op": "in", "value": ["ACTIVE"]},
             {"any": [{"field": "name", "op": "contains", "value": "华为"}, {"not": {…}}]}]}

Saved views, bulk work, exports, the API, and later segments, pools and clauses use it. It never
reaches SQL as text.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import BooleanField, F, Func, Q, Value
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from zhike.access.models.owned import Seen
from zhike.access.rights import rights_of
from zhike.kernel.clock import business_date, end_of_day, start_of_day
from zhike.kernel.errors import Refused
from zhike.kernel.texts import storable
from zhike.records.description import Description
from zhike.records.fields import Field
from zhike.records.importing.values.numbers import typed
from zhike.records.kinds import KEYS, MOMENTS, NUMBERS, STRUCTURES, Kind
from zhike.search.common import many_have
from zhike.search.fields import Searchable
from zhike.search.query import chinese_of, finds, mail_query, number_query
from zhike.search.tokens import fold
from zhike.staff.models import User

Tree = dict[str, Any]
MAX_DEPTH = 6
MAX_CONDITIONS = 60
MAX_VALUES = 500
MOST_DIGITS = 40  # of a number that is compared: no column has so many

_EMPTY = ("empty", "not_empty")
_CHOICES = ("in", "not_in", *_EMPTY)
_ORDERED = ("is", "lt", "lte", "gt", "gte", "between", *_EMPTY)


def operators(kind: Kind) -> tuple[str, ...]:
    """What can be asked of a kind, the usual one first."""
    if kind in NUMBERS:
        return _ORDERED
    if kind in MOMENTS:
        return ("between", "is", "lt", "lte", "gt", "gte", "last_days", "next_days", "period", *_EMPTY)
    if kind is Kind.BOOLEAN:
        return ("is", *_EMPTY)
    if kind is Kind.CHOICE or kind in (Kind.USER, Kind.RECORD):
        return _CHOICES
    if kind is Kind.ORG_UNIT:
        return ("below", *_CHOICES)
    if kind in (Kind.TAGS, Kind.MULTI_CHOICE):
        return ("has_any", "has_all", "has_none", *_EMPTY)
    if kind in (Kind.PHONES, Kind.EMAILS):
        return ("contains", *_EMPTY)
    if kind in STRUCTURES:
        return _EMPTY
    if kind in (Kind.REGION, Kind.INDUSTRY):
        return ("starts", "is", "in", *_EMPTY)
    return ("contains", "is", "is_not", "starts", "in", *_EMPTY)


def compile_filter(description: Description, tree: Tree | None, user: User, *, within: bool = False) -> Q:
    """The condition of a tree.

    Args:
        user: whose rights hold: a field hidden from him cannot be asked about; ``"me"`` is he.
        within: only rows of some places are asked for, in the list's order: what is common there is found by walking.

    Raises:
        Refused: the tree is malformed, or names a field or operator there is not.
    """
    if not tree:
        return Q()
    if not isinstance(tree, dict):
        raise Refused(_("A filter is an object with “all”, “any”, “not” or a field."))
    return _Compiler(description, user, within).node(storable(tree), 0)


def askable(description: Description, user: User) -> dict[str, Field]:
    """The fields that the user may filter by. A masked one is not: by asking often enough one would read it."""
    rights = rights_of(user)
    return {
        name: field
        for name, field in description.readable(user).items()
        if field.filterable and description.right(rights, name) != "MASKED"
    }


class _Compiler:
    def __init__(self, description: Description, user: User, within: bool) -> None:
        self.description = description
        self.user = user
        self.within = within
        self.fields = askable(description, user)
        self.left = MAX_CONDITIONS

    def node(self, tree: Any, depth: int) -> Q:
        if depth > MAX_DEPTH or not isinstance(tree, dict):
            raise Refused(_("This filter is nested too deeply or malformed."))
        if "all" in tree or "any" in tree:
            return self.group(tree, depth)
        if "not" in tree:
            return ~self.node(tree["not"], depth + 1)
        return self.condition(tree)

    def group(self, tree: Tree, depth: int) -> Q:
        word = "all" if "all" in tree else "any"
        parts = tree[word]
        if not isinstance(parts, list):
            raise Refused(_("“%s” takes a list of conditions.") % word)
        result = Q()
        for part in parts:
            inner = self.node(part, depth + 1)
            result = result & inner if word == "all" else result | inner
        return result

    def condition(self, tree: Tree) -> Q:
        self.left -= 1
        if self.left < 0:
            raise Refused(_("This filter has too many conditions."))
        name, op = tree.get("field"), tree.get("op")
        if name == "search":
            return self.search(tree.get("value"))
        field = self.fields.get(name) if isinstance(name, str) else None
        if field is None:
            raise Refused(_("There is no field “%s” to filter by.") % name, fields={"filter": str(name)})
        if op not in operators(field.kind):
            raise Refused(_("“%(field)s” cannot be asked “%(op)s”.") % {"field": field.label, "op": op})
        try:
            return self.ask(field, str(op), tree.get("value"))
        except (ValueError, TypeError, LookupError, InvalidOperation, OverflowError) as error:
            raise Refused(
                _("“%(value)s” does not fit “%(field)s”.") % {"value": tree.get("value"), "field": field.label},
                fields={field.name: str(error)},
            ) from error

    def search(self, value: Any) -> Q:
        query = self.description.query(str(value or ""), self.user)
        return Q(search_tokens__asks=query) if query else Q()

    def ask(self, field: Field, op: str, value: Any) -> Q:
        if op in _EMPTY:
            empty = _is_empty(field)
            return empty if op == "empty" else ~empty
        if field.kind in MOMENTS:
            return _moment(field, op, value)
        if field.kind in NUMBERS:
            return _ordered(field, op, value, read_number)
        if field.kind is Kind.BOOLEAN:
            return Q(**{field.lookup: _boolean(value)})
        if field.kind in (Kind.TAGS, Kind.MULTI_CHOICE):
            return self.having(field, op, _values(value))
        if field.kind in (Kind.PHONES, Kind.EMAILS):
            return self.reached_by(field, str(value or "").replace("\x00", ""))
        if field.kind in KEYS:
            return self.key(field, op, _values(value))
        if field.kind is Kind.CHOICE:
            return _choice(field, op, [str(one) for one in _values(value)])
        return self.text(field, op, value)

    def text(self, field: Field, op: str, value: Any) -> Q:
        if op == "in":
            return Q(**{f"{field.lookup}__in": [str(one) for one in _values(value)]})
        text = str(value if value is not None else "").replace("\x00", "").strip()
        match op:
            case "is":
                return Q(**{field.lookup: text})
            case "is_not":
                return ~Q(**{field.lookup: text})
            case "starts":
                return Q(**{f"{field.lookup}__startswith": text})
        condition = Q(**{f"{field.lookup}__icontains": text})
        # The name is in the search tokens: they find it through an index where LIKE reads every row.
        named = field.name in ("name", "short_name") and issubclass(self.description.model, Searchable)
        return condition & finds(chinese_of(text)) if named and len(chinese_of(text)) > 1 else condition

    def reached_by(self, field: Field, text: str) -> Q:
        if not issubclass(self.description.model, Searchable):
            return Q(pk__in=[])
        query = number_query(text) if field.kind is Kind.PHONES else mail_query(text)
        if not query:
            raise ValueError(_("Give the whole of it, an e-mail's beginning or a number's last four digits."))
        asked = Q(search_tokens__asks=query)
        # Chat accounts have tokens of the same kind.
        return asked if field.kind is Kind.PHONES else asked & Q(_Begins(F(field.name), Value(fold(text))))

    def having(self, field: Field, op: str, values: list[Any]) -> Q:
        condition = _having(field, op, values)
        if not self.within or field.is_custom or op == "has_none":
            return condition
        # The planner believes that an index of arrays is read in no time: 94,000 entries of a tag take 20 ms.
        common = many_have(self.description.model, field.name, map(str, values))
        return Q(Seen(condition)) if common else condition

    def key(self, field: Field, op: str, values: list[Any]) -> Q:
        me = {"me": self.user.pk, "my_unit": self.user.org_unit_id}
        keys: list[Any] = [me[one] if one in me else uuid.UUID(str(one)) for one in values]
        if op == "below":
            from zhike.staff.models import OrgUnit

            keys = list(OrgUnit.objects.below(keys).values_list("pk", flat=True))
        column = field.lookup if field.is_custom else f"{field.name}_id"
        if field.is_custom:
            keys = [str(key) for key in keys]
        condition = Q(**{f"{column}__in": keys})
        return ~condition if op == "not_in" else condition


def _values(value: Any) -> list[Any]:
    values = value if isinstance(value, list) else [value]
    if len(values) > MAX_VALUES:
        raise ValueError(_("At most %d values.") % MAX_VALUES)
    return values


def _is_empty(field: Field) -> Q:
    if field.is_custom:
        return Q(**{f"{field.lookup}__isnull": True}) | Q(**{field.lookup: None})
    null = Q(**{f"{field.name}__isnull": True})
    if field.kind in (Kind.PHONES, Kind.EMAILS, Kind.TAGS, Kind.MULTI_CHOICE, Kind.HANDLES, Kind.ADDRESSES):
        return null | Q(**{field.name: []})
    is_text = field.column is not None and field.column.empty_strings_allowed and field.kind not in KEYS
    return null | Q(**{field.name: ""}) if is_text and field.kind not in NUMBERS | MOMENTS else null


class _Begins(Func):
    """Whether any text of an array begins with a text in lower case."""

    template = "EXISTS (SELECT FROM unnest(%(expressions)s))"
    arg_joiner = ") AS each(one) WHERE starts_with(lower(each.one), "
    output_field = BooleanField()


def read_number(value: Any) -> Decimal:
    """A number as people write it: 1,200,000 or 120万."""
    number = typed(value) if isinstance(value, str) else Decimal(str(value))
    if not number.is_finite() or abs(number.adjusted()) > MOST_DIGITS:
        raise ValueError(_("Enter a number."))
    return number


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() in ("true", "1", "yes"):
        return True
    if str(value).lower() in ("false", "0", "no"):
        return False
    raise ValueError(_("Yes or no."))


def _ordered(field: Field, op: str, value: Any, parse: Callable[[Any], Any]) -> Q:
    def ready(one: Any) -> Any:
        parsed = parse(one)
        return float(parsed) if field.is_custom else parsed

    if op == "between":
        low, high = value
        condition = Q()
        if low not in (None, ""):
            condition &= Q(**{f"{field.lookup}__gte": ready(low)})
        if high not in (None, ""):
            condition &= Q(**{f"{field.lookup}__lte": ready(high)})
        return condition
    return Q(**{field.lookup if op == "is" else f"{field.lookup}__{op}": ready(value)})


def _choice(field: Field, op: str, codes: list[str]) -> Q:
    known = dict(field.choices)
    unknown = [code for code in codes if code not in known]
    if unknown:
        raise ValueError(_("“%s” is not one of the choices.") % unknown[0])
    condition = Q(**{f"{field.lookup}__in": codes})
    return ~condition if op == "not_in" else condition


def _having(field: Field, op: str, values: list[Any]) -> Q:
    words = [str(value) for value in values]
    if field.is_custom:
        each = [Q(**{f"{field.lookup}__contains": [word]}) for word in words]
        every, some = Q(), Q()
        for one in each:
            every, some = every & one, some | one
    else:
        every, some = Q(**{f"{field.name}__contains": words}), Q(**{f"{field.name}__overlap": words})
    return {"has_any": some, "has_all": every, "has_none": ~some}[op]


def _day(value: Any) -> datetime.date:
    found = parse_date(str(value)[:10])
    if found is None:
        raise ValueError(_("Enter a date like 2026-01-31."))
    return found


def _moment(field: Field, op: str, value: Any) -> Q:
    today = business_date()
    match op:
        case "last_days":
            low, high = today - datetime.timedelta(days=int(value)), today
        case "next_days":
            low, high = today, today + datetime.timedelta(days=int(value))
        case "period":
            low, high = period(str(value), today)
        case "is":
            low = high = _day(value)
        case "between":
            low = _day(value[0]) if value[0] else datetime.date.min
            high = _day(value[1]) if value[1] else datetime.date.max
        case _:
            return _compare(field, op, value)
    return _days(field, low, high)


def _compare(field: Field, op: str, value: Any) -> Q:
    if field.kind is Kind.DATETIME and "T" in str(value):
        return Q(**{f"{field.lookup}__{op}": _instant(str(value))})
    day = _day(value)
    if field.kind is Kind.DATETIME:
        edge = end_of_day(day) if op in ("gt", "lte") else start_of_day(day)
        return Q(**{f"{field.lookup}__{'lt' if op.startswith('l') else 'gte'}": edge})
    return Q(**{f"{field.lookup}__{op}": day.isoformat() if field.is_custom else day})


def _instant(text: str) -> datetime.datetime:
    found = parse_datetime(text)
    if found is None:
        raise ValueError(_("Enter a date like 2026-01-31."))
    return timezone.make_aware(found) if timezone.is_naive(found) else found


def _days(field: Field, low: datetime.date, high: datetime.date) -> Q:
    condition = Q()
    if field.kind is Kind.DATETIME:
        if low > datetime.date.min:
            condition &= Q(**{f"{field.lookup}__gte": start_of_day(low)})
        if high < datetime.date.max:
            condition &= Q(**{f"{field.lookup}__lt": end_of_day(high)})
        return condition
    first, last = (low.isoformat(), high.isoformat()) if field.is_custom else (low, high)
    return Q(**{f"{field.lookup}__gte": first, f"{field.lookup}__lte": last})


PERIODS = (
    "today", "yesterday", "tomorrow", "this_week", "last_week", "next_week", "this_month", "last_month",
    "next_month", "this_quarter", "last_quarter", "this_year", "last_year",
)  # fmt: skip


def period(word: str, today: datetime.date) -> tuple[datetime.date, datetime.date]:
    """First and last day of a named period; weeks begin on Monday.

    Raises:
        ValueError: there is no such period.
    """
    if word not in PERIODS:
        raise ValueError(word)
    one = datetime.timedelta(days=1)
    step = {"last": -1, "yesterday": -1, "next": 1, "tomorrow": 1}.get(word.split("_")[0], 0)
    if "_" not in word:
        return today + one * step, today + one * step
    match word.split("_")[1]:
        case "week":
            start = today - one * today.weekday() + 7 * one * step
            return start, start + 6 * one
        case "month":
            return _months(today.year * 12 + today.month - 1 + step, 1)
        case "quarter":
            return _months(today.year * 12 + (today.month - 1) // 3 * 3 + 3 * step, 3)
        case _:
            return _months((today.year + step) * 12, 12)


def _months(first: int, length: int) -> tuple[datetime.date, datetime.date]:
    start = datetime.date(first // 12, first % 12 + 1, 1)
    end = first + length
    return start, datetime.date(end // 12, end % 12 + 1, 1) - datetime.timedelta(days=1)
