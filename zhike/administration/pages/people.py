"""People: find, add, change, disable, help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhike.access.models import owned_models
from zhike.access.rights import rights_of
from zhike.administration import actions
from zhike.administration.actions.passkeys import reset_passkeys
from zhike.administration.actions.second_factor import reset_second_factor
from zhike.administration.actions.sign_in import end_all_sessions, has_second_factor, unlock_user
from zhike.administration.guards import may_handle
from zhike.administration.pages.both import ROLE, compared, compared_lines, picked, role_words, roles_undone, theirs
from zhike.administration.pages.needs import find, find_or_none, needs, version_of
from zhike.administration.pages.organisation import in_tree_order
from zhike.administration.rules.event_words import told
from zhike.administration.rules.passwords import one_time_password
from zhike.history.models import Event
from zhike.kernel.errors import Conflict
from zhike.staff.models import OrgUnit, Role, Session, SignInThrottle, User
from zhike.web.pages import go, render, whole_number

VIEW, CHANGE = "administration.user.view", "administration.user.change"
PAGE = 50
_TEXTS = ("name", "username", "email", "mobile", "title")


@dataclass
class PeoplePage:
    people: list[User]
    q: str
    unit: str
    role: str
    state: str
    units: list[tuple[str, str]]
    roles: list[Role]
    previous: str
    next: str
    may_change: bool
    filtered: bool


@needs(VIEW)
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Everybody, found by name, user name, e-mail or number; by department, role and state."""
    asked = {name: request.GET.get(name, "").strip()[:80] for name in ("q", "unit", "role", "state")}
    at = whole_number(request.GET.get("from")) or 0
    rows = list(_found(**asked).select_related("org_unit", "company").prefetch_related("roles")[at : at + PAGE + 1])
    page = PeoplePage(
        rows[:PAGE],
        **asked,
        units=unit_choices(),
        roles=list(Role.objects.all()),
        previous=_address(asked, max(at - PAGE, 0)) if at else "",
        next=_address(asked, at + PAGE) if len(rows) > PAGE else "",
        may_change=rights_of(request.user).may(CHANGE),  # type: ignore[arg-type]
        filtered=any(asked.values()),
    )
    return render(request, "administration/people.html", page)


def _found(q: str, unit: str, role: str, state: str) -> Any:
    rows = User.objects.order_by("name", "username")
    if q:
        rows = rows.filter(
            Q(name__icontains=q) | Q(username__icontains=q) | Q(email__icontains=q) | Q(mobile__contains=q)
        )
    if unit:
        rows = rows.filter(org_unit__path__contains=[find(OrgUnit, unit).pk])
    if role:
        rows = rows.filter(roles__code=role)
    locked = SignInThrottle.objects.locked().filter(user__isnull=False).values("user")
    match state:
        case "disabled":
            return rows.filter(disabled_at__isnull=False)
        case "locked":
            return rows.filter(pk__in=locked)
        case "all":
            return rows
    return rows.filter(disabled_at=None)


def _address(asked: dict[str, str], at: int) -> str:
    sent = {name: value for name, value in asked.items() if value} | ({"from": str(at)} if at else {})
    return f"{reverse('administration:people')}?{urlencode(sent)}"


def unit_choices() -> list[tuple[str, str]]:
    """Open units in the order of the tree, indented."""
    return [(str(u.pk), "\u2003" * u.depth + u.name) for u in in_tree_order(OrgUnit.objects.active())]


@dataclass
class PersonPage:
    person: User | None
    units: list[tuple[str, str]]
    roles: list[Role]
    held: set[str]
    unit: str = ""
    may_change: bool = True
    may_security: bool = False
    locked: SignInThrottle | None = None
    second_factor: bool = False
    passkeys: int = 0
    sessions: int = 0
    owned: list[tuple[str, int]] | None = None
    events: list[tuple[str, Event]] | None = None

    @property
    def role_choices(self) -> list[tuple[str, str]]:
        return [(role.code, str(role)) for role in self.roles]


@needs(CHANGE)
@require_http_methods(["GET", "HEAD", "POST"])
def new_person(request: HttpRequest) -> HttpResponse:
    """Add somebody; the one-time password is shown once."""
    if request.method != "POST":
        page = PersonPage(None, unit_choices(), _roles(request), set(), unit=request.GET.get("unit", ""))
        return render(request, "administration/person_new.html", page)
    password = one_time_password()
    user = actions.create_user(
        by=request.user,  # type: ignore[arg-type]
        password=password,
        roles=Role.objects.filter(code__in=request.POST.getlist("roles")),
        **_values(request),
    )
    return render(request, "administration/one_time_password.html", {"person": user, "password": password})


def _values(request: HttpRequest) -> dict[str, Any]:
    values: dict[str, Any] = {name: request.POST.get(name, "") for name in _TEXTS}
    values["org_unit"] = find_or_none(OrgUnit, request.POST.get("org_unit"))
    values["supervisor"] = find_or_none(User, request.POST.get("supervisor"))
    return values


def _roles(request: HttpRequest) -> list[Role]:
    return [role for role in Role.objects.all() if may_handle(request.user, [role])]  # type: ignore[arg-type]


@needs(VIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One person: what he is, what he owns, what he did last."""
    row = find(User, pk)
    if request.method != "POST":
        return render(request, "administration/person.html", _person_page(request, row))
    values, version = picked(request, row, _values(request)), version_of(request)
    take = request.POST.get("take_records") == "1"
    try:
        actions.change_user(row, by=request.user, expected_version=version, take_records=take, **values)  # type: ignore[arg-type]
    except Conflict as conflict:
        compared(find(User, pk), values, version, conflict)
    return go(request, "administration:person", pk, toast=_("Saved"))


def _person_page(request: HttpRequest, row: User) -> PersonPage:
    rights = rights_of(request.user)  # type: ignore[arg-type]
    units = unit_choices()
    if str(row.org_unit_id) not in dict(units):
        units.insert(0, (str(row.org_unit_id), row.org_unit.name))
    return PersonPage(
        row,
        units,
        list(Role.objects.all()),
        _held(row),
        may_change=rights.may(CHANGE) and may_handle(request.user, row.roles.all()),  # type: ignore[arg-type]
        may_security=rights.may("administration.security.change"),
        locked=SignInThrottle.objects.locked().filter(user=row).first(),
        second_factor=has_second_factor(row),
        passkeys=row.passkeys.count(),
        sessions=Session.objects.alive().filter(user=row).count(),
        owned=owned_by(row),
        events=told(Event.objects.about("staff.user", row.pk).select_related("actor")[:15]),
    )


def _held(row: User) -> set[str]:
    return set(row.roles.values_list("code", flat=True))


def owned_by(user: User) -> list[tuple[str, int]]:
    """What is his, by type of record, most first."""
    counts = [
        (str(model._meta.verbose_name_plural), model._default_manager.filter(owner=user, trashed_at=None).count())
        for model in owned_models()
    ]
    return sorted((each for each in counts if each[1]), key=lambda each: -each[1])


@needs(CHANGE)
@require_POST
def roles(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give exactly the roles that are ticked."""
    row, version, known = find(User, pk), version_of(request), list(Role.objects.all())
    held, ticked = _held(row), set(request.POST.getlist("roles"))
    wanted = {one.code for one in known if one.code in (held if theirs(request, ROLE + one.code) else ticked)}
    chosen = [one for one in known if one.code in wanted]
    try:
        actions.set_roles(row, by=request.user, roles=chosen, expected_version=version)  # type: ignore[arg-type]
    except Conflict as conflict:
        now = {one.code: one.code in _held(row) for one in known}
        mine = {one.code: one.code in wanted for one in known}
        words = role_words(known)
        compared_lines(
            find(User, pk), version, conflict, now=now, mine=mine, undone=roles_undone, words=words, prefix=ROLE
        )
    return go(request, "administration:person", pk, toast=_("Saved"))


@needs(CHANGE)
@require_POST
def disable(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A leaver."""
    row = actions.disable_user(find(User, pk), by=request.user)  # type: ignore[arg-type]
    undo = reverse("administration:person-enable", args=[pk])
    return go(
        request, "administration:person", pk, toast=_("%(name)s can no longer sign in.") % {"name": row}, undo=undo
    )


@needs(CHANGE)
@require_POST
def enable(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Somebody who comes back."""
    row = actions.enable_user(find(User, pk), by=request.user)  # type: ignore[arg-type]
    return go(request, "administration:person", pk, toast=_("%(name)s can sign in again.") % {"name": row})


@needs(CHANGE)
@require_POST
def password(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A one-time password, shown once."""
    fresh = one_time_password()
    row = actions.reset_password(find(User, pk), by=request.user, password=fresh)  # type: ignore[arg-type]
    return render(request, "administration/one_time_password.html", {"person": row, "password": fresh})


@needs(CHANGE)
@require_POST
def second_factor(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Remove the authenticator app of somebody who lost it."""
    reset_second_factor(find(User, pk), by=request.user)  # type: ignore[arg-type]
    return go(request, "administration:person", pk, toast=_("The second factor is removed."))


@needs(CHANGE)
@require_POST
def passkeys(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Remove the passkeys of somebody who lost a device."""
    reset_passkeys(find(User, pk), by=request.user)  # type: ignore[arg-type]
    return go(request, "administration:person", pk, toast=_("The passkeys are removed."))


@needs("administration.security.change")
@require_POST
def end_sessions(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Sign the person out everywhere."""
    end_all_sessions(find(User, pk), by=request.user)  # type: ignore[arg-type]
    return go(request, "administration:person", pk, toast=_("Signed out everywhere."))


@needs("administration.security.change")
@require_POST
def unlock(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let the person try again."""
    unlock_user(find(User, pk), by=request.user)  # type: ignore[arg-type]
    return go(request, "administration:person", pk, toast=_("Unlocked."))


@require_GET
def pick_person(request: HttpRequest) -> HttpResponse:
    """Active colleagues by a part of their name, for pickers."""
    query = request.GET.get("q", "").strip()[:40]
    found = User.objects.active().filter(Q(name__icontains=query) | Q(username__icontains=query))
    rows = found.select_related("org_unit").order_by("name")[:30]
    return JsonResponse([{"value": str(u.pk), "label": u.name, "hint": u.org_unit.name} for u in rows], safe=False)
