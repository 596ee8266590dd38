"""The contact: a natural person at a customer (glossary 4–6)."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zhike.customers.models.columns import Born, Gender, Reachable, search_texts_of
from zhike.customers.rules import names
from zhike.kernel.models import DerivedCharField
from zhike.records.models import RecordModel
from zhike.search.tokens import pinyin_key

_KEPT = Q(trashed_at=None)


class Contact(RecordModel, Reachable, Born):
    """A person at an enterprise. Company, department and owner are the customer's, moved together with it."""

    permission_noun = "customers.contact"

    class Role(models.TextChoices):
        DECISION_MAKER = "DECISION_MAKER", _("Decision maker")
        APPROVER = "APPROVER", _("Approver")
        INFLUENCER = "INFLUENCER", _("Influencer")
        GATEKEEPER = "GATEKEEPER", _("Gatekeeper")
        USER = "USER", _("User (buying centre)")
        PURCHASER = "PURCHASER", _("Purchaser")
        FINANCE = "FINANCE", _("Finance")
        PAYER = "PAYER", _("Payer")
        CHAMPION = "CHAMPION", _("Champion")
        SIGNATORY = "SIGNATORY", _("Signatory")

    class Attitude(models.TextChoices):
        SUPPORTIVE = "SUPPORTIVE", _("Supportive")
        NEUTRAL = "NEUTRAL", _("Neutral")
        OPPOSED = "OPPOSED", _("Opposed")

    class Status(models.TextChoices):
        ACTIVE = "ACTIVE", _("In post")
        LEFT = "LEFT", _("Has left")
        DISABLED = "DISABLED", _("Out of use")

    class Channel(models.TextChoices):
        PHONE = "PHONE", _("Phone")
        WECHAT = "WECHAT", _("WeChat")
        EMAIL = "EMAIL", _("E-mail")
        SMS = "SMS", _("SMS")
        VISIT = "VISIT", _("Visit")

    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="contacts", verbose_name=_("Customer")
    )
    name = models.CharField(_("Name"), max_length=50)
    name_key = DerivedCharField(max_length=100, source="make_name_key")
    pinyin_key = DerivedCharField(max_length=120, source="make_pinyin_key")
    gender = models.CharField(_("Gender"), max_length=6, choices=Gender, blank=True)
    department = models.CharField(_("Department"), max_length=60, blank=True)
    title = models.CharField(_("Position"), max_length=60, blank=True)
    roles = ArrayField(
        models.CharField(max_length=16, choices=Role),
        default=list,
        blank=True,
        verbose_name=_("Roles in the decision"),
    )
    attitude = models.CharField(_("Attitude"), max_length=10, choices=Attitude, blank=True)
    influence = models.PositiveSmallIntegerField(
        _("Influence"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)],
        help_text=_("1 (little) to 5 (decisive)."),
    )  # fmt: skip
    reports_to = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="reports", verbose_name=_("Reports to")
    )
    is_primary = models.BooleanField(_("Primary contact"), default=False)
    status = models.CharField(_("Status"), max_length=10, choices=Status, default=Status.ACTIVE)
    status_reason = models.CharField(_("Reason"), max_length=120, blank=True)
    preferred_channel = models.CharField(_("Preferred channel"), max_length=8, choices=Channel, blank=True)
    preferred_time = models.CharField(_("Preferred time"), max_length=60, blank=True)
    do_not_contact = models.BooleanField(_("Do not contact"), default=False)
    remark = models.TextField(_("Remark"), max_length=2000, blank=True)
    last_contact_at = models.DateTimeField(_("Last contact"), null=True, editable=False)

    class Meta:
        verbose_name = _("Contact")
        verbose_name_plural = _("Contacts")
        constraints = [
            models.UniqueConstraint(
                fields=("customer",),
                condition=_KEPT & Q(is_primary=True),
                name="contact_one_primary",
                violation_error_message=_("A customer has one primary contact."),
            ),
            models.CheckConstraint(
                condition=Q(influence=None) | Q(influence__range=(1, 5)),
                name="contact_influence",
                violation_error_message=_("Influence is 1 to 5."),
            ),
        ]
        indexes = [
            *RecordModel.common_indexes("contact"),
            GinIndex(fields=("match_keys",), name="contact_match"),
            *(
                models.Index(
                    *scope, F("last_contact_at").desc(), F("id").desc(),
                    name=f"contact_{name}_contact", condition=_KEPT,
                )
                for name, scope in (("all", ()), ("unit", ("org_unit",)), ("owner", ("owner",)), ("comp", ("company",)))
            ),
            models.Index("org_unit", "pinyin_key", "id", name="contact_unit_pinyin", condition=_KEPT),
            models.Index("pinyin_key", "id", name="contact_all_pinyin", condition=_KEPT),
            models.Index("name_key", name="contact_name_key"),
            models.Index(F("trashed_at").desc(), name="contact_trash", condition=~_KEPT),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def thread_id(self) -> uuid.UUID:
        """What happens to a contact stands on the timeline of its customer."""
        return self.customer_id  # type: ignore[no-any-return]

    @classmethod
    def shared_with(cls, user_id: uuid.UUID | None, *, write: bool) -> models.QuerySet[Any] | None:
        from zhike.customers.models.customer import Customer

        shared = Customer.shared_with(user_id, write=write)
        return cls.objects.filter(customer_id__in=shared).values("pk")  # type: ignore[misc]

    def follow(self, customer: Any) -> None:
        """Take over company, department and owner of the customer."""
        self.customer = customer
        self.company_id, self.org_unit_id, self.owner_id = (
            customer.company_id,
            customer.org_unit_id,
            customer.owner_id,
        )

    def search_texts(self) -> dict[str, list[str]]:
        return search_texts_of(self, [self.name], [])

    def make_name_key(self) -> str:
        return names.name_key(self.name)[:100]

    def make_pinyin_key(self) -> str:
        return pinyin_key(self.name)
