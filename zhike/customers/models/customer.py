"""The customer: an enterprise or a person (glossary 1–3)."""

from __future__ import annotations

import uuid
from datetime import datetime
from functools import partial
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.customers.models.columns import Reachable, search_texts_of
from zhike.customers.models.profiles import EnterpriseProfile, PersonProfile
from zhike.customers.rules import completeness, names
from zhike.customers.segments import segment_choices
from zhike.kernel.clock import now
from zhike.kernel.models import DerivedCharField, DerivedIntegerField
from zhike.records.models import RecordModel, RecordQuerySet
from zhike.search.tokens import pinyin_key

_KEPT = Q(trashed_at=None)


class NextCustomerNumber(models.Func):
    """``C{year}{at least six digits}``, made by the database: as good for one row as for a COPY of a million."""

    template = (
        "('C' || to_char(CURRENT_TIMESTAMP AT TIME ZONE 'Asia/Shanghai', 'YYYY')"
        " || to_char(nextval('customer_no_seq'), 'FM999999000000'))"
    )
    output_field = models.CharField()


class CustomerQuerySet(RecordQuerySet):
    def stale(self, at: datetime) -> Self:
        """Nobody confirmed the record for twelve months."""
        return self.filter(confirmed_at__lt=at - completeness.CONFIRM_EVERY)


class Customer(RecordModel, Reachable, EnterpriseProfile, PersonProfile):
    """Somebody we sell to or want to sell to. Which of the two profiles holds is told by ``kind``."""

    permission_noun = "customers.customer"

    class Kind(models.TextChoices):
        ENTERPRISE = "ENTERPRISE", _("Enterprise")
        PERSON = "PERSON", _("Person")

    class Status(models.TextChoices):
        PROSPECT = "PROSPECT", _("Prospect")
        ACTIVE = "ACTIVE", _("Active")
        INACTIVE = "INACTIVE", _("Dormant")
        LOST = "LOST", pgettext_lazy("customer", "Lost")

    class AcquisitionChannel(models.TextChoices):
        WALK_IN = "WALK_IN", _("Walk-in")
        CALL_IN = "CALL_IN", _("Phone enquiry")
        WEBSITE = "WEBSITE", _("Website")
        SOCIAL_MEDIA = "SOCIAL_MEDIA", _("Social media")
        ADVERTISING = "ADVERTISING", _("Advertising")
        EXHIBITION = "EXHIBITION", _("Exhibition")
        COLD_CALL = "COLD_CALL", _("Sales call")
        TENDER = "TENDER", _("Tender")
        REFERRAL = "REFERRAL", _("Referral")
        PRIVATE_SIGNED = "PRIVATE_SIGNED", _("Personal channel")
        DISTRIBUTOR = "DISTRIBUTOR", _("Distributor")
        OTHER = "OTHER", _("Other")

    class Grade(models.TextChoices):
        A = "A", _("Grade A")
        B = "B", _("Grade B")
        C = "C", _("Grade C")
        D = "D", _("Grade D")
        E = "E", _("Grade E")
        UNRATED = "UNRATED", _("Unrated")

    kind = models.CharField(_("Kind"), max_length=10, choices=Kind, default=Kind.ENTERPRISE)
    customer_no = models.CharField(_("Customer no."), max_length=20, editable=False, db_default=NextCustomerNumber())
    name = models.CharField(_("Name"), max_length=100)
    short_name = models.CharField(_("Short name"), max_length=40, blank=True)
    name_key = DerivedCharField(max_length=200, source="make_name_key")
    core_name = DerivedCharField(max_length=200, source="make_core_name")
    pinyin_key = DerivedCharField(max_length=120, source="make_pinyin_key")
    status = models.CharField(_("Status"), max_length=10, choices=Status, default=Status.PROSPECT)
    acquisition_channel = models.CharField(_("Customer source"), max_length=16, choices=AcquisitionChannel, blank=True)
    source_detail = models.CharField(_("Source details"), max_length=120, blank=True)
    referrer = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="referred",
        db_index=False,
        verbose_name=_("Referred by"),
    )
    parent = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="subsidiaries",
        db_index=False,
        verbose_name=_("Parent company"),
    )
    region_code = models.CharField(_("Region"), max_length=6, blank=True)
    address_detail = models.CharField(_("Address"), max_length=200, blank=True)
    addresses = models.JSONField(_("Further addresses"), default=list, blank=True)
    website = models.CharField(_("Website"), max_length=200, blank=True)
    duplicate_reason = models.CharField(
        _("Why it is no duplicate"),
        max_length=200,
        blank=True,
        help_text=_("Asked for where another customer has the same name, phone or e-mail."),
    )
    remark = models.TextField(_("Remark"), max_length=5000, blank=True)
    last_contact_at = models.DateTimeField(_("Last contact"), null=True, editable=False)
    next_contact_at = models.DateTimeField(_("Next contact"), null=True, blank=True)
    first_deal_at = models.DateTimeField(_("First deal"), null=True, editable=False)
    last_deal_at = models.DateTimeField(_("Last deal"), null=True, editable=False)
    # Kept by the verbs that grade, so that lists need no join; the periods are theirs.
    grade = models.CharField(_("Grade"), max_length=8, choices=Grade, blank=True, default="", editable=False)
    segments = ArrayField(
        models.CharField(max_length=50, choices=segment_choices), default=list, blank=True, editable=False,
        verbose_name=_("Segments"),
    )  # fmt: skip
    completeness = DerivedIntegerField(_("Completeness"), default=0, source="make_completeness")
    confirmed_at = models.DateTimeField(_("Confirmed at"), default=now, editable=False)

    objects = CustomerQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("Customer")
        verbose_name_plural = _("Customers")
        constraints = [
            models.UniqueConstraint(fields=("customer_no",), name="customer_no_once"),
            models.UniqueConstraint(
                fields=("uscc",),
                condition=_KEPT & ~Q(uscc=""),
                name="customer_uscc_once",
                violation_error_message=_("There is already a customer with this credit code."),
            ),
            models.CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=F("id")),
                name="customer_not_own_parent",
                violation_error_message=_("A company cannot be its own parent."),
            ),
        ]
        indexes = [
            *RecordModel.common_indexes("customer"),
            GinIndex(fields=("match_keys",), name="customer_match"),
            # What lists are filtered by most stands behind the order: a walk looks only at rows that have it.
            *(
                models.Index(
                    *scope, F("last_contact_at").desc(), F("id").desc(), "status", "acquisition_channel",
                    name=f"customer_{name}_contact", condition=_KEPT,
                )
                for name, scope in (("all", ()), ("unit", ("org_unit",)), ("owner", ("owner",)), ("comp", ("company",)))
            ),
            *(
                models.Index(
                    *scope, F("created_at").desc(), F("id").desc(), name=f"customer_{name}_new", condition=_KEPT,
                )
                for name, scope in (("all", ()), ("unit", ("org_unit",)))
            ),
            *(
                models.Index(*scope, "pinyin_key", "id", name=f"customer_{name}_pinyin", condition=_KEPT)
                for name, scope in (("all", ()), ("unit", ("org_unit",)))
            ),
            models.Index("owner", "next_contact_at", name="customer_owner_next", condition=_KEPT),
            models.Index("name_key", name="customer_name_key"),
            models.Index("core_name", name="customer_core_name"),
            models.Index("region_code", name="customer_region", condition=~Q(region_code="")),
            models.Index("industry_code", name="customer_industry", condition=~Q(industry_code="")),
            models.Index("confirmed_at", name="customer_confirmed", condition=_KEPT),
            # Few have one: the many others are spared the index.
            models.Index("parent", name="customer_parent", condition=~Q(parent=None)),
            models.Index("referrer", name="customer_referrer", condition=~Q(referrer=None)),
            models.Index("grade", "org_unit", name="customer_grade", condition=_KEPT & ~Q(grade="")),
            GinIndex(fields=("segments",), name="customer_segments"),
            models.Index(F("trashed_at").desc(), name="customer_trash", condition=~_KEPT),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.short_name or self.name

    @property
    def is_person(self) -> bool:
        return self.kind == self.Kind.PERSON

    @classmethod
    def shared_with(cls, user_id: uuid.UUID | None, *, write: bool) -> models.QuerySet[Any] | None:
        from zhike.customers.models.collaborator import Collaborator

        return Collaborator.objects.in_force(Now()).of(user_id, write=write).values("customer_id")

    def quality(self, at: datetime) -> str:
        """DRAFT, COMPLETE or EXPIRED."""
        return completeness.quality(self.kind, partial(getattr, self), self.confirmed_at, at)

    def missing_fields(self) -> list[str]:
        """Empty fields that count for completeness, heaviest first."""
        return completeness.missing(self.kind, partial(getattr, self))

    def search_texts(self) -> dict[str, list[str]]:
        texts = search_texts_of(
            self, [self.name, self.short_name], [self.uscc, self.customer_no or "", self.listed_code]
        )
        return texts | {"heard": [self.make_core_name()]}  # nobody types the city before the name

    def make_name_key(self) -> str:
        return names.name_key(self.name)

    def make_core_name(self) -> str:
        return names.name_key(self.name) if self.is_person else names.core_name(self.name)

    def make_pinyin_key(self) -> str:
        return pinyin_key(self.short_name or self.name)

    def make_completeness(self) -> int:
        return completeness.score(self.kind, partial(getattr, self))
