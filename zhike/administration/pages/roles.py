"""Roles and their rights."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhike.access.models import FieldRight
from zhike.access.permissions import Permission, Scope, permissions
from zhike.access.rights import rights_of
from zhike.administration import actions
from zhike.administration.actions.roles import said
from zhike.administration.guards import may_handle
from zhike.administration.pages.both import (
    GRANT,
    RIGHT,
    compared,
    compared_lines,
    grant_words,
    grants_undone,
    picked,
    right_words,
    rights_undone,
    theirs,
)
from zhike.administration.pages.needs import find, find_or_none, needs, version_of
from zhike.kernel.errors import Conflict
from zhike.records.kinds import Kind
from zhike.records.registry import describe, descriptions
from zhike.staff.models import OrgUnit, Role
from zhike.web.pages import go, render

VIEW, CHANGE = "administration.role.view", "administration.role.change"
_MASKABLE = {Kind.TEXT, Kind.LONG_TEXT, Kind.PHONES, Kind.EMAILS, Kind.HANDLES, Kind.ADDRESSES, Kind.MONEY}


@dataclass
class RolesPage:
    roles: list[Role]
    may_change: bool


@needs(VIEW)
@require_GET
def roles(request: HttpRequest) -> HttpResponse:
    """Every role and how many hold it."""
    rows = Role.objects.annotate(people=Count("users", filter=Q(users__disabled_at=None), distinct=True))
    page = RolesPage(list(rows), rights_of(request.user).may(CHANGE))  # type: ignore[arg-type]
    return render(request, "administration/roles.html", page)


@dataclass
class GrantRow:
    """One permission as the role has it."""

    permission: Permission
    scope: str
    units: list[tuple[str, str]]
    usual: str

    @property
    def choices(self) -> list[tuple[str, str]]:
        if not self.permission.scoped:
            return [("", _("No")), (Scope.ALL.value, _("Yes"))]
        return [("", _("No")), *((scope.value, str(scope.label)) for scope in Scope)]


@dataclass
class RolePage:
    role: Role
    modules: list[tuple[str, list[GrantRow]]]
    record_types: list[tuple[str, str, int]]
    people: int
    may_change: bool


@needs(VIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def role(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the role may do, and how far."""
    row = find(Role, pk)
    if request.method != "POST":
        return render(request, "administration/role.html", _role_page(request, row))
    version = version_of(request)
    wanted = {code: spec for code, spec in _sent(request).items() if not theirs(request, GRANT + code)}
    try:
        actions.set_grants(row, by=request.user, grants=wanted, expected_version=version)  # type: ignore[arg-type]
    except Conflict as conflict:
        now = {grant.permission: said(grant) for grant in find(Role, pk).grants.all()}
        mine = {code: said(spec) for code, spec in wanted.items()}
        compared_lines(
            find(Role, pk), version, conflict, now=now, mine=mine, undone=grants_undone, words=grant_words, prefix=GRANT
        )
    return go(request, "administration:role", pk, toast=_("Saved. It holds from the next click on."))


def _sent(request: HttpRequest) -> dict[str, actions.GrantSpec | None]:
    found: dict[str, actions.GrantSpec | None] = {}
    for code in permissions():
        scope = request.POST.get(f"grant:{code}")
        if scope is None:
            continue
        units = [find(OrgUnit, key).pk for key in request.POST.getlist(f"units:{code}") if key]
        found[code] = actions.GrantSpec(scope, units) if scope else None
    return found


def _role_page(request: HttpRequest, row: Role) -> RolePage:
    rights = rights_of(request.user)  # type: ignore[arg-type]
    restricted = dict(row.field_rights.values_list("record_type").annotate(n=Count("pk")))
    types = [(d.name, d.label_plural, restricted.get(d.name, 0)) for d in descriptions()]
    may_change = rights.may(CHANGE) and may_handle(request.user, [row]) and not row.is_administrator  # type: ignore[arg-type]
    return RolePage(row, _modules(row), types, row.assignments.filter(user__disabled_at=None).count(), may_change)


def _modules(row: Role) -> list[tuple[str, list[GrantRow]]]:
    held = {grant.permission: grant for grant in row.grants.all()}
    wanted = {pk for grant in held.values() for pk in grant.org_unit_ids}
    names = {unit.pk: unit.name for unit in OrgUnit.objects.filter(pk__in=wanted)}
    found: dict[str, list[GrantRow]] = {}
    for permission in permissions().values():
        grant = held.get(permission.code)
        units = [(str(pk), names.get(pk, "—")) for pk in (grant.org_unit_ids if grant else [])]
        usual = str(permission.defaults.get(row.code, "")) if row.is_builtin else ""
        line = GrantRow(permission, grant.scope if grant else "", units, usual)
        found.setdefault(noun_label(permission.code.rpartition(".")[0]), []).append(line)
    # What concerns records first, what concerns the system after it.
    types = [d.label_plural for d in descriptions()]
    return sorted(found.items(), key=lambda each: types.index(each[0]) if each[0] in types else len(types))


def noun_label(noun: str) -> str:
    """What the permissions of a noun are headed by: the record type's name, or the module's."""
    for description in descriptions():
        if description.model.permission_noun == noun:
            return description.label_plural
    return {
        "administration": _("Administration"),
        "records": _("Lists and views"),
        "imports": _("Import"),
        "integrations": _("API"),
        "notes": _("Comments and files"),
        "operations": _("Operations"),
        "history": _("History"),
        "sales": _("Sales"),
        "activities": _("Activities"),
        "customers": _("Customers"),
    }.get(noun.split(".")[0], noun)


@needs(CHANGE)
@require_http_methods(["GET", "HEAD", "POST"])
def new_role(request: HttpRequest) -> HttpResponse:
    """Add a role, empty or as a copy."""
    if request.method != "POST":
        choices = [(str(each.pk), str(each)) for each in Role.objects.filter(is_administrator=False)]
        page = {"choices": choices, "copy": request.GET.get("copy", "")}
        return render(request, "administration/role_new.html", page)
    row = actions.create_role(
        by=request.user,  # type: ignore[arg-type]
        name=request.POST.get("name", ""),
        description=request.POST.get("description", ""),
        copy_of=find_or_none(Role, request.POST.get("copy_of")),
    )
    return go(
        request, "administration:role", row.pk, toast=_("“%(role)s” added. Now say what it may do.") % {"role": row}
    )


@needs(CHANGE)
@require_POST
def rename(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change name and description."""
    row, version = find(Role, pk), version_of(request)
    values = picked(request, row, {name: request.POST.get(name, "") for name in ("name", "description")})
    try:
        actions.change_role(row, by=request.user, expected_version=version, **values)  # type: ignore[arg-type]
    except Conflict as conflict:
        compared(find(Role, pk), values, version, conflict)
    return go(request, "administration:role", pk, toast=_("Saved"))


@needs(CHANGE)
@require_POST
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Delete a role nobody holds."""
    row = find(Role, pk)
    name = str(row)
    actions.delete_role(row, by=request.user)  # type: ignore[arg-type]
    return go(request, "administration:roles", toast=_("“%(role)s” deleted.") % {"role": name})


@dataclass
class FieldLine:
    name: str
    label: str
    right: str
    maskable: bool

    @property
    def choices(self) -> list[tuple[str, str]]:
        rights = [(right.value, str(right.label)) for right in FieldRight.Right]
        return [("", _("See and change")), *(each for each in rights if each[0] != "MASKED" or self.maskable)]


@dataclass
class FieldsPage:
    role: Role
    record_type: str
    label: str
    fields: list[FieldLine]
    may_change: bool


@needs(VIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def fields(request: HttpRequest, pk: UUID, record_type: str) -> HttpResponse:
    """Which fields of a record type the role sees less of."""
    row, description = find(Role, pk), describe(record_type)
    known = description.all_fields()
    if request.method == "POST":
        return _set_fields(request, row, record_type, list(known))
    held = dict(row.field_rights.filter(record_type=record_type).values_list("field", "right"))
    lines = [FieldLine(n, str(f.label), held.get(n, ""), f.kind in _MASKABLE) for n, f in known.items()]
    may = rights_of(request.user).may(CHANGE) and may_handle(request.user, [row]) and not row.is_administrator  # type: ignore[arg-type]
    page = FieldsPage(row, record_type, description.label_plural, lines, may)
    return render(request, "administration/role_fields.html", page)


def _set_fields(request: HttpRequest, row: Role, record_type: str, known: list[str]) -> HttpResponse:
    sent = {name: request.POST[RIGHT + name] for name in known if RIGHT + name in request.POST}
    rights = {name: right for name, right in sent.items() if not theirs(request, RIGHT + name)}
    version = version_of(request)
    try:
        actions.set_field_rights(
            row,
            by=request.user,  # type: ignore[arg-type]
            record_type=record_type,
            rights=rights,
            expected_version=version,
        )
    except Conflict as conflict:
        now = dict(row.field_rights.filter(record_type=record_type).values_list("field", "right"))
        compared_lines(
            find(Role, row.pk),
            version,
            conflict,
            now=now,
            mine=rights,
            undone=rights_undone(record_type),
            words=right_words(record_type),
            prefix=RIGHT,
        )
    return go(request, "administration:role", row.pk, toast=_("Saved. It holds from the next click on."))
