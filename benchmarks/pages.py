"""Pages as people open them: the whole stack in this process, and eight clients against a real server.

The worst cases are looked for, not avoided: the group's root, the owner of one customer in twenty, a team whose
customers nobody touched for long.
"""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.db import connection
from django.db.models import Max
from django.test import Client
from django.utils import timezone

from benchmarks.core import Report, Result, p50, p95, times
from benchmarks.server import per_second
from zhike.customers.models import Customer
from zhike.staff.models import OrgUnit, User

P50_AIM, P95_AIM, RATE_AIM = 15.0, 40.0, 180.0
FILTERS = json.dumps(
    {
        "all": [
            {"field": "status", "op": "in", "value": ["ACTIVE"]},
            {"field": "tags", "op": "has_any", "value": ["行业标杆"]},
            {"field": "acquisition_channel", "op": "in", "value": ["EXHIBITION", "REFERRAL"]},
        ]
    }
)
WORDS = ("华安", "科技", "远盛", "重庆", "恒信", "食品", "贸易", "瑞康")


def run(n: int = 60) -> Report:
    """Measure every page of the list above, in a process with the settings of a web process."""
    import config.wsgi  # noqa: F401 - when memory is looked through

    report = Report("pages", Customer.objects.count())
    people = cast()
    for case, who, path in cases(people):
        measure(report, case, people[who], path, n)
    _bare_sql(report, people, n)
    _save_contact(report, people["rep"], n)
    client = signed_in(people["manager"])
    rate = per_second("/customers/?sort=-last_contact_at", client.cookies["sessionid"].value, clients=8, seconds=8)
    report.results.append(
        Result(
            "list page, 8 clients, server with 2 workers", 8, per_s=rate, aim=f"≥ {RATE_AIM:.0f}/s", ok=rate >= RATE_AIM
        )
    )
    return report


def cast() -> dict[str, User]:
    """Who opens the pages: the sample's people, and the worst placed."""
    by_name = {
        user.username: user
        for user in User.objects.filter(username__in=("exec", "director", "manager", "sales", "admin"))
    }
    oldest = (
        Customer.objects.values("org_unit_id")
        .annotate(latest=Max("last_contact_at"))
        .order_by("latest")
        .values_list("org_unit_id")
    )
    cold = User.objects.filter(org_unit_id=oldest[0][0]).order_by("pk").first()
    if cold is None:
        raise RuntimeError("the sample has no people in its oldest team")
    return {
        "rep": by_name["sales"],
        "many": by_name["manager"],
        "manager": by_name["manager"],
        "director": by_name["director"],
        "root": by_name["exec"],
        "cold": cold,
    }


def cases(people: dict[str, User]) -> list[tuple[str, str, str | Callable[[int], str]]]:
    """(case, who, address)."""
    filters = quote(FILTERS)
    ids = list(Customer.objects.filter(trashed_at=None).order_by("pk").values_list("pk", flat=True)[:400])
    rng = random.Random(5)  # noqa: S311
    return [
        ("list: own", "rep", "/customers/?sort=-last_contact_at"),
        ("list: owner of one in twenty", "many", "/customers/?sort=-last_contact_at"),
        ("list: department and below", "manager", "/customers/?sort=-last_contact_at"),
        ("list: company", "director", "/customers/?sort=-last_contact_at"),
        ("list: group root", "root", "/customers/?sort=-last_contact_at"),
        ("list: cold team", "cold", "/customers/?sort=-last_contact_at"),
        ("list: three filters, department", "manager", f"/customers/?filter={filters}&sort=-last_contact_at"),
        ("list: three filters, root", "root", f"/customers/?filter={filters}&sort=-last_contact_at"),
        ("opportunities by amount, department", "manager", "/opportunities/?sort=-amount"),
        ("opportunities by amount, root", "root", "/opportunities/?sort=-amount"),
        ("search box, two characters, department", "manager", lambda i: f"/search/?q={quote(WORDS[i % len(WORDS)])}"),
        ("search box, two characters, root", "root", lambda i: f"/search/?q={quote(WORDS[i % len(WORDS)])}"),
        ("customer page with timeline", "root", lambda i: f"/customers/{rng.choice(ids)}/"),
        ("board", "manager", "/opportunities/board/"),
        ("board, root", "root", "/opportunities/board/"),
        ("task list", "rep", "/tasks/"),
        ("won amount by month and owner, department", "manager", "/opportunities/won/"),
        ("won amount by month and owner, root", "root", "/opportunities/won/"),
    ]


def signed_in(user: User) -> Client:
    client = Client(HTTP_HOST="localhost", raise_request_exception=True)
    client.force_login(user)
    return client


def measure(report: Report, case: str, user: User, path: str | Callable[[int], str], n: int) -> None:
    client = signed_in(user)

    def call(i: int) -> None:
        answer = client.get(path if isinstance(path, str) else path(i))
        if answer.status_code != 200:
            raise RuntimeError(f"{case}: {path} answered {answer.status_code}")

    found = times(call, n)
    good = p50(found) <= P50_AIM and p95(found) <= P95_AIM
    report.results.append(Result(case, n, p50(found), p95(found), aim="p50 ≤ 15, p95 ≤ 40 ms", ok=good))


def _bare_sql(report: Report, people: dict[str, User], n: int) -> None:
    """The same rows by bare SQL in its plain form (one OR over the scope), beside the product's cases."""
    units = list(OrgUnit.objects.below([people["manager"].org_unit_id]).values_list("pk", flat=True))
    questions: dict[str, tuple[str, list[Any]]] = {
        "list: department and below": (
            "SELECT * FROM customers_customer WHERE trashed_at IS NULL AND (org_unit_id = ANY(%s) OR owner_id = %s)"
            " AND last_contact_at IS NOT NULL ORDER BY last_contact_at DESC, id DESC LIMIT 51",
            [units, people["manager"].pk],
        ),
        "list: group root": (
            "SELECT * FROM customers_customer WHERE trashed_at IS NULL"
            " AND last_contact_at IS NOT NULL ORDER BY last_contact_at DESC, id DESC LIMIT 51",
            [],
        ),
        "list: cold team": (
            "SELECT * FROM customers_customer WHERE trashed_at IS NULL AND (org_unit_id = ANY(%s) OR owner_id = %s)"
            " AND last_contact_at IS NOT NULL ORDER BY last_contact_at DESC, id DESC LIMIT 51",
            [[people["cold"].org_unit_id], people["cold"].pk],
        ),
    }
    for result in report.results:
        if result.case in questions:
            sql, params = questions[result.case]
            result.sql_p50_ms = p50(times(lambda _i, s=sql, p=params: _fetch(s, p), max(10, n // 4)))  # type: ignore[misc]


def _fetch(sql: str, params: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        cursor.fetchall()


def _save_contact(report: Report, user: User, n: int) -> None:
    """Log a call, as the quick dialog sends it."""
    client = signed_in(user)
    mine = list(Customer.objects.filter(owner=user, trashed_at=None, kind="PERSON").values_list("pk", flat=True)[:200])

    def call(i: int) -> None:
        answer = client.post(
            "/log/",
            {
                "customer": str(mine[i % len(mine)]), "method": "PHONE", "result": "TALKED",
                "content": "电话沟通了年度框架采购的进展，对方预算已经上会。",
                "happened_at": timezone.localtime().strftime("%Y-%m-%dT%H:%M"), "_key": str(uuid.uuid4()),
            },
        )  # fmt: skip
        if answer.status_code not in (200, 204, 302, 303):
            raise RuntimeError(f"save of a contact record answered {answer.status_code}: {answer.content[:300]!r}")

    found = times(call, n)
    good = p50(found) <= P50_AIM and p95(found) <= P95_AIM
    report.results.append(
        Result("save of a contact record", n, p50(found), p95(found), aim="p50 ≤ 15, p95 ≤ 40 ms", ok=good)
    )
