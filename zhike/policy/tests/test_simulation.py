"""A draft on past days against what is in force: every difference, and the sums."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest

from zhike.kernel.clock import business_date
from zhike.kernel.errors import Refused
from zhike.operations import command
from zhike.policy import decisions
from zhike.policy.actions import runs, simulations, trying
from zhike.policy.models import Decision, SimulatedDifference, Simulation
from zhike.policy.tests.samples import WORLD, Quiet, Silence, document, person, put_in_force, version

pytestmark = pytest.mark.django_db
SINCE = business_date() - timedelta(days=30)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(trying, "CHUNK", 2)


def people(org, count=5):
    """Silent since 1, 6, 11 … days before the end."""
    found = sorted((person(f"p{number}", org.team) for number in range(count)), key=lambda one: one.pk)
    WORLD.rows = [
        Silence(
            one.pk, org.team.pk, org.boss.pk, 0, Decimal("100.50"), business_date() - timedelta(days=5 * number + 1)
        )
        for number, one in enumerate(found)
    ]
    return found


def simulate(draft, **values):
    return simulations.carry_on(simulations.start(by=None, draft=draft, since=SINCE, till=business_date(), **values).pk)


def test_differences_and_sums(org):
    found = people(org)
    old = put_in_force(version(document(org.group), params={"days": 7, "warn_days": 0}))
    draft = version(old.document, params={"days": 12, "warn_days": 0})
    row = simulate(draft)
    # Silent for 1, 6, 11, 16, 21 days: over 7 days are three of them, over 12 two; the days on which differ.
    assert (row.state, row.differing, row.against) == ("DONE", 3, old)
    sums = row.result["kinds"]["test.quiet"]
    assert sums["subjects"] == 5 and sums["outcomes"]["LET_GO"] == {"n": [3, 2], "worth": ["301.50", "201.00"]}
    assert sums["units"] == {str(org.team.pk): {"LET_GO": [3, 2]}} and sums["persons"] == {
        str(org.boss.pk): {"LET_GO": [3, 2]}
    }
    listed = {one.subject_id: one for one in SimulatedDifference.objects.all()}
    assert set(listed) == {one.pk for one in found[2:]}
    assert [one[1] for one in listed[found[2].pk].before] == ["LET_GO"] and listed[found[2].pk].after == []
    assert not Decision.objects.exists() and not WORLD.applied


def test_the_version_in_force_on_itself_shows_nothing(org):
    people(org)
    old = put_in_force(version(document(org.group)))
    row = simulate(version(old.document))
    assert (row.state, row.differing, row.kinds) == ("DONE", 0, [])


def test_a_new_clause_has_nothing_before(org):
    people(org)
    row = simulate(version(document(org.group), params={"days": 7, "warn_days": 0}))
    assert row.differing == 3 and all(one.before == [] for one in SimulatedDifference.objects.all())


def test_a_bad_row_is_counted_and_named(org):
    found = people(org)
    WORLD.broken = {found[4].pk}
    row = simulate(version(document(org.group), params={"days": 7, "warn_days": 0}))
    sums = row.result["kinds"]["test.quiet"]
    assert row.state == "DONE" and sums["failed"] == 1 and str(found[4].pk) in sums["last_failure"]


def test_goes_on_where_it_was(org):
    people(org)
    draft = version(document(org.group), params={"days": 7, "warn_days": 0})
    row = simulations.start(by=None, draft=draft, since=SINCE, till=business_date())
    trying.step(row.pk)
    trying.step(row.pk)
    row.refresh_from_db()
    assert row.done == 4 and row.state == "RUNNING"
    done = simulations.carry_on(row.pk)
    assert done.result["kinds"]["test.quiet"]["subjects"] == 5 and done.differing == 3


def test_a_draft_changed_meanwhile_stops_it(org):
    people(org)
    draft = version(document(org.group), params={"days": 7, "warn_days": 0})
    row = simulations.start(by=None, draft=draft, since=SINCE, till=business_date())
    trying.step(row.pk)
    draft.clauses.update(params={"days": 8, "warn_days": 0})
    assert simulations.carry_on(row.pk).state == "FAILED"


def test_a_kind_without_histories_is_named(org, monkeypatch):
    monkeypatch.setattr(Quiet, "simulates", False)
    row = simulate(version(document(org.group)))
    assert row.result["not_simulated"] == ["test.quiet"] and row.kinds == []


@pytest.mark.parametrize(("since", "till"), [(0, 5), (5, 5), (1500, 0)])
def test_only_what_is_past(org, since, till):
    with pytest.raises(Refused):
        simulations.start(
            by=None, draft=version(document(org.group)), since=business_date() - timedelta(days=since),
            till=business_date() + timedelta(days=till if till != 5 or since != 5 else -5),
        )  # fmt: skip


def test_the_command_line(org, capsys):
    people(org)
    WORLD.rows = [row._replace(silent_days=9) for row in WORLD.rows]
    old = put_in_force(version(document(org.group), params={"days": 7, "warn_days": 0}))
    draft = version(old.document, params={"days": 12, "warn_days": 0})

    def zhike(*words):
        code = command.call(next(one for one in command.COMMANDS if one.name == "policy"), [*words, "--json"])
        return code, json.loads(capsys.readouterr().out)

    assert zhike("run")[1]["steps"][0]["decided"] == 5
    assert zhike("run")[1]["steps"][0]["decided"] == 0
    assert zhike("replay") == (0, {"decisions": 5, "differences": []})
    assert zhike("simulate", str(draft.pk), "--months", "2")[1]["differing"] == 3
    key = Decision.objects.first().pk
    assert zhike("explain", str(key), "--language", "en")[1]["why"] == ["9 > 7"]
    assert not list(decisions.replay(Decision.objects.all())) and runs and Simulation.objects.get().state == "DONE"


def test_a_kind_that_decides_on_an_event_is_tried_on_its_kept_decisions(org, monkeypatch):
    """Each decision is made again from its own facts under either version."""
    from zhike.policy import decisions as kept
    from zhike.policy.kinds import ClauseKind, Enforcement

    monkeypatch.setattr(Quiet, "histories", ClauseKind.histories)
    monkeypatch.setattr(Quiet, "enforcement", Enforcement.ON_EVENT)
    found = people(org)
    old = put_in_force(version(document(org.group), params={"days": 7, "warn_days": 0}))
    for number, one in enumerate(found):
        fact = Silence(one.pk, org.team.pk, org.boss.pk, 6 + 3 * number)
        kept.record(Quiet, fact, as_of=business_date() - timedelta(days=number + 1), occasion=str(number))
    assert Decision.objects.count() == 4  # 6 days are not too many
    draft = version(old.document, params={"days": 12, "warn_days": 0})
    row = simulate(draft)
    assert row.kinds == ["test.quiet"] and row.result["not_simulated"] == []
    sums = row.result["kinds"]["test.quiet"]
    assert sums["outcomes"]["LET_GO"]["n"] == [4, 2] and row.differing == 4  # two are let go later, with other figures


def test_what_would_have_been_decided_stands_in_order_of_time():
    from zhike.policy.actions.trying import _plain
    from zhike.policy.kinds import Outcome

    days = [date(2026, 11, 2), date(2026, 5, 27), date(2026, 9, 30)]
    trace = [(day, None, Outcome("WARN")) for day in days]
    assert [day for day, _code, _data in _plain(trace)] == sorted(days)
