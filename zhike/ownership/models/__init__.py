from zhike.ownership.models.attribution import AttributionDecision, AttributionSplit
from zhike.ownership.models.clash import ClashCase, ClashEvidence, ClashParty
from zhike.ownership.models.deposit import Deposit
from zhike.ownership.models.keeping import Appeal, CustomerLock, Extension, ReleaseNotice
from zhike.ownership.models.ledger import OwnershipRecord
from zhike.ownership.models.pool import CustomerPool, PickEvent, PoolMember, PoolStay
from zhike.ownership.models.registration import ProxyService, Referral, Registration
from zhike.ownership.models.violation import Violation

__all__ = [
    "Appeal",
    "AttributionDecision",
    "AttributionSplit",
    "ClashCase",
    "ClashEvidence",
    "ClashParty",
    "CustomerLock",
    "CustomerPool",
    "Deposit",
    "Extension",
    "OwnershipRecord",
    "PickEvent",
    "PoolMember",
    "PoolStay",
    "ProxyService",
    "Referral",
    "Registration",
    "ReleaseNotice",
    "Violation",
]
