"""Whose a customer is, as people live it: the desk, the pool, a customer lost and given back, a clash, a hand-over."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from zhike.customers.models import Customer
from zhike.kernel.clock import business_date
from zhike.ownership import terms
from zhike.ownership.actions import clashes
from zhike.ownership.actions.attributing import decide
from zhike.ownership.actions.keeping import appeal
from zhike.ownership.clauses.params import Pick
from zhike.ownership.models import Appeal, ClashCase, CustomerPool, Deposit, PoolStay, Registration, ReleaseNotice
from zhike.ownership.tests.conftest import (
    build_world,
    days_ago,
    fresh,
    held_since,
    in_pool,
    make_customer,
    put_in_force,
)
from zhike.ownership.tests.test_release import publish, warned
from zhike.policy.actions import documents, runs
from zhike.policy.models import PolicyVersion
from zhike.policy.tests.samples import put_in_force as begin

LOOKS = [("desk", "zh-hans", "LIGHT"), ("desk", "en", "DARK"), ("phone", "zh-hans", "DARK"), ("phone", "en", "LIGHT")]


@pytest.fixture
def world(db: None) -> SimpleNamespace:
    return build_world()


def lost(world: SimpleNamespace) -> Customer:
    """A customer of the representative whom last night's run laid into the pool."""
    publish(world, 400)
    customer = make_customer(world.rep, contacts=[{"name": "陈建国", "phones": ["13800138000"]}])
    held_since(customer, days_ago(40))
    warned(customer, 2)
    runs.run_now()
    return Customer.objects.get(pk=customer.pk)


def pick(scope: Any, name: str, text: str) -> None:
    """Choose from a picker by typing."""
    box = scope.locator(f".field:has([data-error-for='{name}']) .picker input").first
    box.fill(text)
    scope.locator(f".field:has([data-error-for='{name}']) [role=option]").filter(has_text=text).first.click()


@pytest.mark.parametrize(("size", "language", "theme"), LOOKS)
def test_pages_are_clean(surf: Any, world: Any, size: str, language: str, theme: str) -> None:
    gone = lost(world)
    mine = make_customer(world.rep, "在手客户有限公司")
    clash = clashes.create(by=fresh(world.colleague), customer=mine, subject="谁先接触")
    attribution = decide(mine, by=world.admin, receiver=world.colleague)
    deposit = Deposit(customer=mine, kind="EARNEST", amount=Decimal(100), unit_code="A-1")
    deposit.belongs_to(world.rep)
    deposit.save()
    opened = appeal(by=world.rep, customer_id=gone.pk, reason="客户一直在出差，下周签约")
    pages: dict[Any, list[str]] = {
        world.rep: [
            "/my-customers/", "/my-customers/?soon=1", "/my-customers/lost/", f"/ownership/customers/{gone.pk}/why/",
            f"/ownership/customers/{gone.pk}/appeal/", f"/customers/{mine.pk}/return/", "/pools/", "/duplicates/",
            f"/customers/{mine.pk}/extension/", f"/clashes/{clash.pk}/", "/ownership/appeals/",
        ],
        world.desk: ["/registrations/desk/", "/registrations/"],
        world.manager: [
            "/handover/", f"/handover/?leaver={world.rep.pk}", "/clashes/board/", f"/clashes/{clash.pk}/",
            f"/attributions/{attribution.pk}/", f"/customers/{mine.pk}/attribution/",
            f"/pools/{world.pool.pk}/assignment/", "/ownership/appeals/", "/ownership/appeals/?show=decided",
            f"/ownership/appeals/{opened.pk}/",
        ],
        world.admin: ["/pools/settings/", f"/pools/{world.pool.pk}/settings/"],
        world.finance: ["/deposits/", f"/deposits/{deposit.pk}/", f"/deposits/{deposit.pk}/confirmation/"],
    }  # fmt: skip
    faults: dict[str, Any] = {}
    for who, paths in pages.items():
        surfer = surf(who, size=size, language=language, theme=theme)
        for path in paths:
            answer = surfer.go(path)
            surfer.shot(f"ownership-{path.strip('/').replace('/', '-')[-30:]}-{size}-{language}")
            found = surfer.axe() + ([] if surfer.fits() else ["sticks out"])
            if answer.status != 200 or found or surfer.errors:
                faults[path] = [answer.status, *found, *surfer.errors]
                surfer.errors.clear()
    assert faults == {}


def test_the_desk_registers_refuses_with_the_reason_and_lets_wait(surf: Any, world: Any) -> None:
    surfer = surf(world.desk)
    page = surfer.page

    def register(who: str, *, wait: bool = False) -> None:
        page.fill("[name=name]", "王小明")
        page.fill("[name=phones]", "13800138000")
        pick(page, "registrant", who)
        page.set_checked("[name=wait]", wait)
        page.locator("form[action='/registrations/desk/'] .form-foot button").click()

    surfer.go("/registrations/desk/")
    register("rep")
    page.locator("tr[data-row]").filter(has_text="rep").first.wait_for()
    first = Registration.objects.get()
    assert (first.owner, first.status) == (world.rep, "ACTIVE")
    surfer.go("/registrations/desk/")
    register("colleague")
    page.locator("form[action='/registrations/desk/'] .callout.red, .toast").filter(has_text="rep").first.wait_for()
    assert page.input_value("[name=name]") == "王小明", "what was typed is still there"
    assert Registration.objects.count() == 1
    register("colleague", wait=True)
    page.locator("tr[data-row]").filter(has_text="colleague").first.wait_for()
    assert Customer.objects.get().owner == world.rep
    assert Registration.objects.count() == 2
    assert [one for one in surfer.errors if "422" not in one] == []


def test_a_customer_is_claimed_up_to_the_limit_and_given_back(surf: Any, world: Any, monkeypatch: Any) -> None:
    known = terms.terms
    monkeypatch.setattr(
        terms, "terms", lambda kind, unit, **more: Pick(daily_limit=1) if kind is Pick else known(kind, unit, **more)
    )
    rows = [in_pool(world, name) for name in ("甲公海客户有限公司", "乙公海客户有限公司")]
    surfer = surf(world.rep)
    page = surfer.page
    surfer.go("/pools/")
    page.locator("tr[data-row]").filter(has_text=str(rows[0])).locator("button").click()
    page.locator(".toast").wait_for()
    surfer.until("document.querySelectorAll('tr[data-row]').length === 1")
    assert Customer.objects.get(pk=rows[0].pk).owner == world.rep
    page.locator("tr[data-row]").filter(has_text=str(rows[1])).locator("button").click()
    page.locator(".toast").filter(has_text="1").last.wait_for()
    assert Customer.objects.get(pk=rows[1].pk).owner is None
    surfer.go("/my-customers/")
    page.locator("[hx-get$='/return/']").first.click()
    dialog = page.locator("dialog#return")
    dialog.locator("select[name=reason]").select_option("NO_NEED")
    dialog.locator("button[type=submit]").click()
    page.locator(".empty-state").first.wait_for()
    assert PoolStay.objects.open().filter(customer=rows[0], previous_owner=world.rep).exists()
    assert [one for one in surfer.errors if "422" not in one] == []


def test_a_lost_customer_is_explained_appealed_and_given_back(surf: Any, world: Any) -> None:
    row = lost(world)
    assert row.owner is None
    surfer = surf(world.rep)
    page = surfer.page
    surfer.go("/my-customers/lost/")
    page.locator(f"a[href='/ownership/customers/{row.pk}/why/']").first.click()
    page.get_by_text("超过7日").first.wait_for()
    page.locator(f"[hx-get='/ownership/customers/{row.pk}/appeal/']").click()
    dialog = page.locator("dialog#appeal")
    dialog.locator("textarea").fill("客户一直在出差，下周签约")
    dialog.locator("button[type=submit]").click()
    page.locator(".callout").filter(has_text="客户一直在出差").first.wait_for()
    opened = Appeal.objects.get()
    chief = surf(world.director)
    chief.go("/ownership/appeals/")
    chief.page.locator("tr[data-row]").filter(has_text="客户一直在出差").locator(".button.primary").click()
    chief.page.wait_for_url(f"**/ownership/appeals/{opened.pk}/")
    chief.ready()
    chief.page.get_by_text("超过7日").first.wait_for()
    chief.page.locator("label:has([name=upheld][value='1'])").click()
    chief.page.locator("form[action$='/appeals/" + str(opened.pk) + "/'] .form-foot button[type=submit]").click()
    chief.page.wait_for_url("**/ownership/appeals/")
    chief.page.locator(".empty-state").first.wait_for()
    row = Customer.objects.get(pk=row.pk)
    assert row.owner == world.rep
    assert row.ownerships.open().get().acquired_by == "RESTORE"
    assert not PoolStay.objects.open().exists()
    surfer.go("/my-customers/")
    page.get_by_role("link", name=str(row)).first.wait_for()
    assert surfer.errors == chief.errors == []


def test_a_clash_is_raised_and_ruled(surf: Any, world: Any) -> None:
    row = make_customer(world.rep)
    surfer = surf(world.manager)
    page = surfer.page
    surfer.go(f"/customers/{row.pk}/clash/")
    form = page.locator("dialog#clash")
    form.locator("[name=subject]").fill("谁先接触")
    pick(form, "party", "colleague")
    form.locator("button[type=submit]").click()
    page.wait_for_url("**/clashes/*-*/")
    surfer.ready()
    case = ClashCase.objects.get()
    # Who raised it is a party; somebody above rules.
    judge = surf(world.director)
    judge.go(f"/clashes/{case.pk}/")
    ruling = judge.page.locator(f"form[action='/clashes/{case.pk}/ruling/']")
    ruling.locator("label:has([value=AWARD_ONE])").click()
    ruling.locator(f"[name='share-{world.colleague.pk}']").fill("60")
    ruling.locator("[name=ruling]").fill("登记在先")
    ruling.locator(".form-foot button[type=submit]").click()
    ruling.locator("[data-error-for=shares]:not(:empty), .callout.red").first.wait_for()
    ruling.locator(f"[name='share-{world.colleague.pk}']").fill("100")
    ruling.locator(".form-foot button[type=submit]").click()
    ruling.wait_for(state="detached")
    case.refresh_from_db()
    assert (case.state, case.ruled_by) == ("RULED", world.director)
    assert [one for one in surfer.errors + judge.errors if "422" not in one] == []


def test_a_leaver_is_handed_over_after_a_look(surf: Any, world: Any) -> None:
    for number in range(3):
        make_customer(world.rep, f"北方机械{number}厂有限公司")
    surfer = surf(world.manager)
    page = surfer.page
    surfer.go(f"/handover/?leaver={world.rep.pk}")
    page.get_by_text("北方机械2厂").first.wait_for()
    assert Customer.objects.filter(owner=world.rep).count() == 3, "looking changes nothing"
    form = page.locator("form[method=post][action='/handover/']")
    pick(form, "successor", "colleague")
    form.locator(".form-foot button[type=submit]").click()
    page.locator(".toast").wait_for()
    assert Customer.objects.filter(owner=world.colleague).count() == 3
    assert surfer.errors == []


def test_who_holds_on_is_told_how_long(surf: Any, world: Any) -> None:
    publish(world, 400)
    row = make_customer(world.rep)
    held_since(row, days_ago(6))
    assert not ReleaseNotice.objects.exists()
    surfer = surf(world.rep, size="phone")
    surfer.go("/my-customers/?soon=1")
    line = surfer.page.locator("tr[data-row]").filter(has_text=str(row))
    line.wait_for()
    assert str((business_date() + timedelta(days=1)).year) in line.inner_text()
    line.locator("a[href*='/why/']").click()
    surfer.page.get_by_role("heading", name=str(row)).wait_for()
    assert surfer.errors == []


def test_a_pool_is_set_up_anew_and_its_members_see_it(surf: Any, world: Any) -> None:
    """What members may read belongs to the pool; how many they claim belongs to the policy, and is changed there."""
    version = put_in_force(world, Pick(daily_limit=5))
    for name in ("甲公海客户有限公司", "乙公海客户有限公司"):
        in_pool(world, name, region_code="310115")
    member, keeper = surf(world.rep), surf(world.admin)
    member.go("/pools/")
    heads = member.page.locator("thead").inner_text()
    assert "地区" in heads and "上海" in member.page.locator("tbody").inner_text()
    # The pool hides the region.
    page = keeper.page
    keeper.go(f"/pools/{world.pool.pk}/settings/")
    page.locator("label:has([name=shown][value=region_code])").click()
    page.locator(f"form[action='/pools/{world.pool.pk}/settings/'] .form-foot button[type=submit]").click()
    page.locator(".toast").wait_for()
    assert "region_code" in CustomerPool.objects.get(pk=world.pool.pk).hidden_fields
    assert not page.locator("[name=shown][value=region_code]").is_checked()
    member.go("/pools/")
    assert "地区" not in member.page.locator("thead").inner_text()
    assert "上海" not in member.page.locator("tbody").inner_text()
    # The cap stands in the policy: the page leads there, and a new version changes it.
    page.locator(".policy-owned a").first.click()
    page.wait_for_url("**/policies/**")
    draft = documents.revise(by=world.admin, document=version.document)
    clause = draft.clauses.get(kind="ownership.pick")
    keeper.go(f"/policies/versions/{draft.pk}/edit/")
    page.locator(f"[hx-get='/policies/clauses/{clause.pk}/']").click()
    form = page.locator("dialog#clause")
    form.locator("[name='params.daily_limit']").fill("1")
    form.locator("button[type=submit]").click()
    form.wait_for(state="detached")
    PolicyVersion.objects.filter(pk=version.pk).update(effective_to=business_date(), end_reason="SUPERSEDED")
    begin(draft, business_date())
    member.go("/pools/")
    member.page.locator(".stat").filter(has_text="0 / 1").wait_for()
    for left in (1, 1):
        member.page.locator("tr[data-row] button[name=customer]").first.click()
        member.page.locator(".toast").first.wait_for()
        member.until(f"document.querySelectorAll('tr[data-row]').length === {left}")
    assert Customer.objects.filter(owner=world.rep).count() == 1
    assert [one for one in member.errors + keeper.errors if "422" not in one] == []
