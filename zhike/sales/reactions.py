"""What happens here when another module reports something."""

from __future__ import annotations

from typing import Any

from zhike.history.models import Event
from zhike.history.reactions import reacts_to
from zhike.sales.actions.pipeline import install_presets
from zhike.staff.models import OrgUnit


@reacts_to("staff.org_unit.create")
def equip_new_company(event: Event, unit: OrgUnit) -> None:
    """A new company begins with the standard pipeline and the standard reasons."""
    if unit.kind == OrgUnit.Kind.COMPANY:
        install_presets(by=None)


@reacts_to("staff.user.create_first_administrator")
def equip_first_company(event: Event, user: Any) -> None:
    install_presets(by=None)
