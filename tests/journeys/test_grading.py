"""Grading in the browser: a rubric changed with its preview beside it, pages that everybody can use."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from zhike.customers.models import Customer
from zhike.grading.actions.assessments import compute, open_run
from zhike.grading.actions.judging import judge
from zhike.grading.actions.nightly import grade_by_settings
from zhike.grading.clauses import population
from zhike.grading.models import ClusterName, GradingScheme, PurchaseRecord
from zhike.grading.rules.matrix import ATTRACTIVENESS, STRENGTH
from zhike.grading.tests.papers import WAN, buy, owe, pay
from zhike.grading.tests.test_clusters import crowd_of
from zhike.kernel.clock import business_date, start_of_day
from zhike.sales.tests.conftest import build_world, person

LOOKS = [("desk", "zh-hans", "LIGHT"), ("desk", "en", "DARK"), ("phone", "zh-hans", "DARK"), ("phone", "en", "LIGHT")]
LAST_YEAR = business_date().year - 1


@pytest.fixture
def world(db: None) -> Any:
    population.forget()
    found: SimpleNamespace = build_world()
    found.finance = person("finance", found.company, "finance")
    Customer.objects.update(created_at=start_of_day(date(2022, 1, 1)))
    one = found.customer
    buy(one, 1, date(2023, 1, 1))
    buy(one, 900 * WAN, date(LAST_YEAR, 2, 1), margin=Decimal(5))
    pay(one, 765 * WAN, date(LAST_YEAR, 6, 1))
    owe(one, 800 * WAN, date(LAST_YEAR, 2, 1))
    buy(one, 10, business_date() - timedelta(days=20), margin=Decimal(5))
    judge(one, by=found.rep, values=dict.fromkeys((*ATTRACTIVENESS, *STRENGTH), Decimal(7)))
    found.run = compute(open_run(by=found.director, until=date(LAST_YEAR, 12, 31)))
    yield found
    population.forget()


@pytest.mark.parametrize(("size", "language", "theme"), LOOKS)
def test_pages_are_clean(surf: Any, world: Any, size: str, language: str, theme: str) -> None:
    surfer = surf(world.admin, size=size, language=language, theme=theme)
    customer, run = world.customer.pk, world.run
    faults: dict[str, Any] = {}
    for path in (
        "/grading/", "/grading/rubric/", "/grading/schemes/CHEVERTON/", "/grading/schemes/RFM/", "/grading/approvals/",
        "/grading/assessments/", f"/grading/assessments/{run.pk}/", f"/grading/sheets/{run.assessments.get().pk}/",
        f"/customers/{customer}/levels/", f"/customers/{customer}/judgement/", f"/customers/{customer}/levels/new/",
        "/purchases/", "/receivables/", "/receipts/", "/purchases/new/", "/import/",
    ):  # fmt: skip
        answer = surfer.go(path)
        surfer.shot(f"grading-{path.strip('/').replace('/', '-')[-24:]}-{size}-{language}")
        found = surfer.axe() + ([] if surfer.fits() else ["sticks out"])
        if answer.status != 200 or found or surfer.errors:
            faults[path] = [answer.status, *found, *surfer.errors]
            surfer.errors.clear()
    assert faults == {}


def test_a_rubric_is_changed_with_its_preview(surf: Any, world: Any) -> None:
    surfer = surf(world.admin)
    page = surfer.page
    surfer.go("/grading/rubric/")
    page.locator("#rubric-preview .grade-bars").wait_for()
    field = page.locator("[name=overdue_days]")
    before = field.input_value()
    last = page.locator("[name=percent]").nth(1)
    kept = last.input_value()
    last.fill("999")  # above the threshold before it: told at once, without saving
    page.locator("#rubric-preview .callout.red").wait_for()
    last.fill(kept)
    page.locator("#rubric-preview .grade-bars").wait_for()
    assert not GradingScheme.objects.exists(), "looking saves nothing"
    field.fill(str(int(before) + 30))
    page.locator("#rubric .form-foot button[type=submit]").click()
    page.locator(".toast").wait_for()
    assert GradingScheme.objects.get(code="ABC_GRADE").params["overdue_days"] == int(before) + 30
    assert surfer.errors == []


def test_the_faulty_cell_of_a_rubric_is_marked_and_gets_the_focus(surf: Any, world: Any) -> None:
    surfer = surf(world.admin)
    page = surfer.page
    surfer.go("/grading/rubric/")
    cell = page.locator("[name='SALES_AMOUNT-low']").nth(1)
    cell.fill("890")
    page.locator("#rubric .form-foot button[type=submit]").click()
    surfer.until("document.activeElement.getAttribute('aria-invalid') === 'true'")
    wrong = page.locator("[aria-invalid=true]")
    assert wrong.count() == 1
    assert wrong.get_attribute("name") == "SALES_AMOUNT-low" and wrong.input_value() == "890"
    said = page.locator(f"#{wrong.get_attribute('aria-describedby')}")
    assert "800" in said.inner_text() and "890" in said.inner_text() and said.is_visible()
    surfer.shot("rubric-cell")
    assert surfer.axe() == []
    wrong.fill("800")
    assert page.locator("[aria-invalid]").count() == 0 and said.count() == 0
    assert [one for one in surfer.errors if "422" not in one] == []


@pytest.mark.parametrize(("size", "language", "theme"), LOOKS)
def test_clusters_are_seen_named_and_explained(surf: Any, world: Any, size: str, language: str, theme: str) -> None:
    PurchaseRecord.objects.update(state="VOIDED")  # what everybody else bought
    crowd = crowd_of(world, 20)
    population.forget()
    grade_by_settings()
    steward = person("steward", world.company, "data_steward")
    surfer = surf(steward, size=size, language=language, theme=theme)
    page = surfer.page
    surfer.go("/grading/schemes/CLUSTER/")
    assert page.locator(".clusters circle").count() == 3
    page.locator("[name=name-C1]").fill("大户")
    page.locator(".cluster-names button[type=submit]").click()
    page.locator(".toast").wait_for()
    assert ClusterName.objects.get().name == "大户"
    faults: dict[str, Any] = {}
    for path in ("/grading/", "/grading/schemes/CLUSTER/", "/grading/schemes/COMPOSITE_ABC/",
                 f"/customers/{crowd[0].pk}/levels/"):  # fmt: skip
        answer = surfer.go(path)
        surfer.shot(f"cluster-{path.strip('/').replace('/', '-')[-24:]}-{size}-{language}")
        found = surfer.axe() + ([] if surfer.fits() else ["sticks out"])
        if answer.status != 200 or found or surfer.errors:
            faults[path] = [answer.status, *found, *surfer.errors]
            surfer.errors.clear()
        if "CLUSTER" in path or "levels" in path:
            assert "大户" in page.locator("main").inner_text()
    assert faults == {}
    surfer.go("/grading/schemes/CLUSTER/")
    page.locator(".clusters circle").first.click()
    page.locator("text=第0类第0号公司").first.wait_for()
