"""Contact records and tasks described: lists, forms, import, export, API, search."""

from __future__ import annotations

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from zhike.activities.actions import bulk, interactions, tasks
from zhike.activities.models import FollowUpRecord, Task
from zhike.activities.panels import announce
from zhike.records.bulk import BulkVerb, register_bulk_verb
from zhike.records.description import Description, Section
from zhike.records.kinds import Kind
from zhike.records.registry import register


@register
class InteractionDescription(Description):
    """A contact that happened."""

    model = FollowUpRecord
    name = "interactions"
    title_columns = ("method", "happened_at")
    icon = "message-circle"
    fields = (
        "customer", "contact", "happened_at", "method", "purpose", "content", "result", "feedback", "preparation",
        "next_step", "no_next_reason", "next_contact_at", "seconds", "author", "owner", "org_unit", "about_type",
        "about_id", "effective", "shortfall", "origin", "tags", "created_at", "updated_at",
    )  # fmt: skip
    columns = ("happened_at", "customer", "contact", "method", "content", "result", "next_contact_at", "author")
    sorts = ("-happened_at",)
    filters = ("happened_at", "method", "result", "purpose", "author", "customer", "effective", "org_unit")
    form = (
        Section(_("Who and when"), ("customer", "contact", "method", "happened_at", "seconds", "purpose")),
        Section(_("What was said"), ("content", "result", "feedback")),
        Section(_("What comes next"), ("next_step", "next_contact_at", "no_next_reason")),
        Section(_("More"), ("preparation", "author", "about_type", "about_id", "tags")),
    )
    kinds: ClassVar[dict[str, Kind]] = {"content": Kind.LONG_TEXT, "feedback": Kind.LONG_TEXT}
    related = ("customer", "contact", "author", "owner", "org_unit")
    position = 30
    create = interactions.create
    update = interactions.update
    trash = interactions.trash
    restore = interactions.restore


@register
class TaskDescription(Description):
    """Something to do."""

    model = Task
    name = "tasks"
    icon = "checkbox"
    page = "activities:task"
    fields = (
        "title", "description", "owner", "creator", "due_on", "due_at", "priority", "progress", "customer", "contact",
        "about_type", "about_id", "method", "repeat", "remind_minutes", "parent", "completed_at", "postponed_count",
        "original_due_on", "org_unit", "tags", "due_by", "created_at", "updated_at",
    )  # fmt: skip
    columns = ("title", "due_by", "priority", "customer", "owner", "progress", "completed_at")
    sorts = ("-created_at", "due_by", "-completed_at")
    filters = ("completed_at", "due_on", "owner", "creator", "priority", "customer", "org_unit")
    form = (
        Section(_("What"), ("title", "description", "priority")),
        Section(_("Who and when"), ("owner", "due_on", "due_at", "remind_minutes", "repeat")),
        Section(_("About"), ("customer", "contact", "method", "about_type", "about_id", "parent", "tags")),
    )
    related = ("customer", "contact", "owner", "creator", "org_unit", "parent")
    title_field = "title"
    tones = {"priority": {"HIGH": "amber", "URGENT": "red"}}
    position = 40
    create = tasks.create
    update = tasks.update
    trash = tasks.trash
    restore = tasks.restore


for code, label, icon, each in (
    ("complete", _("Complete"), "check", tasks.complete),
    ("reopen", _("Reopen"), "restore", tasks.reopen),
    ("next-workday", _("Postpone to the next workday"), "calendar-due", bulk.to_next_workday),
    ("next-week", _("Postpone to next week"), "calendar-due", bulk.to_next_week),
):
    register_bulk_verb(BulkVerb(code, label, icon, "change", each=each, record_type="tasks"))

announce()
