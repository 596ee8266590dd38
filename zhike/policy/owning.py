"""Values that a clause owns: shown elsewhere as they are printed, with the article, and changed only there (R12.10)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from zhike.policy import force
from zhike.policy.force import Ruling
from zhike.policy.kinds import ClauseKind, Words, kind_of
from zhike.policy.models import PolicyDocument
from zhike.policy.rules.numbering import Line, numbered
from zhike.staff.models import OrgUnit


@dataclass(frozen=True)
class Owned:
    """A clause in force as a page shows it. ``scope``: the department it rules."""

    label: Words
    clause_id: uuid.UUID
    article_number: int
    document: str
    scope: str
    lines: list[Line]


def owner_of(kind: type[ClauseKind[Any, Any]] | str, org_unit: Any = None) -> Owned | None:
    """The clause that rules a department (None: the group) today."""
    found = force.ruling(type(kind_of(kind)), org_unit)
    return _owned([found])[0] if found is not None else None


def owners_of(*kinds: str) -> list[Owned]:
    """Every clause of some kinds in force today, the widest scope first."""
    return _owned([one for one in force.rulings() if one.kind in kinds])


def _owned(rulings: list[Ruling[Any]]) -> list[Owned]:
    language = get_language() or "zh-hans"
    documents = {row.pk: row for row in PolicyDocument.objects.filter(pk__in={one.document_id for one in rulings})}
    units = {row.pk: row for row in OrgUnit.objects.filter(pk__in={one.org_unit_id for one in rulings})}
    found = [
        Owned(
            kind.label, one.clause_id, one.article_number, documents[one.document_id].title_in(language),
            units[one.org_unit_id].name, numbered(kind.text(one.params, language), language),
        )
        for one in sorted(rulings, key=lambda one: (units[one.org_unit_id].depth, one.article_number))
        for kind in [_kind(one.kind)]
    ]  # fmt: skip
    return found


def _kind(code: str) -> ClauseKind[Any, Any]:
    return kind_of(code)
