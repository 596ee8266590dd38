"""Public pools (公海): customers that nobody owns, who may take them, and what was taken when."""

from __future__ import annotations

import uuid
from datetime import date

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.kernel.ids import uuid7
from zhike.kernel.models import BaseModel
from zhike.ownership.models.ledger import MomentRange
from zhike.staff.models import User

# What members may read of a customer in the pool; the name always shows.
SHOWN_FIELDS = (
    "status",
    "region_code",
    "industry_code",
    "size_class",
    "acquisition_channel",
    "tags",
    "last_contact_at",
    "phones",
    "emails",
    "address_detail",
    "remark",
)


def hidden_at_first() -> list[str]:
    return ["phones", "emails", "address_detail", "remark"]


class CustomerPoolQuerySet(models.QuerySet["CustomerPool"]):
    def enabled(self) -> CustomerPoolQuerySet:
        return self.filter(enabled=True)

    def of_member(self, user: User, *, admin: bool = False) -> CustomerPoolQuerySet:
        """Pools that the person is a member of: in person, by department or by role."""
        return self.filter(pk__in=PoolMember.objects.of(user, admin=admin).values("pool_id"))


class CustomerPool(BaseModel):
    """A pool serves a unit of the organisation and all below it. The pick rule is a clause, not a setting."""

    name = models.CharField(_("Name"), max_length=60)
    org_unit = models.ForeignKey("staff.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("For"))
    priority = models.PositiveSmallIntegerField(_("Priority"), default=0, help_text=_("The highest goes first."))
    enabled = models.BooleanField(_("In use"), default=True)
    hidden_fields = ArrayField(
        models.CharField(max_length=40), default=hidden_at_first, blank=True, verbose_name=_("Hidden fields")
    )

    objects = CustomerPoolQuerySet.as_manager()

    class Meta:
        verbose_name = _("Customer pool")
        verbose_name_plural = _("Customer pools")
        ordering = ("-priority", "name")
        constraints = [
            models.UniqueConstraint(
                fields=("org_unit", "name"),
                name="pool_name_once",
                violation_error_message=_("There is already a pool of this name."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def is_member(self, user: User, *, admin: bool = False) -> bool:
        return PoolMember.objects.of(user, admin=admin).filter(pool=self).exists()

    def shows(self, field: str) -> bool:
        return field not in self.hidden_fields


class PoolMemberQuerySet(models.QuerySet["PoolMember"]):
    def of(self, user: User, *, admin: bool = False) -> PoolMemberQuerySet:
        """Memberships that hold for the person; a department counts with all below it."""
        units = user.org_unit.path if user.org_unit_id else []
        roles = user.role_assignments.values("role_id")
        rows = self.filter(Q(user=user) | Q(org_unit_id__in=list(units)) | Q(role_id__in=roles))
        return rows.filter(is_admin=True) if admin else rows


class PoolMember(BaseModel):
    """Who belongs to a pool: one person, a department with all below it, or everybody with a role."""

    pool = models.ForeignKey(CustomerPool, models.CASCADE, related_name="members")
    user = models.ForeignKey(
        "staff.User", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("Person")
    )
    org_unit = models.ForeignKey(
        "staff.OrgUnit", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("Department")
    )
    role = models.ForeignKey(
        "staff.Role", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("Role")
    )
    is_admin = models.BooleanField(_("Pool administrator"), default=False)
    # For giving customers away by turns, weights and rules (R3.6).
    weight = models.PositiveSmallIntegerField(_("Weight"), default=1)
    regions = ArrayField(models.CharField(max_length=6), default=list, blank=True, verbose_name=_("Regions"))
    industries = ArrayField(models.CharField(max_length=5), default=list, blank=True, verbose_name=_("Industries"))
    away_until = models.DateField(_("On leave until"), null=True, blank=True)

    objects = PoolMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("Pool member")
        verbose_name_plural = _("Pool members")
        constraints = [
            models.UniqueConstraint(
                fields=("pool", "user", "org_unit", "role"),
                nulls_distinct=False,
                name="pool_member_once",
                violation_error_message=_("This member is there already."),
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False, org_unit=None, role=None)
                | Q(user=None, org_unit__isnull=False, role=None)
                | Q(user=None, org_unit=None, role__isnull=False),
                name="pool_member_is_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return str(self.user or self.org_unit or self.role)

    def is_away(self, on: date) -> bool:
        return self.away_until is not None and on <= self.away_until


class PoolStayQuerySet(models.QuerySet["PoolStay"]):
    def open(self) -> PoolStayQuerySet:
        return self.filter(until=None)


class PoolStay(models.Model):
    """A customer lies in a pool, from when until when. ``since`` is what freeze counts from (R3.4)."""

    class Reason(models.TextChoices):
        """Why a customer came into the pool (R3.7)."""

        RECLAIM = "RECLAIM", _("Taken back by rule")
        NO_NEED = "NO_NEED", _("No need")
        UNREACHABLE = "UNREACHABLE", _("Cannot be reached")
        UNQUALIFIED = "UNQUALIFIED", _("Does not qualify")
        DUPLICATE = "DUPLICATE", _("Duplicate")
        WRONG_REGION = "WRONG_REGION", _("Other region")
        COMPETITOR = "COMPETITOR", _("Signed with a competitor")
        HANDOVER = "HANDOVER", _("The owner left")
        NEW = "NEW", pgettext_lazy("pool", "New")
        OTHER = "OTHER", _("Other")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.ForeignKey("customers.Customer", models.CASCADE, related_name="pool_stays", db_index=False)
    pool = models.ForeignKey(CustomerPool, models.PROTECT, related_name="stays", db_index=False)
    since = models.DateTimeField(_("From"))
    until = models.DateTimeField(_("Until"), null=True)
    previous_owner = models.ForeignKey(
        "staff.User", models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("Former owner")
    )
    reason = models.CharField(_("Why"), max_length=12, choices=Reason)
    note = models.CharField(_("Note"), max_length=300, blank=True)
    # What was taken off when it came in, so that it can be given back exactly: owner, department, tasks, registrations.
    undo = models.JSONField(default=dict)

    objects = PoolStayQuerySet.as_manager()

    class Meta:
        verbose_name = _("Stay in a pool")
        verbose_name_plural = _("Stays in pools")
        constraints = [
            ExclusionConstraint(
                name="pool_stay_one_at_a_time",
                expressions=[
                    ("customer", RangeOperators.EQUAL),
                    (MomentRange("since", "until"), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("The customer lies in a pool already."),
            ),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gt=F("since")), name="pool_stay_runs_forward"),
        ]
        indexes = [
            models.Index("pool", F("since").desc(), F("id").desc(), name="pool_stay_open", condition=Q(until=None)),
            models.Index("customer", "since", name="pool_stay_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.pool} {self.since:%Y-%m-%d}"


class PickEventQuerySet(models.QuerySet["PickEvent"]):
    def count_of(self, user_id: uuid.UUID, on: date) -> int:
        """Picks of a business day, those already given back included (R3.2)."""
        return self.filter(user_id=user_id, day=on, counts=True).count()


class PickEvent(models.Model):
    """Somebody took a customer out of a pool. Rows are added, never changed: giving back refunds nothing."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey("staff.User", models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="+", db_index=False)
    pool = models.ForeignKey(CustomerPool, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(_("At"))
    day = models.DateField(_("Business day"))
    counts = models.BooleanField(_("Counts against the daily limit"), default=True)

    objects = PickEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("Claim")
        verbose_name_plural = _("Claims")
        indexes = [
            models.Index("user", "day", name="pick_event_quota"),
            models.Index("customer", "at", name="pick_event_of"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.user_id} {self.day}"
