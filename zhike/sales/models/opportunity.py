"""A qualified chance to sell (glossary 100)."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from django.core.validators import MinValueValidator
from django.db import connection, models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.customers.models import Customer
from zhike.kernel.clock import business_date, now
from zhike.kernel.models import DerivedDateTimeField, DerivedDecimalField
from zhike.records.models import RecordModel, RecordQuerySet
from zhike.sales.models.pipeline import OpportunityStage
from zhike.sales.rules.stuck import is_stuck, stuck_at
from zhike.sales.rules.value import expected_value


class State(models.TextChoices):
    OPEN = "OPEN", pgettext_lazy("opportunity", "Open")
    WON = "WON", _("Won")
    LOST = "LOST", pgettext_lazy("opportunity", "Lost")
    INVALID = "INVALID", _("Invalid")


class OpportunityQuerySet(RecordQuerySet):
    """Named questions."""

    def open(self) -> Self:
        return self.kept().filter(state=State.OPEN)

    def won(self) -> Self:
        return self.kept().filter(state=State.WON)

    def stuck(self, at: datetime | None = None) -> Self:
        """Longest stuck first."""
        return self.open().filter(stuck_at__lt=at or now()).order_by("stuck_at", "id")

    def closing_within(self, first: Any, last: Any) -> Self:
        """Open ones expected to close from ``first`` to ``last``, both included; soonest first."""
        return self.open().filter(expected_close_on__range=(first, last)).order_by("expected_close_on", "id")


class NextOpportunityNumber(models.Func):
    """``O{year}{at least six digits}``, made by the database: for a row written by SQL as well."""

    template = (
        "('O' || to_char(CURRENT_TIMESTAMP AT TIME ZONE 'Asia/Shanghai', 'YYYY')"
        " || to_char(nextval('opportunity_number_seq'), 'FM999999000000'))"
    )
    output_field = models.CharField()


def next_number() -> str:
    """The next number, known before the row is written, as search needs it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {NextOpportunityNumber.template}")
        return str(cursor.fetchone()[0])


class Opportunity(RecordModel):
    """A chance to sell something to a customer.

    ``state``, ``closed_on`` and ``closed_value`` repeat the closure that is in force, so that lists and
    totals need no join; the verbs in `actions` write both together. ``started_on`` is the day the chance
    arose, which may lie before it was entered.
    """

    permission_noun = "sales.opportunity"
    State = State

    number = models.CharField(
        _("Number"), max_length=40, default=next_number, db_default=NextOpportunityNumber(), blank=True
    )
    name = models.CharField(_("Opportunity name"), max_length=120)
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, null=True, blank=True, related_name="opportunities",
        verbose_name=_("Customer"), db_index=False,
    )  # fmt: skip
    contact = models.ForeignKey(
        "customers.Contact", models.SET_NULL, null=True, blank=True, related_name="opportunities",
        verbose_name=_("Contact"),
    )  # fmt: skip
    pipeline = models.ForeignKey(
        "sales.Pipeline", models.PROTECT, blank=True, related_name="opportunities", verbose_name=_("Pipeline")
    )
    stage = models.ForeignKey(
        OpportunityStage,
        models.PROTECT,
        blank=True,
        related_name="opportunities",
        verbose_name=_("Stage"),
        db_index=False,
    )
    state = models.CharField(_("State"), max_length=8, choices=State, default=State.OPEN, editable=False)
    amount = models.DecimalField(
        _("Amount"), max_digits=18, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    currency = models.CharField(_("Currency"), max_length=3, default="CNY")
    probability = models.DecimalField(
        _("Probability"), max_digits=7, decimal_places=6, default=Decimal(0), editable=False
    )
    expected_value = DerivedDecimalField(
        _("Expected value"), source="make_expected_value", max_digits=18, decimal_places=2, null=True
    )
    expected_close_on = models.DateField(_("Expected close"), null=True, blank=True)
    started_on = models.DateField(_("Started on"), default=business_date)
    source = models.CharField(_("Source"), max_length=20, choices=Customer.AcquisitionChannel, blank=True)
    need = models.TextField(_("Need"), max_length=4000, blank=True)
    budget = models.DecimalField(
        _("Budget"), max_digits=18, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    decision_process = models.TextField(_("Decision process"), max_length=4000, blank=True)
    note = models.TextField(_("Note"), max_length=4000, blank=True)
    competitors = models.ManyToManyField(
        "sales.Competitor", blank=True, related_name="opportunities", verbose_name=_("Competitors")
    )
    entered_stage_at = models.DateTimeField(_("In this stage since"), default=now, editable=False)
    last_activity_at = models.DateTimeField(_("Last activity"), default=now, editable=False)
    stuck_at = DerivedDateTimeField(_("Stuck from"), source="make_stuck_at", null=True)
    closed_on = models.DateField(_("Closed on"), null=True, blank=True)
    closed_value = models.DecimalField(
        _("Closing value"),
        max_digits=18,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )

    objects = OpportunityQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("Opportunity")
        verbose_name_plural = _("Opportunities")
        ordering = ("-last_activity_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=("company", "number"),
                name="opportunity_number_once",
                violation_error_message=_("There is already an opportunity with this number."),
            ),
            models.CheckConstraint(
                condition=Q(amount=None) | Q(amount__gte=0),
                name="opportunity_amount_not_negative",
                violation_error_message=_("An amount is not negative."),
            ),
            models.CheckConstraint(
                condition=Q(state="OPEN", closed_on=None) | (~Q(state="OPEN") & Q(closed_on__isnull=False)),
                name="opportunity_closed_has_a_date",
                violation_error_message=_("A closed opportunity has a closing date, an open one has none."),
            ),
        ]
        indexes = [
            *RecordModel.common_indexes("opportunity"),
            models.Index("customer", F("started_on").desc(), name="opportunity_customer"),
            # Lists, newest activity first, and by amount: own, department, company, everybody.
            *(
                models.Index(
                    *scope,
                    F(column).desc(),
                    F("id").desc(),
                    name=f"opportunity_{name}_{sort}",
                    condition=Q(trashed_at=None),
                )
                for column, sort in (("last_activity_at", "active"), ("amount", "amount"), ("closed_on", "closed"))
                for name, scope in (("all", ()), ("unit", ("org_unit",)), ("owner", ("owner",)), ("comp", ("company",)))
            ),
            # The board's columns, latest arrivals first.
            models.Index(
                "stage",
                "owner",
                F("entered_stage_at").desc(),
                F("id").desc(),
                name="opportunity_board_owner",
                condition=Q(trashed_at=None, state="OPEN"),
            ),
            models.Index(
                "stage",
                "org_unit",
                F("entered_stage_at").desc(),
                F("id").desc(),
                name="opportunity_board_unit",
                condition=Q(trashed_at=None, state="OPEN"),
            ),
            models.Index(
                "stage",
                F("entered_stage_at").desc(),
                F("id").desc(),
                name="opportunity_board",
                condition=Q(trashed_at=None, state="OPEN"),
            ),
            # Count and sums above the columns, from the index alone: of units, of one person.
            models.Index(
                fields=("org_unit", "stage"),
                include=("owner", "company", "currency", "amount", "expected_value"),
                name="opportunity_unit_totals",
                condition=Q(trashed_at=None, state="OPEN"),
            ),
            models.Index(
                fields=("owner", "stage"),
                include=("org_unit", "currency", "amount", "expected_value"),
                name="opportunity_owner_totals",
                condition=Q(trashed_at=None, state="OPEN"),
            ),
            # Won amount by month and owner, from the index alone.
            models.Index(
                fields=("closed_on",),
                include=("owner", "org_unit", "company", "currency", "closed_value"),
                name="opportunity_won",
                condition=Q(trashed_at=None, state="WON"),
            ),
            models.Index(fields=("owner", "stuck_at"), name="opportunity_owner_stuck", condition=Q(state="OPEN")),
            models.Index(fields=("org_unit", "stuck_at"), name="opportunity_unit_stuck", condition=Q(state="OPEN")),
            models.Index(
                fields=("owner", "expected_close_on"),
                name="opportunity_owner_expected",
                condition=Q(state="OPEN"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def thread_id(self) -> uuid.UUID:
        """Its events stand on the customer's timeline; on its own while it has no customer."""
        return self.customer_id or self.pk  # type: ignore[no-any-return]

    @property
    def is_open(self) -> bool:
        return self.state == State.OPEN

    @property
    def is_stuck(self) -> bool:
        return is_stuck(self.stuck_at, now=now())

    @property
    def is_overdue(self) -> bool:
        """It should have been closed by now."""
        return self.is_open and self.expected_close_on is not None and self.expected_close_on < business_date()

    def search_texts(self) -> dict[str, list[str]]:
        return {"names": [self.name], "codes": [self.number]}

    def make_expected_value(self) -> Decimal | None:
        return expected_value(self.amount, self.probability)

    def make_stuck_at(self) -> datetime | None:
        if not self.is_open:
            return None
        return stuck_at(
            entered_stage_at=self.entered_stage_at,
            last_activity_at=self.last_activity_at,
            median=self.stage.median,
            silent_days=self.stage.silent_days,
        )
