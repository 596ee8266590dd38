"""The rubric as a table that is edited, with a preview of how the base would fall (GRD-1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from pydantic import ValidationError

from zhike.access.rights import rights_of
from zhike.access.take import require
from zhike.grading import settings
from zhike.grading.actions.schemes import set_scheme
from zhike.grading.clauses import population, words
from zhike.grading.clauses.rubric import RubricFact, chosen, ends_of, facts_of
from zhike.grading.rules.bands import plain
from zhike.grading.rules.contradictions import contradictions
from zhike.grading.rules.rubric import JUDGED, UNRATED, IndicatorCode, Rubric, rate
from zhike.grading.rules.schemes import ABC_GRADE, Level
from zhike.kernel.clock import business_date
from zhike.kernel.errors import Message, Refused
from zhike.policy.owning import Owned, owners_of
from zhike.policy.param_faults import said
from zhike.web import pages

SAMPLE = 3000
SPARE_ROWS = 1
LEVELS = "ABCDE"


@dataclass(frozen=True)
class Table:
    """One indicator as it is edited: rows of low, high, points, tonnes."""

    number: int
    code: str
    name: str
    unit: str
    weight: str
    rows: list[tuple[str, str, str, str]]
    has_tonnes: bool
    upper: bool
    judged: bool


@dataclass(frozen=True)
class Bar:
    """A level of the preview: how many there would be, and how many there are now."""

    level: Level
    count: int
    share: float
    now: int
    now_share: float


@dataclass(frozen=True)
class Preview:
    """How the base would fall. ``sampled``: of how many customers it was worked out; ``faults``: why it was not."""

    bars: list[Bar]
    moved: int
    buyers: int
    sampled: int
    faults: list[tuple[str, str]]


@dataclass(frozen=True)
class RubricPage:
    """What `grading/rubric.html` gets."""

    rubric: Rubric
    tables: list[Table]
    thresholds: list[tuple[str, str]]
    preview: Preview
    owners: list[Owned]
    version: int
    may_save: bool


@require_http_methods(["GET", "HEAD", "POST"])
def rubric(request: HttpRequest) -> HttpResponse:
    """The rubric in force; POST saves the company's own where no clause rules."""
    user: Any = request.user
    require(user, "grading.assessment.view")
    if request.method == "POST":
        version = pages.whole_number(request.POST.get("settings_version"))
        params = typed(request.POST).model_dump(mode="json")
        set_scheme(by=user, code="ABC_GRADE", params=params, version=version)
        return pages.go(request, "grading:rubric", toast=_("Saved. The next assessment goes by it."))
    found, _ruling = settings.params_for(ABC_GRADE)
    owners = owners_of(ABC_GRADE.kind)
    own = settings.settings_of().get("ABC_GRADE")
    page = RubricPage(
        rubric=found,
        tables=tables_of(found),
        thresholds=[(one.level, plain(one.percent)) for one in found.thresholds],
        preview=preview_of(found),
        owners=owners,
        version=own.version if own else 0,
        may_save=rights_of(user).may("grading.scheme.manage") and not owners,
    )
    return pages.render(request, "grading/rubric.html", page)


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """How the base would fall by what is typed; nothing is saved."""
    user: Any = request.user
    require(user, "grading.assessment.view")
    try:
        found = preview_of(typed(request.POST))
    except Refused as no:
        found = Preview([], 0, 0, 0, [(name, str(text)) for name, text in no.fields.items()] or [("", str(no.message))])
    return pages.render(request, "grading/rubric_preview.html", {"preview": found}, block=None)


def tables_of(found: Rubric) -> list[Table]:
    language = get_language() or "zh-hans"
    return [
        Table(
            number=number, code=one.code, name=words.indicator(one.code, language), unit=words.unit(one.code, language),
            weight=plain(one.weight),
            rows=[(plain(b.low), plain(b.high), str(b.points), plain(b.or_tonnes)) for b in one.bands]
            + [("", "", "", "")] * SPARE_ROWS,
            has_tonnes=one.code == IndicatorCode.SALES_AMOUNT, upper=one.falling, judged=one.code in JUDGED,
        )
        for number, one in enumerate(found.indicators)
    ]  # fmt: skip


def typed(data: Any) -> Rubric:
    """The rubric in a form.

    Raises:
        Refused: a field is no number, or the rubric contradicts itself; ``fields`` says where.
    """
    raw = raw_of(data)
    try:
        found = Rubric.model_validate(raw)
    except ValidationError as error:
        faults = [(".".join(map(str, one["loc"])), said(one)) for one in error.errors()]
        raise Refused(_("Some fields are not right."), fields=_named(data, faults)) from None
    wrong = contradictions(found)
    if wrong:
        raise Refused(wrong[0].message, fields=_named(data, wrong))
    return found


def _named(data: Any, faults: Iterable[tuple[str, str]]) -> dict[str, Message]:
    """Faults of a rubric (``sales_amount.bands.2.low``) under the cells of the form (``SALES_AMOUNT-low#2``)."""
    language, named = get_language() or "zh-hans", dict[str, Message]()
    codes = {code.lower(): code for code in data.getlist("indicator")}
    for path, text in faults:
        head, *rest = path.split(".")
        place = int(rest[1] if head in codes else rest[0]) if any(part.isdigit() for part in rest) else None
        column = rest[-1].replace("or_tonnes", "tonnes") if rest else ""
        if head == "thresholds" and place is not None:
            name, lead = f"percent#{_row(data.getlist('percent'), place)}", ""
        elif head in codes:
            lead = f"{words.indicator(codes[head], language)}: "
            column = column if column in ("low", "high", "points", "tonnes") else "points"
            row = "" if place is None else f"#{_row(data.getlist(f'{codes[head]}-points'), place)}"
            name = f"{codes[head]}-{column}{row}" if rest[0] == "bands" else f"{codes[head]}-{rest[0]}"
        else:
            name, lead = path, ""
        named[name] = f"{named[name]} {text}" if name in named else f"{lead}{text}"
    return named


def _row(column: list[str], place: int) -> int:
    """The row of the form: rows in which this column is empty are not read."""
    written = [row for row, text in enumerate(column) if text.strip()]
    return written[place] if place < len(written) else place


def raw_of(data: Any) -> dict[str, Any]:
    """A form's fields as the JSON of a rubric; rows without points are not there."""
    indicators: dict[str, Any] = {}
    for code in data.getlist("indicator"):
        columns = [data.getlist(f"{code}-{name}") for name in ("low", "high", "points", "tonnes")]
        rows = [[text.strip() or None for text in row] for row in zip(*columns[:3], strict=False)]
        tonnes = [text.strip() or None for text in columns[3]] or [None] * len(rows)
        bands = [
            {"low": low, "high": high, "points": points, "or_tonnes": extra}
            for (low, high, points), extra in zip(rows, tonnes, strict=False)
            if points is not None
        ]
        indicators[code.lower()] = {"weight": data.get(f"{code}-weight") or "0", "bands": bands}
    levels = [
        {"level": level, "percent": percent.strip()}
        for level, percent in zip(data.getlist("level"), data.getlist("percent"), strict=False)
        if percent.strip()
    ]
    lowest = LEVELS[min(len(levels), len(LEVELS) - 1)]
    plain_fields = {name: data.get(name) for name in ("period", "min_months", "max_months")}
    limits = {name: data.get(name) or None for name in ("overdue_days", "expires_months")}
    flags = {name: name in data for name in ("scale_bands", "poor_is_not_best", "approval")}
    return {**indicators, "thresholds": levels, "lowest": lowest, **plain_fields, **limits, **flags}


def preview_of(found: Rubric) -> Preview:
    """How everybody would fall by a rubric, against how they stand."""
    day = business_date()
    buyers, facts = population.kept(f"rubric-{SAMPLE}", day, base)
    levels: dict[str, int] = {}
    now: dict[str, int] = {}
    moved = 0
    for fact in facts:
        level = rate(found, chosen(found, fact)).level
        levels[level] = levels.get(level, 0) + 1
        standing = fact.current or UNRATED
        now[standing] = now.get(standing, 0) + 1
        moved += level != standing
    whole = len(facts) or 1
    bars = [
        Bar(ABC_GRADE.level(code), levels.get(code, 0), levels.get(code, 0) / whole, now.get(code, 0),
            now.get(code, 0) / whole)
        for code in dict.fromkeys([*found.levels, *sorted(set(now) - {UNRATED}), UNRATED])
    ]  # fmt: skip
    return Preview(bars, moved, buyers, len(facts), [])


def base() -> tuple[int, list[RubricFact]]:
    """How many customers have bought, and the facts of all of them or of an even sample."""
    day = business_date()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT customer_id) FROM grading_purchaserecord WHERE trashed_at IS NULL")
        buyers = cursor.fetchone()[0]
        every = max(1, buyers // SAMPLE)
        cursor.execute(
            "SELECT customer_id FROM (SELECT DISTINCT customer_id FROM grading_purchaserecord WHERE trashed_at IS NULL)"
            " AS b WHERE abs(hashtext(customer_id::text)) %% %s = 0 LIMIT %s",
            [every, 2 * SAMPLE],
        )
        keys = [row[0] for row in cursor.fetchall()]
    return buyers, facts_of(day, ends_of(day), after=None, limit=len(keys), subjects=keys) if keys else []
