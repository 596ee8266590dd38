"""Who plays in the access tests: a person in each built-in role, one of another company, one without a role."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.test import Client

from zhike.administration.actions import create_unit
from zhike.administration.actions.custom_fields import create_custom_field
from zhike.administration.rules.builtin_roles import BUILTIN_ROLES
from zhike.administration.tests.people import group, person
from zhike.integrations.models import ApiToken
from zhike.ownership.actions.attributing import decide
from zhike.ownership.actions.pools import create_pool
from zhike.policy.actions.documents import create as create_policy
from zhike.policy.models import Article, Chapter, Clause
from zhike.records.models import CustomField
from zhike.records.registry import describe, descriptions
from zhike.sales.actions.pipeline import install_presets
from zhike.sales.models import CloseReason, OpportunityStage, Pipeline
from zhike.staff.models import OrgUnit, Role, User

ANONYMOUS = "anonymous"
# From the one who may nothing to the one who may all; the columns of the matrix.
CAST = (ANONYMOUS, "nobody", "other", *(role.code for role in BUILTIN_ROLES))
_TEAM, _DEPARTMENT, _GROUP = (
    {"sales_rep", "sales_supervisor"},
    {"sales_manager"},
    {"executive", "data_steward", "admin"},
)


@dataclass
class Cast:
    """People by role; records of the sales representative by record type; the rest by name."""

    people: dict[str, User] = field(default_factory=dict)
    records: dict[str, Any] = field(default_factory=dict)
    things: dict[str, Any] = field(default_factory=dict)
    browsers: dict[str, Client] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)


def gather() -> Cast:
    """Everybody, with what the sales representative owns."""
    cast = Cast()
    root = group()
    cast.people["admin"] = person(root, "admin", name="admin")
    admin = cast.people["admin"]
    company = create_unit(by=admin, parent=root, kind="COMPANY", name="North")
    elsewhere = create_unit(by=admin, parent=root, kind="COMPANY", name="South")
    department = create_unit(by=admin, parent=company, kind="DEPARTMENT", name="Sales")
    team = create_unit(by=admin, parent=department, kind="TEAM", name="Team 1")
    office = create_unit(by=admin, parent=company, kind="DEPARTMENT", name="Office")
    for role in BUILTIN_ROLES:
        if role.code not in cast.people:
            unit = team if role.code in _TEAM else department if role.code in _DEPARTMENT else office
            cast.people[role.code] = person(root if role.code in _GROUP else unit, role.code, name=role.code)
    cast.people["nobody"] = person(team, name="nobody")
    cast.people["other"] = person(elsewhere, "sales_rep", name="other")
    install_presets()
    cast.records = make_records(cast.people["sales_rep"])
    own_field = create_custom_field(by=admin, record_type="customers", kind="TEXT", label="own", key="own")
    pool = create_pool(by=admin, name="pool", org_unit=company, member_units=[company])
    attribution = decide(cast.records["customers"], by=admin)
    cast.things = {
        "team": team, "office": office, "own_field": own_field, "pool": pool, "attribution": attribution,
    }  # fmt: skip
    policy = create_policy(by=admin, title="北极星管理办法", org_unit=company, template="STORE")
    cast.things |= {"policy": policy, "policy_draft": policy.versions.get()}
    open_doors(cast)
    return cast


def make_records(owner: User) -> dict[str, Any]:
    """One record of each type, made by its own verb."""
    customer = describe("customers").create(by=owner, name="北极星重工", phones=["13800138000"])
    contact = describe("contacts").create(by=owner, name="周北辰", customer=customer, phones=["13900139000"])
    values: dict[str, dict[str, Any]] = {
        "opportunities": {"name": "北极星一期", "customer": customer, "contact": contact, "source": "REFERRAL"},
        "leads": {"name": "北极星线索", "phones": ["13700137000"]},
        "tasks": {"title": "回访北极星"},
        "interactions": {
            "customer": customer,
            "contact": contact,
            "method": "PHONE",
            "result": "INTERESTED",
            "content": "谈北极星报价，约下周面谈",
        },
        "competitors": {"name": "北极星对手"},
        "purchases": {"customer": customer, "product": "轴承", "amount": Decimal(100)},
        "receivables": {"customer": customer, "amount": Decimal(100)},
        "receipts": {"customer": customer, "amount": Decimal(100)},
        "registrations": {"customer": customer, "type": "PROJECT", "project": "北极星二期"},
        "clashes": {"customer": customer, "subject": "北极星归属", "parties": [colleague_of(owner)]},
        "privacy-requests": {"customer": customer, "contact": contact, "kind": "ACCESS"},
        "violations": {"kind": "OTHER", "owner": owner, "customer": customer, "description": "北极星资料外传"},
        "deposits": {"customer": customer, "kind": "EARNEST", "amount": Decimal(100), "unit_code": "N-1"},
    }
    records = {"customers": customer, "contacts": contact}
    for description in descriptions():
        if description.name in values:
            # What the representative may not enter himself (receivables) finance does: it is his all the same.
            by = owner if description.may(owner, "create") else None
            records[description.name] = description.create(by=by, **values[description.name])
    return records


def colleague_of(owner: User) -> User:
    """Somebody else of his team: a clash takes two."""
    return User.objects.exclude(pk=owner.pk).filter(org_unit=owner.org_unit).order_by("username")[0]


def open_doors(cast: Cast) -> None:
    """A signed-in browser and an API token for each."""
    for name in CAST:
        cast.browsers[name] = Client(raise_request_exception=False)
        if name != ANONYMOUS:
            cast.browsers[name].force_login(cast.people[name])
            cast.tokens[name] = token_of(cast.people[name])


def token_of(user: User) -> str:
    """A token with every scope, made for the person whatever his role may."""
    from zhike.integrations.models.api_token import PREFIX, digest

    plain = f"{PREFIX}{user.username}-{'0' * 32}"
    ApiToken.objects.create(user=user, name="test", digest=digest(plain), hint="zk_", scopes=["read", "write"])
    return plain


def key_for(cast: Cast, path: str) -> Any:
    """The key that stands for ``<pk>`` in a path."""
    first = path.split("/")[0]
    found: dict[str, Any] = {
        "settings/organisation/": cast.things["team"],
        "settings/people/": cast.people["sales_rep"],
        "settings/roles/": Role.objects.get(code="sales_rep"),
        "settings/field/": CustomField.objects.first(),
        "pipelines/stages/": OpportunityStage.objects.filter(opportunities__isnull=False).order_by("pk").first(),
        "pipelines/reasons/": CloseReason.objects.order_by("pk").first(),
        "pipelines/": Pipeline.objects.order_by("pk").first(),
        "opportunities/board/": OpportunityStage.objects.filter(opportunities__isnull=False).order_by("pk").first(),
        "pools/": cast.things.get("pool"),
        "attributions/": cast.things.get("attribution"),
        "ownership/customers/": cast.records.get("customers"),
        "policies/versions/": cast.things.get("policy_draft"),
        "policies/chapters/": Chapter.objects.order_by("position").first(),
        "policies/articles/": Article.objects.order_by("number").first(),
        "policies/clauses/": Clause.objects.order_by("article__number").first(),
        "policies/rulings/": Clause.objects.order_by("article__number").first(),
        "policies/parts/": Chapter.objects.order_by("position").first(),
        "policies/": cast.things.get("policy"),
        "log/": cast.records.get("interactions"),
        "to-do/": cast.records.get("tasks"),
    }
    for start, thing in found.items():
        if path.startswith(start) and thing is not None:
            return thing.pk
    return cast.records[first].pk if first in cast.records else OrgUnit(kind="TEAM").pk
