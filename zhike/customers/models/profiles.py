"""What only enterprises and what only persons have; columns of the customer's own row (decision 0021)."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.customers.models.columns import Born, Gender
from zhike.customers.rules import sizes
from zhike.kernel.models import DerivedCharField


class EnterpriseProfile(models.Model):
    """Details of a legal entity. Amounts are in 10,000 yuan (万元)."""

    class UsccStatus(models.TextChoices):
        PENDING = "PENDING", _("Missing")
        FORMAT_OK = "FORMAT_OK", _("Check digit right")
        VERIFIED = "VERIFIED", _("Verified")

    class Nature(models.TextChoices):
        STATE = "STATE", _("State-owned")
        PRIVATE = "PRIVATE", _("Private")
        FOREIGN = "FOREIGN", _("Foreign-funded")
        JOINT_VENTURE = "JOINT_VENTURE", _("Joint venture")
        SOLE_TRADER = "SOLE_TRADER", _("Individual business")
        PUBLIC_INSTITUTION = "PUBLIC_INSTITUTION", _("Public institution")
        GOVERNMENT = "GOVERNMENT", _("Government body")
        SOCIAL_ORGANISATION = "SOCIAL_ORGANISATION", _("Social organisation")

    class RegistrationStatus(models.TextChoices):
        OPERATING = "OPERATING", _("Operating")
        REVOKED = "REVOKED", _("Licence revoked")
        DEREGISTERED = "DEREGISTERED", _("Deregistered")
        MOVED = "MOVED", _("Moved away")
        SUSPENDED = "SUSPENDED", _("Suspended")

    class SizeClass(models.TextChoices):
        LARGE = sizes.LARGE, _("Large")
        MEDIUM = sizes.MEDIUM, _("Medium")
        SMALL = sizes.SMALL, _("Small")
        MICRO = sizes.MICRO, _("Micro")
        UNKNOWN = sizes.UNKNOWN, _("Unknown")
        NOT_APPLICABLE = sizes.NOT_APPLICABLE, _("Not classified")

    class ChannelRole(models.TextChoices):
        END_CUSTOMER = "END_CUSTOMER", _("End customer")
        AGENT = "AGENT", _("Agent")
        DISTRIBUTOR = "DISTRIBUTOR", _("Distributor")
        FRANCHISEE = "FRANCHISEE", _("Franchisee")
        STORE = "STORE", _("Shop")

    uscc = models.CharField(_("Credit code"), max_length=18, blank=True, help_text=_("18 characters, check digit."))
    uscc_status = DerivedCharField(
        _("Credit code state"),
        max_length=10,
        choices=UsccStatus,
        default=UsccStatus.PENDING,
        source="make_uscc_status",
    )
    taxpayer_id = models.CharField(_("Taxpayer number"), max_length=20, blank=True)
    legal_representative = models.CharField(_("Legal representative"), max_length=50, blank=True)
    registered_capital = models.DecimalField(
        _("Registered capital (10,000 yuan)"), max_digits=16, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )  # fmt: skip
    established_on = models.DateField(_("Founded on"), null=True, blank=True)
    enterprise_nature = models.CharField(_("Nature"), max_length=20, choices=Nature, blank=True)
    registration_status = models.CharField(_("Registration"), max_length=12, choices=RegistrationStatus, blank=True)
    industry_code = models.CharField(_("Industry"), max_length=5, blank=True)
    employee_count = models.PositiveIntegerField(_("Employees"), null=True, blank=True)
    annual_revenue = models.DecimalField(
        _("Annual revenue (10,000 yuan)"), max_digits=16, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )  # fmt: skip
    total_assets = models.DecimalField(
        _("Total assets (10,000 yuan)"), max_digits=16, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )  # fmt: skip
    size_class = DerivedCharField(
        _("Size class"), max_length=14, choices=SizeClass, default="", source="make_size_class"
    )
    listed_code = models.CharField(_("Stock code"), max_length=12, blank=True)
    channel_role = models.CharField(_("Channel role"), max_length=12, choices=ChannelRole, blank=True)
    distributor_level = models.PositiveSmallIntegerField(_("Distributor level"), null=True, blank=True)

    class Meta:
        abstract = True

    def make_uscc_status(self) -> str:
        return self.UsccStatus.FORMAT_OK if self.uscc else self.UsccStatus.PENDING

    def make_size_class(self) -> str:
        if self.kind != "ENTERPRISE":  # type: ignore[attr-defined]
            return ""
        return sizes.size_class(self.industry_code, self.employee_count, self.annual_revenue, self.total_assets)


class PersonProfile(Born):
    """Details of a natural person. No identity document is collected."""

    class MaritalStatus(models.TextChoices):
        SINGLE = "SINGLE", _("Single")
        MARRIED = "MARRIED", _("Married")

    class BuyingMotive(models.TextChoices):
        PRICE = "PRICE", _("Price first")
        QUALITY = "QUALITY", _("Quality first")
        SERVICE = "SERVICE", _("Service first")
        BRAND = "BRAND", _("Brand first")

    gender = models.CharField(_("Gender"), max_length=6, choices=Gender, blank=True)
    marital_status = models.CharField(_("Marital status"), max_length=8, choices=MaritalStatus, blank=True)
    occupation = models.CharField(_("Occupation"), max_length=60, blank=True)
    buying_motive = models.CharField(_("Buying motive"), max_length=8, choices=BuyingMotive, blank=True)
    preferred_colours = ArrayField(
        models.CharField(max_length=20), default=list, blank=True, verbose_name=_("Preferred colours")
    )
    preferred_fabrics = ArrayField(
        models.CharField(max_length=20), default=list, blank=True, verbose_name=_("Preferred fabrics")
    )
    special_needs = models.CharField(_("Special needs"), max_length=300, blank=True)

    class Meta:
        abstract = True
