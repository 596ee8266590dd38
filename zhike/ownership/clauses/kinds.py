"""Which kind has which parameters."""

from __future__ import annotations

from typing import Any

from zhike.ownership.clauses import lookups
from zhike.ownership.clauses.protection import ProtectionKind
from zhike.ownership.clauses.reclaim import ReclaimKind
from zhike.policy.kinds import ClauseKind

KINDS: tuple[type[ClauseKind[Any, Any]], ...] = (
    ProtectionKind,
    ReclaimKind,
    lookups.PickKind,
    lookups.CapacityKind,
    lookups.FamilyKind,
    lookups.ProxyKind,
    lookups.DepositKind,
    lookups.ReferralKind,
    lookups.ClashKind,
    lookups.DuplicateKind,
)
KIND_OF: dict[Any, type[ClauseKind[Any, Any]]] = {kind.params: kind for kind in KINDS}
