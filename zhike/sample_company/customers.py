"""Sample customers and their contacts, as rows for COPY."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from zhike.customers.models import Customer
from zhike.customers.rules import completeness, sizes
from zhike.customers.rules import names as name_rules
from zhike.sample_company import names
from zhike.sample_company.load import array, key_at, vector
from zhike.sample_company.organisation import Seller
from zhike.search.tokens import pinyin_key, tokens

CHANNELS = [code for code in Customer.AcquisitionChannel.values if code != "OTHER"]
TAGS = ("重点跟进", "老客户", "价格敏感", "技术导向", "行业标杆", "年度框架", "展会认识", "需要备货")
STATUSES = ("PROSPECT",) * 5 + ("ACTIVE",) * 4 + ("INACTIVE",) * 2 + ("LOST",)
SECOND_CONTACT = 0.2
COLD_SHARE = 0.02  # a team like this has only customers that nobody touched for a year: the worst case of lists

CUSTOMER_COLUMNS = (
    "id", "created_at", "updated_at", "company_id", "org_unit_id", "owner_id", "tags", "search_tokens", "kind",
    "customer_no", "name", "short_name", "name_key", "core_name", "pinyin_key", "status", "acquisition_channel",
    "region_code", "address_detail", "phones", "emails", "match_keys", "uscc", "uscc_status", "industry_code",
    "employee_count", "annual_revenue", "size_class", "gender", "birthday", "birthday_calendar", "birth_date",
    "last_contact_at", "next_contact_at", "first_deal_at", "last_deal_at", "completeness", "confirmed_at",
)  # fmt: skip
CONTACT_COLUMNS = (
    "id", "created_at", "updated_at", "company_id", "org_unit_id", "owner_id", "tags", "search_tokens", "customer_id",
    "name", "name_key", "pinyin_key", "gender", "department", "title", "roles", "attitude", "influence", "is_primary",
    "phones", "emails", "match_keys", "last_contact_at",
)  # fmt: skip
_POSTS = (
    ("采购部", "采购经理", ("PURCHASER",)), ("总经办", "总经理", ("DECISION_MAKER", "SIGNATORY")), ("财务部", "财务主管", ("FINANCE", "PAYER")),
    ("技术部", "技术总监", ("INFLUENCER",)), ("生产部", "车间主任", ("USER",)), ("行政部", "行政秘书", ("GATEKEEPER",)),
    ("市场部", "市场经理", ("INFLUENCER", "CHAMPION")), ("总经办", "副总经理", ("APPROVER",)),
)  # fmt: skip


@dataclass(frozen=True)
class Made:
    """What the other generators need to know of a customer; ``name`` is the short one."""

    key: str
    company: str
    unit: str
    owner: str
    name: str
    created: datetime
    last_contact: datetime | None
    won: bool


def cold_units(sellers: Sequence[Seller]) -> frozenset[str]:
    """Units whose customers nobody has touched for long: the last few."""
    return frozenset(unit for _user, unit, _company in sellers[-max(1, int(len(sellers) * COLD_SHARE)) :])


class Generator:
    """Customers and contacts of one seed."""

    def __init__(self, sellers: Sequence[Seller], rng: random.Random, now: datetime) -> None:
        self.rng, self.now, self.sellers = rng, now, sellers
        self.cold = cold_units(sellers)

    def seller(self, number: int) -> Seller:
        """One seller in twenty has many customers: the first owns one in twenty of all."""
        return self.sellers[0 if number % 20 == 0 else self.rng.randrange(len(self.sellers))]

    def customer(self, number: int) -> tuple[Made, tuple[Any, ...]]:
        """The customer with this running number: what others need to know of it, and its row."""
        rng = self.rng
        owner, unit, company = self.seller(number)
        created = self.now - timedelta(days=rng.randrange(1, 730), seconds=rng.randrange(86400))
        status = rng.choice(STATUSES)
        last = self.last_contact(created, cold=unit in self.cold)
        key = key_at(rng, created)
        details = self.person() if rng.random() < 0.12 else self.enterprise()
        won = status in ("ACTIVE", "INACTIVE")
        deal = created + (last - created) / 2 if won and last else None
        made = Made(key, company, unit, owner, details["short_name"] or details["name"], created, last, won)
        row = details | {
            "id": key, "created_at": created, "updated_at": last or created, "company_id": company, "org_unit_id": unit,
            "owner_id": owner, "tags": array(rng.sample(TAGS, rng.choice((0, 0, 1, 2)))), "status": status,
            "customer_no": f"C{created.year}{number + 1:06d}", "acquisition_channel": rng.choice(CHANNELS),
            "last_contact_at": last, "next_contact_at": self.next_contact(last), "first_deal_at": deal, "last_deal_at": deal,
            "confirmed_at": created if rng.random() < 0.7 else last or created,
        }  # fmt: skip
        return made, self.derive(row)

    def derive(self, row: dict[str, Any]) -> tuple[Any, ...]:
        """What `Derived` fields would compute, and the lists in COPY's form."""
        phones, emails = row["phones"], row["emails"]
        person = row["kind"] == "PERSON"
        key = name_rules.name_key(row["name"])
        row["name_key"] = key
        row["core_name"] = key if person else name_rules.core_name(row["name"])
        row["pinyin_key"] = pinyin_key(row["short_name"] or row["name"])
        row["completeness"] = completeness.score(row["kind"], row.get)
        codes = [code for code in (row["uscc"], row["customer_no"]) if code]
        called = [name for name in (row["name"], row["short_name"]) if name]
        row["search_tokens"] = vector(tokens(called, phones, codes, emails, heard=[row["core_name"]]))
        row["match_keys"] = array(sorted({*(f"t:{p}" for p in phones), *(f"m:{e}" for e in emails)}))
        row["phones"], row["emails"] = array(phones), array(emails)
        return tuple(row[column] for column in CUSTOMER_COLUMNS)

    def enterprise(self) -> dict[str, Any]:
        rng = self.rng
        region, city = rng.choice(names.CITIES)
        industry, trade = rng.choice(names.TRADES)
        brand = names.brand(rng)
        employees = int(rng.lognormvariate(4, 1.3)) + 3
        revenue = int(employees * rng.uniform(20, 120))
        has_code = rng.random() < 0.6
        return {
            "kind": "ENTERPRISE", "name": f"{city}{brand}{trade}{rng.choice(names.FORMS)}", "short_name": brand + trade[:2],
            "region_code": region, "address_detail": names.address(rng, city), "industry_code": industry,
            "phones": [names.landline(rng)] if rng.random() < 0.7 else [],
            "emails": [f"info@{rng.randrange(16**6):06x}.example"] if rng.random() < 0.4 else [],
            "uscc": names.uscc(rng, region) if has_code else "", "uscc_status": "FORMAT_OK" if has_code else "PENDING",
            "employee_count": employees, "annual_revenue": revenue,
            "size_class": sizes.size_class(industry, employees, revenue, None),
            "gender": "", "birthday": "", "birthday_calendar": "", "birth_date": None, "website": "",
        }  # fmt: skip

    def person(self) -> dict[str, Any]:
        rng = self.rng
        region, city = rng.choice(names.CITIES)
        born = self.now.date() - timedelta(days=rng.randrange(22 * 365, 70 * 365))
        return {
            "kind": "PERSON", "name": names.person(rng), "short_name": "", "region_code": region,
            "address_detail": names.address(rng, city), "industry_code": "", "phones": [names.mobile(rng)], "emails": [],
            "uscc": "", "uscc_status": "PENDING", "employee_count": None, "annual_revenue": None, "size_class": "",
            "gender": rng.choice(("MALE", "FEMALE")), "birthday": born.isoformat(), "birthday_calendar": "SOLAR",
            "birth_date": born,
        }  # fmt: skip

    def last_contact(self, created: datetime, *, cold: bool) -> datetime | None:
        rng = self.rng
        if rng.random() < 0.05:
            return None
        age = (self.now - created).total_seconds()
        share = rng.random() * 0.4 if cold else 1 - rng.random() ** 2 * 0.9
        return created + timedelta(seconds=age * share)

    def next_contact(self, last: datetime | None) -> datetime | None:
        if last is None or self.rng.random() < 0.5:
            return None
        return last + timedelta(days=self.rng.choice((3, 7, 14, 30)))

    def contacts(self, made: Made) -> Iterator[tuple[Any, ...]]:
        """The contacts of a customer: one, and a second for one in five."""
        yield self.contact(made, primary=True)
        if self.rng.random() < SECOND_CONTACT:
            yield self.contact(made, primary=False)

    def contact(self, made: Made, *, primary: bool) -> tuple[Any, ...]:
        rng = self.rng
        name = names.person(rng)
        department, title, roles = rng.choice(_POSTS)
        phones = [names.mobile(rng)]
        emails = [f"{rng.randrange(16**8):08x}@mail.example"] if rng.random() < 0.5 else []
        return (
            key_at(rng, made.created), made.created, made.created, made.company, made.unit, made.owner,
            "{}", vector(tokens([name], phones, (), emails)), made.key, name, name_rules.name_key(name), pinyin_key(name),
            rng.choice(("MALE", "FEMALE")), department, title, array(roles),
            rng.choice(("SUPPORTIVE", "NEUTRAL", "NEUTRAL", "OPPOSED", "")), rng.randrange(1, 6), primary,
            array(phones), array(emails), array(sorted([f"t:{p}" for p in phones] + [f"m:{e}" for e in emails])),
            made.last_contact if primary else None,
        )  # fmt: skip
