"""A policy is written, compared and read in the browser; a clause is edited as a form, its bands as a table."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from zhike.kernel.clock import business_date
from zhike.policy.actions import documents, drafting, runs, simulations
from zhike.policy.models import PolicyVersion
from zhike.policy.tests.samples import WORLD, Quiet, Silence, put_in_force
from zhike.sales.tests.conftest import build_world

LOOKS = [("desk", "zh-hans", "LIGHT"), ("desk", "en", "DARK"), ("phone", "zh-hans", "DARK"), ("phone", "en", "LIGHT")]


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    WORLD.clear()
    monkeypatch.setattr(Quiet, "subject", "customers.customer")
    return build_world()


@pytest.fixture
def rules(world: SimpleNamespace) -> SimpleNamespace:
    """A policy in force with a decision and a draft that changes it."""
    boss, today = world.director, business_date()
    row = documents.create(
        by=boss,
        title="案场客户归属管理办法",
        title_en="Sales office policy",
        org_unit=world.company,
        template="REAL_ESTATE",
    ).versions.get()
    chapter = row.chapters.get(title="客户归属")
    drafting.add_article(
        by=boss, chapter=chapter, title="沉默客户", title_en="Silence", binding="EXECUTABLE", kind="test.quiet",
        params={"days": 7},
    )  # fmt: skip
    put_in_force(row, today - timedelta(days=60))
    WORLD.rows = [
        Silence(world.customer.pk, world.north.pk, world.rep.pk, 9, since=today - timedelta(days=9)),
    ]
    run = runs.run_now()
    draft = documents.revise(by=boss, document=row.document)
    clause = draft.clauses.get(kind="test.quiet")
    drafting.update_clause(clause, by=boss, params={"days": 20, "warn_days": 2})
    since = today - timedelta(days=30)
    simulation = simulations.carry_on(simulations.start(by=boss, draft=draft, since=since, till=today).pk)
    return SimpleNamespace(row=row, draft=draft, clause=clause, run=run, simulation=simulation)


@pytest.mark.parametrize(("size", "language", "theme"), LOOKS)
def test_pages_are_clean(surf: Any, world: Any, rules: Any, size: str, language: str, theme: str) -> None:
    browser = surf(world.admin, size=size, language=language, theme=theme)
    draft = rules.draft.pk
    faults: dict[str, Any] = {}
    for name, path in {
        "index": "/policies/",
        "new": "/policies/new/",
        "version": f"/policies/versions/{rules.row.pk}/",
        "edit": f"/policies/versions/{draft}/edit/",
        "comparison": f"/policies/versions/{draft}/comparison/",
        "readers": f"/policies/versions/{rules.row.pk}/readers/",
        "runs": "/policies/runs/",
        "run": f"/policies/runs/{rules.run.pk}/",
        "decisions": "/policies/decisions/",
        "decision": f"/policies/decisions/{rules.run.decisions.get().pk}/",
        "simulation": f"/policies/simulations/{rules.simulation.pk}/",
        "try": f"/policies/versions/{draft}/simulation/",
        "compliance": "/policies/compliance/",
    }.items():
        browser.go(path)
        browser.shot(f"policy-{name}-{size}-{language}")
        found = browser.axe() + ([] if browser.fits() else ["sticks out"])
        if found:
            faults[name] = found
    assert faults == {}
    assert browser.errors == []


def test_a_clause_is_edited_as_a_form(surf: Any, world: Any, rules: Any) -> None:
    browser = surf(world.director)
    page = browser.page
    browser.go(f"/policies/versions/{rules.draft.pk}/edit/")
    page.locator(f"[hx-get='/policies/clauses/{rules.clause.pk}/']").click()
    dialog = page.locator("dialog#clause")
    dialog.locator("[name='params.days']").wait_for()
    browser.shot("policy-clause")
    dialog.locator("[name='params.days']").fill("0")
    dialog.locator("button[type=submit]").click()
    dialog.locator("[data-error-for='params.days']:not(:empty)").wait_for()
    dialog.locator("[name='params.days']").fill("15")
    dialog.locator("button[type=submit]").click()
    page.get_by_text("超过15日").first.wait_for()
    # The refusal of 0 days is told by its status; nothing else went wrong.
    assert [one for one in browser.errors if "422" not in one] == []


def test_read_and_acknowledged(surf: Any, world: Any, rules: Any) -> None:
    browser = surf(world.rep)
    page = browser.page
    browser.go("/policies/")
    page.get_by_role("link", name="案场客户归属管理办法").first.click()
    page.get_by_role("button", name="阅读并签收").click()
    page.locator("dialog#acknowledge button[type=submit]").click()
    page.get_by_text("你已于").wait_for()
    assert PolicyVersion.objects.get(pk=rules.row.pk).acknowledgements.get().user == world.rep


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_faulty_cell_of_a_table_is_marked(surf: Any, world: Any, rules: Any, language: str) -> None:
    clause = rules.draft.clauses.get(kind="ownership.reclaim")
    browser = surf(world.director, language=language)
    page = browser.page
    browser.go(f"/policies/versions/{rules.draft.pk}/edit/")
    page.locator(f"[hx-get='/policies/clauses/{clause.pk}/']").click()
    dialog = page.locator("dialog#clause")
    days = dialog.locator("ul [name='params.limits.days']")
    days.nth(1).fill("-3")
    dialog.locator("button[type=submit]").last.click()
    browser.until("document.activeElement.name === 'params.limits.days'")
    assert dialog.locator("[aria-invalid=true]").count() == 1
    assert days.nth(1).get_attribute("aria-invalid") == "true"
    said = page.locator(f"#{days.nth(1).get_attribute('aria-describedby')}")
    assert ("第 2 行" if language == "zh-hans" else "Row 2") in said.inner_text()
    browser.shot(f"clause-cell-{language}")
    assert browser.axe() == []
    days.nth(1).fill("30")
    assert dialog.locator("[aria-invalid]").count() == 0
    assert [one for one in browser.errors if "422" not in one] == []
