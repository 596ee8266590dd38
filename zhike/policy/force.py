"""What is in force: the clause of a kind that rules a department on a day.

The most specific scope wins (team over department over company over group); among several of one scope the one that
took effect last.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic

from django.db.models import Func, IntegerField, Q, QuerySet, UUIDField
from django.utils.translation import gettext as _
from pydantic import ValidationError

from zhike.kernel.clock import business_date
from zhike.kernel.errors import Message, Refused
from zhike.kernel.prepared import Prepared
from zhike.policy.kinds import ClauseKind, F, P, kind_of, known
from zhike.policy.models import Clause, PolicyVersion
from zhike.policy.param_faults import said
from zhike.staff.models import OrgUnit

_COLUMNS = (
    "id", "key", "kind", "params", "version_of_id", "article__number", "version_of__number",
    "version_of__effective_from",
    "version_of__document_id", "version_of__document__org_unit_id", "updated_at",
)  # fmt: skip
# Parameters read once per process and change of the clause; published ones never change.
_parsed: dict[uuid.UUID, tuple[datetime, Any]] = {}
_MOST_KEPT = 5000


@dataclass(frozen=True)
class Ruling(Generic[P]):
    """A clause in force: where it stands and what it says."""

    clause_id: uuid.UUID
    clause_key: uuid.UUID
    kind: str
    version_id: uuid.UUID
    version_number: int
    document_id: uuid.UUID
    org_unit_id: uuid.UUID
    article_number: int
    effective_from: date | None
    params: P
    instance: str = ""


class ScopeTable(Generic[P]):
    """The clauses of one kind on one day, asked by department. Two queries, then look-ups."""

    def __init__(self, rulings: list[Ruling[P]], paths: dict[uuid.UUID, list[uuid.UUID]] | None = None) -> None:
        # Newest last: of one scope it overwrites the older.
        ordered = sorted(rulings, key=lambda one: (one.effective_from or date.min, one.version_id))
        self._by_scope: dict[tuple[uuid.UUID, str], Ruling[P]] = {
            (one.org_unit_id, one.instance): one for one in ordered
        }
        self.instances = sorted({one.instance for one in rulings})
        self._paths = paths
        self._known: dict[tuple[Any, str], Ruling[P] | None] = {}

    def __bool__(self) -> bool:
        return bool(self._by_scope)

    def __iter__(self) -> Iterator[Ruling[P]]:
        """The clauses that can rule somebody."""
        return iter(self._by_scope.values())

    def ruling(self, org_unit_id: uuid.UUID | None, instance: str = "") -> Ruling[P] | None:
        """The clause that rules a department, with where it stands. Without a department: that of the whole group."""
        key = (org_unit_id, instance)
        if key not in self._known:
            self._known[key] = self._find(org_unit_id, instance)
        return self._known[key]

    def of(self, org_unit_id: uuid.UUID | None, instance: str = "") -> tuple[uuid.UUID, P] | None:
        """The key of the clause row that rules a department, and its parameters."""
        found = self.ruling(org_unit_id, instance)
        return None if found is None else (found.clause_id, found.params)

    def all_of(self, org_unit_id: uuid.UUID | None) -> list[Ruling[P]]:
        """Every clause of the kind that rules a department, one for each instance."""
        return [found for name in self.instances if (found := self.ruling(org_unit_id, name)) is not None]

    def _find(self, org_unit_id: uuid.UUID | None, instance: str) -> Ruling[P] | None:
        if not self._by_scope:
            return None
        if self._paths is None:
            self._paths = dict(OrgUnit.objects.values_list("pk", "path"))
        if org_unit_id is None:
            path = next((path for path in self._paths.values() if len(path) == 1), [])
        else:
            path = self._paths.get(org_unit_id, [])
        scopes = ((unit, instance) for unit in reversed(path))
        return next((self._by_scope[scope] for scope in scopes if scope in self._by_scope), None)


def params(
    kind: type[ClauseKind[P, F]], org_unit: Any = None, *, as_of: date | None = None, instance: str = ""
) -> P | None:
    """The parameters that rule a department (an `OrgUnit`, its key, or None: the group) on a day (today).

    None: no policy in force says anything about it. One query.
    """
    found = ruling(kind, org_unit, as_of=as_of, instance=instance)
    return None if found is None else found.params


def ruling(
    kind: type[ClauseKind[P, F]], org_unit: Any = None, *, as_of: date | None = None, instance: str = ""
) -> Ruling[P] | None:
    """The clause that rules a department on a day. One query."""
    day, unit_id = as_of or business_date(), getattr(org_unit, "pk", org_unit)
    rows = _ruling_unit(day, kind.code, unit_id) if unit_id else _ruling_group(day, kind.code)
    return next((one for one in map(_ruling, rows) if one.instance == instance), None)


def _nearest(as_of: Any, code: Any, units: QuerySet[OrgUnit]) -> Any:
    """The clauses that rule one of these units, those of the nearest scope first."""
    path = units.values(unit=Func("path", function="unnest", output_field=UUIDField()))
    scope = "version_of__document__org_unit"
    rows = _in_force(as_of).filter(kind=code, **{f"{scope}__in": path})
    depth = Func(f"{scope}__path", function="cardinality", output_field=IntegerField())
    nearest = rows.annotate(depth=depth).order_by("-depth", "-version_of__effective_from", "-version_of_id")
    return nearest.values_list(*_COLUMNS)


# Asked by every save of a contact record, more than once.
_ruling_unit = Prepared(lambda day, code, unit: _nearest(day, code, OrgUnit.objects.filter(pk=unit)))
_ruling_group = Prepared(lambda day, code: _nearest(day, code, OrgUnit.objects.filter(parent=None)))


def table(
    kind: type[ClauseKind[P, F]] | str, as_of: date | None = None, *, instead: PolicyVersion | None = None
) -> ScopeTable[P]:
    """Every clause of the kind in force on a day (today), for bulk work.

    Args:
        instead: a draft that is taken to be in force in place of what its document has.
    """
    code = kind if isinstance(kind, str) else kind.code
    rows = _in_force(as_of or business_date()).filter(kind=code)
    if instead is not None:
        rows = rows.exclude(version_of__document_id=instead.document_id)
    found = [_ruling(row) for row in rows.values_list(*_COLUMNS)]
    if instead is not None:
        found += [_ruling(row) for row in Clause.objects.filter(kind=code, version_of=instead).values_list(*_COLUMNS)]
    return ScopeTable(found)


def rulings(as_of: date | None = None) -> list[Ruling[Any]]:
    """Every executable clause in force on a day (today); those whose kind no module offers any more rule nobody."""
    rows = _in_force(as_of or business_date()).exclude(kind="").values_list(*_COLUMNS)
    return [_ruling(row) for row in rows if known(row[2])]


def unreadable(as_of: date | None = None) -> list[str]:
    """What cannot be executed of the clauses in force on a day (today), each in words that say what to do."""
    found = []
    for row in _in_force(as_of or business_date()).exclude(kind="").values_list(*_COLUMNS):
        try:
            if known(row[2]):
                _ruling(row)
            else:
                found.append(_("Article %d: ") % row[5] + gone(row[2]))
        except Refused as fault:
            found.append(str(fault.message))
    return found


def gone(code: str) -> str:
    """Why a clause of a kind that no module offers is not executed, and what to do."""
    return _("Nothing executes “%s” any more. Make it a guideline, or choose another kind.") % code


def of_clause(clause: Clause) -> Ruling[Any]:
    """A clause of any version as if it were in force."""
    return _ruling(Clause.objects.filter(pk=clause.pk).values_list(*_COLUMNS).get())


def _in_force(as_of: date) -> QuerySet[Clause]:
    return Clause.objects.filter(
        Q(version_of__effective_to=None) | Q(version_of__effective_to__gt=as_of),
        version_of__state=PolicyVersion.State.PUBLISHED,
        version_of__effective_from__lte=as_of,
    )


def _ruling(row: tuple[Any, ...]) -> Ruling[Any]:
    clause_id, key, code, raw, version_id, article, number, begins, document_id, scope, changed_at = row
    kind = kind_of(code)
    cached = _parsed.get(clause_id)
    if cached is None or cached[0] != changed_at:
        cached = _parsed[clause_id] = (changed_at, read_params(kind, raw, article))
        if len(_parsed) > _MOST_KEPT:
            _parsed.pop(next(iter(_parsed)), None)
    parameters = cached[1]
    return Ruling(
        clause_id, key, code, version_id, number, document_id, scope, article, begins, parameters,
        kind.instance(parameters),
    )  # fmt: skip


def read_params(kind: ClauseKind[P, F], raw: Any, article: int | None = None) -> P:
    """Parameters from their JSON.

    Raises:
        Refused: they are not what the kind takes (any more); ``fields`` says what.
    """
    try:
        return kind.params.model_validate_json(json.dumps(raw))  # type: ignore[return-value]
    except ValidationError as error:
        fields: dict[str, Message] = {
            ".".join(str(part) for part in one["loc"]) or "params": said(one) for one in error.errors()
        }
        where = _("Article %d: ") % article if article else ""
        raise Refused(
            where
            + _("“%(kind)s” cannot be executed as it is written (%(what)s). Edit the clause in a new version.")
            % {"kind": kind.label, "what": "; ".join(f"{name}: {text}" for name, text in fields.items())},
            fields=fields,
            code="clause_unreadable",
        ) from None
