"""Whose a customer is, as people live it: the desk, and a customer lost, explained, appealed about and given back."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from zhike.customers.models import Customer
from zhike.ownership.models import Appeal, PoolStay, Registration
from zhike.ownership.tests.conftest import build_world, days_ago, held_since, make_customer
from zhike.ownership.tests.test_release import publish, warned
from zhike.policy.actions import runs


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
    chief.go(f"/ownership/appeals/{opened.pk}/")
    chief.page.get_by_text("超过7日").first.wait_for()
    chief.page.locator("label:has([name=upheld][value='1'])").click()
    chief.page.locator("form[action$='/appeals/" + str(opened.pk) + "/'] .form-foot button[type=submit]").click()
    chief.until("!document.querySelector('[name=upheld]')")
    row = Customer.objects.get(pk=row.pk)
    assert row.owner == world.rep
    assert row.ownerships.open().get().acquired_by == "RESTORE"
    assert not PoolStay.objects.open().exists()
    surfer.go("/my-customers/")
    page.get_by_role("link", name=str(row)).first.wait_for()
    assert surfer.errors == chief.errors == []
