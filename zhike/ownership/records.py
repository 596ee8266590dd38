"""How registrations, clashes and deposits appear in lists, forms, export, API and search."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.ownership.actions import clashes, deposits, describing, violations
from zhike.ownership.models import ClashCase, Deposit, Registration, Violation
from zhike.records.description import Description, Section
from zhike.records.kinds import Kind
from zhike.records.registry import register


@register
class Registrations(Description):
    """Dated claims to customers. Made at the registration desk; their history is not edited."""

    model = Registration
    name = "registrations"
    icon = "clipboard-check"
    fields = (
        "reg_no", "customer", "type", "status", "registered_at", "registered_with", "project", "product_line", "amount",
        "expected_on", "competitor", "evidence", "valid_until", "lapsed_on", "renews", "ended_note", "tags", "owner",
        "org_unit", "company", "created_at",
    )  # fmt: skip
    columns = ("reg_no", "customer", "type", "status", "registered_at", "owner", "valid_until", "project")
    sorts = ("-registered_at",)
    filters = ("status", "type", "owner", "org_unit", "registered_at")
    form = (
        Section(pgettext_lazy("of a customer", "Registration"), ("customer", "type", "owner", "evidence")),
        Section(_("Project"), ("project", "product_line", "amount", "expected_on", "competitor")),
    )
    import_key = ("reg_no",)
    kinds = {"amount": Kind.MONEY}
    related = ("customer", "registered_with", "renews", "owner", "org_unit")
    create = describing.create_registration
    update = describing.update_registration


@register
class Clashes(Description):
    """Disputes about customers. Everything but raising them has a page of its own."""

    model = ClashCase
    name = "clashes"
    icon = "scale"
    fields = (
        "subject", "customer", "type", "state", "opened_at", "due_at", "description", "result", "criterion", "ruling",
        "ruled_at", "ruled_by", "final_at", "tags", "owner", "org_unit", "company", "created_at",
    )  # fmt: skip
    columns = ("subject", "customer", "type", "state", "due_at", "result", "owner", "opened_at")
    sorts = ("-opened_at",)
    filters = ("state", "type", "owner", "org_unit", "opened_at")
    form = (Section(_("Clash"), ("customer", "type", "subject", "description")),)
    related = ("customer", "ruled_by", "owner", "org_unit")
    create = clashes.create
    update = clashes.update
    page = "ownership:clash"


@register
class Deposits(Description):
    """Money paid before the contract."""

    model = Deposit
    name = "deposits"
    icon = "coins"
    fields = (
        "customer", "kind", "status", "amount", "unit_code", "contract_amount", "receipt_no", "arrived_at", "serial",
        "holds_unit", "confirmed_by", "confirmed_at", "withdrawn_at", "note", "tags", "owner", "org_unit", "company",
        "created_at",
    )  # fmt: skip
    columns = ("customer", "kind", "amount", "status", "unit_code", "holds_unit", "arrived_at", "owner")
    sorts = ("-created_at",)
    filters = ("status", "kind", "owner", "org_unit", "arrived_at")
    form = (
        Section(
            _("Deposit"), ("customer", "kind", "amount", "unit_code", "contract_amount", "receipt_no", "owner", "note")
        ),
    )
    import_key = ("receipt_no",)
    kinds = {"amount": Kind.MONEY, "contract_amount": Kind.MONEY}
    related = ("customer", "confirmed_by", "owner", "org_unit")
    totals = ("amount",)
    create = deposits.create
    update = deposits.update


@register
class Violations(Description):
    """What was not kept of the policy: by a rule, or recorded by a leader. Nothing is rewritten, only cancelled."""

    model = Violation
    name = "violations"
    icon = "alert"
    fields = (
        "kind", "owner", "state", "customer", "registration", "happened_at", "description", "recorded_by",
        "cancelled_note", "tags", "org_unit", "company", "created_at",
    )  # fmt: skip
    columns = ("kind", "owner", "customer", "happened_at", "state", "description")
    sorts = ("-happened_at",)
    filters = ("kind", "state", "owner", "org_unit", "happened_at")
    form = (Section(_("Violation"), ("kind", "owner", "customer", "happened_at", "description")),)
    related = ("customer", "registration", "recorded_by", "owner", "org_unit")
    create = violations.create
    update = violations.update


# The panels, stories and words of these types make themselves known with them.
from zhike.ownership import panels as panels  # noqa: E402
