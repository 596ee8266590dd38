"""The ownership ledger (OWN-6): whose a customer was, from when until when, and why it began and ended.

The database writes it: a trigger on the customers' owner (migration 0002) closes the open row and opens the next in
the same statement, whichever verb, import or hand changed the owner. Verbs of this module say why by
`actions.ledger.because`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from zhike.kernel.ids import uuid7


class MomentRange(Func):
    """``[since, until)``; an open end is unbounded."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class OwnershipQuerySet(models.QuerySet["OwnershipRecord"]):
    def open(self) -> OwnershipQuerySet:
        return self.filter(until=None)

    def at(self, moment: datetime) -> OwnershipQuerySet:
        """Whose each customer was at a moment."""
        return self.filter(Q(until=None) | Q(until__gt=moment), since__lte=moment)

    def of(self, customers: Iterable[uuid.UUID]) -> OwnershipQuerySet:
        return self.filter(customer_id__in=list(customers))


class OwnershipRecord(models.Model):
    """One ownership. At any instant a customer has at most one owner: the database says so."""

    class AcquiredBy(models.TextChoices):
        CREATE = "CREATE", pgettext_lazy("how a customer was acquired", "Created")
        PICK = "PICK", _("Claimed from the pool")
        ASSIGN = "ASSIGN", _("Assigned")
        TRANSFER = "TRANSFER", _("Transferred")
        REGISTER = "REGISTER", _("Registered")
        RULING = "RULING", pgettext_lazy("how an ownership changed", "Ruled")
        HANDOVER = "HANDOVER", _("Handed over by a leaver")
        RESTORE = "RESTORE", pgettext_lazy("how an ownership changed", "Restored")

    class EndReason(models.TextChoices):
        RETURN = "RETURN", _("Given back")
        RECLAIM = "RECLAIM", _("Taken back by rule")
        TRANSFER = "TRANSFER", _("Transferred")
        REGISTER = "REGISTER", _("Registered by somebody else after the lapse")
        RULING = "RULING", pgettext_lazy("how an ownership changed", "Ruled")
        HANDOVER = "HANDOVER", _("Handed over")
        MERGE = "MERGE", _("Merged")
        RESTORE = "RESTORE", _("Given back to the former owner")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.ForeignKey(
        "customers.Customer", models.CASCADE, related_name="ownerships", db_index=False, verbose_name=_("Customer")
    )
    owner = models.ForeignKey("staff.User", models.PROTECT, related_name="+", db_index=False, verbose_name=_("Owner"))
    org_unit = models.ForeignKey(
        "staff.OrgUnit", models.PROTECT, related_name="+", db_index=False, verbose_name=_("Department")
    )
    company = models.ForeignKey(
        "staff.OrgUnit", models.PROTECT, related_name="+", db_index=False, verbose_name=_("Company")
    )
    since = models.DateTimeField(_("From"))
    until = models.DateTimeField(_("Until"), null=True)
    acquired_by = models.CharField(_("How it began"), max_length=10, choices=AcquiredBy)
    acquired_note = models.CharField(_("Note on the beginning"), max_length=300, blank=True)
    acquired_actor = models.ForeignKey("staff.User", models.SET_NULL, null=True, related_name="+", db_index=False)
    end_reason = models.CharField(_("How it ended"), max_length=10, choices=EndReason, blank=True)
    end_note = models.CharField(_("Note on the end"), max_length=300, blank=True)
    end_actor = models.ForeignKey("staff.User", models.SET_NULL, null=True, related_name="+", db_index=False)

    objects = OwnershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("Ownership")
        verbose_name_plural = _("Ownerships")
        ordering = ("-since", "-id")
        constraints = [
            # Ended ones among each other; the open one is unique, and a trigger (migration 0003) keeps it behind the
            # ended ones. One exclusion over all of them costs three times as much for every customer that is made.
            ExclusionConstraint(
                name="ownership_one_at_a_time",
                expressions=[
                    ("customer", RangeOperators.EQUAL),
                    (MomentRange("since", "until"), RangeOperators.OVERLAPS),
                ],
                condition=Q(until__isnull=False),
                violation_error_message=_("At that time the customer belongs to somebody else."),
            ),
            models.UniqueConstraint(
                fields=("customer",),
                condition=Q(until=None),
                name="ownership_one_open",
                violation_error_message=_("At that time the customer belongs to somebody else."),
            ),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gt=F("since")), name="ownership_runs_forward"),
            models.CheckConstraint(
                condition=Q(until=None, end_reason="") | (Q(until__isnull=False) & ~Q(end_reason="")),
                name="ownership_end_has_reason",
            ),
        ]
        indexes = [
            models.Index("customer", "since", name="ownership_customer"),
            models.Index("owner", "since", name="ownership_open_owner", condition=Q(until=None)),
            models.Index("until", name="ownership_ended", condition=Q(until__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.owner} {self.since:%Y-%m-%d}"

    @property
    def is_open(self) -> bool:
        return self.until is None

    @property
    def end_words(self) -> str:
        """The note on the end; what a run noted in codes (``NO_FOLLOW_UP 30 2026-01-31``) in words."""
        from zhike.ownership.clauses import words

        code, _space, rest = self.end_note.partition(" ")
        if code not in words.TRIGGERS:
            return self.end_note
        days, _space, since = rest.partition(" ")
        language = get_language() or "zh-hans"
        what = words.say(words.TRIGGERS, code, language)
        if words.zh(language):
            return f"{what}超过{days}日，自{since}起算"
        return f"more than {days} days {what}, from {since}"
