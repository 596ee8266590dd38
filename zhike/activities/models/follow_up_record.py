"""The contact that happened (glossary 92, 跟进记录; its API name is ``interactions``)."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zhike.activities.rules.effective import (
    DEFAULT_POLICY,
    ContactPolicy,
    Method,
    Result,
    Shortfall,
    content_length,
    shortfall,
)
from zhike.activities.rules.effective import Contact as ContactFacts
from zhike.customers.models import Customer
from zhike.kernel.clock import business_date, now
from zhike.records.models import RecordModel

_KEPT = Q(trashed_at=None)
# How much of the content is found by the search box; more would triple the index for little.
_SEARCHED = 60


class FollowUpRecord(RecordModel):
    """A call, a visit, a message with a customer. Who sees the customer sees its contact records.

    Company, department and owner are those of the customer and move with it; ``author`` is who met him and
    never changes. Only a contact with a lead has no customer yet.
    """

    permission_noun = "activities.interaction"

    class Purpose(models.TextChoices):
        PRODUCT = "PRODUCT", _("Product recommendation")
        PROMOTION = "PROMOTION", _("Promotion")
        NEEDS = "NEEDS", _("Needs")
        QUOTE = "QUOTE", _("Quote")
        COLLECTION = "COLLECTION", _("Collection")
        SERVICE = "SERVICE", _("After-sales service")
        REVISIT = "REVISIT", _("Revisit")
        CARE = "CARE", _("Care")
        OTHER = "OTHER", _("Other")

    class Origin(models.TextChoices):
        PERSON = "PERSON", _("Recorded by the author")
        IMPORT = "IMPORT", _("Imported")
        SYSTEM = "SYSTEM", _("Made by the system")
        MASS = "MASS", _("Mass message")

    customer = models.ForeignKey(
        "customers.Customer",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="interactions",
        verbose_name=_("Customer"),
    )
    contact = models.ForeignKey(
        "customers.Contact",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="interactions",
        verbose_name=_("Contact person"),
    )
    about_type = models.CharField(_("About (type)"), max_length=40, blank=True)
    about_id = models.UUIDField(_("About"), null=True, blank=True)
    author = models.ForeignKey("staff.User", models.PROTECT, related_name="+", verbose_name=_("Author"))
    happened_at = models.DateTimeField(_("Time"), default=now)
    method = models.CharField(_("Method"), max_length=12, choices=Method)
    purpose = models.CharField(_("Purpose"), max_length=12, choices=Purpose, blank=True)
    preparation = models.TextField(_("Preparation"), max_length=2000, blank=True)
    content = models.TextField(_("Content"), max_length=20_000, blank=True)
    result = models.CharField(_("Result"), max_length=16, choices=Result, blank=True)
    feedback = models.TextField(_("Customer feedback"), max_length=5000, blank=True)
    next_step = models.CharField(_("Next step"), max_length=300, blank=True)
    no_next_reason = models.CharField(_("Why there is no next step"), max_length=300, blank=True)
    next_contact_at = models.DateTimeField(_("Next contact"), null=True, blank=True)
    seconds = models.PositiveIntegerField(_("Duration in seconds"), null=True, blank=True)
    origin = models.CharField(_("Origin"), max_length=8, choices=Origin, default=Origin.PERSON, editable=False)
    effective = models.BooleanField(_("Effective"), default=False, editable=False)
    shortfall = models.CharField(
        _("Not effective because"), max_length=20, choices=Shortfall, blank=True, editable=False
    )

    class Meta:
        verbose_name = _("Contact record")
        verbose_name_plural = _("Contact records")
        constraints = [
            models.CheckConstraint(
                condition=Q(customer__isnull=False) | Q(about_id__isnull=False),
                name="interaction_of_somebody",
                violation_error_message=_("Say which customer or lead it was."),
            ),
            models.CheckConstraint(
                condition=Q(effective=True, shortfall="") | (Q(effective=False) & ~Q(shortfall="")),
                name="interaction_says_why_not",
            ),
        ]
        indexes = [
            *RecordModel.common_indexes("interaction"),
            *(
                models.Index(
                    *scope,
                    F("happened_at").desc(),
                    F("id").desc(),
                    name=f"interaction_{name}",
                    condition=_KEPT,
                )
                for name, scope in (
                    ("all", ()),
                    ("unit", ("org_unit",)),
                    ("company", ("company",)),
                    ("owner", ("owner",)),
                    ("author", ("author",)),
                    ("customer", ("customer",)),
                )
            ),
            # The chain of effective contacts that keeps a registration alive (R3.12a).
            models.Index(
                "customer", F("happened_at").desc(), name="interaction_effective", condition=Q(effective=True)
            ),
            models.Index("about_id", F("happened_at").desc(), name="interaction_about", condition=~Q(about_id=None)),
            models.Index("contact", F("happened_at").desc(), name="interaction_contact", condition=~Q(contact=None)),
            models.Index(F("trashed_at").desc(), name="interaction_trash", condition=~_KEPT),
        ]

    def __str__(self) -> str:
        return f"{self.get_method_display()} {business_date(self.happened_at):%Y-%m-%d}"

    @classmethod
    def permission(cls, verb: str) -> str:
        """A contact record is seen exactly as far as its customer."""
        return Customer.permission("view") if verb == "view" else super().permission(verb)

    @classmethod
    def shared_with(cls, user_id: uuid.UUID | None, *, write: bool) -> models.QuerySet[Any] | None:
        """Records of shared customers; to change, those of customers shared for writing and one's own."""
        shared = Q(customer_id__in=Customer.shared_with(user_id, write=write))
        if write:
            shared |= Q(author_id=user_id, customer_id__in=Customer.shared_with(user_id, write=False))
        return cls.objects.filter(shared).values("pk")

    @property
    def thread_id(self) -> uuid.UUID | None:
        """It stands on the timeline of its customer, or of the lead that has none yet."""
        return self.customer_id or self.about_id

    @property
    def about_label(self) -> str:
        """What it concerns where there is no customer."""
        return str(self.get_method_display())

    def follow(self, subject: RecordModel) -> None:
        """Take over company, department and owner of the customer or lead."""
        self.company_id, self.org_unit_id, self.owner_id = subject.company_id, subject.org_unit_id, subject.owner_id

    def search_texts(self) -> dict[str, list[str]]:
        return {"names": [self.content[:_SEARCHED]] if self.content else []}

    def facts(self) -> ContactFacts:
        """What the rule of the effective contact looks at. A person is his own contact person."""
        return ContactFacts(
            method=self.method,
            content=self.content,
            result=self.result,
            has_person=self.contact_id is not None or self.customer is None or self.customer.is_person,
            happened_at=self.happened_at,
            recorded_at=self.created_at or now(),
            seconds=self.seconds,
            automatic=self.origin == self.Origin.SYSTEM,
            mass_message=self.origin == self.Origin.MASS,
        )

    def judge(self, policy: ContactPolicy = DEFAULT_POLICY) -> None:
        """Set whether it is effective, and if not, why."""
        reason = shortfall(self.facts(), policy)
        self.effective, self.shortfall = reason is None, reason or ""

    @property
    def content_length(self) -> int:
        return content_length(self.content)
