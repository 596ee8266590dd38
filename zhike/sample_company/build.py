"""The whole sample company, step by step, reproducible from one seed."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from zhike.activities.models import FollowUpRecord, Task, TaskCompletion
from zhike.customers.models import Contact, Customer
from zhike.grading.models import Judgement, PurchaseRecord, Receipt, Receivable
from zhike.history.models import Event
from zhike.kernel.clock import business_date
from zhike.kernel.clock import now as present
from zhike.kernel.errors import Refused
from zhike.ownership.models import OwnershipRecord
from zhike.sales.actions import won_sums
from zhike.sales.models import Lead, Opportunity, OpportunityClosure, StageChange
from zhike.sample_company import activities, chunks, events, organisation, ownership, policies, sales, trade
from zhike.sample_company.load import bare
from zhike.sample_company.moment import at
from zhike.sample_company.year import cases, refused, watching
from zhike.sample_company.year import load as year
from zhike.sample_company.year.subjects import house_of

DEFAULT_CUSTOMERS = 2000
# From this size on several processes make rows, and a customer has fewer contact records.
LARGE = 30_000
# So many customers of a very large company have a year of decisions: there is enough to browse, and it is soon there.
MOST_YEARS = 20_000
# Beside the customers. What the years read must have its indexes by then.
_TABLES = (
    Contact, Opportunity, Lead, FollowUpRecord, Task, TaskCompletion, Event, OpportunityClosure, StageChange,
    PurchaseRecord, Receivable, Receipt, Judgement, OwnershipRecord,
)  # fmt: skip

# So many connections tidy up at once.
TIDYING = 2
_BY_SIZE = """
    SELECT quote_ident(relname) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    ORDER BY pg_relation_size(oid) DESC, relname"""
# Not the two megabytes that spare the memory of others, each time filled with pages to be written. (Since version 16.)
_MUCH_MEMORY = "SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'vacuum_buffer_usage_limit'"

Tell = Callable[[str, float], None]


def build(
    *,
    total: int = DEFAULT_CUSTOMERS,
    seed: int = 1,
    people: int | None = None,
    departments: int | None = None,
    now: datetime | None = None,
    tell: Tell = lambda step, seconds: None,
) -> None:
    """Fill an empty system.

    Args:
        total: customers; contacts, opportunities, contact records and tasks follow from it.
        seed: the same seed and size give the same company (dates are counted back from ``now``).
        people, departments: 30 and 8; 5,000 and 300 from a hundred thousand customers on.
        tell: hears each step and its seconds.

    Raises:
        Refused: there are customers already.
    """
    if Customer.objects.exists():
        raise Refused(_("There are customers already: a sample company needs an empty system."))
    moment = now or present()
    with transaction.atomic(), at(moment):
        _fill(total, seed, people, departments, moment, tell)
    with _step(tell, "statistics"):
        tidy()


def _fill(total: int, seed: int, people: int | None, departments: int | None, now: datetime, tell: Tell) -> None:
    """Everything in one transaction: stopped half-way, nothing was done."""
    large = total >= LARGE
    huge = total >= 100_000
    processes = os.cpu_count() or 1 if large else 0
    rng = random.Random(seed)  # noqa: S311 - sample data
    with _step(tell, "organisation"):
        group = organisation.build(
            rng, people=people or (5000 if huge else 30), departments=departments or (300 if huge else 8)
        )
    plan = chunks.Plan(seed, total, now, 2.0 if large else 0.8, tuple(group.sellers), sales.pipelines())
    # Grades, owners and pools change a customer's row many times, and each time all its indexes would follow.
    with _indexes_after(tell, "indexes of customers", Customer):
        with _indexes_after(tell, "indexes", *_TABLES):
            with _step(tell, "customers, contacts, opportunities"):
                chunks.load(plan, processes=processes)
                _set_counters(plan)
            with _step(tell, "histories of opportunities"):
                sales.histories()
            with _step(tell, "contact records and tasks"):
                activities.build(rng, now, per_customer=3 if large else 6)
            with _step(tell, "purchases and payments"):
                trade.build(now, most=2 if huge else 1000)
            with _step(tell, "events"), connection.cursor() as cursor:
                cursor.execute(activities.KEY_AT)
                events.build()
        with _step(tell, "pools and policies"):
            ownership.build()
            written = policies.build(rng, customers_each=total // max(1, len(group.sellers)))
        if not huge:
            with _step(tell, "grades"):
                trade.grade(business_date(now))
        with _step(tell, "a year under the policies"):
            houses = [house_of(one, visits=one.template == "REAL_ESTATE") for one in written]
            most = MOST_YEARS if huge else None
            year.build(year.Years({one.key: one for one in houses}, seed, now, most), processes=processes)
    with _step(tell, "deposits, clashes, figures"):
        cases.build(rng, now)
        refused.build(rng, now)
        watching.build(rng, policies.began(business_date(now)), business_date(now))
    with _step(tell, "sums of won deals"):
        won_sums.fold()


def tidy() -> None:
    """Fresh statistics and visibility: the first pages are as quick as the later ones."""
    with connection.cursor() as cursor:
        cursor.execute(_BY_SIZE)
        tables = iter([name for (name,) in cursor.fetchall()])

    def some() -> None:
        # A connection for each thread: the server gives one table to one process.
        try:
            with connection.cursor() as cursor:
                cursor.execute(_MUCH_MEMORY)
                for name in tables:
                    cursor.execute(f"VACUUM (ANALYZE) {name}")
        finally:
            connection.close()

    with ThreadPoolExecutor(TIDYING) as pool:
        for done in [pool.submit(some) for _ in range(TIDYING)]:
            done.result()


def _set_counters(plan: chunks.Plan) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval('customer_no_seq', %s)", [plan.total + 1])
        cursor.execute("SELECT setval('opportunity_number_seq', %s)", [int(plan.opportunities * plan.total) + 1])


@contextmanager
def _indexes_after(tell: Tell, name: str, *models: type[Model]) -> Iterator[None]:
    with bare(*models):
        yield
        started = time.perf_counter()
    tell(name, time.perf_counter() - started)


@contextmanager
def _step(tell: Tell, name: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    tell(name, time.perf_counter() - started)
