"""Clause kinds: what a module can execute. One class per kind, in the module's ``clauses`` chapter.

docs/how-to/write-a-clause-kind.md shows one from end to end.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict, Field

from zhike.kernel.clock import business_date, now, start_of_day

if TYPE_CHECKING:
    from zhike.policy.models import Decision, Run

Words = str | Promise
Json = dict[str, Any]


class Enforcement(StrEnum):
    """When a kind decides."""

    NIGHTLY = "NIGHTLY"  # by the nightly run
    ON_EVENT = "ON_EVENT"  # when something happens: its module calls `decisions.decide`
    LOOKUP = "LOOKUP"  # other code asks for its parameters


class Params(BaseModel):
    """Base of a kind's parameters: frozen, nothing unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid")


P = TypeVar("P", bound=BaseModel)
F = TypeVar("F", bound=Any)


class Outcome(NamedTuple):
    """What was decided: a code in UPPER_SNAKE, and its figures as JSON values."""

    code: str
    data: Json = {}


@dataclass(frozen=True)
class Fault:
    """What is wrong with parameters, in words. ``field``: dotted path, as in the form (``bands.0.low``)."""

    message: Words
    field: str = ""


@dataclass(frozen=True)
class Kept:
    """How well a clause was kept by somebody over a time."""

    org_unit_id: uuid.UUID | None
    person_id: uuid.UUID | None
    kept: int
    broken: int


@dataclass
class Label:
    """Label, help and unit of a parameter, in the reader's language. Made by `param`."""

    label: Words
    help: Words = ""
    unit: Words = ""
    choices: Sequence[tuple[str, Words]] = ()
    kind: str = ""

    def __call__(self, schema: dict[str, Any]) -> None:
        """Write the words into the JSON schema."""
        schema["title"] = str(self.label)
        if self.help:
            schema["description"] = str(self.help)
        if self.unit:
            schema["x-unit"] = str(self.unit)


def param(
    default: Any = ...,
    label: Words = "",
    *,
    help: Words = "",
    unit: Words = "",
    choices: Sequence[tuple[str, Words]] = (),
    **limits: Any,
) -> Any:
    """A field of a kind's parameters: ``days: int = param(7, _("Days"), unit=_("days"), ge=1, le=365)``.

    Args:
        choices: for codes: what may be chosen, with labels (``Grade.choices`` of Django will do).
        limits: pydantic's (``ge``, ``le``, ``max_digits`` …); ``default_factory`` in place of a default.
    """
    words = Label(label, help, unit, tuple(choices))
    if "default_factory" in limits:
        return Field(json_schema_extra=words, **limits)
    return Field(default, json_schema_extra=words, **limits)


def moment_of(as_of: date) -> datetime:
    """The moment up to which facts count for a business date: now for today, 01:00 in Shanghai for a day that is past
    (or to come)."""
    return now() if as_of == business_date() else start_of_day(as_of) + timedelta(hours=1)


class ClauseKind(Generic[P, F]):
    """Base of a kind. Set the class variables, write the methods; `register_kind` makes one object of it.

    Attributes:
        code: ``module.noun``, never changed once decisions exist.
        subject: label of the model it decides about, ``customers.customer``.
        params: the model of its parameters.
        fact: the type of its facts (NamedTuple or frozen dataclass); values that JSON knows, dates, UUIDs, Decimals.
        order: place in the nightly run: grading 10, protection 20, reclaim 30.
        outcomes: code to label of every outcome.
        breaches: codes of outcomes that mean the clause was not kept.
        fact_labels: field of the facts to the words for it, where a decision shows what it was made from.
        fact_fields: field of the facts to the record fields it was taken from, ``("purchases", "amount")``: who may not
            read one of them is not shown the fact, nor an explanation made of it.
        outcome_field: the record field whose value the outcome is; who may not read it is not told of decisions.
        settings_url: name of the address of the page that shows what the clause sets, if there is one.
        simulation_note: how a simulation of it differs from the nights it stands for, if it does.
    """

    code: ClassVar[str]
    label: ClassVar[Words]
    help: ClassVar[Words] = ""
    subject: ClassVar[str]
    params: ClassVar[type[BaseModel]]
    fact: ClassVar[type[Any]]
    enforcement: ClassVar[Enforcement] = Enforcement.LOOKUP
    order: ClassVar[int] = 50
    outcomes: ClassVar[Mapping[str, Words]] = {}
    breaches: ClassVar[frozenset[str]] = frozenset()
    fact_labels: ClassVar[Mapping[str, Words]] = {}
    fact_fields: ClassVar[Mapping[str, tuple[tuple[str, str], ...]]] = {}
    outcome_field: ClassVar[tuple[str, str] | None] = None
    settings_url: ClassVar[str] = ""
    simulation_note: ClassVar[Words] = ""

    def instance(self, params: P) -> str:
        """What tells apart several clauses of this kind that may hold side by side (the code of a scheme)."""
        return ""

    # The text -------------------------------------------------------------------------------------------------
    def text(self, params: P, language: str) -> list[str]:
        """The provision as it is printed, a line each; ``-`` and ``--`` before a line make items （一） and 1."""
        raise NotImplementedError

    def check(self, params: P) -> list[Fault]:
        """Contradictions inside the parameters: bands with gaps, fields that no longer exist."""
        return []

    def check_against(self, params: P, others: Mapping[str, Sequence[Any]]) -> list[Fault]:
        """Contradictions with the other clauses of the version: kind code to the parameters of each."""
        return []

    # Deciding --------------------------------------------------------------------------------------------------
    def facts(
        self, as_of: date, *, after: uuid.UUID | None, limit: int, subjects: Sequence[uuid.UUID] | None = None
    ) -> Sequence[F]:
        """Facts about the next ``limit`` subjects by key, as of a day: what held at `moment_of(as_of)`, from
        histories, never from columns that only know today.

        Each has ``subject_id``, ``org_unit_id`` (whose clause rules) and may have ``person_id`` (whose doing it is).
        Subjects about whom the clause certainly says nothing may be left out, in SQL. With ``subjects``: those only.
        """
        raise NotImplementedError

    def decide(self, params: P, fact: F) -> Outcome | None:
        """The rule: pure, from parameters and facts alone. None: nothing is to be done."""
        raise NotImplementedError

    def apply(self, decisions: Sequence[Decision], *, run: Run | None) -> None:
        """Do what was decided, in one go, in the transaction that wrote the decisions.

        What has changed since the facts were taken is not done over: take the rows, look, leave out. ``run``: people
        are told of all of it in `close`.
        """

    def close(self, run: Run) -> None:
        """Tell people what the run has decided about theirs: once, when everybody has been decided about, in the
        transaction that ends the last chunk."""

    # Explaining ------------------------------------------------------------------------------------------------
    def explain(self, params: P, fact: F, outcome: Outcome, language: str) -> list[str]:
        """Why, in plain words: every number from the facts and the parameters, so that anybody can recompute it."""
        raise NotImplementedError

    def until(self, params: P, fact: F, language: str) -> list[str]:
        """What would have to happen, or not to happen, and by when, for it to come out otherwise."""
        return []

    # Simulating ------------------------------------------------------------------------------------------------
    def histories(self, subjects: Sequence[uuid.UUID] | None, since: date, till: date) -> Iterator[Any]:
        """Everything that happened to each subject (None: to all) that the rule looks at; streamed, ordered by key.

        Each has ``subject_id``, ``org_unit_id`` (whose clause rules) and may have ``person_id``. A subject that changed
        departments may come in several parts, one after the other. Without this a kind that decides on an event is
        simulated over the decisions that were kept, and any other is not simulated; the simulation says which.
        """
        raise NotImplementedError

    def trace(self, params: P, history: Any, since: date, till: date) -> Iterator[tuple[date, F, Outcome]]:
        """The rule walked over one history from moment to moment at which something can change. Calls `decide`."""
        raise NotImplementedError

    def sums(self, fact: F, outcome: Outcome) -> Mapping[str, Decimal]:
        """Figures that a simulation adds up beside counting: name to amount."""
        return {}

    # Watching --------------------------------------------------------------------------------------------------
    def kept(self, since: date, till: date) -> Iterable[Kept] | None:
        """How often the clause was kept and broken, by department and person, over whole days from ``since`` up to and
        without ``till``. None: only its breaches are counted, from the decisions."""
        return None

    @property
    def simulates(self) -> bool:
        """Whether a draft of it can be tried on the past."""
        return self.has_histories or self.enforcement == Enforcement.ON_EVENT

    @property
    def has_histories(self) -> bool:
        return type(self).histories is not ClauseKind.histories

    @property
    def why_not_simulated(self) -> Words:
        """Why a simulation leaves it out."""
        if self.enforcement == Enforcement.LOOKUP:
            return _("It decides nothing by itself: other clauses and pages ask it for its figures.")
        return _("What happened cannot be walked over again by it.")


class PartedKind(ClauseKind[P, F]):
    """A kind whose subjects may be decided about side by side, by several processes: what `apply` does to one touches
    no row that belongs to another, and locks rows in the order of their keys."""

    def facts(
        self,
        as_of: date,
        *,
        after: uuid.UUID | None,
        limit: int,
        subjects: Sequence[uuid.UUID] | None = None,
        upto: uuid.UUID | None = None,
    ) -> Sequence[F]:
        """As in `ClauseKind`; of no subject past ``upto``."""
        raise NotImplementedError


@dataclass
class _Registry:
    kinds: dict[str, ClauseKind[Any, Any]] = field(default_factory=dict)


_registry = _Registry()
K = TypeVar("K", bound=ClauseKind[Any, Any])


def register_kind(cls: type[K]) -> type[K]:
    """Make a kind known.

    Raises:
        ValueError: there is another one of this code.
    """
    known = _registry.kinds.get(cls.code)
    if known is not None and type(known) is not cls:
        raise ValueError(f"clause kind {cls.code} is declared twice")
    _registry.kinds[cls.code] = cls()
    return cls


def kind_of(kind: str | type[ClauseKind[P, F]]) -> ClauseKind[P, F]:
    """The one object of a kind, by its code or class.

    Raises:
        LookupError: no module offers it (any more).
    """
    code = kind if isinstance(kind, str) else kind.code
    found = _registry.kinds.get(code)
    if found is None:
        raise LookupError(f"no module offers the clause kind {code}")
    return found


def known(code: str) -> bool:
    """Whether some module offers the kind."""
    return code in _registry.kinds


def kinds() -> list[ClauseKind[Any, Any]]:
    """Every kind, in the order of the nightly run."""
    return sorted(_registry.kinds.values(), key=lambda kind: (kind.order, kind.code))
