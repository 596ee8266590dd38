"""A chunk of rows, from cells to records, in one transaction that also moves the batch's cursor.

Killed at any point, the transaction never was; the next worker goes on where the cursor stands. Two
workers on one batch wait for each other at its row; two imports of one type take turns, chunk by chunk,
so that neither misses what the other has just written.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.conf import settings
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.utils.translation import gettext_noop as _
from django.utils.translation import override

from zhike.access.rights import rights_of
from zhike.access.take import take, take_all
from zhike.history.action import origin, via
from zhike.history.changes import plain
from zhike.history.models import Event
from zhike.kernel.clock import now
from zhike.kernel.errors import DomainError
from zhike.records.importing import crew, turns
from zhike.records.importing.cells import Column, RowAsRead, compile_columns, drafts_of
from zhike.records.importing.importer import Change, Draft, Importer, Key, importer_of
from zhike.records.importing.lookups import Lookups
from zhike.records.importing.others import NOT_CHECKED, NOT_WRITTEN, Others
from zhike.records.importing.problem import Problem
from zhike.records.importing.store import Outcome, save_outcomes, waiting_rows
from zhike.records.kinds import LISTS, Kind
from zhike.records.models import ImportBatch, ImportRow
from zhike.records.naming import name_for
from zhike.staff.models import User

log = structlog.get_logger(__name__)
CHUNK = 2000
State = ImportRow.State
OnDuplicate = ImportBatch.OnDuplicate
_THERE = _("It is already there: %(label)s.")
_THERE_UNSEEN = _("It is already there, outside of what you may see. Ask a manager.")
_BROKE = _(
    "It broke off behind row %(row)s by a fault of the program; the log says which. What is done until there is kept."
)
_TWICE = _("It stands twice in this file: row %(row)s has it already.")


@dataclass
class Chunk:
    """Rows sorted by what is to become of them. ``met``: with the records that are there; ``keys``: of the new ones."""

    refused: list[Draft]
    fresh: list[Draft] = field(default_factory=list)
    met: list[tuple[Draft, list[uuid.UUID]]] = field(default_factory=list)
    twins: list[tuple[Draft, Draft]] = field(default_factory=list)
    trial_twins: list[tuple[Draft, int]] = field(default_factory=list)
    keys: set[Key] = field(default_factory=set)


class Run:
    """One batch at work in this process; keeps what every chunk needs."""

    def __init__(self, batch: ImportBatch) -> None:
        self.batch_id = batch.pk
        self.by: User = batch.owner
        self.importer: Importer = importer_of(batch.record_type)
        self.columns: list[Column] = compile_columns(batch.record_type, batch.columns, self.by)
        self.width = len(batch.header)
        self.on_duplicate = batch.on_duplicate
        self.dry_run = batch.dry_run
        self.create_missing = batch.create_missing
        self.lookups = Lookups(self.by, create_missing=batch.create_missing)
        # Keys met in earlier chunks of a trial, whose records were rolled back.
        self.met: dict[Key, int] = {}
        self.others = Others(self.importer, self.by)
        # The row before which it ends, because the answers about records of others are used up.
        self.end: int | None = None

    def work(self, say: Callable[[], object] = lambda: None) -> None:
        """Do what is left of the batch. ``say`` is called now and then, to show how far it is.

        Where only the connection failed, somebody begins again; any other fault would come again, and ends the batch.
        """
        try:
            crew.work(self, say)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("import_broke_off", batch=str(self.batch_id))
            self._break_off()

    def step(self) -> bool:
        """Do one chunk, alone.

        Returns:
            Whether there is more to do.
        """
        with self.speaking(), transaction.atomic():
            return self._step()

    @contextmanager
    def speaking(self) -> Iterator[None]:
        """Events say that they come from this import; refusals speak the person's language."""
        told, about = via.set(Event.Via.IMPORT), origin.set({"import": str(self.batch_id)})
        try:
            with override(self.by.language or settings.LANGUAGE_CODE):
                yield
        finally:
            via.reset(told)
            origin.reset(about)

    def _step(self) -> bool:
        batch = ImportBatch.objects.select_for_update().get(pk=self.batch_id)
        if batch.state != ImportBatch.State.RUNNING:
            return False
        rows = self.rows(batch, batch.cursor)
        if not rows:
            _finish(batch)
            return False
        turns.take(batch.record_type)
        if self.dry_run and not self.others.may_ask():
            self.end = rows[0][0]
        else:
            outcomes = self.process(rows)
            self.settle(batch, rows[-1][0] if self.end is None else self.end - 1, outcomes)
        if self.end is not None:
            _stop(batch, Problem(NOT_CHECKED if self.dry_run else NOT_WRITTEN, {"row": self.end}))
        return self.end is None

    def _break_off(self) -> None:
        with transaction.atomic():
            batch = ImportBatch.objects.select_for_update().get(pk=self.batch_id)
            if batch.state == ImportBatch.State.RUNNING:
                _stop(batch, Problem(_BROKE, {"row": max(batch.cursor, batch.header_number)}))

    def rows(self, batch: ImportBatch, cursor: int) -> list[RowAsRead]:
        """The next chunk behind a row."""
        return waiting_rows(batch.pk, max(cursor, batch.header_number), CHUNK)

    def settle(self, batch: ImportBatch, last: int, outcomes: list[Outcome]) -> None:
        """Keep what became of a chunk, and that it is done."""
        save_outcomes(batch.pk, outcomes)
        self.move_on(batch, last, outcomes)

    def move_on(self, batch: ImportBatch, last: int, outcomes: list[Outcome]) -> None:
        """Count a chunk whose outcomes are kept, and put the cursor behind it."""
        counted = Counter(batch.counts) + Counter(outcome.state.lower() for outcome in outcomes)
        batch.counts = {name: count for name, count in counted.items() if count}
        batch.cursor = last
        batch.save(update_fields=["counts", "cursor", "updated_at"])

    def process(self, rows: list[RowAsRead]) -> list[Outcome]:
        """What becomes of each row. In a trial nothing else is kept."""
        savepoint = transaction.savepoint()
        drafts = self.drafts(rows)
        chunk = self.sort(drafts)
        if not self.dry_run:
            self.end = self.others.end_of_writing(chunk.met)
            if self.end is not None:
                chunk = self.sort([draft for draft in drafts if draft.number < self.end])
            outcomes = self.write(chunk)
            transaction.savepoint_commit(savepoint)
            return outcomes
        outcomes = self.write(chunk)
        transaction.savepoint_rollback(savepoint)
        self.lookups.known.clear()
        self.end = end = self.others.end_of_checking(chunk.met, [number for number, _cells, _fault in rows])
        return [Outcome(one.number, one.state, one.problems) for one in outcomes if end is None or one.number < end]

    def drafts(self, rows: list[RowAsRead]) -> list[Draft]:
        """Rows read, looked up and checked each by itself."""
        drafts = drafts_of(rows, self.columns, self.width)
        self.lookups.resolve(drafts, self.columns)
        for draft in drafts:
            self.importer.prepare(draft)
            self._check_owner(draft)
        return drafts

    def _check_owner(self, draft: Draft) -> None:
        owner = draft.values.get("owner")
        if not isinstance(owner, User) or owner.pk == self.by.pk:
            return
        if not may_assign_to(self.by, owner, self.importer.model):
            draft.refuse(_("You may not give records to %(name)s."), "owner", name=owner.name)

    def sort(self, drafts: list[Draft]) -> Chunk:
        """Which rows are new, which meet a record that is there, which stand twice; nothing is written."""
        chunk = Chunk([draft for draft in drafts if draft.problems])
        keys = {draft.number: self.importer.keys(draft) for draft in drafts if not draft.problems}
        there = self.importer.existing({key for some in keys.values() for key in some})
        first: dict[Key, Draft] = {}
        for draft in drafts:
            if draft.problems:
                continue
            own = keys[draft.number]
            found = next((there[key] for key in own if key in there), None) if there else None
            twin = None if first.keys().isdisjoint(own) else next(first[key] for key in own if key in first)
            if found:
                chunk.met.append((draft, found))
            elif twin is not None:
                chunk.twins.append((draft, twin))
            elif self.dry_run and (row := next((self.met[key] for key in own if key in self.met), None)):
                chunk.trial_twins.append((draft, row))
            else:
                chunk.fresh.append(draft)
                for key in own:
                    first[key] = draft
        chunk.keys = set(first)
        if self.dry_run:
            self.met.update((key, draft.number) for key, draft in first.items())
        return chunk

    def is_plain(self, chunk: Chunk) -> bool:
        """Whether nothing but new records is written, and nothing told of records of others."""
        passed_over = self.on_duplicate in (OnDuplicate.REFUSE, OnDuplicate.SKIP)
        return (passed_over or not (chunk.met or chunk.twins)) and not self.others.unseen(chunk.met)

    def write(self, chunk: Chunk) -> list[Outcome]:
        """What becomes of each row."""
        outcomes = [_refused(draft) for draft in chunk.refused]
        outcomes += self._meet(chunk.met)
        outcomes += [self._twice(draft, row) for draft, row in chunk.trial_twins]
        self._create(chunk.fresh)
        outcomes += [_refused(draft) if draft.row is None else _created(draft) for draft in chunk.fresh]
        for draft, twin in chunk.twins:
            outcomes += self._after_twin(draft, twin)
        return outcomes

    def _create(self, drafts: list[Draft]) -> None:
        """All at once; where the database says no, one by one to learn which row it was."""
        try:
            with transaction.atomic():
                self.importer.create(drafts, self.by)
        except IntegrityError:
            for draft in drafts:
                draft.row, draft.made, draft.problems = None, [], []
                self._create_alone(draft)

    def _create_alone(self, draft: Draft) -> None:
        try:
            with transaction.atomic():
                self.importer.create_one(draft, self.by)
        except IntegrityError:
            draft.row, draft.made = None, []
            draft.refuse(_("The database refuses this row: something in it is already there."))

    def _seen(self, keys: set[uuid.UUID]) -> dict[uuid.UUID, Any]:
        """Those of the records that the person may see: one question for the chunk, none where all are passed over."""
        if not keys or self.on_duplicate == OnDuplicate.SKIP:
            return {}
        return {row.pk: row for row in self.importer.model.objects.visible_to(self.by).filter(pk__in=keys)}

    def _meet(self, met: list[tuple[Draft, list[uuid.UUID]]]) -> list[Outcome]:
        """The records are already there. One that several rows have is changed by one after the other."""
        if self.on_duplicate == OnDuplicate.SKIP:
            return [Outcome(draft.number, State.SKIPPED) for draft, _found in met]
        seen = self._seen({pk for _draft, found in met for pk in found})
        rounds: list[dict[uuid.UUID, Draft]] = []
        refused: list[Outcome] = []
        for draft, found in met:
            row = next((seen[pk] for pk in found if pk in seen), None)
            if row is None:
                draft.refuse(_THERE_UNSEEN)
            elif self.on_duplicate == OnDuplicate.REFUSE:
                draft.refuse(_THERE, label=name_for(row, self.by))
            else:
                turn = next((turn for turn in rounds if row.pk not in turn), None)
                if turn is None:
                    rounds.append(turn := {})
                turn[row.pk] = draft
                continue
            refused.append(_refused(draft))
        return refused + [outcome for turn in rounds for outcome in self._update(turn)]

    def _after_twin(self, draft: Draft, twin: Draft) -> list[Outcome]:
        """The same stands further up in this chunk."""
        if twin.row is None or self.on_duplicate in (OnDuplicate.REFUSE, OnDuplicate.SKIP):
            return [self._twice(draft, twin.number)]
        return self._update({twin.row.pk: draft})

    def _twice(self, draft: Draft, number: int) -> Outcome:
        if self.on_duplicate == OnDuplicate.SKIP:
            return Outcome(draft.number, State.SKIPPED)
        if self.on_duplicate == OnDuplicate.REFUSE:
            draft.refuse(_TWICE, row=number)
            return _refused(draft)
        return Outcome(draft.number, State.UPDATED)

    def _update(self, drafts: dict[uuid.UUID, Draft]) -> list[Outcome]:
        """Change records that the person sees, each by its row of the file."""
        rows = self._to_change(drafts)
        changes = [Change(draft, rows[pk], self._values(draft, rows[pk])) for pk, draft in drafts.items() if pk in rows]
        before = {one.row.pk: self._before(one.row, one.values) for one in changes}
        self.importer.update_all(changes, self.by)
        versions = dict(self.importer.model.objects.filter(pk__in=list(before)).values_list("pk", "version"))
        return [
            _refused(draft)
            if draft.problems
            else Outcome(
                draft.number,
                State.UPDATED,
                record_id=pk,
                made=draft.made,
                before=before[pk] | {"version": versions[pk]},
            )
            for pk, draft in drafts.items()
        ]

    def _to_change(self, drafts: dict[uuid.UUID, Draft]) -> dict[uuid.UUID, Any]:
        """The records as they stand now; where they are changed by the set, locked, and only those that may be."""
        model = self.importer.model
        if not self.importer.by_the_set:
            return {row.pk: row for row in model.objects.filter(pk__in=list(drafts))}
        to = model.permission("change")
        rows: dict[uuid.UUID, Any] = take_all(model, list(drafts), by=self.by, to=to)
        for pk in drafts.keys() - rows.keys():
            try:
                rows[pk] = take(model, pk, by=self.by, to=to)
            except DomainError as error:
                drafts[pk].refuse_by(error)
        return rows

    def _values(self, draft: Draft, row: Any) -> dict[str, Any]:
        """What is to be changed; who has it already is not given it."""
        values = draft.values if self.on_duplicate == OnDuplicate.UPDATE else self._filling(draft, row)
        owner = values.get("owner")
        same = isinstance(owner, User) and owner.pk == row.owner_id
        return {name: value for name, value in values.items() if name != "owner" or not same}

    def _filling(self, draft: Draft, row: Any) -> dict[str, Any]:
        """Of the row's values those that are empty on the record; lists grow."""
        fields = self.importer.description.own_fields
        found: dict[str, Any] = {}
        for name, value in draft.values.items():
            here = getattr(row, name, None)
            kind = fields[name].kind if name in fields else None
            if name == "custom":
                found[name] = {key: one for key, one in value.items() if (here or {}).get(key) in (None, "", [])}
            elif kind in LISTS or kind is Kind.HANDLES:
                found[name] = list(here or []) + [one for one in value if one not in (here or [])]
            elif here in (None, "", []):
                found[name] = value
        return found

    def _before(self, row: Any, values: dict[str, Any]) -> dict[str, Any]:
        fields = {field.name: field.attname for field in row._meta.concrete_fields}
        return {name: plain(getattr(row, fields[name])) for name in values if name in fields}


def may_assign_to(by: User, owner: User, model: Any) -> bool:
    """Whether ``owner`` is among the people whose records ``by`` may hand out."""
    from zhike.access.permissions import permissions

    code = model.permission("assign")
    if code not in permissions():
        code = model.permission("change")
    reach = rights_of(by).reach(code)
    return reach.everything or owner.org_unit_id in reach.org_unit_ids or owner.company_id in reach.company_ids


def _finish(batch: ImportBatch) -> None:
    batch.finished_at, batch.problem = now(), None
    batch.state = ImportBatch.State.READY if batch.dry_run else ImportBatch.State.DONE
    batch.save(update_fields=["state", "problem", "finished_at", "updated_at"])


def _stop(batch: ImportBatch, problem: Problem) -> None:
    """It ends where it stands; what is written may be gone on with or taken back, a trial is simply over."""
    batch.finished_at, batch.problem = now(), problem.as_json()
    batch.state = ImportBatch.State.READY if batch.dry_run else ImportBatch.State.CANCELLED
    batch.save(update_fields=["state", "problem", "finished_at", "updated_at"])


def _created(draft: Draft) -> Outcome:
    return Outcome(draft.number, State.CREATED, record_id=draft.row.pk, made=draft.made)


def _updated(draft: Draft, key: uuid.UUID, before: dict[str, Any]) -> Outcome:
    return Outcome(draft.number, State.UPDATED, record_id=key, made=draft.made, before=before)


def _refused(draft: Draft) -> Outcome:
    return Outcome(draft.number, State.REFUSED, [[key, problem.as_json()] for key, problem in draft.problems])
