"""What the nightly clauses do: warn, take back, let registrations lapse. By the set, in the run's transaction."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, TypeAlias

from django.db import connection
from django.db.models import Count, Min
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext_lazy

from zhike.history.action import action
from zhike.kernel.clock import now
from zhike.notices.actions import notify, notify_each
from zhike.notices.models import Notice
from zhike.ownership.actions.ledger import locked, tell_all
from zhike.ownership.actions.pools import default_pools, give, put
from zhike.ownership.models import ClashCase, OwnershipRecord, PoolStay, Registration, ReleaseNotice
from zhike.policy import force
from zhike.policy.kinds import kind_of
from zhike.policy.models import Clause
from zhike.records.naming import naming
from zhike.staff.models import User

if TYPE_CHECKING:
    from zhike.policy.models import Decision, Run

SOON = "/my-customers/?soon=1"
# Whom, of how many customers, the first on which day.
Warned: TypeAlias = tuple[uuid.UUID | None, int, str]


def warn(decisions: Sequence[Decision]) -> list[Warned]:
    """Keep which owners are told that they are going to lose which customers, and by when."""
    notices = [
        ReleaseNotice(
            ownership_id=one.facts["ownership_id"], on=one.as_of, ends_on=date.fromisoformat(one.data["ends_on"]),
            days_left=one.data["days_left"], trigger=one.data["trigger"],
        )
        for one in decisions
    ]  # fmt: skip
    ReleaseNotice.objects.bulk_create(notices, batch_size=2000, ignore_conflicts=True)
    days: dict[uuid.UUID | None, list[str]] = defaultdict(list)
    for one in decisions:
        days[one.person_id].append(one.data["ends_on"])
    return [(person, len(ends), min(ends)) for person, ends in days.items()]


def tell_warned(warned: Sequence[Warned]) -> None:
    """Each owner once: how many customers he is going to lose, the first on which day."""
    people = User.objects.in_bulk([key for key, _count, _day in warned if key])
    notify_each(
        [(people.get(key), {"count": count, "day": day}) for key, count, day in warned if key],
        gettext_lazy("%(count)s of your customers will be released, the first on %(day)s. Act now to keep them."),
        link=SOON, kind=Notice.Kind.WARNING,
    )  # fmt: skip


def release(decisions: Sequence[Decision]) -> Counter[uuid.UUID | None]:
    """Put customers into the pools of their departments; how many of whom. What changed since is left alone."""
    if not decisions:
        return Counter()
    facts = {one.subject_id: one for one in decisions}
    rows = locked(list(facts))
    keys = [facts[row.pk].facts["ownership_id"] for row in rows]
    still = set(OwnershipRecord.objects.open().filter(pk__in=keys).values_list("customer_id", flat=True))
    still &= _still_due([facts[key] for key in still])
    pools = default_pools({row.org_unit_id for row in rows})
    gone = [row for row in rows if row.pk in still and row.org_unit_id in pools]
    if not gone:
        return Counter()
    owners = Counter(row.owner_id for row in gone)
    notes = {row.pk: why(facts[row.pk]) for row in gone}
    put(
        gone, {row.pk: pools[row.org_unit_id] for row in gone}, by=None, reason=PoolStay.Reason.RECLAIM,
        end_reason=OwnershipRecord.EndReason.RECLAIM, notes=notes,
    )  # fmt: skip
    tell_all(
        "ownership.customer.reclaim", gone, by=None,
        data={row.pk: {"why": notes[row.pk], "decision": str(facts[row.pk].pk), "article": facts[row.pk].article_number}
              for row in gone},
    )  # fmt: skip
    return owners


def tell_released(counts: Mapping[uuid.UUID | None, int]) -> None:
    """Each owner once, how many customers went back into the pool."""
    people = User.objects.in_bulk([key for key in counts if key])
    notify_each(
        [(people.get(owner), {"count": count}) for owner, count in counts.items() if owner],
        gettext_lazy("%(count)s of your customers went back into the pool. See why, and appeal if it is wrong."),
        link="/my-customers/lost/", kind=Notice.Kind.WARNING,
    )  # fmt: skip


def tell_of(run: Run) -> None:
    """The owners of all customers that a run warned of or took back."""
    decided = run.decisions.filter(kind="ownership.reclaim").order_by()
    first = Min(KeyTextTransform("ends_on", "data"))
    tell_warned(list(decided.filter(outcome="WARN").values_list("person_id").annotate(Count("pk"), first=first)))
    # Not everything that was decided was done: somebody may have met a customer in between.
    gone = PoolStay.objects.filter(
        reason=PoolStay.Reason.RECLAIM, since__gte=run.started_at,
        customer_id__in=decided.filter(outcome="RELEASE").values("subject_id"),
    )  # fmt: skip
    tell_released(dict(gone.order_by().values_list("previous_owner_id").annotate(Count("pk"))))


def _still_due(decisions: Sequence[Decision]) -> set[uuid.UUID]:
    """Whose release the clause still says, now that the customers are locked: the facts were read a chunk ahead, and
    somebody may have met, locked or sold to a customer in between."""
    from zhike.ownership.clauses.reclaim import ReclaimKind

    kind = kind_of(ReclaimKind)
    due: set[uuid.UUID] = set()
    for (clause_id, day), theirs in _by_clause(decisions).items():
        params = force.of_clause(Clause(pk=clause_id)).params
        facts = kind.facts(day, after=None, limit=len(theirs), subjects=theirs)
        outcomes = ((fact.subject_id, kind.decide(params, fact)) for fact in facts)
        due |= {key for key, outcome in outcomes if outcome is not None and outcome.code == "RELEASE"}
    return due


def _by_clause(decisions: Sequence[Decision]) -> dict[tuple[uuid.UUID, date], list[uuid.UUID]]:
    found: dict[tuple[uuid.UUID, date], list[uuid.UUID]] = defaultdict(list)
    for one in decisions:
        found[one.clause_id, one.as_of].append(one.subject_id)
    return found


def why(decision: Decision) -> str:
    """The decision in one line, for the ledger: clock, limit, since when."""
    data = decision.data
    return f"{data['trigger']} {data['limit']} {data['since']}"


def lapse(decisions: Sequence[Decision]) -> None:
    """Registrations that lapsed or expired; the customer goes to the next in the queue, if there is one."""
    lapsed: dict[str, dict[str, Any]] = {}
    for one in decisions:
        for ended in one.data["ended"]:
            lapsed[ended["key"]] = ended
    _end(list(lapsed.values()))
    following = {one.subject_id: one for one in decisions if one.outcome == "NEXT"}
    customers = [row for row in locked(list(following)) if str(row.owner_id or "") == _owner(following[row.pk])]
    people = User.objects.select_related("org_unit").in_bulk({one.data["to"] for one in following.values()})
    by_key = {str(key): person for key, person in people.items()}
    for customer in customers:
        data = following[customer.pk].data
        to = by_key.get(data["to"])
        if to is None or not to.is_active:
            continue
        give(
            [customer], to, by=None, acquired_by=OwnershipRecord.AcquiredBy.REGISTER,
            end_reason=OwnershipRecord.EndReason.REGISTER, note=data["to_number"],
        )  # fmt: skip
        tell_all("ownership.customer.next", [customer], by=None, to_name=to.name, number=data["to_number"])
        notify(
            [to], gettext_lazy("“%(customer)s” is yours: you were next in the queue."), {"customer": naming(customer)},
            link=f"/customers/{customer.pk}/", kind=Notice.Kind.ASSIGNED,
        )  # fmt: skip


_END = """
    UPDATE ownership_registration r SET status = n.status, lapsed_on = n.day, ended_at = %s
    FROM unnest(%s::uuid[], %s::text[], %s::date[]) AS n(key, status, day)
    WHERE r.id = n.key AND r.status = 'ACTIVE'
"""


def _end(ended: Sequence[Mapping[str, Any]]) -> None:
    """Registrations that have lapsed or expired, of those that are in force still."""
    states = [Registration.Status.EXPIRED if one["expired"] else Registration.Status.LAPSED for one in ended]
    with connection.cursor() as cursor:
        cursor.execute(
            _END, [now(), [one["key"] for one in ended], list(map(str, states)), [one["ended_on"] for one in ended]]
        )


def _owner(decision: Decision) -> str:
    return str(decision.facts.get("person_id") or "")


@action("ownership.clash.finish_due", needs=None)
def finish_clashes() -> int:
    """Rulings whose time for an appeal is over become final; how many."""
    from zhike.ownership.actions.clashes import finish

    due = ClashCase.objects.filter(state=ClashCase.State.RULED, due_at__lt=now())
    return sum(finish(row, by=None).state == ClashCase.State.FINAL for row in due)
