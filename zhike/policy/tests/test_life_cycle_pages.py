"""Pages of the life cycle: two editors of one clause, what is overdue, reviews due, settings that a clause owns, facts
that a reader may not read."""

from __future__ import annotations

from datetime import timedelta
from unittest import mock

import pytest
from django.urls import reverse

from zhike.access.models import FieldRight
from zhike.grading.tests.papers import rule
from zhike.kernel.clock import business_date
from zhike.ownership.actions.pools import create_pool
from zhike.policy.actions import drafting, runs
from zhike.policy.kinds import ClauseKind
from zhike.policy.models import PolicyDocument, PolicyVersion
from zhike.policy.tests.samples import WORLD, Quiet
from zhike.policy.tests.test_pages import client, draft, get, in_force, post
from zhike.sales.tests.conftest import build_world
from zhike.staff.models import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db, monkeypatch):
    WORLD.clear()
    monkeypatch.setattr(Quiet, "subject", "customers.customer")
    return build_world()


def test_the_second_editor_sees_what_the_first_saved_and_chooses(world):
    row, boss = draft(world), world.director
    clause = row.clauses.get(kind="test.quiet")
    drafting.update_clause(clause, by=boss, params={"days": 12, "warn_days": 2})
    mine = {"binding": "EXECUTABLE", "kind": "test.quiet", "params.days": "7", "params.warn_days": "5", "_version": 1}
    answer = post(boss, "clause", clause.pk, status=409, **mine, **{"params.worth": "0"})
    text = answer.content.decode()
    assert "Days of silence" in text and "12" in text and 'name="_pick-params.days"' in text
    # Only the other one changed the days: his are offered; the days of warning both changed: one's own.
    days, warn = text.index('name="_pick-params.days"'), text.index('name="_pick-params.warn_days"')
    assert 'value="theirs" checked' in text[days : days + 60] and 'value="theirs" checked' not in text[warn : warn + 60]
    clause.refresh_from_db()
    picked = {"_pick-params.days": "theirs", "_pick-params.warn_days": "mine", "params.worth": "0"}
    post(boss, "clause", clause.pk, **(mine | {"_version": clause.version}), **picked)
    clause.refresh_from_db()
    assert (clause.params["days"], clause.params["warn_days"]) == (12, 5)


def test_overdue_and_due_stand_on_the_first_page(world):
    row = in_force(world)
    PolicyDocument.objects.update(author=world.director)
    late = {"effective_from": business_date() - timedelta(days=350)}
    assert "Overdue since" not in get(world.rep, "index")
    with mock.patch("zhike.policy.actions.acknowledging.due_on", return_value=business_date() - timedelta(days=3)):
        assert "Overdue since" in get(world.rep, "index")
        assert "Please do it now" in get(world.rep, "version", row.pk)
    assert "To be reviewed" not in get(world.director, "index").replace("To be reviewed until", "")
    other = draft(world)
    PolicyVersion.objects.filter(pk=other.pk).update(
        state="PUBLISHED", published_at=row.published_at, content_hash="0" * 64, **late
    )
    assert "To be reviewed" in get(world.director, "index")
    assert "It stays as it is" in get(world.director, "version", other.pk)
    post(world.rep, "reviewed", other.document_id, note="x", status=403)
    post(world.director, "reviewed", other.document_id, note=" ", status=422)
    post(world.director, "reviewed", other.document_id, note="逐条核对")
    other.document.refresh_from_db()
    assert other.document.reviewed_on == business_date()


def test_settings_that_a_clause_owns_are_shown_with_their_article(world):
    pool = create_pool(by=world.admin, name="公海", org_unit=world.company, member_units=[world.company])
    address = reverse("ownership:pool-settings", args=[pool.pk])
    assert "usual figures" in client(world.admin).get(address).content.decode()
    for kind in ("ownership.pick", "ownership.reclaim", "grading.pareto", "grading.rubric"):
        rule(world.company, kind)
    text = client(world.admin).get(address).content.decode()
    assert "usual figures" not in text and text.count("Ruled by article 7 of") == 2
    for page in (reverse("grading:scheme", args=["PARETO_ABC"]), reverse("grading:rubric")):
        text = client(world.director).get(page).content.decode()
        assert "Ruled by article 7 of" in text and "/policies/rulings/" in text, page
    for values in ({"active": ""}, {"params": "1", "a_percent": "70"}):
        answer = client(world.director).post(reverse("grading:scheme-settings", args=["PARETO_ABC"]), values)
        assert answer.status_code == 422


def test_facts_that_a_reader_may_not_read_are_left_out(world, monkeypatch):
    monkeypatch.setattr(Quiet, "fact_fields", {"worth": (("customers", "grade"),)})
    in_force(world)
    decision = runs.run_now().decisions.get()
    text = get(world.rep, "decision", decision.pk)
    assert "9 &gt; 7" in text and "<dt>worth" in text.replace("\n", "")
    role = Role.objects.get(code="sales_rep")
    FieldRight.objects.create(role=role, record_type="customers", field="grade", right="HIDDEN")
    world.rep.refresh_from_db()
    text = get(world.rep, "decision", decision.pk)
    assert "9 &gt; 7" not in text and "may not read" in text and "<dt>worth" not in text.replace("\n", "")
    monkeypatch.setattr(Quiet, "outcome_field", ("customers", "grade"))
    get(world.rep, "decision", decision.pk, status=404)
    assert str(decision.pk) not in get(world.rep, "decisions")
    assert str(decision.pk) in get(world.director, "decisions")


def test_what_is_not_simulated_is_said_with_the_reason(world, monkeypatch):
    row = draft(world)
    monkeypatch.setattr(Quiet, "histories", ClauseKind.histories)
    text = get(world.director, "simulation-new", row.pk)
    assert "These clauses are not simulated" in text and "Silence" in text and "cannot be walked over" in text
