"""Something that somebody has to do by a day (FUP-4)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zhike.activities.rules import due
from zhike.activities.rules.effective import Method
from zhike.activities.rules.work_list import Priority
from zhike.kernel.clock import end_of_day
from zhike.kernel.models import BaseModel, DerivedDateTimeField
from zhike.records.models import RecordModel, RecordQuerySet

REMIND_CHOICES = (
    (0, _("When it is due")),
    (15, _("15 minutes before")),
    (60, _("1 hour before")),
    (1440, _("1 day before")),
)
_KEPT = Q(trashed_at=None)
_OPEN = _KEPT & Q(completed_at=None)


class TaskQuerySet(RecordQuerySet):
    """Named questions about tasks."""

    def open(self) -> Self:
        return self.filter(trashed_at=None, completed_at=None)

    def done(self) -> Self:
        return self.filter(trashed_at=None, completed_at__isnull=False)

    def overdue(self, at: datetime) -> Self:
        return self.open().filter(due_by__lte=at)

    def due_until(self, at: datetime) -> Self:
        return self.open().filter(due_by__lte=at)


class Task(RecordModel):
    """A task. ``owner`` has to do it, ``creator`` asked for it; both see it, and those above the owner.

    ``due_on`` is its day, ``due_at`` the hour where one was agreed; ``due_by`` is the moment from which it is
    late. Whether it is done is told by its `TaskCompletion`; ``completed_at`` keeps the present answer.
    """

    permission_noun = "activities.task"

    class Kind(models.TextChoices):
        TODO = "TODO", _("To do")
        NEXT_CONTACT = "NEXT_CONTACT", _("Next contact")

    owner = models.ForeignKey("staff.User", models.PROTECT, null=True, related_name="+", verbose_name=_("Assignee"))
    creator = models.ForeignKey(
        "staff.User", models.PROTECT, null=True, related_name="+", editable=False, verbose_name=_("Created by")
    )
    kind = models.CharField(_("Kind"), max_length=12, choices=Kind, default=Kind.TODO, editable=False)
    title = models.CharField(_("Title"), max_length=200)
    description = models.TextField(_("Description"), max_length=10_000, blank=True)
    method = models.CharField(_("Planned method"), max_length=12, choices=Method, blank=True)
    customer = models.ForeignKey(
        "customers.Customer", models.SET_NULL, null=True, blank=True, related_name="tasks", verbose_name=_("Customer")
    )
    contact = models.ForeignKey(
        "customers.Contact",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="tasks",
        verbose_name=_("Contact person"),
    )
    about_type = models.CharField(_("About (type)"), max_length=40, blank=True)
    about_id = models.UUIDField(_("About"), null=True, blank=True)
    due_on = models.DateField(_("Due on"), null=True, blank=True)
    due_at = models.DateTimeField(_("Due at"), null=True, blank=True)
    due_by = DerivedDateTimeField(_("Due"), null=True, source="make_due_by")
    original_due_on = models.DateField(_("First due on"), null=True, editable=False)
    postponed_count = models.PositiveSmallIntegerField(_("Times postponed"), default=0, editable=False)
    priority = models.CharField(_("Priority"), max_length=8, choices=Priority, default=Priority.NORMAL)
    progress = models.PositiveSmallIntegerField(
        _("Progress in %"), default=0, validators=[MaxValueValidator(100)], editable=False
    )
    repeat = models.CharField(_("Repeats"), max_length=120, blank=True)
    series = models.ForeignKey("self", models.SET_NULL, null=True, editable=False, related_name="occurrences")
    series_start = models.DateField(null=True, editable=False)
    remind_minutes = ArrayField(
        models.PositiveIntegerField(choices=REMIND_CHOICES), default=list, blank=True, verbose_name=_("Reminders")
    )
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="subtasks", verbose_name=_("Part of")
    )
    source = models.ForeignKey(
        "activities.FollowUpRecord", models.SET_NULL, null=True, editable=False, related_name="tasks"
    )
    completed_at = models.DateTimeField(_("Done at"), null=True, editable=False)

    objects = TaskQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("Task")
        verbose_name_plural = _("Tasks")
        constraints = [
            models.CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=F("id")),
                name="task_not_own_parent",
                violation_error_message=_("A task cannot be part of itself."),
            ),
            # However often it is logged, one next contact is planned per customer and person.
            models.UniqueConstraint(
                fields=("customer", "owner"),
                condition=_OPEN & Q(kind="NEXT_CONTACT"),
                name="task_one_next_contact",
                violation_error_message=_("The next contact with this customer is planned already."),
            ),
            # The next task of a series is made once, however often the last one is completed.
            models.UniqueConstraint(
                fields=("series", "due_on"), condition=Q(trashed_at=None), name="task_series_once_a_day"
            ),
        ]
        indexes = [
            *RecordModel.common_indexes("task"),
            *(
                models.Index(
                    *scope,
                    F("due_by").desc(),
                    F("id").desc(),
                    name=f"task_{name}_open",
                    condition=_OPEN,
                )
                for name, scope in (
                    ("all", ()),
                    ("unit", ("org_unit",)),
                    ("company", ("company",)),
                    ("owner", ("owner",)),
                    ("creator", ("creator",)),
                )
            ),
            *(
                models.Index(
                    *scope,
                    F("completed_at").desc(),
                    F("id").desc(),
                    name=f"task_{name}_done",
                    condition=_KEPT & Q(completed_at__isnull=False),
                )
                for name, scope in (("unit", ("org_unit",)), ("company", ("company",)), ("owner", ("owner",)))
            ),
            *(
                models.Index(*scope, F("created_at").desc(), F("id").desc(), name=f"task_{name}_new", condition=_KEPT)
                for name, scope in (("all", ()), ("unit", ("org_unit",)), ("owner", ("owner",)), ("comp", ("company",)))
            ),
            models.Index("customer", F("created_at").desc(), name="task_customer", condition=~Q(customer=None)),
            models.Index("about_id", F("created_at").desc(), name="task_about", condition=~Q(about_id=None)),
            models.Index("creator", name="task_for_others", condition=~Q(creator=F("owner"))),
            models.Index(F("trashed_at").desc(), name="task_trash", condition=~_KEPT),
        ]

    def __str__(self) -> str:
        return self.title

    @classmethod
    def shared_with(cls, user_id: uuid.UUID | None, *, write: bool) -> models.QuerySet[Any] | None:
        """Whoever asked somebody else for something follows it up."""
        return cls.objects.filter(~Q(creator=F("owner")), creator_id=user_id).values("pk")

    @property
    def is_done(self) -> bool:
        return self.completed_at is not None

    @property
    def thread_id(self) -> uuid.UUID:
        """It stands on the timeline of its customer or subject, else on its own."""
        return self.customer_id or self.about_id or self.pk

    def is_overdue(self, at: datetime) -> bool:
        return not self.is_done and self.due_by is not None and self.due_by <= at

    def make_due_by(self) -> datetime | None:
        return due.due_by(self.due_on, self.due_at)

    def day_ends(self) -> datetime | None:
        return end_of_day(self.due_on) if self.due_on else None


class TaskCompletion(BaseModel):
    """A task was done: by whom, when, with what result; and taken back, if it was (design idea 7)."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="completions")
    completed_at = models.DateTimeField(_("Done at"))
    completed_by = models.ForeignKey("staff.User", models.PROTECT, null=True, related_name="+")
    note = models.CharField(_("Result"), max_length=500, blank=True)
    record = models.ForeignKey("activities.FollowUpRecord", models.SET_NULL, null=True, related_name="+")
    progress_before = models.PositiveSmallIntegerField(default=0)
    made = models.ForeignKey(Task, models.SET_NULL, null=True, related_name="+")
    reopened_at = models.DateTimeField(null=True)
    reopened_by = models.ForeignKey("staff.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("task",), condition=Q(reopened_at=None), name="task_completion_one_in_force"
            )
        ]

    def __str__(self) -> str:
        return f"{self.task} {self.completed_at:%Y-%m-%d}"


class TaskReminder(BaseModel):
    """A moment at which the assignee is reminded, once."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="reminders")
    at = models.DateTimeField(_("At"))
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("task", "at"), name="task_reminder_once")]
        indexes = [models.Index(fields=("at",), name="task_reminder_waiting", condition=Q(sent_at=None))]

    def __str__(self) -> str:
        return f"{self.task} {self.at:%Y-%m-%d %H:%M}"
