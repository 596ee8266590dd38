"""The steps an opportunity goes through, as each company defines them (domain rule R6.2)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.kernel.models import BaseModel
from zhike.sales.models.named import NamedByCompany
from zhike.sales.rules.stage_entry import StageRule
from zhike.sales.rules.stuck import DEFAULT_SILENT_DAYS


class EntryCondition(models.TextChoices):
    """What a stage can ask for before an opportunity enters it."""

    CUSTOMER = "customer", _("Customer")
    CONTACT = "contact", _("Contact")
    AMOUNT = "amount", _("Amount")
    EXPECTED_CLOSE_ON = "expected_close_on", _("Expected close")
    NEED = "need", _("Need")
    BUDGET = "budget", _("Budget")
    DECISION_PROCESS = "decision_process", _("Decision process")
    SOURCE = "source", _("Source")
    COMPETITORS = "competitors", _("Competitors")
    DECISION_MAKER = "decision_maker", _("Decision maker")


class PipelineQuerySet(models.QuerySet["Pipeline"]):
    def in_use(self) -> PipelineQuerySet:
        return self.filter(retired_at=None)

    def visible_to(self, user: Any, permission: str | None = None) -> PipelineQuerySet:
        """What a person may choose from: his company's; whoever belongs to none, all."""
        return self.in_use().filter(company_id=user.company_id) if user.company_id else self.in_use()

    def of_company(self, company_id: Any) -> PipelineQuerySet:
        """The default one first."""
        return self.in_use().filter(company_id=company_id).order_by("-is_default", "position", "name")


class Pipeline(NamedByCompany, BaseModel):
    """A company's way from first contact to a deal. A company may have several; one is its default."""

    company = models.ForeignKey("staff.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("Company"))
    is_default = models.BooleanField(_("Default"), default=False)
    position = models.PositiveIntegerField(_("Order"), default=0)
    decision_maker_above = models.DecimalField(
        _("Decision maker needed above"),
        max_digits=18,
        decimal_places=2,
        default=Decimal(1_000_000),
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("Deals with enterprises above this amount need a contact who decides. Empty: all of them."),
    )
    auto_lose_after_days = models.PositiveSmallIntegerField(
        _("Lost after days without activity"),
        null=True,
        blank=True,
        validators=[MinValueValidator(30), MaxValueValidator(1000)],
        help_text=_("Empty: nothing is closed automatically."),
    )
    retired_at = models.DateTimeField(_("Retired at"), null=True, blank=True, editable=False)

    objects = PipelineQuerySet.as_manager()

    class Meta:
        verbose_name = _("Pipeline")
        verbose_name_plural = _("Pipelines")
        ordering = ("position", "name")
        constraints = [
            models.UniqueConstraint(
                fields=("company", "name"),
                name="pipeline_name_once",
                violation_error_message=_("There is already a pipeline of this name."),
            ),
            models.UniqueConstraint(
                fields=("company",),
                condition=Q(is_default=True),
                name="pipeline_one_default",
                violation_error_message=_("The company already has a default pipeline."),
            ),
        ]


class OpportunityStageQuerySet(models.QuerySet["OpportunityStage"]):
    def open(self) -> OpportunityStageQuerySet:
        return self.filter(kind=OpportunityStage.Kind.OPEN)

    def visible_to(self, user: Any, permission: str | None = None) -> OpportunityStageQuerySet:
        """The stages of the pipelines that a person may choose from."""
        return self.filter(pipeline__in=Pipeline.objects.visible_to(user))


class OpportunityStage(NamedByCompany, BaseModel):
    """A step of a pipeline. ``required`` lists the entry conditions; ``median_seconds`` is measured nightly."""

    class Kind(models.TextChoices):
        OPEN = "OPEN", pgettext_lazy("opportunity", "Open")
        WON = "WON", _("Won")
        LOST = "LOST", pgettext_lazy("opportunity", "Lost")
        INVALID = "INVALID", _("Invalid")

    pipeline = models.ForeignKey(Pipeline, models.CASCADE, related_name="stages", verbose_name=_("Pipeline"))
    code = models.CharField(_("Code"), max_length=40)
    kind = models.CharField(_("Kind"), max_length=8, choices=Kind, default=Kind.OPEN)
    probability = models.DecimalField(
        _("Probability"),
        max_digits=7,
        decimal_places=6,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
    )
    position = models.PositiveIntegerField(_("Order"), default=0)
    required = ArrayField(
        models.CharField(max_length=40, choices=EntryCondition),
        default=list,
        blank=True,
        verbose_name=_("Required to enter"),
    )
    silent_days = models.PositiveSmallIntegerField(
        _("Stuck after days without activity"),
        default=DEFAULT_SILENT_DAYS,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
    )
    median_seconds = models.BigIntegerField(null=True, blank=True, editable=False)

    objects = OpportunityStageQuerySet.as_manager()

    class Meta:
        verbose_name = _("Stage")
        verbose_name_plural = _("Stages")
        ordering = ("pipeline", "position")
        constraints = [
            models.UniqueConstraint(
                fields=("pipeline", "code"),
                name="stage_code_once",
                violation_error_message=_("There is already a stage with this code."),
            ),
            models.UniqueConstraint(
                fields=("pipeline", "kind"),
                condition=~Q(kind="OPEN"),
                name="stage_one_of_each_closing",
                violation_error_message=_("A pipeline has exactly one stage each for won, lost and invalid."),
            ),
            models.CheckConstraint(
                condition=Q(probability__gte=0, probability__lte=1),
                name="stage_probability_is_a_share",
                violation_error_message=_("A probability lies between 0 % and 100 %."),
            ),
        ]

    @property
    def is_open(self) -> bool:
        return self.kind == self.Kind.OPEN

    @property
    def median(self) -> timedelta | None:
        """How long an opportunity usually stays here; None while too few have left."""
        return None if self.median_seconds is None else timedelta(seconds=self.median_seconds)

    @property
    def required_labels(self) -> list[str]:
        return [str(EntryCondition(name).label) for name in self.required if name in EntryCondition.values]

    @property
    def rule(self) -> StageRule:
        return StageRule(self.code, self.position, self.kind, tuple(self.required))
