"""The sample group: companies, departments, teams and the people in every role."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from zhike.administration.actions import install_builtin_roles
from zhike.administration.sample_sign_ins import SampleSignIn
from zhike.kernel.ids import uuid7
from zhike.sample_company import names
from zhike.staff.models import OrgUnit, Role, RoleAssignment, User

PASSWORD = "zhike-sample-2026"  # noqa: S105 - shown on the sign-in page in sample mode only

# company → department → teams
TREE: dict[str, dict[str, tuple[str, ...]]] = {
    "华瑞智能设备有限公司": {
        "华东销售部": ("上海组", "杭州组"),
        "华南销售部": ("广州组", "深圳组"),
        "大客户部": (),
        "市场部": (),
        "客服中心": (),
    },
    "华瑞家居零售有限公司": {"门店运营部": ("静安店", "天河店"), "渠道销售部": (), "财务内勤部": ()},
}
GROUP = "华瑞集团"
# sign-in name, role, title, where; the people who are shown on the sign-in page
CAST = (
    ("admin", "admin", "系统管理员", "华瑞集团"),
    ("exec", "executive", "集团副总裁", "华瑞集团"),
    ("director", "sales_director", "销售总监", "华瑞智能设备有限公司"),
    ("manager", "sales_manager", "华东销售经理", "华东销售部"),
    ("supervisor", "sales_supervisor", "上海组主管", "上海组"),
    ("sales", "sales_rep", "销售代表", "上海组"),
    ("service", "service_agent", "客服专员", "客服中心"),
    ("marketing", "marketing", "市场专员", "市场部"),
    ("finance", "finance", "财务", "财务内勤部"),
    ("office", "back_office", "内勤", "财务内勤部"),
    ("steward", "data_steward", "数据管理员", "华瑞集团"),
    ("estate", "sales_director", "案场总监", "华瑞家居零售有限公司"),
    ("store", "sales_rep", "门店销售", "静安店"),
)  # fmt: skip

# Who left, so many days ago: sign-in name, title, where. He sold, and somebody has taken over what was his.
LEAVERS = (("left1", "销售代表", "杭州组", 150), ("left2", "门店销售", "天河店", 66))

SELLING = ("sales_rep", "sales_supervisor", "sales_manager")
Seller = tuple[str, str, str]  # keys of user, unit, company


@dataclass
class Organisation:
    """What was built, for the generators."""

    units: dict[str, OrgUnit] = field(default_factory=dict)
    users: list[User] = field(default_factory=list)
    sellers: list[Seller] = field(default_factory=list)


def build(rng: random.Random, *, people: int = 30, departments: int = 8) -> Organisation:
    """Make units, users and roles in an empty system.

    Args:
        people: users in all, the cast included.
        departments: beyond eight, further sales departments are added (for measurements).
    """
    install_builtin_roles(by=None)
    made = Organisation()
    _tree(made, departments)
    _people(made, rng, people)
    return made


def _unit(made: Organisation, kind: str, name: str, parent: OrgUnit | None, position: int = 0) -> OrgUnit:
    unit = OrgUnit(pk=uuid7(), kind=kind, name=name, parent=parent, position=position)
    unit.path = [*(parent.path if parent else []), unit.pk]
    unit.company = unit if kind == "COMPANY" else parent.company if parent else None
    made.units[name] = unit
    return unit


def _tree(made: Organisation, departments: int) -> None:
    group = _unit(made, "GROUP", GROUP, None)
    first: OrgUnit | None = None
    for position, (company_name, parts) in enumerate(TREE.items()):
        company = _unit(made, "COMPANY", company_name, group, position)
        first = first or company
        for place, (name, teams) in enumerate(parts.items()):
            department = _unit(made, "DEPARTMENT", name, company, place)
            for order, team in enumerate(teams):
                _unit(made, "STORE" if team.endswith("店") else "TEAM", team, department, order)
    region: OrgUnit | None = first
    for number in range(8, departments):
        # Ten departments under each region: three levels, as groups have them.
        at_head = number % 10 == 8
        region = _unit(
            made, "DEPARTMENT", f"第{number}销售{'大区' if at_head else '部'}", first if at_head else region, number
        )
        if not at_head:
            region = region.parent
    OrgUnit.objects.bulk_create(made.units.values(), batch_size=500)


def _people(made: Organisation, rng: random.Random, people: int) -> None:
    roles = {role.code: role for role in Role.objects.all()}
    password = make_password(PASSWORD)
    held: list[tuple[User, str]] = []
    for username, role, title, where in CAST:
        held.append((_user(made, rng, username, title, made.units[where], password), role))
    places = [
        unit
        for unit in made.units.values()
        if "销售" in unit.name or unit.kind in ("TEAM", "STORE") or unit.name == "大客户部"
    ]
    places = [unit for unit in places if unit.kind != "COMPANY"]
    for number in range(len(CAST), people):
        unit = places[number % len(places)]
        is_head = number < len(CAST) + len(places) and unit.kind == "DEPARTMENT"
        user = _user(made, rng, f"sales{number}", "销售经理" if is_head else "销售代表", unit, password)
        held.append((user, "sales_manager" if is_head else "sales_rep"))
    held += _leavers(made, password)
    User.objects.bulk_create(made.users, batch_size=1000)
    RoleAssignment.objects.bulk_create((RoleAssignment(user=u, role=roles[r]) for u, r in held), batch_size=1000)
    made.sellers = [
        (str(user.pk), str(user.org_unit_id), str(user.company_id))
        for user, role in held
        if role in SELLING and user.company_id and user.is_active
    ]


def _leavers(made: Organisation, password: str) -> list[tuple[User, str]]:
    """Disabled on the day they left. Their names come from elsewhere, so that nobody else's changes."""
    rng, left = random.Random("leavers"), []  # noqa: S311 - sample data
    for username, title, where, days in LEAVERS:
        user = _user(made, rng, username, title, made.units[where], password)
        user.disabled_at = timezone.now() - timedelta(days=days)
        left.append((user, "sales_rep"))
    return left


def _user(made: Organisation, rng: random.Random, username: str, title: str, unit: OrgUnit, password: str) -> User:
    user = User(
        username=username, name=names.person(rng), title=title, org_unit=unit, company=unit.company,
        email=f"{username}@huarui.example", mobile=f"+86199{len(made.users):08d}", password=password,
        last_login=timezone.now() if len(made.users) < len(CAST) else None,
    )  # fmt: skip
    made.users.append(user)
    return user


def sign_ins() -> list[SampleSignIn]:
    """The sample's people for the sign-in page, in the order of the cast."""
    usernames = [username for username, *_rest in CAST]
    users = {user.username: user for user in User.objects.active().filter(username__in=usernames)}
    return [
        SampleSignIn(role=users[name].title, name=users[name].name, username=name, password=PASSWORD)
        for name in usernames
        if name in users
    ]
