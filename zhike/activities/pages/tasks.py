"""A task: its page, its form, and what can be done with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.access.rights import rights_of
from zhike.access.take import require, see
from zhike.activities.actions import tasks as verbs
from zhike.activities.models import FollowUpRecord, Task
from zhike.activities.models.task import REMIND_CHOICES
from zhike.activities.pages.forms import DayForm, TaskForm
from zhike.activities.pages.log import recent_customers
from zhike.activities.pages.todo import Line, lines_of, visible_customers
from zhike.activities.rules.effective import Method
from zhike.activities.rules.work_list import Priority
from zhike.customers.models import Contact, Customer
from zhike.history.models import Event
from zhike.kernel.clock import business_date
from zhike.kernel.errors import Conflict, Refused
from zhike.records.comparing import compared, expected_version, without_theirs
from zhike.records.naming import named
from zhike.records.registry import describe
from zhike.search.tokens import syllables
from zhike.staff.models import User
from zhike.web import pages

REPEATS = (
    ("FREQ=DAILY;WORKDAYS=1", gettext_lazy("Every working day")),
    ("FREQ=DAILY", gettext_lazy("Every day")),
    ("FREQ=WEEKLY", gettext_lazy("Every week")),
    ("FREQ=WEEKLY;INTERVAL=2", gettext_lazy("Every two weeks")),
    ("FREQ=MONTHLY", gettext_lazy("Every month")),
    ("FREQ=MONTHLY;BYMONTHDAY=-1", gettext_lazy("On the last day of the month")),
    ("FREQ=MONTHLY;INTERVAL=3", gettext_lazy("Every quarter")),
    ("FREQ=YEARLY", gettext_lazy("Every year")),
)


@dataclass
class TaskPage:
    """A task as its reader sees it."""

    task: Task
    line: Line
    customer: Customer | None
    about: Any
    about_address: str
    parts: list[Line]
    events: list[tuple[Event, str]]
    records: list[FollowUpRecord]
    may: dict[str, bool]
    repeats: str


@dataclass
class TaskEdit:
    """The form of a task; ``task`` is None for a new one."""

    task: Task | None
    customer: Customer | None
    customer_name: str
    parent: Task | None
    about: Any
    about_type: str
    owner: User
    recent: list[tuple[UUID, str]]
    people: list[tuple[UUID, str]]
    due_on: str
    due_time: str
    back: str

    priorities = Priority.choices
    methods = Method.choices
    reminders = REMIND_CHOICES

    def presets_with(self, task: Task | None) -> list[tuple[str, str]]:
        """The usual rules, and the task's own if it is none of them."""
        found = [(rule, str(text)) for rule, text in REPEATS]
        own = task.repeat if task else ""
        return found if not own or own in dict(found) else [*found, (own, own)]


@require_safe
def page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The task's page; the dialog from a list."""
    by: User = request.user  # type: ignore[assignment]
    task = _task(pk, by)
    seen = visible_customers(by, {task.customer_id} if task.customer_id else set())
    about, address = _about(task.about_type, task.about_id, by)
    rights = rights_of(by)
    context = TaskPage(
        task=task,
        line=lines_of([task], by, ordered=False)[0],
        customer=task.customer if task.customer_id in seen else None,
        about=about,
        about_address=address,
        parts=lines_of(
            task.subtasks.filter(trashed_at=None).select_related("owner").order_by("completed_at", "id"),
            by,
            ordered=False,
        ),
        events=_events(task),
        records=_records_of(task, by),
        may={
            verb: Task.objects.visible_to(by, f"activities.task.{verb}").filter(pk=pk).exists()
            for verb in ("change", "delete", "assign")
        }
        | {"log": rights.may("activities.interaction.create")},
        repeats=repeat_words(task.repeat),
    )
    return pages.render(request, "activities/task.html", context)


WORDS = {
    "create": gettext_lazy("made the task"),
    "update": gettext_lazy("changed it"),
    "assign": gettext_lazy("gave it to somebody else"),
    "complete": gettext_lazy("completed it"),
    "reopen": gettext_lazy("opened it again"),
    "postpone": gettext_lazy("postponed it"),
    "set_progress": gettext_lazy("noted the progress"),
    "trash": gettext_lazy("deleted it"),
    "restore": gettext_lazy("restored it"),
}


def _events(task: Task) -> list[tuple[Event, str]]:
    found = Event.objects.about("activities.task", task.pk).select_related("actor")[:30]
    return [(event, str(WORDS.get(event.action.rsplit(".", 1)[-1], event.action))) for event in found]


def _task(pk: UUID, by: User) -> Task:
    see(Task, pk, by=by)
    rows = Task.objects.select_related("owner", "creator", "customer", "contact", "parent", "org_unit")
    return rows.get(pk=pk)  # type: ignore[no-any-return]


def _records_of(task: Task, by: User) -> list[FollowUpRecord]:
    keys = [key for key in (task.source_id, *task.completions.values_list("record_id", flat=True)) if key]
    rows = FollowUpRecord.objects.visible_to(by).filter(pk__in=keys, trashed_at=None).select_related("author")
    return list(rows.order_by("-happened_at")) if keys else []


def _about(kind: str, key: UUID | None, by: User) -> tuple[Any, str]:
    if not kind or key is None:
        return None, ""
    description = describe(kind)
    row = description.rows(by).filter(pk=key).first()
    return row, description.address(row) if row is not None else ""


def repeat_words(rule: str) -> str:
    """How a rule is read."""
    return str(dict(REPEATS).get(rule, rule))


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new task: dialog or page."""
    by: User = request.user  # type: ignore[assignment]
    require(by, "activities.task.create")
    if request.method == "POST":
        task = verbs.create(by=by, **TaskForm(request.POST, by=by).values())
        return _changed(request, _("Task made"), task, undo=reverse("activities:task-trash", args=[task.pk]))
    return pages.render(request, "activities/task_form.html", _edit(request, None), block="dialog")


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a task."""
    by: User = request.user  # type: ignore[assignment]
    task = _task(pk, by)
    if request.method == "POST":
        values = without_theirs(request, TaskForm(request.POST, by=by).values())
        version = expected_version(request)
        try:
            verbs.update(task, by=by, expected_version=version, **values)
        except Conflict as conflict:
            compared(describe("tasks"), by, _task(pk, by), values, version, conflict)
        return _changed(request, _("Saved"), task)
    return pages.render(request, "activities/task_form.html", _edit(request, task), block="dialog")


def _edit(request: HttpRequest, task: Task | None) -> TaskEdit:
    by: User = request.user  # type: ignore[assignment]
    asked = request.GET
    keys = {name: _uuid(asked.get(name)) for name in ("customer", "parent", "about_id")}
    customer: Any = task.customer if task else Customer.objects.visible_to(by).filter(pk=keys["customer"]).first()
    parent = task.parent if task else Task.objects.visible_to(by).filter(pk=keys["parent"]).first()
    about_type = task.about_type if task else asked.get("about_type", "")
    about, _address = _about(about_type, task.about_id if task else keys["about_id"], by)
    customer = customer or getattr(about, "customer", None)
    unseen = customer is not None and not visible_customers(by, {customer.pk})
    contacts = Contact.objects.visible_to(by).filter(customer=customer, trashed_at=None)
    people = contacts.order_by("-is_primary", "pinyin_key")[:30] if customer else []
    return TaskEdit(
        task=task,
        customer=customer,
        customer_name=_("A customer whom you may not see") if unseen else named(customer),
        parent=parent,
        about=about,
        about_type=about_type if about is not None else "",
        owner=task.owner if task and task.owner else by,
        recent=[(row.pk, named(row, row.name)) for row in recent_customers(by)],
        people=[(one.pk, named(one)) for one in people],
        due_on=(task.due_on.isoformat() if task.due_on else "")
        if task
        else asked.get("due_on", business_date().isoformat()),
        due_time=_clock(task),
        back=asked.get("next", ""),
    )


def _clock(task: Task | None) -> str:
    from zhike.web.formats import clock

    return clock(task.due_at) if task and task.due_at else ""


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


@require_safe
def people(request: HttpRequest) -> JsonResponse:
    """Colleagues by name, pinyin or initials, for the assignee."""
    text = request.GET.get("q", "").strip().casefold()
    rows: QuerySet[User] = User.objects.filter(disabled_at=None).select_related("org_unit").order_by("name")
    if not text:
        rows = rows.filter(company=_by(request).company)
    found = [one for one in rows.only("name", "username", "org_unit__name") if not text or _named(one, text)][:20]
    answer = [{"value": str(one.pk), "label": one.name, "hint": one.org_unit.name} for one in found]
    return JsonResponse(answer, safe=False)


def _named(user: User, text: str) -> bool:
    parts = syllables(user.name)
    readings = ("".join(parts), "".join(part[0] for part in parts))
    return (
        text in user.name.casefold()
        or text in user.username.casefold()
        or any(one.startswith(text) for one in readings)
    )


@require_POST
def complete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Done."""
    task = verbs.complete(see(Task, pk, by=_by(request)), by=_by(request), note=request.POST.get("note", ""))
    return _changed(request, _("Done: %s") % task.title, task, undo=reverse("activities:task-reopen", args=[pk]))


@require_POST
def reopen(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Not done after all."""
    task = verbs.reopen(see(Task, pk, by=_by(request)), by=_by(request))
    return _changed(request, _("Open again: %s") % task.title, task)


@require_POST
def postpone(request: HttpRequest, pk: UUID) -> HttpResponse:
    """To a later day; undone by the day before."""
    task = see(Task, pk, by=_by(request))
    values = DayForm(request.POST).values()
    task = verbs.postpone(task, by=_by(request), **values)
    return _changed(request, _("Postponed to %s") % task.due_on, task)


@require_POST
def progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How far it is."""
    percent = pages.whole_number(request.POST.get("progress"))
    if percent is None:
        raise Refused(_("Progress is 0 to 100."), fields={"progress": _("Progress is 0 to 100.")})
    task = verbs.set_progress(see(Task, pk, by=_by(request)), percent=percent, by=_by(request))
    return _changed(request, _("Progress: %d %%") % task.progress, task)


@require_POST
def assign(request: HttpRequest, pk: UUID) -> HttpResponse:
    """To somebody else."""
    task = see(Task, pk, by=_by(request))
    owner = User.objects.active().filter(pk=_uuid(request.POST.get("owner"))).first()
    if owner is None:
        raise Refused(_("Say who is to do it."), fields={"owner": _("Choose a person.")})
    task = verbs.assign(task, owner=owner, by=_by(request))
    return _changed(request, _("Given to %s") % owner.name, task, back=reverse("activities:todo"))


@require_POST
def trash(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Into the recycle bin."""
    task = verbs.trash(see(Task, pk, by=_by(request)), by=_by(request))
    undo = reverse("activities:task-restore", args=[pk])
    return _changed(request, _("Deleted: %s") % task.title, task, undo=undo, back=reverse("activities:todo"))


@require_POST
def restore(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Out of the recycle bin."""
    task = verbs.restore(see(Task, pk, by=_by(request)), by=_by(request))
    return _changed(request, _("Restored: %s") % task.title, task)


def _by(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]


def _changed(request: HttpRequest, toast: str, task: Task, *, undo: str = "", back: str = "") -> HttpResponse:
    """Lists and pages that show tasks fetch themselves again."""
    back = back or request.POST.get("next", "") or reverse("activities:task", args=[task.pk])
    if not back.startswith("/") or back.startswith("//"):
        back = reverse("activities:todo")
    events: dict[str, Any] = {"tasks-changed": str(task.pk), "timeline-changed": True}
    return pages.done(request, toast, undo=undo, back=back, **events)
