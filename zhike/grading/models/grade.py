"""The level of a customer in a scheme, as periods that never overlap (C5); and what people decided by hand."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.access.models import OwnedQuerySet
from zhike.customers.models import Customer
from zhike.grading.rules.schemes import BY_CODE, STORED, Level, Scheme
from zhike.kernel.clock import business_date, now
from zhike.kernel.models import BaseModel

SCHEME_CHOICES = [(scheme.code, scheme.label) for scheme in STORED]


class OfScheme:
    """What has a scheme and a level."""

    scheme: Any
    level: Any

    @property
    def definition(self) -> Scheme:
        return BY_CODE[self.scheme]

    @property
    def shown(self) -> Level:
        return self.definition.level(self.level)


class GradeQuerySet(models.QuerySet["Grade"]):
    """Named questions. Visible is what belongs to a visible customer."""

    def current(self) -> Self:
        return self.filter(until=None)

    def at(self, moment: datetime) -> Self:
        return self.filter(Q(until=None) | Q(until__gt=moment), since__lte=moment)

    def of(self, customer: Customer) -> Self:
        return self.filter(customer=customer)


class Grade(OfScheme, BaseModel):
    """A customer has this level of this scheme from ``since`` until ``until`` (None: still).

    ``reasons`` are codes of the rule, ``facts`` the figures it was worked out from (frozen, R4.11).
    """

    class Source(models.TextChoices):
        CLAUSE = "CLAUSE", _("By the policy")
        SETTING = "SETTING", _("By the scheme's settings")
        ASSESSMENT = "ASSESSMENT", _("By an approved assessment")
        PERSON = "PERSON", _("Set by hand")

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="grades", verbose_name=_("Customer"), db_index=False
    )
    scheme = models.CharField(_("Scheme"), max_length=24, choices=SCHEME_CHOICES)
    level = models.CharField(_("Level"), max_length=24)
    since = models.DateTimeField(_("Since"))
    until = models.DateTimeField(_("Until"), null=True)
    source = models.CharField(_("How"), max_length=12, choices=Source)
    reasons = models.JSONField(_("Reasons"), default=list)
    facts = models.JSONField(_("Facts"), default=dict)
    decision_id = models.UUIDField(null=True)
    assessment = models.ForeignKey("grading.Assessment", models.SET_NULL, null=True, related_name="+", db_index=False)
    override = models.ForeignKey(
        "grading.GradeOverride", models.SET_NULL, null=True, related_name="grades", db_index=False
    )
    decided_by = models.ForeignKey("staff.User", models.PROTECT, null=True, related_name="+", db_index=False)

    objects = GradeQuerySet.as_manager()

    class Meta:
        verbose_name = _("Grade")
        verbose_name_plural = pgettext_lazy("of a customer", "Grades")
        ordering = ("-since",)
        constraints = [
            # Ended ones among each other; the open one is unique, and a trigger (migration 0002) keeps it behind the
            # ended ones, as in the ledger of ownership: most periods are open, and cost a third so.
            ExclusionConstraint(
                name="grade_periods_do_not_overlap",
                expressions=[
                    ("customer", RangeOperators.EQUAL),
                    ("scheme", RangeOperators.EQUAL),
                    (Func(F("since"), F("until"), function="TSTZRANGE", output_field=DateTimeRangeField()),
                     RangeOperators.OVERLAPS),
                ],
                condition=Q(until__isnull=False),
                violation_error_message=_("The customer already has a level of this scheme at that time."),
            ),
            models.UniqueConstraint(
                fields=("customer", "scheme"),
                condition=Q(until=None),
                name="grade_one_open",
                violation_error_message=_("The customer already has a level of this scheme at that time."),
            ),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gt=F("since")), name="grade_ends_after_it_began"),
        ]  # fmt: skip
        indexes = [
            models.Index("customer", "scheme", F("since").desc(), name="grade_customer"),
            models.Index("scheme", "level", name="grade_level", condition=Q(until=None)),
            # Few periods have these.
            models.Index("assessment", name="grade_assessment", condition=Q(assessment__isnull=False)),
            models.Index("override", name="grade_override", condition=Q(override__isnull=False)),
            models.Index("decided_by", name="grade_decided_by", condition=Q(decided_by__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.definition.label}: {self.shown.label}"

    @property
    def thread_id(self) -> Any:
        return self.customer_id


class OverrideQuerySet(OwnedQuerySet):
    def waiting(self) -> Self:
        return self.filter(state=GradeOverride.State.PENDING)

    def in_force(self) -> Self:
        return self.filter(state=GradeOverride.State.APPROVED, ended_at=None)


class GradeOverride(OfScheme, BaseModel):
    """A level set by a person, with reason, approval and end (R4.10). While it is in force no rule changes it."""

    class State(models.TextChoices):
        PENDING = "PENDING", _("Waiting for approval")
        APPROVED = "APPROVED", _("Approved")
        REJECTED = "REJECTED", _("Rejected")

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="grade_overrides", verbose_name=_("Customer"))
    scheme = models.CharField(_("Scheme"), max_length=24, choices=SCHEME_CHOICES)
    level = models.CharField(_("Level"), max_length=24)
    level_before = models.CharField(max_length=24, blank=True)
    reason = models.CharField(_("Reason"), max_length=500)
    ends_on = models.DateField(_("Ends on"))
    state = models.CharField(_("State"), max_length=10, choices=State, default=State.PENDING)
    asked_by = models.ForeignKey("staff.User", models.PROTECT, related_name="+", verbose_name=_("Asked by"))
    asked_at = models.DateTimeField(default=now)
    decided_by = models.ForeignKey("staff.User", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(_("Answer"), max_length=500, blank=True)
    ended_at = models.DateTimeField(null=True)

    objects = models.Manager.from_queryset(OverrideQuerySet)()

    class Meta:
        verbose_name = _("Manual level")
        verbose_name_plural = _("Manual levels")
        ordering = ("-asked_at",)
        constraints = [
            models.UniqueConstraint(
                fields=("customer", "scheme"),
                condition=Q(state="PENDING") | Q(state="APPROVED", ended_at=None),
                name="grade_override_once",
                violation_error_message=_("A manual level of this scheme is already in force or waiting."),
            )
        ]
        indexes = [models.Index("ends_on", name="grade_override_end", condition=Q(state="APPROVED", ended_at=None))]

    def __str__(self) -> str:
        return f"{self.definition.label}: {self.shown.label}"

    @property
    def thread_id(self) -> Any:
        return self.customer_id

    @property
    def days_left(self) -> int:
        last: date = self.ends_on
        return (last - business_date()).days


class Judgement(BaseModel):
    """What somebody holds a factor of a customer to be, from 0 to 10 (market share: percent). Dated: the newest up to
    a day counts for it (R4.9, R4.12)."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="judgements", db_index=False)
    factor = models.CharField(_("Factor"), max_length=32)
    value = models.DecimalField(_("Value"), max_digits=7, decimal_places=2)
    judged_on = models.DateField(_("Judged on"), default=business_date)
    by = models.ForeignKey("staff.User", models.PROTECT, null=True, related_name="+")
    note = models.CharField(_("Note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("Judgement")
        verbose_name_plural = _("Judgements")
        ordering = ("-judged_on", "-created_at")
        constraints = [
            models.UniqueConstraint(fields=("customer", "factor", "judged_on"), name="judgement_once_a_day"),
            models.CheckConstraint(condition=Q(value__gte=0, value__lte=100), name="judgement_in_range"),
        ]

    def __str__(self) -> str:
        return f"{self.factor} {self.value}"

    @property
    def thread_id(self) -> Any:
        return self.customer_id
