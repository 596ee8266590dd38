"""Relations: companies to each other (group of the customer), persons to each other (family)."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from zhike.kernel.models import BaseModel


class DateRange(Func):
    function = "DATERANGE"
    output_field = DateRangeField()


class CustomerRelation(BaseModel):
    """A dated relation of two customers. A customer has at most one control parent at a time (R2.1)."""

    class Type(models.TextChoices):
        WHOLLY_OWNED = "WHOLLY_OWNED", _("Wholly owned")
        CONTROLLED = "CONTROLLED", _("Controlled")
        BRANCH = "BRANCH", _("Branch")
        STORE = "STORE", _("Shop")
        MINORITY = "MINORITY", _("Minority holding")
        FRANCHISE = "FRANCHISE", _("Franchise")
        DISTRIBUTION = "DISTRIBUTION", _("Distribution")
        AFFILIATED = "AFFILIATED", _("Affiliated")

    CONTROL = (Type.WHOLLY_OWNED, Type.CONTROLLED, Type.BRANCH, Type.STORE)
    MAX_DEPTH = 8

    parent = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="child_relations", verbose_name=_("Parent company")
    )
    child = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="parent_relations", verbose_name=_("Subsidiary")
    )
    type = models.CharField(_("Relation"), max_length=12, choices=Type)
    share_pct = models.DecimalField(
        _("Share (%)"), max_digits=6, decimal_places=3, null=True, blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )  # fmt: skip
    valid_from = models.DateField(_("Valid from"))
    valid_to = models.DateField(_("Valid to"), null=True, blank=True)

    class Meta:
        verbose_name = _("Company relation")
        verbose_name_plural = _("Company relations")
        constraints = [
            ExclusionConstraint(
                name="relation_one_control_parent",
                expressions=[
                    ("child", RangeOperators.EQUAL),
                    (DateRange("valid_from", "valid_to", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                condition=Q(type__in=("WHOLLY_OWNED", "CONTROLLED", "BRANCH", "STORE")),
                violation_error_message=_("This company already has a parent in that time."),
            ),
            models.CheckConstraint(condition=~Q(parent=F("child")), name="relation_not_itself"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="relation_dates",
                violation_error_message=_("The end lies before the beginning."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.parent} → {self.child}"


class FamilyRelation(BaseModel):
    """A declared family link: ``relative`` is the person's spouse, parent, child … Stored once, read both ways."""

    class Relation(models.TextChoices):
        SPOUSE = "SPOUSE", _("Spouse")
        PARENT = "PARENT", _("Parent")
        CHILD = "CHILD", _("Child")
        OTHER = "OTHER", _("Other relative")

    person = models.ForeignKey("customers.Customer", models.PROTECT, related_name="relatives", verbose_name=_("Person"))
    relative = models.ForeignKey(
        "customers.Customer",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="relative_of",
        verbose_name=_("Relative"),
    )
    relative_name = models.CharField(_("Relative's name"), max_length=50, blank=True)
    relative_phone = models.CharField(_("Relative's phone"), max_length=32, blank=True)
    relation = models.CharField(_("Relation"), max_length=6, choices=Relation)
    evidence = models.CharField(
        _("Evidence seen"),
        max_length=120,
        blank=True,
        help_text=_("What was shown, for example 户口簿; no copy is kept."),
    )
    recorded_by = models.ForeignKey("staff.User", models.PROTECT, null=True, related_name="+", verbose_name=_("By"))

    class Meta:
        verbose_name = _("Family relation")
        verbose_name_plural = _("Family relations")
        constraints = [
            models.UniqueConstraint(
                fields=("person", "relative"),
                condition=Q(relative__isnull=False),
                name="family_once",
                violation_error_message=_("This relative is already recorded."),
            ),
            models.CheckConstraint(
                condition=Q(relative__isnull=False) | ~Q(relative_name=""),
                name="family_who",
                violation_error_message=_("Choose the relative or give a name."),
            ),
            models.CheckConstraint(condition=Q(relative=None) | ~Q(relative=F("person")), name="family_not_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.get_relation_display()} {self.relative or self.relative_name}"
