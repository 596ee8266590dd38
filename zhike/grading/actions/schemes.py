"""What the company sets for schemes that no clause rules."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.grading import settings
from zhike.grading.clauses import population
from zhike.grading.models import GradingProgress, GradingScheme
from zhike.grading.rules.schemes import BY_CODE, Method
from zhike.history.action import action
from zhike.kernel.errors import Conflict, Message, Refused
from zhike.policy import force
from zhike.policy.force import read_params
from zhike.staff.models import User


@action("grading.scheme.set", needs="grading.scheme.manage")
def set_scheme(
    *, by: User, code: str, params: dict[str, Any] | None = None, active: bool | None = None, version: int | None = None
) -> GradingScheme:
    """Turn a scheme on or off, or change its parameters. The next night grades by them.

    Args:
        version: of the settings the person saw (0: none yet).

    Raises:
        Refused: a clause of the policy rules it, or the parameters contradict themselves.
        Conflict: somebody else changed it.
    """
    scheme = BY_CODE.get(code)
    if scheme is None or scheme.method != Method.RULE:
        raise Refused(_("This scheme has nothing to set."))
    kind = settings.kind_of_scheme(scheme)
    if any(ruling.kind == kind.code for ruling in force.rulings()):
        raise Refused(_("The policy rules this scheme. Change it by a new version of the policy."), code="owned")
    if params is not None:
        faults = kind.check(read_params(kind, params))
        if faults:
            wrong: dict[str, Message] = {fault.field or "params": fault.message for fault in faults}
            raise Refused(str(faults[0].message), fields=wrong)
    with transaction.atomic():
        row, made = GradingScheme.objects.select_for_update().get_or_create(
            code=code, defaults={"active": settings.is_active(scheme, {})}
        )
        if version is not None and version != (0 if made else row.version):
            raise Conflict(_("Somebody changed these settings while you were editing them."))
        row.params = row.params if params is None else params
        row.active = row.active if active is None else active
        row.version += 0 if made else 1
        row.save()
        GradingProgress.objects.filter(scheme=code).delete()
    population.forget()
    return row
