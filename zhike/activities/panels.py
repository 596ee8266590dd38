"""What contact records and tasks show on the pages of others, and what can be started from there."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from markupsafe import Markup

from zhike.access.rights import FULL, rights_of
from zhike.access.scoped import Scoped
from zhike.activities.models import FollowUpRecord, Task
from zhike.activities.pages.todo import lines_of
from zhike.history.models import Event
from zhike.records.panels import Panel, register_panel
from zhike.records.quick import QuickAction, register_quick_action
from zhike.records.registry import describe_model
from zhike.records.stories import Story, register_story
from zhike.records.timeline import say
from zhike.staff.models import User
from zhike.web.jinja import address, render_to_string

LOG = "activities.interaction.create"
_SHOWN = 8
# Record types whose contacts and tasks point at them with `about`; a customer has them by its key.
ABOUT = ("opportunities", "leads")


def contents(events: list[Event], user: User) -> dict[uuid.UUID, Markup]:
    """What was said, for the timeline: one query for all. Corrections show as changes, not again."""
    told = {event.subject_id: event for event in events if event.action == "activities.interaction.create"}
    hidden = hidden_fields(user)
    return {
        told[row.pk].pk: Markup(render_to_string(None, "activities/story.html", {"one": row, "hidden": hidden}))  # noqa: S704
        for row in (_told(user, list(told)) if told else ())
    }


_told = Scoped(
    FollowUpRecord,
    lambda rows, keys: (
        rows.filter(pk__any_of=keys, trashed_at=None).select_related("contact", "author").defer("search_tokens")
    ),
)


def hidden_fields(user: User) -> set[str]:
    """Fields of contact records that this reader does not see in full."""
    rights = rights_of(user)
    names = ("content", "result", "feedback", "next_step", "contact", "next_contact_at")
    return {name for name in names if rights.field_right("interactions", name) not in (FULL, "READ_ONLY")}


def tasks_panel(request: HttpRequest, row: Any) -> str:
    """Open tasks of a customer, or about a lead or opportunity; then the last done."""
    by: User = request.user  # type: ignore[assignment]
    open_ones = _open_of(row)(by, row.pk)
    context = {
        "lines": lines_of(open_ones[:_SHOWN], by, ordered=True),
        "more": len(open_ones) > _SHOWN,
        "new": f"{reverse('activities:task-new')}?{_query(row)}",
        "may_make": rights_of(by).may("activities.task.create"),
        "here": describe_model(row).address(row),
        "again": reverse("records:panel", args=[describe_model(row).name, row.pk, "tasks"]),
    }
    return render_to_string(request, "activities/tasks_panel.html", context)


def _first_open(rows: Any, **of: Any) -> Any:
    found = rows.filter(**of).select_related("owner", "contact", "customer").open()
    return found.order_by("due_by", "id").defer("search_tokens")[: _SHOWN + 1]


_of_customer = Scoped(Task, lambda rows, key: _first_open(rows, customer=key))
_about = Scoped(Task, lambda rows, key: _first_open(rows, about_id=key))


def _open_of(row: Any) -> Scoped:
    return _of_customer if row._meta.label == "customers.Customer" else _about


def contacts_panel(request: HttpRequest, row: Any) -> str:
    """The last contacts about a lead or opportunity."""
    by: User = request.user  # type: ignore[assignment]
    rows = FollowUpRecord.objects.visible_to(by).filter(about_id=row.pk, trashed_at=None).defer("search_tokens")
    context = {
        "records": list(rows.select_related("author", "contact").order_by("-happened_at", "-id")[:_SHOWN]),
        "hidden": hidden_fields(by),
        "log": log_address(row),
        "may_log": rights_of(by).may(LOG),
    }
    return render_to_string(request, "activities/contacts_panel.html", context)


def _of(row: Any) -> dict[str, Any]:
    return {"customer": row} if row._meta.label == "customers.Customer" else {"about_id": row.pk}


def _asked(row: Any) -> dict[str, str]:
    if row._meta.label == "customers.Customer":
        return {"customer": str(row.pk)}
    if row._meta.label == "customers.Contact":
        return {"customer": str(row.customer_id), "contact": str(row.pk)}
    return {"about_type": describe_model(row).name, "about_id": str(row.pk)}


def _query(row: Any) -> str:
    """Keys and codes need no quoting, and every row of a list asks."""
    return "&".join(f"{name}={value}" for name, value in _asked(row).items())


def log_address(row: Any) -> str:
    """The log dialog for a record."""
    return f"{address('activities:log')}?{_query(row)}"


def task_address(row: Any) -> str:
    return f"{address('activities:task-new')}?{_query(row)}"


def announce() -> None:
    """Make all of it known; called once, from `records`."""
    register_story(
        Story("contacts", _("Contact records"), ("activities.interaction.",), "phone", load=contents, position=10)
    )
    register_story(Story("tasks", _("Tasks"), ("activities.task.",), "checkbox", position=30))
    _announce_quick_actions()
    _announce_panels()
    for action, words in WORDS.items():
        say(action, words)


def _announce_quick_actions() -> None:
    for record_type in ("customers", "contacts", *ABOUT):
        register_quick_action(
            QuickAction(
                record_type,
                _("Log a contact"),
                "phone-call",
                log_address,
                LOG,
                key="l",
                dialog=True,
                position=10,
                on_rows=True,
            )
        )
        register_quick_action(
            QuickAction(
                record_type, _("New task"), "checkbox", task_address, "activities.task.create", dialog=True, position=30
            )
        )


def _announce_panels() -> None:
    for record_type in ("customers", *ABOUT):
        register_panel(
            Panel(
                record_type,
                "tasks",
                _("Tasks"),
                tasks_panel,
                permission="activities.task.view",
                position=20,
                icon="checkbox",
                ahead=lambda user, row: _open_of(row).ahead(user, row.pk),
            )
        )
    for record_type in ABOUT:
        register_panel(
            Panel(
                record_type,
                "interactions",
                _("Contact records"),
                contacts_panel,
                place="main",
                position=20,
                icon="phone",
            )
        )


WORDS = {
    "activities.interaction.create": _("recorded a contact"),
    "activities.interaction.update": _("corrected a contact record"),
    "activities.interaction.trash": _("deleted a contact record"),
    "activities.interaction.restore": _("restored a contact record"),
    "activities.task.create": _("made a task"),
    "activities.task.update": _("changed a task"),
    "activities.task.assign": _("gave a task to somebody else"),
    "activities.task.complete": _("completed a task"),
    "activities.task.reopen": _("opened a task again"),
    "activities.task.postpone": _("postponed a task"),
    "activities.task.set_progress": _("noted the progress of a task"),
    "activities.task.trash": _("deleted a task"),
    "activities.task.restore": _("restored a task"),
}
