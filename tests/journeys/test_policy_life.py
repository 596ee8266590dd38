"""A policy from the first draft to its acknowledgement, by the people who do it; a draft tried on the past."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from zhike.kernel.clock import business_date
from zhike.ownership.tests.conftest import build_world, contact, days_ago, held_since, make_customer
from zhike.policy.actions import documents, simulations
from zhike.policy.models import Clause, PolicyVersion, Simulation
from zhike.policy.tests.samples import put_in_force


@pytest.fixture
def world(db: None) -> SimpleNamespace:
    return build_world()


def dialog_of(surfer: Any, opener: str, name: str) -> Any:
    """Open a dialog of the page by its button."""
    surfer.page.locator(opener).first.click()
    found = surfer.page.locator(f"dialog#{name}[open]")
    found.wait_for()
    return found


def send(scope: Any) -> None:
    scope.locator("button[type=submit]").first.click()


def test_from_the_draft_to_the_acknowledgement(surf: Any, world: Any) -> None:
    author = surf(world.director)
    page = author.page
    author.go("/policies/new/")
    page.locator("label:has([name=template][value=GENERAL])").click()
    page.fill("[name=title]", "客户管理办法（试用）")
    page.locator(".form-foot button[type=submit]").click()
    page.wait_for_url("**/edit/")
    author.ready()
    draft = PolicyVersion.objects.get()
    # An article more, moved up, and away again.
    articles = draft.articles.count()
    chapter = draft.chapters.order_by("position")[0]
    more = dialog_of(author, f"[hx-get='/policies/chapters/{chapter.pk}/articles/']", "clause")
    more.locator("[name=title]").fill("补充")
    more.locator("label:has([name=binding][value=GUIDELINE])").click()
    more.locator("[name=text]").fill("本条为补充规定。")
    more.locator("[name=text_en]").fill("A further rule.")
    send(more)
    page.get_by_text("本条为补充规定。").wait_for()
    assert draft.articles.count() == articles + 1
    made = draft.clauses.get(text="本条为补充规定。").article
    page.locator(f"form[action='/policies/parts/articles/{made.pk}/move/'] button").first.click()
    author.until(f"document.querySelector('#p-{made.pk} + section.policy-article') !== null")
    made.refresh_from_db()
    page.locator(f"form[action='/policies/parts/articles/{made.pk}/removal/'] button").click()
    page.locator("dialog[open] button.danger, dialog[open] button.primary").last.click()
    page.locator(f"#p-{made.pk}").wait_for(state="detached")
    assert draft.articles.count() == articles
    # A question for the short test, then to review.
    page.locator("summary").filter(has_text="新").last.click()
    form = page.locator("form[action$='/questions/']")
    form.locator("[name=text]").fill("客户几天内须联系？")
    for place, text in enumerate(("七天", "不限")):
        form.locator("[name=options]").nth(place).fill(text)
    send(form)
    page.get_by_text("客户几天内须联系？").wait_for()
    asked = dialog_of(author, f"[hx-get='/policies/versions/{draft.pk}/review/']", "review")
    asked.locator(".picker input").fill("manager")
    asked.locator("[role=option]").filter(has_text="manager").first.click()
    send(asked)
    page.wait_for_url(f"**/versions/{draft.pk}/")
    # The reviewer remarks; the author settles it; the reviewer agrees.
    reviewer = surf(world.manager)
    reviewer.go(f"/policies/versions/{draft.pk}/")
    clause = Clause.objects.filter(version_of=draft).order_by("article__number")[0]
    remark = dialog_of(reviewer, f"[data-dialog='#remark-{clause.pk}']", f"remark-{clause.pk}")
    remark.locator("textarea").fill("目的请写明")
    send(remark)
    reviewer.page.locator(".policy-remark").filter(has_text="目的请写明").wait_for()
    author.go(f"/policies/versions/{draft.pk}/")
    page.locator(".policy-remark [name=answer]").fill("已写明")
    page.locator(".policy-remark button[type=submit]").click()
    page.locator(".policy-remark.settled").wait_for()
    reviewer.go(f"/policies/versions/{draft.pk}/")
    verdict = reviewer.page.locator("form[action$='/verdict/']")
    verdict.locator("label:has([value=AGREED])").click()
    send(verdict)
    verdict.wait_for(state="detached")
    # Approved and published.
    author.go(f"/policies/versions/{draft.pk}/")
    page.locator(f"form[action='/policies/versions/{draft.pk}/approval/'] button").click()
    published = dialog_of(author, f"[hx-get='/policies/versions/{draft.pk}/publication/']", "publication")
    send(published)
    page.locator("code.policy-hash").wait_for()
    draft.refresh_from_db()
    assert (draft.state, draft.content_hash != "") == ("PUBLISHED", True)
    # The representative passes the test and acknowledges.
    reader = surf(world.rep)
    reader.go("/policies/")
    reader.page.get_by_role("link", name="客户管理办法（试用）").first.click()
    test = dialog_of(reader, f"[hx-get='/policies/versions/{draft.pk}/acknowledgement/']", "acknowledge")
    test.get_by_text("七天").click()
    send(test)
    reader.page.get_by_text("你已于").wait_for()
    assert draft.acknowledgements.get().user == world.rep
    assert author.errors == reviewer.errors == reader.errors == []


def test_two_editors_of_one_clause_are_compared_and_nothing_is_lost(surf: Any, world: Any) -> None:
    draft = documents.create(
        by=world.director, title="客户管理办法", title_en="Customer policy", org_unit=world.company, template="GENERAL"
    ).versions.get()
    clause = draft.clauses.get(kind="ownership.reclaim")
    days = clause.params["extension_days"]
    first, second = surf(world.director), surf(world.admin)
    forms = []
    for surfer in (first, second):
        surfer.go(f"/policies/versions/{draft.pk}/edit/")
        forms.append(dialog_of(surfer, f"[hx-get='/policies/clauses/{clause.pk}/']", "clause"))
    forms[0].locator("[name='params.extension_days']").fill(str(days + 3))
    send(forms[0])
    forms[0].wait_for(state="detached")
    forms[1].locator("[name='params.appeal_within_days']").fill("9")
    send(forms[1])
    conflict = second.page.locator("dialog#conflict[open]")
    conflict.locator("button[type=submit]").click()
    forms[1].wait_for(state="detached")
    clause.refresh_from_db()
    assert (clause.params["extension_days"], clause.params["appeal_within_days"]) == (days + 3, 9)
    assert [one for one in first.errors + second.errors if "409" not in one] == []


def test_a_draft_is_tried_on_the_past(surf: Any, world: Any, monkeypatch: Any) -> None:
    row = documents.create(
        by=world.director, title="客户管理办法", title_en="Customer policy", org_unit=world.company, template="GENERAL"
    ).versions.get()
    put_in_force(row, business_date() - timedelta(days=300))
    customer = make_customer(world.rep)
    held_since(customer, days_ago(60))
    contact(customer, world.rep, days_ago(55))
    draft = documents.revise(by=world.director, document=row.document)
    clause = draft.clauses.get(kind="ownership.reclaim")
    surfer = surf(world.director)
    page = surfer.page
    surfer.go(f"/policies/versions/{draft.pk}/edit/")
    form = dialog_of(surfer, f"[hx-get='/policies/clauses/{clause.pk}/']", "clause")
    for field in form.locator("[name^='params.limits'][name$='days']").all():
        if field.is_visible():
            field.fill("40")
    send(form)
    form.wait_for(state="detached")
    surfer.go(f"/policies/versions/{draft.pk}/comparison/")
    page.locator("td ins").filter(has_text="40").first.wait_for()
    surfer.go(f"/policies/versions/{draft.pk}/simulation/")
    page.fill("[name=since]", str(business_date() - timedelta(days=90)))
    page.fill("[name=till]", str(business_date()))
    page.locator(".form-foot button[type=submit]").click()
    page.wait_for_url("**/policies/simulations/*-*/")
    # The worker is not part of this journey: what it would do is done here, and the page notices by itself.
    simulations.carry_on(Simulation.objects.get().pk)
    page.get_by_role("link", name=str(customer)).first.wait_for()
    assert Simulation.objects.get().differing == 1
    assert surfer.axe() == []
    assert surfer.errors == []
