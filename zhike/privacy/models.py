"""What persons ask about their data (PrivacyRequest, R1.30)."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zhike.customers.models import Contact, Customer
from zhike.kernel.clock import business_date
from zhike.records.models import RecordModel


class PrivacyRequest(RecordModel):
    """One request of one person. Its label never holds his name: it outlives what is erased on it.

    The person is the contact; without one, the customer, who is a person then.
    """

    permission_noun = "privacy.request"

    class Kind(models.TextChoices):
        ACCESS = "ACCESS", _("Access: what is known")
        COPY = "COPY", _("A copy of the data")
        CORRECT = "CORRECT", _("Correction")
        DELETE = "DELETE", _("Erasure")
        RESTRICT = "RESTRICT", _("Objection to a use")
        EXPLAIN = "EXPLAIN", _("Explanation of the rules")

    class State(models.TextChoices):
        RECEIVED = "RECEIVED", _("Received")
        IN_PROGRESS = "IN_PROGRESS", _("Identity checked")
        FULFILLED = "FULFILLED", _("Fulfilled")
        PARTLY = "PARTLY", _("Partly fulfilled")
        REJECTED = "REJECTED", _("Declined")

    CLOSED = (State.FULFILLED, State.PARTLY, State.REJECTED)

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+", verbose_name=_("Customer"))
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Contact")
    )
    kind = models.CharField(_("What is asked for"), max_length=10, choices=Kind)
    state = models.CharField(_("State"), max_length=12, choices=State, default=State.RECEIVED, editable=False)
    wording = models.TextField(_("In the person's words"), max_length=2000, blank=True)
    received_on = models.DateField(_("Asked on"), default=business_date)
    due_on = models.DateField(_("Answer due"), editable=False)
    identity = models.CharField(_("How the identity was checked"), max_length=200, blank=True, editable=False)
    checked_by = models.ForeignKey(
        "staff.User", models.PROTECT, null=True, related_name="+", editable=False, verbose_name=_("Identity checked by")
    )
    copied_at = models.DateTimeField(_("Copy given at"), null=True, editable=False)
    erased_at = models.DateTimeField(_("Erased at"), null=True, editable=False)
    answer = models.TextField(_("Answer"), max_length=2000, blank=True, editable=False)
    closed_at = models.DateTimeField(_("Answered at"), null=True, editable=False)
    closed_by = models.ForeignKey(
        "staff.User", models.PROTECT, null=True, related_name="+", editable=False, verbose_name=_("Answered by")
    )

    class Meta:
        verbose_name = _("Personal data request")
        verbose_name_plural = _("Personal data requests")
        ordering = ("due_on", "id")
        indexes = [
            *RecordModel.common_indexes("privacy"),
            models.Index("customer", name="privacy_customer"),
            models.Index(F("due_on").desc(), F("id").desc(), name="privacy_due", condition=Q(trashed_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.received_on}"

    @property
    def thread_id(self) -> uuid.UUID:
        return self.customer_id

    @property
    def person(self) -> Contact | Customer:
        return self.contact or self.customer

    @property
    def is_closed(self) -> bool:
        return self.state in self.CLOSED

    def search_texts(self) -> dict[str, list[str]]:
        return {}
