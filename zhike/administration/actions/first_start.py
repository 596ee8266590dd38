"""The first start of an empty system."""

from __future__ import annotations

from django.utils.translation import gettext as _

from zhike.administration.actions.roles import install_builtin_roles
from zhike.administration.rules.builtin_roles import ADMIN
from zhike.administration.rules.identity import check_email, check_password
from zhike.history.action import action
from zhike.kernel.errors import Refused
from zhike.staff.models import OrgUnit, Role, RoleAssignment, User


@action("staff.user.create_first_administrator", needs=None)
def create_first_administrator(*, name: str, email: str, password: str, by: User | None = None) -> User:
    """Make the first person who may do everything, and the group with one company if there is none yet.

    He signs in with his e-mail address.

    Raises:
        Refused: there is an active administrator already; the e-mail or the password will not do.
    """
    install_builtin_roles(by=None)
    admin = Role.objects.select_for_update().get(code=ADMIN)
    if User.objects.active().filter(roles__is_administrator=True).exists():
        raise Refused(_("There is an administrator already. Ask him, or use the command that resets a password."))
    email = check_email(email)
    group = _tree()
    user = User(username=email[:60], name=name.strip() or email, email=email, org_unit=group)
    check_password(password, user)
    user.set_password(password)
    user.save()
    RoleAssignment.objects.create(user=user, role=admin)
    return user


def _tree() -> OrgUnit:
    group = OrgUnit.objects.filter(parent=None).first()
    if group is None:
        group = OrgUnit.objects.create(kind=OrgUnit.Kind.GROUP, name=_("Our group"))
        OrgUnit.objects.create(kind=OrgUnit.Kind.COMPANY, name=_("Our company"), parent=group)
    return group
