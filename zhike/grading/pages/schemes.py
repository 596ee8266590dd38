"""The schemes side by side: how the customers fall, their pictures, and how levels moved."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from zhike.access.rights import rights_of
from zhike.access.take import require
from zhike.customers.models import Customer
from zhike.customers.rules import industries, regions
from zhike.grading import fits, settings
from zhike.grading.actions.schemes import set_scheme
from zhike.grading.models import AssessmentRun, Grade, GradingScheme
from zhike.grading.pages.assessments import SEE, waiting_for
from zhike.grading.pages.clusters import ClusterView, views
from zhike.grading.pages.finding import missing
from zhike.grading.pages.pictures import Heat, Layers, Scatter, heat_map, pyramid, scatter
from zhike.grading.rules.schemes import BY_CODE, CLUSTER, SCHEMES, Level, Method, Scheme, segment
from zhike.kernel.clock import business_date, start_of_day
from zhike.policy import force
from zhike.policy.force import Ruling
from zhike.policy.owning import Owned, owners_of
from zhike.records.links import list_of, where
from zhike.web import pages

MOST = 8


@dataclass(frozen=True)
class Part:
    """One level: how many of the visible customers have it; ``href``: the list of them."""

    level: Level
    count: int
    share: float
    href: str


@dataclass(frozen=True)
class SchemeCard:
    """One scheme of the overview. ``rulings``: the clauses in force that rule it."""

    scheme: Scheme
    parts: list[Part]
    active: bool
    rulings: list[Ruling[Any]] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(part.count for part in self.parts)


@dataclass(frozen=True)
class SchemesPage:
    """What `grading/schemes.html` gets."""

    cards: list[SchemeCard]
    by_field: list[SchemeCard]
    waiting: bool
    mine: list[AssessmentRun]
    may_manage: bool


@dataclass(frozen=True)
class Move:
    """Customers that went from one level to another; empty: had none, has none."""

    before: str
    after: str
    count: int


@dataclass(frozen=True)
class SchemePage:
    """What `grading/scheme.html` gets."""

    card: SchemeCard
    moves: dict[tuple[str, str], int]
    rows: list[Level]
    since: datetime.date
    heat: Heat | None
    layers: Layers | None
    scatter: Scatter | None
    clusters: list[ClusterView]
    settings: list[tuple[str, Any, Any]]
    may_manage: bool
    version: int
    owned: list[Owned]

    @property
    def lines(self) -> list[tuple[str, Any]]:
        """The rows of the table of moves."""
        return [("", _("none")), *((level.code, level.label) for level in self.rows)]


def visible(user: Any) -> Any:
    """The customers that the person may see; the permission of every page here."""
    return Customer.objects.visible_to(user).kept().order_by()


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Every scheme in use, with how the customers fall."""
    user: Any = request.user
    require(user, "customers.customer.view")
    counts = level_counts(user)
    own = settings.settings_of()
    tables = {one.kind: one for one in force.rulings()}
    cards = []
    for scheme in SCHEMES:
        if scheme.method != Method.ATTRIBUTE:
            active = scheme.method == Method.PERSON or settings.is_active(scheme, own) or scheme.kind in tables
            rulings = [tables[scheme.kind]] if scheme.kind in tables else []
            cards.append(SchemeCard(scheme, parts_of(scheme, counts), active, rulings))
    page = SchemesPage(
        cards=cards,
        by_field=[SchemeCard(one, by_attribute(one, user), True) for one in SCHEMES if one.method == Method.ATTRIBUTE],
        waiting=rights_of(user).may("grading.override.approve"),
        mine=waiting_for(user) if rights_of(user).may(SEE) else [],
        may_manage=rights_of(user).may("grading.scheme.manage"),
    )
    return pages.render(request, "grading/schemes.html", page)


def level_counts(user: Any) -> dict[str, int]:
    """``SCHEME:LEVEL`` to the number of visible customers, in one question."""
    sql, params = visible(user).values("segments").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT word, count(*) FROM ({sql}) AS seen(segments), unnest(segments) AS word GROUP BY word",  # noqa: S608
            params,
        )
        return dict(cursor.fetchall())


def parts_of(scheme: Scheme, counts: dict[str, int]) -> list[Part]:
    """The levels of a scheme with their customers."""
    found = [(level, counts.get(segment(scheme.code, level.code), 0)) for level in scheme.levels]
    whole = sum(count for _level, count in found) or 1
    return [
        Part(level, count, count / whole,
             list_of("customers", where("segments", "has_any", [segment(scheme.code, level.code)])))
        for level, count in found if count or level.code in ("A", "B", "C")
    ]  # fmt: skip


def by_attribute(scheme: Scheme, user: Any) -> list[Part]:
    """The most frequent values of a field."""
    rows = visible(user)
    if scheme.column == "tags":
        sql, params = rows.values("tags").query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT tag, count(*) FROM ({sql}) AS seen(tags), unnest(tags) AS tag GROUP BY tag"  # noqa: S608
                " ORDER BY count(*) DESC, tag LIMIT %s",
                [*params, MOST],
            )
            found = list(cursor.fetchall())
    else:
        shown = rows.exclude(**{scheme.column: ""}).values_list(scheme.column).annotate(n=Count("*"))
        found = list(shown.order_by("-n", scheme.column)[:MOST])
    most = max((count for _value, count in found), default=1)
    op = {"tags": "has_any", "region_code": "starts", "industry_code": "starts"}.get(scheme.column, "in")
    return [
        Part(Level(value, _value_name(scheme, value)), count, count / most,
             list_of("customers", where(scheme.column, op, value if op == "starts" else [value])))
        for value, count in found
    ]  # fmt: skip


def _value_name(scheme: Scheme, value: str) -> str:
    if scheme.column == "region_code":
        return regions.full_name(value) or value
    if scheme.column == "industry_code":
        return industries.name_of(value) or value
    if scheme.column == "acquisition_channel":
        return str(dict(Customer.AcquisitionChannel.choices).get(value, value))
    return value


def scheme_of(code: str) -> Scheme:
    """Raises:
    NotFound: there is no such scheme.
    """
    scheme = BY_CODE.get(code)
    if scheme is None or scheme.method == Method.ATTRIBUTE:
        raise missing()
    return scheme


@require_safe
def one(request: HttpRequest, scheme: str) -> HttpResponse:
    """One scheme: distribution, picture, moves since a day, settings."""
    user: Any = request.user
    require(user, "customers.customer.view")
    code, of = scheme, scheme_of(scheme)
    today = business_date()
    since = parse_date(request.GET.get("since", "")) or today - datetime.timedelta(days=180)
    own = settings.settings_of()
    rulings = [found for found in force.rulings() if found.kind == of.kind] if of.kind else []
    counts = level_counts(user)
    card = SchemeCard(of, parts_of(of, counts),
                      of.method == Method.PERSON or settings.is_active(of, own), rulings)  # fmt: skip
    may_manage = rights_of(user).may("grading.scheme.manage")
    moved = moves(of, visible(user), since)
    page = SchemePage(
        card=card,
        moves=moved,
        rows=fits.levels_of(of, [code for pair in moved for code in pair]),
        since=since,
        heat=heat_map(visible(user), today) if code == "RFM" else None,
        layers=pyramid(card.parts) if code == "PYRAMID" else None,
        scatter=scatter(visible(user), of, own) if code == "CHEVERTON" else None,
        clusters=views(user, counts) if of == CLUSTER else [],
        settings=plain_settings(of, own) if of.kind and code != "ABC_GRADE" and not rulings else [],
        may_manage=may_manage and of.method == Method.RULE,
        version=own[code].version if code in own else 0,
        owned=owners_of(of.kind) if rulings else [],
    )
    return pages.render(request, "grading/scheme.html", page)


def moves(scheme: Scheme, customers: Any, since: datetime.date) -> dict[tuple[str, str], int]:
    """Level on the day and level now, with how many went that way (A→B)."""
    before = Grade.objects.at(start_of_day(since)).filter(scheme=scheme.code).values("customer_id", "level")
    now = Grade.objects.current().filter(scheme=scheme.code).values("customer_id", "level")
    keys = customers.values("pk")
    parts = [query.query.sql_with_params() for query in (before, now, keys)]
    sql = (
        f"SELECT coalesce(b.level, ''), coalesce(a.level, ''), count(*) FROM ({parts[0][0]}) AS b(customer_id, level)"  # noqa: S608
        f" FULL JOIN ({parts[1][0]}) AS a(customer_id, level) USING (customer_id)"
        f" WHERE customer_id IN ({parts[2][0]}) GROUP BY 1, 2"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for _sql, values in parts for value in values])
        return {(left, right): count for left, right, count in cursor.fetchall()}


def plain_settings(scheme: Scheme, own: dict[str, GradingScheme]) -> list[tuple[str, Any, Any]]:
    """Parameters that are single numbers or yes/no: name, schema, value."""
    params = settings.set_params(scheme, own)
    schema = type(params).model_json_schema()["properties"]
    return [
        (name, schema[name], value)
        for name, value in params.model_dump(mode="json").items()
        if isinstance(value, bool | int | str)
    ]


@require_POST
def set_up(request: HttpRequest, scheme: str) -> HttpResponse:
    """Turn a scheme on or off, or change its numbers."""
    user: Any = request.user
    code, of = scheme, scheme_of(scheme)
    values: dict[str, Any] = {"version": pages.whole_number(request.POST.get("settings_version"))}
    if "params" in request.POST:
        own = settings.settings_of()
        params = settings.set_params(of, own).model_dump(mode="json")
        for name, _schema, value in plain_settings(of, own):
            params[name] = name in request.POST if isinstance(value, bool) else request.POST.get(name, value)
        values["params"] = params
    else:
        values["active"] = bool(request.POST.get("active"))
    set_scheme(by=user, code=code, **values)
    return pages.go(request, "grading:scheme", code, toast=_("Saved. The next night grades by it."))
