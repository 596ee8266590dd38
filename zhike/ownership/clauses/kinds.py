"""Which kind has which parameters."""

from __future__ import annotations

from typing import Any

from zhike.ownership.clauses import lookups
from zhike.ownership.clauses.attribution import AttributionKind
from zhike.ownership.clauses.filing import FilingKind
from zhike.ownership.clauses.picking import PickKind
from zhike.ownership.clauses.protection import ProtectionKind
from zhike.ownership.clauses.reception import ReceptionKind
from zhike.ownership.clauses.reclaim import ReclaimKind
from zhike.ownership.clauses.registration import RegistrationKind
from zhike.ownership.clauses.unit import UnitKind
from zhike.policy.kinds import ClauseKind

KINDS: tuple[type[ClauseKind[Any, Any]], ...] = (
    ProtectionKind,
    ReclaimKind,
    PickKind,
    RegistrationKind,
    FilingKind,
    AttributionKind,
    UnitKind,
    ReceptionKind,
    lookups.CapacityKind,
    lookups.FamilyKind,
    lookups.ProxyKind,
    lookups.DepositKind,
    lookups.ReferralKind,
    lookups.ClashKind,
    lookups.DuplicateKind,
)
KIND_OF: dict[Any, type[ClauseKind[Any, Any]]] = {kind.params: kind for kind in KINDS}
