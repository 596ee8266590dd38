"""What is to be done: today with what is late, later, done; one's own, what one gave away, the team's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zhike.access.rights import rights_of
from zhike.activities.models import Task
from zhike.activities.rules.due import quick_dates
from zhike.activities.rules.work_list import Place, in_order, place
from zhike.customers.models import Customer
from zhike.kernel.clock import business_date, end_of_day, now
from zhike.kernel.work_calendar import current
from zhike.records.listing import Listing
from zhike.records.registry import describe
from zhike.staff.models import User
from zhike.web import pages
from zhike.web.formats import day

# More than a person can look through; the rest is in the list of all tasks.
LIMIT = 100
VIEWS = ("today", "overdue", "upcoming", "done")
WHOSE = ("mine", "given", "team")


@dataclass(frozen=True)
class Line:
    """One task as it is shown. ``customer``: only if the reader may see it."""

    task: Task
    place: Place
    customer: Customer | None
    postpone_to: tuple[tuple[str, str], ...]

    @property
    def colour(self) -> str:
        return "red" if self.place.group <= 1 else "amber" if self.place.pressing else ""


@dataclass
class TodoPage:
    """The list of one view of one person."""

    lines: list[Line]
    more: bool
    view: str
    whose: str
    counts: dict[str, str]
    may_see_team: bool
    address: str
    today: str

    @property
    def views(self) -> list[tuple[str, str, bool, str | None]]:
        labels = {"today": _("Today"), "overdue": _("Overdue"), "upcoming": _("Upcoming"), "done": _("Done")}
        return [
            (labels[code], f"?view={code}&whose={self.whose}", code == self.view, self.counts.get(code))
            for code in VIEWS
        ]

    @property
    def sides(self) -> list[tuple[str, str, bool, None]]:
        labels = {"mine": _("Mine"), "given": _("Given to others"), "team": _("Team")}
        shown = WHOSE if self.may_see_team else WHOSE[:2]
        return [(labels[code], f"?view={self.view}&whose={code}", code == self.whose, None) for code in shown]


@require_safe
def todo(request: HttpRequest) -> HttpResponse:
    """The page, or its list."""
    by: User = request.user  # type: ignore[assignment]
    view = request.GET.get("view", "today")
    whose = request.GET.get("whose", "mine")
    view, whose = view if view in VIEWS else "today", whose if whose in WHOSE else "mine"
    rows = tasks_of(by, view, whose)
    page = TodoPage(
        lines=lines_of(rows[:LIMIT], by, ordered=view in ("today", "overdue")),
        more=len(rows) > LIMIT,
        view=view,
        whose=whose,
        counts=counts_of(by) if whose == "mine" else {},
        may_see_team=sees_team(by),
        address=f"{reverse('activities:todo')}?view={view}&whose={whose}",
        today=business_date().isoformat(),
    )
    return pages.render(request, "activities/todo.html", page, block="list")


def sees_team(by: User) -> bool:
    """Whether the right to see tasks reaches beyond one's own."""
    reach = rights_of(by).reach(Task.permission("view"))
    return bool(reach.everything or reach.org_unit_ids or reach.company_ids)


def tasks_of(by: User, view: str, whose: str) -> list[Task]:
    """At most one more than `LIMIT` tasks of a view."""
    if whose == "team":
        return _of_team(by, view)
    mine = {"owner": by} if whose == "mine" else {"creator": by}
    rows = Task.objects.filter(**mine)
    if whose == "given":
        rows = rows.exclude(owner=by)
    tonight = end_of_day(business_date())
    if view == "done":
        rows = rows.done().order_by("-completed_at", "-id")
    elif view == "upcoming":
        later = rows.open().filter(due_by__gt=tonight).order_by("due_by", "id")
        undated = rows.open().filter(due_by=None).order_by("-id")
        return [*_fetched(later), *_fetched(undated)][: LIMIT + 1]
    else:
        until = now() if view == "overdue" else tonight
        rows = rows.open().filter(due_by__lte=until).order_by("due_by", "id")
    return _fetched(rows)


def _fetched(rows: Any) -> list[Task]:
    related = ("owner", "creator", "customer", "contact")
    return list(rows.select_related(*related).defer("search_tokens", "custom", "customer__search_tokens")[: LIMIT + 1])


def _of_team(by: User, view: str) -> list[Task]:
    """Through the list, whose query is fast for any department."""
    tonight = end_of_day(business_date())
    done = view == "done"
    rules: list[dict[str, Any]] = [{"field": "completed_at", "op": "not_empty" if done else "empty"}]
    if view == "upcoming":
        rules.append({"field": "due_by", "op": "gt", "value": tonight.isoformat()})
    elif not done:
        rules.append({"field": "due_by", "op": "lte", "value": (now() if view == "overdue" else tonight).isoformat()})
    tree = {"all": rules}
    found = Listing(describe("tasks"), by, tree=tree, sort="-completed_at" if done else "due_by").page(size=LIMIT)
    return [row for row in found.rows if row.owner_id != by.pk]


def counts_of(by: User) -> dict[str, str]:
    """Bounded counts of one's own open tasks."""
    mine = Task.objects.filter(owner=by).open()
    tonight = end_of_day(business_date())
    asked = {
        "today": mine.filter(due_by__lte=tonight),
        "overdue": mine.filter(due_by__lte=now()),
        "upcoming": mine.filter(due_by__gt=tonight),
    }
    found = {code: rows.order_by()[: LIMIT + 1].count() for code, rows in asked.items()}
    return {code: f"{LIMIT}+" if number > LIMIT else str(number) for code, number in found.items() if number}


def lines_of(tasks: Iterable[Task], by: User, *, ordered: bool) -> list[Line]:
    """The tasks with their reasons, and with the customers this person may see."""
    tasks = list(tasks)
    moment = now()
    placed = in_order(tasks, moment) if ordered else [(task, place(task, moment)) for task in tasks]
    seen = visible_customers(by, {task.customer_id for task in tasks if task.customer_id})
    quick = tuple(
        (each.day.isoformat(), f"{each.label} {day(each.day)}") for each in quick_dates(business_date(), current())
    )
    return [Line(task, where, task.customer if task.customer_id in seen else None, quick) for task, where in placed]


def visible_customers(by: User, keys: set[UUID]) -> set[UUID]:
    """Those of the keys whose customers the person may see: one query."""
    if not keys:
        return set()
    return set(Customer.objects.visible_to(by).filter(pk__in=keys).values_list("pk", flat=True))
