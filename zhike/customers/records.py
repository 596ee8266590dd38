"""How lists, forms, filters, imports, exports and the API see customers and contacts."""

from django.utils.translation import gettext_lazy as _

from zhike.customers import panels  # noqa: F401 - what the record pages show is registered with the records
from zhike.customers.actions import contacts, customers
from zhike.customers.actions.transferring import transfer_many
from zhike.customers.models import Contact, Customer
from zhike.records.description import Description, Section
from zhike.records.kinds import Kind
from zhike.records.registry import register
from zhike.staff.models import User

_ENTERPRISE = ("kind", ("ENTERPRISE",))
_PERSON = ("kind", ("PERSON",))


@register
class Customers(Description):
    model = Customer
    name = "customers"
    icon = "building"
    columns = ("name", "grade", "status", "region_code", "phones", "owner", "last_contact_at", "completeness")
    fields = (
        "customer_no", "kind", "name", "short_name", "status", "grade", "segments", "phones", "emails", "handles",
        "region_code", "address_detail", "addresses", "website", "uscc", "uscc_status", "taxpayer_id",
        "legal_representative", "registered_capital", "established_on", "enterprise_nature", "registration_status",
        "industry_code", "employee_count", "annual_revenue", "total_assets", "size_class", "listed_code",
        "channel_role", "distributor_level", "parent", "gender", "birthday", "birthday_calendar", "birth_date",
        "marital_status", "occupation", "buying_motive", "preferred_colours", "preferred_fabrics", "special_needs",
        "acquisition_channel", "source_detail", "referrer", "tags", "remark", "duplicate_reason", "owner", "org_unit",
        "company", "last_contact_at", "next_contact_at", "first_deal_at", "last_deal_at", "completeness",
        "confirmed_at", "created_at", "updated_at",
    )  # fmt: skip
    filters = (
        "owner", "org_unit", "status", "grade", "segments", "kind", "region_code", "industry_code", "size_class",
        "acquisition_channel", "tags", "last_contact_at", "next_contact_at", "completeness", "confirmed_at",
        "created_at",
    )  # fmt: skip
    sorts = ("-last_contact_at", "-created_at", "name", "next_contact_at")
    sort_keys = {"name": "pinyin_key"}
    form = (
        Section(_("Basics"), ("kind", "name", "short_name", "status", "owner")),
        Section(_("Ways to reach"), ("phones", "emails", "handles", "website")),
        Section(_("Region and address"), ("region_code", "address_detail", "addresses")),
        Section(
            _("Enterprise"),
            (
                "uscc", "industry_code", "employee_count", "annual_revenue", "total_assets", "enterprise_nature",
                "registration_status", "legal_representative", "registered_capital", "established_on",
                "taxpayer_id", "listed_code", "channel_role", "distributor_level", "parent",
            ),
            when=_ENTERPRISE,
        ),
        Section(_("Person"), ("gender", "birthday", "marital_status", "occupation"), when=_PERSON),
        Section(_("Preferences"), ("buying_motive", "preferred_colours", "preferred_fabrics", "special_needs")),
        Section(_("Origin"), ("acquisition_channel", "source_detail", "referrer")),
        Section(_("Plan and notes"), ("next_contact_at", "tags", "duplicate_reason", "remark")),
    )  # fmt: skip
    import_key = ("customer_no", "uscc", "name")
    kinds = {
        "phones": Kind.PHONES,
        "emails": Kind.EMAILS,
        "handles": Kind.HANDLES,
        "addresses": Kind.ADDRESSES,
        "region_code": Kind.REGION,
        "industry_code": Kind.INDUSTRY,
        "website": Kind.URL,
        "preferred_colours": Kind.TAGS,
        "preferred_fabrics": Kind.TAGS,
        "completeness": Kind.PERCENT,
    }
    related = ("owner", "org_unit", "company", "parent", "referrer")
    masks = {"name": "name", "address_detail": "address"}
    title_columns = ("name", "short_name")
    tones = {
        "grade": {"A": "green", "B": "blue", "C": "amber", "D": "amber", "E": "red"},
        "status": {"ACTIVE": "green", "INACTIVE": "amber", "LOST": "red"},
        "uscc_status": {"VERIFIED": "green"},
    }
    position = 10
    page = "customers:customer"
    create, update, trash, restore = customers.create, customers.update, customers.trash, customers.restore
    # Not kind, status, credit code, parent and referrer: `update` asks more of them. Nor what it brings into a form.
    bulk_fields = (
        "employee_count", "annual_revenue", "total_assets", "enterprise_nature", "registration_status",
        "legal_representative", "registered_capital", "established_on", "listed_code", "channel_role",
        "distributor_level", "address_detail", "gender", "marital_status", "occupation", "buying_motive",
        "special_needs", "acquisition_channel", "source_detail", "next_contact_at", "duplicate_reason", "remark",
    )  # fmt: skip
    bulk_assign = staticmethod(transfer_many)

    def whole_name(self, row: Customer, user: User) -> str:
        shown = row.name != str(row) and self.right_of(user, "name") in ("FULL", "READ_ONLY")
        return row.name if shown else ""


@register
class Contacts(Description):
    model = Contact
    name = "contacts"
    icon = "user"
    columns = ("name", "customer", "department", "title", "roles", "phones", "is_primary", "owner", "last_contact_at")
    fields = (
        "name", "customer", "gender", "department", "title", "roles", "attitude", "influence", "reports_to",
        "is_primary", "status", "status_reason", "phones", "emails", "handles", "birthday", "birthday_calendar",
        "birth_date", "preferred_channel", "preferred_time", "do_not_contact", "tags", "remark", "owner", "org_unit",
        "company", "last_contact_at", "created_at", "updated_at",
    )  # fmt: skip
    filters = (
        "owner", "org_unit", "customer", "roles", "attitude", "influence", "is_primary", "status", "do_not_contact",
        "tags", "last_contact_at", "created_at",
    )  # fmt: skip
    sorts = ("-last_contact_at", "name")
    sort_keys = {"name": "pinyin_key"}
    form = (
        Section(_("Basics"), ("customer", "name", "gender", "department", "title", "is_primary")),
        Section(
            _("Ways to reach"),
            ("phones", "emails", "handles", "preferred_channel", "preferred_time", "do_not_contact"),
        ),
        Section(_("In the decision"), ("roles", "attitude", "influence", "reports_to")),
        Section(_("Personal and notes"), ("birthday", "status", "status_reason", "tags", "remark")),
    )  # fmt: skip
    import_key = ("customer", "name")
    kinds = {"phones": Kind.PHONES, "emails": Kind.EMAILS, "handles": Kind.HANDLES}
    related = ("customer", "owner", "org_unit", "company", "reports_to")
    masks = {"name": "name"}
    tones = {
        "attitude": {"SUPPORTIVE": "green", "OPPOSED": "red"},
        "status": {"LEFT": "amber", "DISABLED": "amber"},
    }
    position = 12
    page = "customers:contact"
    bulk_fields = (
        "gender", "department", "title", "roles", "attitude", "influence", "preferred_channel", "preferred_time",
        "do_not_contact", "status_reason", "remark",
    )  # fmt: skip
    create, update = contacts.create_contact, contacts.update_contact
    trash, restore = contacts.trash_contact, contacts.restore_contact
