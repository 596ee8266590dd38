"""Verbs on people. A leaver is disabled, never deleted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from zhike.access.models import owned_models
from zhike.administration.guards import guard_last_administrator, guard_person, guard_roles
from zhike.administration.rules.identity import check_email, check_mobile, check_password, check_username
from zhike.administration.rules.versions import expect_version
from zhike.history.action import EventDraft, action
from zhike.kernel.clock import now
from zhike.kernel.errors import Refused
from zhike.staff.models import OrgUnit, Role, RoleAssignment, Session, SignInThrottle, User

CHANGE = "administration.user.change"


def lock_administrators() -> None:
    """One change of who administers at a time: two leavers together could leave nobody."""
    list(Role.objects.select_for_update().filter(is_administrator=True))


@action("staff.user.create", needs=CHANGE)
def create_user(
    *, by: User | None, password: str, roles: Iterable[Role] = (), event: EventDraft, **values: Any
) -> User:
    """Add a person, who changes the password at the first sign-in.

    Args:
        values: name, username, org_unit and what else `change_user` takes.

    Raises:
        Refused: a name is missing or taken, the department is closed, the password will not do.
        Denied: a role administers more than ``by`` does.
    """
    roles = list(roles)
    guard_roles(by, roles)
    user = User(must_change_password=True)
    _fill(user, {"name": "", "username": "", "org_unit": None} | values)
    check_password(password, user)
    user.set_password(password)
    user.save()
    _assign(user, roles)
    event.data["roles"] = [role.code for role in roles]
    return user


@action("staff.user.change", needs=CHANGE)
def change_user(
    user: User,
    *,
    by: User | None,
    expected_version: int | None = None,
    take_records: bool = False,
    event: EventDraft,
    **values: Any,
) -> User:
    """Change name, user name, e-mail, mobile, position, supervisor or department.

    Args:
        take_records: with a new department, the records this person owns go there too.

    Raises:
        Refused: a name is taken, the department is closed, the supervisor would be his own.
        Denied: the person administers more than ``by`` does.
        Conflict: changed since ``expected_version``.
    """
    guard_person(by, user)
    expect_version(user, expected_version)
    before = user.org_unit_id
    _fill(user, values)
    user.version += 1
    user.save()
    if take_records and user.org_unit_id != before:
        event.data["records_moved"] = _take_records(user)
    return user


@action("staff.user.change_own_profile", needs=None)
def change_own_profile(user: User, *, by: User, expected_version: int | None = None, email: str, mobile: str) -> User:
    """Change one's own e-mail and mobile number: one can sign in with them.

    Raises:
        Refused: not an address or number, or somebody else's.
        Conflict: changed since ``expected_version``.
    """
    expect_version(user, expected_version)
    _fill(user, {"email": email, "mobile": mobile})
    user.version += 1
    user.save()
    return user


@action("staff.user.set_roles", needs=CHANGE, first=lock_administrators)
def set_roles(
    user: User, *, by: User | None, roles: Iterable[Role], expected_version: int | None = None, event: EventDraft
) -> User:
    """Give the person exactly these roles.

    Raises:
        Denied: a role given or taken administers more than ``by`` does.
        Refused: he is the last administrator and would be none.
        Conflict: changed since ``expected_version``.
    """
    expect_version(user, expected_version)
    wanted, held = set(roles), set(user.roles.all())
    guard_roles(by, wanted ^ held)
    if not any(role.is_administrator for role in wanted):
        guard_last_administrator(user)
    user.role_assignments.filter(role__in=held - wanted).delete()
    _assign(user, wanted - held)
    event.data["changes"] = {"roles": [sorted(r.code for r in held), sorted(r.code for r in wanted)]}
    event.silent = wanted == held
    if wanted != held:
        user.version += 1
        user.save(update_fields=["version", "updated_at"])
    return user


@action("staff.user.disable", needs=CHANGE, first=lock_administrators)
def disable_user(user: User, *, by: User | None) -> User:
    """Let a leaver no longer sign in. What he owns and did stays; his sessions end at once.

    Raises:
        Refused: it is oneself, or the last administrator.
        Denied: the person administers more than ``by`` does.
    """
    guard_person(by, user)
    if by is not None and by.pk == user.pk:
        raise Refused(_("You cannot disable yourself: ask another administrator."))
    guard_last_administrator(user)
    user.disabled_at = user.disabled_at or now()
    user.version += 1
    user.save(update_fields=["disabled_at", "version", "updated_at"])
    end_sessions_of(user)
    return user


@action("staff.user.enable", needs=CHANGE)
def enable_user(user: User, *, by: User | None) -> User:
    """Let the person sign in again.

    Raises:
        Refused: his department is closed.
    """
    guard_person(by, user)
    if not user.org_unit.is_open:
        raise Refused(_("His department is closed: move him to another one first."))
    user.disabled_at = None
    user.version += 1
    user.save(update_fields=["disabled_at", "version", "updated_at"])
    return user


@action("staff.user.reset_password", needs=CHANGE)
def reset_password(user: User, *, by: User | None, password: str) -> User:
    """Set a one-time password; it must be changed at the next sign-in. Sessions end, a lock-out is lifted."""
    guard_person(by, user)
    check_password(password, user)
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password", "updated_at"])
    end_sessions_of(user)
    SignInThrottle.objects.filter(user=user).delete()
    return user


def end_sessions_of(user: User, *, but: str | None = None) -> int:
    """Sign the person out everywhere, but in the session ``but``. Part of other verbs."""
    return Session.objects.filter(user=user).exclude(session_key=but).delete()[0]  # type: ignore[no-any-return]


def _assign(user: User, roles: Iterable[Role]) -> None:
    RoleAssignment.objects.bulk_create([RoleAssignment(user=user, role=role) for role in roles])


def _fill(user: User, values: dict[str, Any]) -> None:
    wrong: dict[str, Any] = {}
    for name, value in values.items():
        try:
            setattr(user, name, _CHECKS[name](user, value))
        except Refused as refused:
            wrong[name] = refused.fields.get(name, refused.message)
    if wrong:
        raise Refused(_("Please correct what is marked."), fields=wrong)


def _name(user: User, value: str) -> str:
    value = " ".join((value or "").split())
    if not 0 < len(value) <= 60:
        raise Refused(_("Give a name of at most 60 characters."))
    return value


def _username(user: User, value: str) -> str:
    value = check_username(value or "")
    if User.objects.filter(username__iexact=value).exclude(pk=user.pk).exists():
        raise Refused(_("This user name is taken."))
    return value


def _email(user: User, value: str | None) -> str | None:
    if not value:
        return None
    value = check_email(value)
    if User.objects.filter(email__iexact=value).exclude(pk=user.pk).exists():
        raise Refused(_("This e-mail is already used."))
    return value


def _mobile(user: User, value: str | None) -> str | None:
    if not value:
        return None
    value = check_mobile(value)
    if User.objects.filter(mobile=value).exclude(pk=user.pk).exists():
        raise Refused(_("This mobile number is already used."))
    return value


def _org_unit(user: User, value: OrgUnit | None) -> OrgUnit:
    if value is None:
        raise Refused(_("Choose a department."))
    # Locked against being closed in the same moment.
    unit = OrgUnit.objects.select_for_update(of=("self",)).get(pk=value.pk)
    if not unit.is_open:
        raise Refused(_("“%(unit)s” is closed.") % {"unit": unit})
    return unit


def _supervisor(user: User, value: User | None) -> User | None:
    above, seen = value, set()
    while above is not None and above.pk not in seen:
        if above.pk == user.pk:
            raise Refused(_("He would be his own supervisor."))
        seen.add(above.pk)
        above = above.supervisor
    return value


def _title(user: User, value: str | None) -> str:
    value = " ".join((value or "").split())
    if len(value) > 60:
        raise Refused(_("At most 60 characters."))
    return value


_CHECKS: dict[str, Any] = {
    "name": _name,
    "username": _username,
    "email": _email,
    "mobile": _mobile,
    "org_unit": _org_unit,
    "supervisor": _supervisor,
    "title": _title,
}


def _take_records(user: User) -> dict[str, int]:
    moved = {}
    with connection.cursor() as cursor:
        for model in owned_models():
            cursor.execute(
                _TAKE.format(table=connection.ops.quote_name(model._meta.db_table)),
                [user.org_unit_id, user.company_id, user.pk],
            )
            if cursor.rowcount:
                moved[model._meta.label_lower] = cursor.rowcount
    return moved


_TAKE = "UPDATE {table} SET org_unit_id = %s, company_id = %s WHERE owner_id = %s"
