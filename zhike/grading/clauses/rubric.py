"""`grading.rubric`: the scoring rubric as an article of the policy (R4.3–R4.11)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.grading.clauses import figures, rubric_words
from zhike.grading.clauses.base import PAPERS, SchemeKind, outcomes_of
from zhike.grading.clauses.first_rating import first_ratings
from zhike.grading.clauses.ledger import Ledger, ledgers
from zhike.grading.clauses.subjects import in_order, rows_of, subject_sql
from zhike.grading.rules.contradictions import contradictions
from zhike.grading.rules.periods import PeriodKind, after_months, last_completed
from zhike.grading.rules.rubric import UNRATED, Figures, Rating, Reason, Rubric, rate
from zhike.policy.kinds import Fault, Json, Kept, Outcome, PartedKind, register_kind


class RubricFact(NamedTuple):
    """A customer on a day: its figures of the last year and the last half-year that are over.

    ``assessed``: the level of the last assessment in effect; ``last_sale_on``: up to the day itself; ``assessing``: this
    is an assessment, whatever the day.
    """

    subject_id: uuid.UUID
    org_unit_id: uuid.UUID
    person_id: uuid.UUID | None
    as_of: date
    current: str
    held: bool
    source: str
    assessed: str
    last_sale_on: date | None
    year: Figures
    half: Figures
    assessing: bool = False


_SQL = """
    SELECT subject.id, subject.org_unit_id, subject.owner_id, subject.current, subject.held, subject.source,
           coalesce(assessed.level, ''), latest.last_on, {columns}
    FROM ({subject}) AS subject
    LEFT JOIN LATERAL (
        SELECT a.level FROM grading_assessment a JOIN grading_assessmentrun r ON r.id = a.run_id
        WHERE a.customer_id = subject.id AND r.effective_at <= %(moment)s ORDER BY r.effective_at DESC LIMIT 1
    ) AS assessed ON true
    LEFT JOIN LATERAL (
        SELECT max(purchased_on) AS last_on FROM grading_purchaserecord
        WHERE customer_id = subject.id AND purchased_on <= %(as_of)s AND kind = 'SALE' AND trashed_at IS NULL
          AND state = 'EFFECTIVE'
    ) AS latest ON true
    {laterals}
    ORDER BY subject.id
"""
_OWN = 8


@register_kind
class RubricKind(SchemeKind[Rubric, RubricFact], PartedKind[Rubric, RubricFact]):
    code = "grading.rubric"
    scheme = "ABC_GRADE"
    label = _("Grading rubric")
    help = _("Points for amount, payment and receivables make the grade.")
    params = Rubric
    fact = RubricFact
    outcomes = outcomes_of("ABC_GRADE")
    fact_labels = {
        "as_of": pgettext_lazy("of a decision", "Day"), "current": _("Level before"), "held": _("Set by hand"),
        "source": _("How it came about"), "assessed": _("Level of the last assessment"), "last_sale_on": _("Last purchase"),
        "year": _("Figures of the year"), "half": _("Figures of the half-year"), "assessing": _("In an assessment"),
        "until": _("Figures up to"), "first_sale_on": _("First purchase"), "year_amount": _("Bought in twelve months"),
        "half_amount": _("Bought in six months"), "year_received": _("Received in twelve months"),
        "half_received": _("Received in six months"), "year_tonnes": _("Tonnes in twelve months"),
        "half_tonnes": _("Tonnes in six months"), "owed": _("Owed"), "overdue_since": _("Overdue since"),
        "judged": _("Judged by people"),
    }  # fmt: skip
    outcome_field = ("customers", "grade")
    fact_fields = dict.fromkeys(("year", "half"), PAPERS) | {"last_sale_on": (("purchases", "purchased_on"),)}
    settings_url = "grading:schemes"

    def text(self, params: Rubric, language: str) -> list[str]:
        return rubric_words.text(params, language)

    def check(self, params: Rubric) -> list[Fault]:
        return [Fault(found.message, found.place) for found in contradictions(params)]

    def facts(
        self,
        as_of: date,
        *,
        after: uuid.UUID | None,
        limit: int,
        subjects: Sequence[uuid.UUID] | None = None,
        upto: uuid.UUID | None = None,
    ) -> list[RubricFact]:
        return facts_of(as_of, ends_of(as_of), after=after, limit=limit, subjects=subjects, upto=upto)

    def level(self, params: Rubric, fact: RubricFact) -> tuple[str, Json] | None:
        if params.approval and not fact.assessing:
            return upkeep(params, fact)
        if not fact.assessing and expired(params, fact):
            return UNRATED, {"reasons": [Reason.NO_RECENT_DEAL]}
        rating = rating_of(params, fact)
        return rating.level, figures_of(rating)

    def explain(self, params: Rubric, fact: RubricFact, outcome: Outcome, language: str) -> list[str]:
        given = chosen(params, fact)
        if "total" not in outcome.data:
            return rubric_words.short(params, fact.last_sale_on, outcome.data.get("reasons", []), language)
        return rubric_words.explain(params, given, rate(params, given), language)

    def histories(self, subjects: Sequence[uuid.UUID] | None, since: date, till: date) -> Iterator[Ledger]:
        return ledgers(subjects, since, till)

    def trace(
        self, params: Rubric, history: Ledger, since: date, till: date
    ) -> Iterator[tuple[date, RubricFact, Outcome]]:
        """As if each assessment took effect on the day after its period, and every expiry on its day."""
        level = history.current
        for moment, assessing in moments(params, history, since, till):
            fact = fact_at(history, moment, level, assessing)
            outcome = self.decide(params, fact)
            if outcome is not None:
                level = outcome.code
                yield moment, fact, outcome

    def kept(self, since: date, till: date) -> list[Kept]:
        """Whether the customers whose first rating fell due in the time had one by its end (R4.7)."""
        return first_ratings(since, till)

    def until(self, params: Rubric, fact: RubricFact, language: str) -> list[str]:
        return rubric_words.until(params, chosen(params, fact), fact.last_sale_on, language)


def ends_of(as_of: date) -> tuple[date, date]:
    """The ends of the last year and of the last half-year before a day."""
    return last_completed(PeriodKind.YEAR, as_of), last_completed(PeriodKind.HALF_YEAR, as_of)


def facts_of(
    as_of: date,
    ends: tuple[date, date],
    *,
    after: uuid.UUID | None,
    limit: int,
    subjects: Sequence[uuid.UUID] | None = None,
    upto: uuid.UUID | None = None,
) -> list[RubricFact]:
    """Facts with figures at two ends of periods; one statement, and each document once if both are the same."""
    year, half = ends
    several = year != half
    subject, values = subject_sql(
        as_of, "ABC_GRADE", after=after, limit=limit, subjects=subjects, all_=False, upto=upto
    )
    values |= figures.values(0, year) | (figures.values(1, half) if several else {})
    parts = (0, 1) if several else (0,)
    sql = (
        _SQL.replace("{subject}", subject)
        .replace("{columns}", ", ".join(figures.columns(n) for n in parts))
        .replace("{laterals}", "".join(figures.laterals(n) for n in parts))
    )
    found = []
    for row in (rows_of if subjects is not None else in_order)(sql, values):
        of_year = figures.read(year, row[_OWN : _OWN + figures.WIDTH])
        of_half = figures.read(half, row[_OWN + figures.WIDTH :]) if several else of_year
        customer, unit, owner, current, held, source, assessed, last_on = row[:_OWN]
        found.append(
            RubricFact(customer, unit, owner, as_of, current, held, source, assessed, last_on, of_year, of_half)
        )
    return found


def chosen(params: Rubric, fact: RubricFact) -> Figures:
    return fact.half if params.period == PeriodKind.HALF_YEAR else fact.year


def rating_of(params: Rubric, fact: RubricFact) -> Rating:
    return rate(params, chosen(params, fact))


def expired(params: Rubric, fact: RubricFact) -> bool:
    """Nothing was sold for so long that the grade does not hold any more (R4.7)."""
    last = fact.last_sale_on
    return bool(params.expires_months and last and after_months(last, params.expires_months) <= fact.as_of)


def upkeep(params: Rubric, fact: RubricFact) -> tuple[str, Json] | None:
    """Between assessments: grades expire, and what was set by hand ends."""
    if fact.current in ("", UNRATED):
        return None
    if expired(params, fact):
        return UNRATED, {"reasons": [Reason.NO_RECENT_DEAL]}
    if fact.source == "PERSON":
        return fact.assessed or UNRATED, {"reasons": [Reason.OVERRIDE_ENDED]}
    return None


def figures_of(rating: Rating) -> Json:
    """A rating as the data of an outcome."""
    return {
        "reasons": list(rating.reasons), "total": plain_number(rating.total), "possible": plain_number(rating.possible),
        "scores": {one.code: one.points for one in rating.scores},
    }  # fmt: skip


def plain_number(value: Decimal) -> str:
    """The same text for the same number, whatever digits it was worked out with."""
    return f"{value.normalize():f}"


def moments(params: Rubric, history: Ledger, since: date, till: date) -> list[tuple[date, bool]]:
    """The days from ``since`` up to and without ``till`` on which the grade can change; whether it is assessed then."""
    found: dict[date, bool] = {}
    for year in range(since.year, till.year + 1):
        begins = [date(year, 1, 1)] if params.period == PeriodKind.YEAR else [date(year, 1, 1), date(year, 7, 1)]
        found |= dict.fromkeys(begins, True)
    if params.expires_months:
        for bought in history.bought:
            found.setdefault(after_months(bought.day, params.expires_months), False)
    return sorted((day, assessing) for day, assessing in found.items() if since <= day < till)


def fact_at(history: Ledger, day: date, level: str, assessing: bool) -> RubricFact:
    """The fact of a day, worked out from a history."""
    year, half = ends_of(day)
    of_year = history.figures(year)
    of_half = history.figures(half) if half != year else of_year
    return RubricFact(
        history.subject_id, history.org_unit_id, history.person_id, day, level, False, "", "", history.last_sale(day),
        of_year, of_half, assessing,
    )  # fmt: skip
