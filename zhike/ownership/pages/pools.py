"""Pools: what lies in them, claiming, giving away, setting up."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.access.rights import rights_of
from zhike.access.take import require
from zhike.kernel.errors import NotFound, Refused
from zhike.ownership.actions import pools as actions
from zhike.ownership.actions.assigning import Assigned, assign, members_of, must_run
from zhike.ownership.actions.claiming import Quota, claim, quota_of
from zhike.ownership.clauses.params import Pick
from zhike.ownership.clauses.picking import PickKind
from zhike.ownership.models import CustomerPool, PoolMember, PoolStay
from zhike.ownership.models.pool import SHOWN_FIELDS
from zhike.ownership.pages.common import by, dialog, found, keys, person
from zhike.ownership.refusals import named_in_pools
from zhike.ownership.rules.assigning import Mode
from zhike.ownership.terms import terms
from zhike.policy import force
from zhike.policy.owning import Owned, owner_of
from zhike.records.cells import Cells
from zhike.records.kinds import Kind
from zhike.records.registry import describe
from zhike.staff.models import OrgUnit, Role, User
from zhike.web import pages

SHOWN = 50


def pools_of(user: User) -> list[CustomerPool]:
    """Pools that the person sees: as a member, or because he sets pools up; with how many customers lie in each."""
    rows = CustomerPool.objects.select_related("org_unit").annotate(n=Count("stays", filter=Q(stays__until=None)))
    if not rights_of(user).may("ownership.pool.manage"):
        rows = rows.filter(pk__in=CustomerPool.objects.enabled().of_member(user))
    return list(rows.order_by("-priority", "name"))


def pool_of(user: User, pk: uuid.UUID) -> CustomerPool:
    """A pool that the person sees.

    Raises:
        NotFound: another, or none.
    """
    pool = next((one for one in pools_of(user) if one.pk == pk), None)
    if pool is None:
        raise NotFound(_("Not found: it does not exist, or you may not see it."))
    return pool


@dataclass
class PoolPage:
    """What `ownership/pool.html` gets. ``fields``: labels of what may be read; ``rows``: stays with their cells."""

    pools: list[CustomerPool]
    pool: CustomerPool | None
    fields: list[str]
    rows: list[tuple[PoolStay, list[Any]]]
    quota: Quota | None
    rule: Pick | None
    query: str
    next: str
    may_claim: bool
    may_assign: bool
    may_manage: bool
    # What goes over several lines, so that a row with everything in it fits the screen.
    long = (Kind.REGION, Kind.INDUSTRY, Kind.TAGS, Kind.PHONES, Kind.EMAILS, Kind.TEXT, Kind.LONG_TEXT)


@require_safe
def index(request: HttpRequest, pk: uuid.UUID | None = None) -> HttpResponse:
    """A pool (the first, if none is asked for), newest customers first."""
    user = by(request)
    rights = rights_of(user)
    if not (rights.may("ownership.pool.claim") or rights.may("ownership.pool.assign")):
        require(user, "ownership.pool.manage")
    known = pools_of(user)
    pool = pool_of(user, pk) if pk else (known[0] if known else None)
    page = PoolPage(
        known, pool, [], [], None, None, request.GET.get("q", "").strip(), "", rights.may("ownership.pool.claim"),
        rights.may("ownership.pool.assign"), rights.may("ownership.pool.manage"),
    )  # fmt: skip
    if pool is not None:
        _fill(request, page, pool, user)
    return pages.render(request, "ownership/pool.html", page)


def _fill(request: HttpRequest, page: PoolPage, pool: CustomerPool, user: User) -> None:
    customers = describe("customers")
    readable = customers.readable(user)
    names = [name for name in SHOWN_FIELDS if pool.shows(name) and name in readable]
    stays = PoolStay.objects.open().filter(pool=pool, customer__trashed_at=None).select_related("customer")
    stays = stays.defer("customer__search_tokens")
    if page.query:
        stays = stays.filter(Q(customer__name__icontains=page.query) | Q(customer__customer_no=page.query))
    before = pages.key_of(request.GET.get("after"))
    last = stays.filter(pk=before).first() if before else None
    if last is not None:
        stays = stays.filter(Q(since__lt=last.since) | Q(since=last.since, pk__lt=last.pk))
    shown = list(stays.order_by("-since", "-pk")[: SHOWN + 1])
    page.next = str(shown[SHOWN - 1].pk) if len(shown) > SHOWN else ""
    page.fields = [str(readable[name].label) for name in names]
    cells = Cells(customers, user, names)
    page.rows = [(stay, cells.of(stay.customer)) for stay in shown[:SHOWN]]
    page.quota, page.rule = quota_of(user, pool), terms(Pick, pool.org_unit_id)


@require_POST
def take(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Claim the ticked customers."""
    user = by(request)
    pool = pool_of(user, pk)
    wanted = keys(request, "customer")
    if not wanted:
        raise Refused(_("Tick the customers you want."))
    done = claim(by=user, pool=pool, customers=wanted)
    said = _("%d claimed.") % len(done.got)
    if done.refused:
        names = named_in_pools(user, set(done.refused))
        few = list(done.refused.items())[:3]
        said += " " + "; ".join(f"{names.get(key) or _('A customer')}: {text}" for key, text in few)
    return pages.go(request, reverse("ownership:pool", args=[pool.pk]), toast=said)


@require_http_methods(["GET", "HEAD", "POST"])
def give(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Give customers away: the ticked ones, or so many of the oldest."""
    user = by(request)
    pool = pool_of(user, pk)
    require(user, "ownership.pool.assign")
    must_run(pool, user)
    if request.method != "POST":
        context = {"pool": pool, "people": [(one.pk, f"{one.name} · {one.org_unit}") for one in members_of(pool)],
                   "modes": modes()}  # fmt: skip
        return dialog(request, "ownership/assign_dialog.html", context)
    count = pages.whole_number(request.POST.get("count")) or 0
    wanted = keys(request, "customer") or _oldest(pool, count)
    done: Assigned = assign(
        by=user, pool=pool, customers=wanted, mode=request.POST.get("mode", Mode.MANUAL),
        to=person(request, "to", needed=False), force=bool(request.POST.get("force")),
        reason=request.POST.get("reason", ""),
    )  # fmt: skip
    said = _("%(given)d given away, %(left)d left.") % {"given": len(done.given), "left": len(done.left)}
    return pages.go(request, reverse("ownership:pool", args=[pool.pk]), toast=said)


def _oldest(pool: CustomerPool, count: int) -> list[uuid.UUID]:
    if not 1 <= count <= 1000:
        raise Refused(_("Some fields are not right."), fields={"count": _("From 1 to 1000.")})
    waiting = PoolStay.objects.open().filter(pool=pool, customer__trashed_at=None).order_by("since", "pk")
    return list(waiting.values_list("customer_id", flat=True)[:count])


def modes() -> list[tuple[str, str]]:
    """Ways of giving away, as people say them."""
    return [
        (Mode.MANUAL, _("To one person")),
        (Mode.ROUND_ROBIN, _("In turn")),
        (Mode.LOAD, _("To whom has fewest")),
        (Mode.RULES, _("By region and industry")),
        (Mode.WEIGHTED, _("By weight")),
    ]


@dataclass
class SettingsPage:
    """What `ownership/pool_settings.html` gets."""

    pool: CustomerPool | None
    pools: list[CustomerPool]
    units: list[tuple[Any, str]]
    roles: list[tuple[Any, str]]
    fields: list[tuple[str, str]]
    members: list[PoolMember]
    rule: Pick | None
    owned: list[Owned]
    is_usual: bool


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, pk: uuid.UUID | None = None) -> HttpResponse:
    """Set pools up. What the policy says stands beside it and is changed only there."""
    user = by(request)
    require(user, "ownership.pool.manage")
    pool = pool_of(user, pk) if pk else None
    if request.method == "POST":
        return _save(request, user, pool)
    labels = {name: str(field.label) for name, field in describe("customers").all_fields().items()}
    page = SettingsPage(
        pool, pools_of(user), [(one.pk, str(one)) for one in OrgUnit.objects.active()],
        [(one.pk, str(one)) for one in Role.objects.all()], [(name, labels.get(name, name)) for name in SHOWN_FIELDS],
        list(pool.members.select_related("user", "org_unit", "role")) if pool else [],
        terms(Pick, pool.org_unit_id) if pool else None,
        [one for kind in _OWNERS if (one := owner_of(kind, pool.org_unit_id))] if pool else [],
        pool is not None and force.ruling(PickKind, pool.org_unit_id) is None,
    )  # fmt: skip
    return pages.render(request, "ownership/pool_settings.html", page)


# The clauses that say how a pool works.
_OWNERS = ("ownership.pick", "ownership.capacity", "ownership.reclaim")


def _save(request: HttpRequest, user: User, pool: CustomerPool | None) -> HttpResponse:
    given = request.POST
    unit = found(OrgUnit.objects.active(), pages.key_of(given.get("org_unit")))
    values: dict[str, Any] = {
        "name": given.get("name", "").strip(), "org_unit": unit,
        "priority": pages.whole_number(given.get("priority"), 32_767) or 0,
        "hidden_fields": [name for name in SHOWN_FIELDS if name not in given.getlist("shown")],
    }  # fmt: skip
    if pool is None:
        pool = actions.create_pool(by=user, member_units=[unit], **values)
    else:
        expected = pages.whole_number(given.get("_version"))
        actions.update_pool(pool, by=user, enabled=bool(given.get("enabled")), expected_version=expected, **values)
    return pages.go(request, "ownership:pool-settings", pool.pk, toast=_("Saved."))


@require_POST
def member(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Let somebody in."""
    user = by(request)
    require(user, "ownership.pool.manage")
    pool, given = pool_of(user, pk), request.POST
    unit, role = pages.key_of(given.get("org_unit")), pages.key_of(given.get("role"))
    weight = pages.whole_number(given.get("weight"), 32_767)
    actions.add_member(
        pool, by=user, user=person(request, "user", needed=not (unit or role)),
        org_unit=found(OrgUnit.objects.active(), unit) if unit else None,
        role=found(Role.objects, role) if role else None,
        is_admin=bool(given.get("is_admin")), weight=1 if weight is None else weight,
        regions=_codes(given.get("regions", "")), industries=_codes(given.get("industries", "")),
    )  # fmt: skip
    return pages.go(request, "ownership:pool-settings", pool.pk, toast=_("Saved."))


def _codes(text: str) -> list[str]:
    return text.replace("，", " ").replace(",", " ").upper().split()


@require_POST
def leave(request: HttpRequest, pk: uuid.UUID, member_pk: uuid.UUID) -> HttpResponse:
    """Take a member out."""
    user = by(request)
    require(user, "ownership.pool.manage")
    pool = pool_of(user, pk)
    actions.remove_member(pool, by=user, member=found(pool.members, member_pk))
    return pages.go(request, "ownership:pool-settings", pool.pk, toast=_("Saved."))
