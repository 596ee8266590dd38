"""Work on many records: rights, versions, events, resuming, taking back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from zhike.access.permissions import Scope
from zhike.history.models import Event
from zhike.kernel.errors import Denied, NotFound, Refused
from zhike.records import bulk as core
from zhike.records.actions import bulk
from zhike.records.description import Description
from zhike.records.kinds import Kind
from zhike.records.models import BulkItem, BulkOperation
from zhike.records.tests.gadgets import Gadget
from zhike.records.tests.world import World

pytestmark = pytest.mark.django_db


def states(operation: BulkOperation) -> dict[str, int]:
    found: dict[str, int] = {}
    for item in operation.items.all():
        found[item.state] = found.get(item.state, 0) + 1
    return found


def edit(of: Description, rows: Any, by: Any, **data: str) -> BulkOperation:
    names = [name.replace("custom_", "custom.") for name in data]
    sent = {name.replace("custom.", "custom-"): [value] for name, value in zip(names, data.values(), strict=True)}
    return bulk.begin(of, "edit", {"fields": names, "data": sent}, rows, by=by)


def test_edit_writes_rows_versions_events_and_derived_columns(world: World, of: Description) -> None:
    world.custom("region", Kind.TEXT)
    rows = [world.gadget(world.rep, custom={"other": 1}) for _ in range(3)]
    operation = edit(of, of.rows(world.rep), world.rep, stage="DONE", amount="12.50", custom_region="北")
    assert operation.state == "DONE" and states(operation) == {"DONE": 3}
    for row in Gadget.objects.filter(pk__in=[row.pk for row in rows]):
        assert (row.stage, row.amount, row.version) == ("DONE", Decimal("12.50"), 2)
        assert row.custom == {"other": 1, "region": "北"}
        event = Event.objects.get(subject_id=row.pk, action="tests.gadget.update")
        assert event.actor == world.rep and event.data["changes"]["stage"] == ["NEW", "DONE"]


def test_what_is_so_already_is_not_touched(world: World, of: Description) -> None:
    row = world.gadget(world.rep, stage="DONE")
    operation = edit(of, of.rows(world.rep), world.rep, stage="DONE")
    row.refresh_from_db()
    assert row.version == 1 and states(operation) == {"SAME": 1}


def test_rows_that_one_may_only_see_are_skipped_and_counted(world: World, of: Description) -> None:
    reader = world.person("只改自己的", world.team, Scope.DEPT, ("view",))
    for verb in ("change",):
        from zhike.access.models import Grant

        Grant.objects.create(role=reader.roles.get(), permission=f"tests.gadget.{verb}", scope=Scope.SELF)
    mine, theirs = world.gadget(reader), world.gadget(world.rep)
    hidden = world.gadget(world.server)
    operation = edit(of, of.rows(reader), reader, stage="OPEN")
    assert states(operation) == {"DONE": 1, "SKIPPED": 1}
    assert [Gadget.objects.get(pk=row.pk).stage for row in (mine, theirs, hidden)] == ["OPEN", "NEW", "NEW"]


def test_a_constraint_fails_its_rows_only_and_says_why(world: World, of: Description, monkeypatch: Any) -> None:
    good, bad = world.gadget(world.rep), world.gadget(world.rep)

    def values(row: Any) -> dict[str, Any]:
        return {"amount": Decimal(-1) if row.pk == bad.pk else Decimal(5)}

    outcomes = core.write_set(of, list(Gadget.objects.order_by("pk")), values, world.rep)
    assert outcomes[bad.pk].reason == "The amount is not below zero." and not outcomes[good.pk].reason
    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.amount, good.version, bad.version) == (5, 2, 1)
    assert not Event.objects.filter(subject_id=bad.pk).exists()


@pytest.mark.parametrize("data", [{"stage": "NO"}, {"amount": "abc"}, {"due": "31.31."}, {"owner": "x"}, {"name": "x"}])
def test_wrong_values_begin_nothing(world: World, of: Description, data: dict[str, str]) -> None:
    world.gadget(world.rep)
    with pytest.raises(Refused):
        edit(of, of.rows(world.rep), world.rep, **data)
    assert not BulkOperation.objects.exists()


def test_field_rights_hold(world: World, of: Description) -> None:
    world.gadget(world.rep)
    world.restrict(world.rep, "stage", "READ_ONLY")
    with pytest.raises(Refused):
        edit(of, of.rows(world.rep), world.rep, stage="DONE")


def test_without_the_right_there_is_no_verb(world: World, of: Description) -> None:
    with pytest.raises(Refused):
        bulk.begin(of, "trash", {}, Gadget.objects.all(), by=world.stranger)


def test_tags_are_added_and_taken_off(world: World, of: Description) -> None:
    row = world.gadget(world.rep, tags=["甲", "乙"])
    operation = bulk.begin(of, "tag", {"add": ["丙", "甲"], "remove": ["乙"]}, of.rows(world.rep), by=world.rep)
    row.refresh_from_db()
    assert row.tags == ["甲", "丙"]
    bulk.undo(operation.pk, by=world.rep)
    row.refresh_from_db()
    assert row.tags == ["甲", "乙"]


def test_assigning_moves_department_and_company(world: World, of: Description) -> None:
    row = world.gadget(world.rep)
    operation = bulk.begin(of, "assign", {"owner": str(world.southerner.pk)}, of.rows(world.boss), by=world.boss)
    row.refresh_from_db()
    assert (row.owner, row.org_unit_id, row.company_id) == (world.southerner, world.south.pk, world.south.pk)
    bulk.undo(operation.pk, by=world.boss)
    row.refresh_from_db()
    assert (row.owner, row.org_unit, row.company) == (world.rep, world.team, world.north)


def test_the_recycle_bin_and_back(world: World, of: Description) -> None:
    world.gadgets(world.rep, 3)
    operation = bulk.begin(of, "trash", {}, of.rows(world.rep), by=world.rep)
    assert not of.rows(world.rep).exists() and Event.objects.filter(action="tests.gadget.trash").count() == 3
    bulk.undo(operation.pk, by=world.rep)
    assert of.rows(world.rep).count() == 3


def test_undo_leaves_what_somebody_changed_since(world: World, of: Description) -> None:
    touched, untouched, half = world.gadget(world.rep), world.gadget(world.rep), world.gadget(world.rep)
    operation = edit(of, of.rows(world.rep), world.rep, stage="OPEN", units="7")
    Gadget.objects.filter(pk=touched.pk).update(stage="DONE", units=8)
    Gadget.objects.filter(pk=half.pk).update(stage="DONE")
    operation = bulk.undo(operation.pk, by=world.rep)
    found = {row.pk: (row.stage, row.units) for row in Gadget.objects.all()}
    assert found == {touched.pk: ("DONE", 8), untouched.pk: ("NEW", None), half.pk: ("DONE", None)}
    assert operation.state == "UNDONE" and states(operation) == {"KEPT": 1, "UNDONE": 2}
    assert operation.items.get(state="KEPT").reason
    with pytest.raises(Refused):
        bulk.undo(operation.pk, by=world.rep)


def test_nobody_takes_back_what_another_did(world: World, of: Description) -> None:
    world.gadget(world.rep)
    operation = edit(of, of.rows(world.rep), world.rep, stage="OPEN")
    with pytest.raises(NotFound):
        bulk.undo(operation.pk, by=world.boss)
    assert world.client(world.boss).get(f"/bulk/{operation.pk}/").status_code == 404


def test_a_killed_worker_loses_and_doubles_nothing(world: World, of: Description, monkeypatch: Any) -> None:
    """The job dies in its second chunk; another worker goes on."""
    monkeypatch.setattr(bulk, "AT_ONCE", 0)
    monkeypatch.setattr(bulk, "CHUNK", 4)
    deferred: list[str] = []
    monkeypatch.setattr("zhike.records.jobs.run_bulk.defer", lambda operation_id: deferred.append(operation_id))
    world.gadgets(world.rep, 10)
    operation = edit(of, of.rows(world.rep), world.rep, stage="OPEN")
    assert deferred == [str(operation.pk)] and operation.is_under_way
    real, calls = core._record, []

    def dies(*args: Any) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise SystemExit("kill -9")
        real(*args)

    monkeypatch.setattr(core, "_record", dies)
    with pytest.raises(SystemExit):
        while bulk.step(operation.pk):
            pass
    assert states(operation) == {"DONE": 4, "PENDING": 6}
    while bulk.step(operation.pk):
        pass
    while bulk.step(operation.pk):  # a second delivery of the same job
        pass
    assert states(operation) == {"DONE": 10}
    assert set(Gadget.objects.values_list("stage", "version")) == {("OPEN", 2)}
    assert Event.objects.filter(action="tests.gadget.update").count() == 10


def test_a_chunk_takes_as_many_statements_for_two_rows_as_for_twenty(world: World, of: Description) -> None:
    counts = []
    for number in (1, 2, 20):
        Gadget.objects.all().delete()
        world.gadgets(world.rep, number)
        with CaptureQueriesContext(connection) as captured:
            edit(of, of.rows(world.rep), world.rep, stage="OPEN")
        counts.append(len(captured))
    assert counts[1] == counts[2] <= 25


def test_the_page_asks_and_does(world: World, of: Description) -> None:
    rows = world.gadgets(world.rep, 2)
    other = world.gadget(world.server)
    client = world.client(world.rep)
    keys = [str(row.pk) for row in (*rows, other)]
    assert client.post("/gadgets/bulk/", {"verb": "edit", "keys": keys}).status_code == 200
    answer = client.post("/gadgets/bulk/", {"verb": "edit", "keys": keys, "set": ["stage"], "stage": "OPEN", "go": "1"})
    assert answer.status_code == 303
    other.refresh_from_db()
    assert other.stage == "NEW" and Gadget.objects.filter(stage="OPEN").count() == 2
    everything = {"verb": "trash", "all": "1", "go": "1"}
    client.post('/gadgets/bulk/?filter={"field":"stage","op":"in","value":["OPEN"]}', everything)
    assert Gadget.objects.filter(trashed_at=None).count() == 1
    operation = BulkOperation.objects.order_by("-created_at")[0]
    answer = client.get("/gadgets/")
    assert f"/bulk/{operation.pk}/undo/?list=filter%3D" in answer.content.decode()
    assert client.get(f"/bulk/{operation.pk}/").status_code == 200
    answer = client.post(f"/bulk/{operation.pk}/undo/?list=sort%3Dname")
    assert answer.headers["Location"] == "/gadgets/?sort=name"
    assert Gadget.objects.filter(trashed_at=None).count() == 3
    assert BulkItem.objects.filter(operation=operation, state="UNDONE").count() == 2


def test_a_stranger_is_refused(world: World) -> None:
    answer = world.client(world.stranger).post("/gadgets/bulk/", {"verb": "edit", "all": "1"})
    assert answer.status_code == Denied.status
