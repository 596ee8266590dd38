"""A small organisation, a test kind and documents to put it in."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from zhike.kernel.clock import business_date, now
from zhike.policy.kinds import ClauseKind, Enforcement, Fault, Outcome, Params, param, register_kind
from zhike.policy.models import Article, Chapter, Clause, PolicyDocument, PolicyVersion
from zhike.policy.text import hash_of
from zhike.staff.models import OrgUnit, User


class QuietParams(Params):
    days: int = param(7, "Days of silence", unit="days", ge=1, le=365)
    warn_days: int = param(3, "Warned before", unit="days", ge=0)
    worth: Decimal = param(Decimal("0.00"), "Worth at least", max_digits=12, decimal_places=2)


class Silence(NamedTuple):
    subject_id: uuid.UUID
    org_unit_id: uuid.UUID
    person_id: uuid.UUID | None
    silent_days: int
    worth: Decimal = Decimal(0)
    since: date | None = None


class World:
    """What the test kind reads and writes in place of tables."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.rows: list[Silence] = []
        self.applied: list[tuple[uuid.UUID, str]] = []
        self.broken: set[uuid.UUID] = set()
        self.events: dict[uuid.UUID, list[date]] = {}


WORLD = World()


@register_kind
class Quiet(ClauseKind[QuietParams, Silence]):
    """Whoever is silent for too long is let go."""

    code = "test.quiet"
    label = "Silence"
    subject = "staff.user"
    params = QuietParams
    fact = Silence
    enforcement = Enforcement.NIGHTLY
    order = 20
    outcomes = {"LET_GO": "Let go", "WARN": "Warned"}
    fact_labels = {"silent_days": "Silent days"}
    breaches = frozenset({"LET_GO"})

    def text(self, params: QuietParams, language: str) -> list[str]:
        if language.startswith("zh"):
            return [f"客户超过{params.days}日未联系的，予以释放。", f"-提前{params.warn_days}日预警。"]
        return [
            f"A customer silent for more than {params.days} days is let go.",
            f"-Warned {params.warn_days} days before.",
        ]

    def check(self, params: QuietParams) -> list[Fault]:
        return [Fault("The warning must come later.", "warn_days")] if params.warn_days >= params.days else []

    def facts(self, as_of, *, after, limit, subjects=None):
        rows = sorted(WORLD.rows, key=lambda row: row.subject_id)
        if subjects is not None:
            rows = [row for row in rows if row.subject_id in set(subjects)]
        return [row for row in rows if after is None or row.subject_id > after][:limit]

    def decide(self, params: QuietParams, fact: Silence) -> Outcome | None:
        if fact.subject_id in WORLD.broken:
            raise ValueError("bad row")
        if fact.worth < params.worth or fact.silent_days <= params.days - params.warn_days:
            return None
        if fact.silent_days > params.days:
            return Outcome("LET_GO", {"over": fact.silent_days - params.days})
        return Outcome("WARN", {"left": params.days - fact.silent_days})

    def apply(self, decisions, *, run):
        WORLD.applied += [(one.subject_id, one.outcome) for one in decisions]

    def explain(self, params, fact, outcome, language):
        return [f"{fact.silent_days} > {params.days}"]

    def until(self, params, fact, language):
        return [f"speak within {params.days - fact.silent_days} days"]

    def histories(self, subjects, since, till):
        for row in sorted(WORLD.rows, key=lambda row: row.subject_id):
            if subjects is None or row.subject_id in set(subjects):
                yield row

    def trace(self, params, history, since, till):
        last = None
        for offset in range((till - since).days):
            day = since + timedelta(days=offset)
            fact = history._replace(silent_days=(day - (history.since or since)).days)
            outcome = self.decide(params, fact)
            if outcome is not None and outcome.code != last:
                last = outcome.code
                yield day, fact, outcome
                if outcome.code == "LET_GO":
                    return

    def sums(self, fact, outcome):
        return {"worth": fact.worth}


def unit(name: str, parent: OrgUnit | None, kind: str) -> OrgUnit:
    row = OrgUnit(name=name, parent=parent, kind=kind)
    row.save()
    return row


def person(name: str, where: OrgUnit) -> User:
    return User.objects.create(username=name, name=name, org_unit=where)


def document(where: OrgUnit, *, no: str = "", author: User | None = None, **values: Any) -> PolicyDocument:
    count = PolicyDocument.objects.count() + 1
    return PolicyDocument.objects.create(
        no=no or f"ZK-{count}", title=f"客户管理办法{count}", org_unit=where, author=author, **values
    )


def version(
    of: PolicyDocument, *, kind: str = "test.quiet", params: dict[str, Any] | None = None, **values: Any
) -> PolicyVersion:
    """A draft of one chapter, one article, one executable clause."""
    number = of.versions.count() + 1
    row = PolicyVersion.objects.create(document=of, number=number, **values)
    chapter = Chapter.objects.create(version_of=row, title="客户归属")
    article = Article.objects.create(version_of=row, chapter=chapter, number=1)
    Clause.objects.create(
        version_of=row, article=article, binding="EXECUTABLE", kind=kind, params=params or {"days": 7, "warn_days": 3}
    )
    return row


def put_in_force(row: PolicyVersion, since: date | None = None, till: date | None = None) -> PolicyVersion:
    PolicyVersion.objects.filter(pk=row.pk).update(
        state="PUBLISHED",
        effective_from=since or business_date() - timedelta(days=30),
        effective_to=till,
        published_at=now(),
        content_hash=hash_of(row),
    )
    row.refresh_from_db()
    return row
