"""How customers and contacts are imported."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from zhike.customers.actions import duplicates
from zhike.customers.actions.customers import create
from zhike.customers.actions.importing import import_customers
from zhike.customers.actions.overwriting import change_contacts, change_customers
from zhike.customers.models import Contact, Customer
from zhike.customers.models.columns import reached_by
from zhike.customers.rules import cleaning, names
from zhike.records.fields import Field
from zhike.records.importing.bulk import array_text, settle_index
from zhike.records.importing.importer import Change, Child, Draft, Importer, Key, register_importer
from zhike.records.importing.values import folded, text_of
from zhike.records.kinds import Kind
from zhike.staff.models import User

_COMPANY_NAMES = (
    "名称", "客户名称", "客户姓名", "客户", "公司名称", "公司", "企业名称", "单位名称", "单位", "全称",
    "客户全称", "单位全称", "企业全称",
    "公司全称", "机构名称",
    "customer", "customer name", "company", "company name", "account", "account name", "organisation",
    "organization", "full name", "related company",
)  # fmt: skip
SOURCES = {
    "WALK_IN": ("到店", "自然到访", "上门", "来访"),
    "CALL_IN": ("客户来电", "电话咨询", "400电话"),
    "WEBSITE": ("官网", "公司网站", "网络", "网上"),
    "SOCIAL_MEDIA": ("抖音", "小红书", "快手", "微博", "公众号", "微信公众号", "视频号", "知乎", "微信"),
    "ADVERTISING": ("百度", "百度推广", "360推广", "竞价推广", "网络推广", "信息流", "信息流广告", "广告投放"),
    "EXHIBITION": ("展览会", "展销会", "参展"),
    "COLD_CALL": ("电销", "电话营销", "陌拜", "陌生拜访"),
    "TENDER": ("招标", "投标", "招标公告"),
    "REFERRAL": ("介绍", "客户介绍", "老客户介绍", "老客户转介绍", "朋友介绍", "转介", "推荐"),
    "DISTRIBUTOR": ("代理商", "渠道", "渠道商"),
}  # fmt: skip
_GENDERS = {
    "MALE": ("先生", "男性", "男士", "m", "mr", "mr."),
    "FEMALE": ("女士", "女性", "小姐", "太太", "f", "ms", "ms.", "mrs", "mrs.", "miss"),
}
_ROLES = {
    "PURCHASER": ("采购", "采购员"),
    "DECISION_MAKER": ("决策人", "拍板人"),
    "INFLUENCER": ("影响人",),
    "USER": ("使用人", "使用部门"),
}
# One array, one look-up in an index for each of its values.
_THERE = {
    "customer_no": (
        "SELECT customer_no, id FROM customers_customer WHERE trashed_at IS NULL AND customer_no = ANY(%s::text[])"
    ),
    "uscc": (
        "SELECT uscc, id FROM customers_customer WHERE trashed_at IS NULL AND uscc <> '' AND uscc = ANY(%s::text[])"
    ),
    "name": (
        "SELECT name_key, id FROM customers_customer"
        " WHERE trashed_at IS NULL AND kind = 'ENTERPRISE' AND name_key = ANY(%s::text[])"
    ),
}
_PLAIN = {"birthday": lambda cell: folded(text_of(cell))}


def _clean(draft: Draft, values: dict[str, Any], *, person: bool, prefix: str = "") -> dict[str, Any]:
    cleaned, faults = cleaning.clean(values, person=person)
    for name, message in faults.items():
        draft.refuse(message, prefix + name)
    return cleaned


def _key(values: dict[str, Any]) -> str:
    return names.name_key(values.get("name") or "")


def _people(pairs: set[tuple[str, str]]) -> Iterator[tuple[tuple[str, str], uuid.UUID]]:
    """Customers that are, or have as a contact, a person of one of these names with the phone beside it."""
    if not pairs:
        return
    settle_index("customer_match")
    settle_index("contact_match")
    reached = {f"t:{phone}" for _name, phone in pairs}
    persons = Customer.objects.kept().filter(kind=Customer.Kind.PERSON, pk__in=reached_by(Customer, reached))
    contacts = Contact.objects.kept().filter(pk__in=reached_by(Contact, reached))
    for rows, key in ((persons, "pk"), (contacts, "customer_id")):
        for name, phones, pk in rows.order_by().values_list("name_key", "phones", key):
            for phone in phones:
                if (name, phone) in pairs:
                    yield (name, phone), pk


def _asked(question: str, values: list[str]) -> list[tuple[str, uuid.UUID]]:
    with connection.cursor() as cursor:
        cursor.execute(question, [array_text(values)])
        return cursor.fetchall()


def _without(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}


class CountedImporter(Importer):
    """What its duplicates tell of records of others counts among the answers of the duplicate check (R3.25)."""

    def tell_of(self, keys: Sequence[uuid.UUID], by: User, *, one_more: bool = False) -> int:
        return duplicates.tell_of(keys, by=by, one_more=one_more)

    def may_ask(self, by: User) -> bool:
        return duplicates.may_ask(by)


@register_importer
class CustomerImporter(CountedImporter):
    """Customers, with up to three contacts in the same row; written set by set."""

    kind = "customers"
    names = {
        "name": _COMPANY_NAMES,
        "customer_no": ("客户编号", "客户编码", "编号", "customer number", "reference", "code", "account number"),
        "short_name": ("简称", "公司简称", "客户简称", "short name", "abbreviation"),
        "uscc": ("统一社会信用代码", "信用代码", "社会信用代码", "营业执照号", "credit code"),
        "taxpayer_id": ("税号", "纳税人识别号", "tax id", "vat"),
        "kind": ("客户类型", "类型", "customer type", "type"),
        "industry_code": ("行业", "所属行业", "industry", "sector"),
        "employee_count": ("员工数", "员工人数", "人数", "employees", "headcount"),
        "annual_revenue": ("年营业额", "营业收入", "年收入", "annual revenue", "revenue"),
        "established_on": ("成立日期", "成立时间", "注册日期", "founded", "established"),
        "legal_representative": ("法人", "法定代表人", "法人代表"),
        "acquisition_channel": ("客户来源", "来源", "获客渠道", "source", "lead source"),
        "parent": ("母公司", "上级公司", "集团", "subsidiary of", "parent account"),
        "listed_code": ("股票代码", "证券代码", "stock code"),
        "contact.phones": ("联系人电话", "联系人手机", "联系方式"),
    }
    identifiers = ("customer_no", "name")
    words = {"gender": _GENDERS, "acquisition_channel": SOURCES}
    parsers = _PLAIN
    children = (
        Child("contact", "contacts", gettext_lazy("Contact"), "customer", ("联系人", "contact", "contact person")),
    )
    extra = (Field("customer_no", gettext_lazy("Customer no."), Kind.TEXT, max_length=20),)
    by_the_set = True
    side_by_side = True

    def prepare(self, draft: Draft) -> None:
        person = draft.values.get("kind") == Customer.Kind.PERSON
        draft.values = _clean(draft, {"name": "", **draft.values}, person=person)
        for prefix, values in draft.children.items():
            draft.children[prefix] = _clean(draft, {"name": "", **values}, person=True, prefix=f"{prefix}.")
        owner = draft.values.get("owner")
        if isinstance(owner, User) and not owner.is_active:
            draft.refuse(_("%(name)s has left and cannot own records."), "owner", name=owner.name)

    def keys(self, draft: Draft) -> list[Key]:
        """R3.23: number, credit code, person and phone always; the name unless a reason is given."""
        values = draft.values
        found = [Key(name, values[name]) for name in ("customer_no", "uscc") if values.get(name)]
        people = [values] if values.get("kind") == Customer.Kind.PERSON else list(draft.children.values())
        found += [Key("person", (_key(one), phone)) for one in people for phone in one.get("phones", [])]
        if values.get("kind") == Customer.Kind.PERSON or values.get("duplicate_reason"):
            return found
        return [*found, Key("name", _key(values))]

    def existing(self, keys: Iterable[Key]) -> dict[Key, list[uuid.UUID]]:
        wanted: dict[str, list[Any]] = {}
        for key in keys:
            wanted.setdefault(key.kind, []).append(key.value)
        found: dict[Key, list[uuid.UUID]] = {}
        for kind, question in _THERE.items():
            if values := wanted.get(kind):
                for value, pk in _asked(question, values):
                    found.setdefault(Key(kind, value), []).append(pk)
        for pair, pk in _people(set(wanted.get("person", ()))):
            found.setdefault(Key("person", pair), []).append(pk)
        return found

    def find(self, texts: Iterable[str], by: User) -> dict[str, list[Any]]:
        """By number, full name, then short name."""
        wanted = {names.name_key(text): text for text in texts}
        rows = self.description.rows(by).order_by()
        found: dict[str, list[Any]] = {}
        for row in rows.filter(customer_no__in=list(wanted.values())):
            found[row.customer_no] = [row]
        for row in rows.filter(name_key__in=[key for key, text in wanted.items() if text not in found]):
            found.setdefault(wanted[row.name_key], []).append(row)
        short = [text for text in wanted.values() if text not in found]
        for row in rows.filter(short_name__in=short) if short else ():
            found.setdefault(row.short_name, []).append(row)
        return found

    def create_missing(self, text: str, by: User) -> Customer:
        return create(by=by, name=text)

    def create(self, drafts: list[Draft], by: User) -> None:
        import_customers(by=by, drafts=drafts)

    def create_one(self, draft: Draft, by: User) -> None:
        import_customers(by=by, drafts=[draft])

    def update_all(self, changes: list[Change], by: User) -> None:
        """Number and kind stay as they are."""
        given = [one._replace(values=_without(one.values, "customer_no", "kind")) for one in changes]
        for change in change_customers(by=by, changes=given):
            self.update(*change, by)


@register_importer
class ContactImporter(Importer):
    """Contacts of customers that are already there, or are made from their name."""

    kind = "contacts"
    names = {
        "name": ("联系人", "联系人姓名", "姓名", "contact", "contact name", "full name"),
        "customer": (*_COMPANY_NAMES, "所属客户", "所属公司", "客户编号", "company_name", "parent", "employer"),
        "title": ("职务", "职位", "岗位", "job title", "job position", "position", "function"),
        "department": ("部门", "所在部门"),
        "roles": ("角色", "决策角色", "role"),
        "gender": ("性别", "sex"),
    }
    words = {"gender": _GENDERS, "roles": _ROLES}
    parsers = _PLAIN
    by_the_set = True

    def required(self) -> set[str]:
        return {"name", "customer"}

    def prepare(self, draft: Draft) -> None:
        draft.values = _clean(draft, {"name": "", **draft.values}, person=True)
        wrong = {name for name, _problem in draft.problems}
        if draft.values.get("customer") is None and "customer" not in wrong:
            draft.refuse(_("Say which customer the contact belongs to."), "customer")

    def keys(self, draft: Draft) -> list[Key]:
        customer = draft.values["customer"]
        return [Key("contact", (customer.pk, _key(draft.values)[:100]))]

    def existing(self, keys: Iterable[Key]) -> dict[Key, list[uuid.UUID]]:
        pairs = {key.value for key in keys}
        rows = Contact.objects.filter(
            trashed_at=None, customer_id__in={pk for pk, _name in pairs}, name_key__in={name for _pk, name in pairs}
        )
        found: dict[Key, list[uuid.UUID]] = {}
        for customer_id, name, pk in rows.values_list("customer_id", "name_key", "pk"):
            found.setdefault(Key("contact", (customer_id, name)), []).append(pk)
        return found

    def update_all(self, changes: list[Change], by: User) -> None:
        """The contact was found by its customer, which stays; the owner is the customer's."""
        given = [one._replace(values=_without(one.values, "customer", "owner")) for one in changes]
        for change in change_contacts(by=by, changes=given):
            self.update(*change, by)
