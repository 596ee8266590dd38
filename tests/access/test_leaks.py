"""What one may not see is nowhere: page, fragment, API, search, export, counts; and a leaver is nobody."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.access.cast import Cast, gather
from zhike.access.models import FieldRight, Grant
from zhike.administration.actions import disable_user
from zhike.customers.models import Contact
from zhike.records.registry import describe, descriptions
from zhike.staff.models import Role, User

pytestmark = pytest.mark.django_db

PHONE, TAIL = "13800138000", "8000"


@pytest.fixture
def cast() -> Cast:
    return gather()


def api(user_token: str, path: str, method: str = "GET", body: str = "") -> Any:
    return Client().generic(
        method, f"/api/v1/{path}", body, "application/json", headers={"Authorization": f"Bearer {user_token}"}
    )


def text(response: Any) -> str:
    return response.content.decode()


@pytest.mark.parametrize("who", ["other", "nobody"])
def test_records_of_others_are_not_found_and_not_counted(cast: Cast, who: str) -> None:
    browser, token = cast.browsers[who], cast.tokens[who]
    for name, row in cast.records.items():
        if name == "competitors":  # Shared knowledge of a company's sales people.
            continue
        for path in (f"/{name}/{row.pk}/", f"/{name}/{row.pk}/edit/", f"/{name}/{row.pk}/timeline/"):
            for headers in ({}, {"HX-Request": "true"}):
                assert browser.get(path, headers=headers).status_code == 404, (path, headers)
        assert api(token, f"{name}/{row.pk}").status_code == 404
        assert api(token, f"{name}/{row.pk}", "PATCH", "{}").status_code == 404
        listed = api(token, name)
        assert listed.status_code in (200, 403, 404)
        if listed.status_code == 200:
            assert listed.json()["items"] == []
        page = browser.get(f"/{name}/")
        assert "北极星" not in text(page)
    assert describe("customers").rows(cast.people[who]).count() == 0


def test_search_finds_for_the_owner_and_for_nobody_else(cast: Cast) -> None:
    for words in ("北极", "bjx", TAIL, "周北辰"):
        found = cast.browsers["sales_rep"].get("/search/box/", {"q": words}, headers={"HX-Request": "true"})
        assert "北" in text(found)
        for who in ("other", "nobody"):
            answer = cast.browsers[who].get("/search/box/", {"q": words})
            assert str(cast.records["customers"].pk) not in text(answer)
            assert "北极星重工" not in text(answer)
            assert PHONE not in text(answer)


def test_no_contacts_through_the_customer(cast: Cast) -> None:
    """Who may see the customer but no contacts learns of none on his page, in his panels or by the API."""
    role = Role.objects.get(code="sales_rep")
    Grant.objects.filter(role=role, permission__startswith="customers.contact.").delete()
    customer, contact = cast.records["customers"], cast.records["contacts"]
    browser, token = cast.browsers["sales_rep"], cast.tokens["sales_rep"]
    assert Contact.objects.visible_to(fresh(cast.people["sales_rep"])).count() == 0
    page = browser.get(f"/customers/{customer.pk}/")
    assert page.status_code == 200
    assert str(contact.pk) not in text(page)
    assert "13900139000" not in text(page)
    assert api(token, f"contacts/{contact.pk}").status_code in (403, 404)


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def restrict(code: str, record_type: str, field: str, right: str) -> None:
    FieldRight.objects.create(role=Role.objects.get(code=code), record_type=record_type, field=field, right=right)


@pytest.mark.parametrize("right", ["HIDDEN", "MASKED"])
def test_a_restricted_field_shows_nowhere(cast: Cast, right: str) -> None:
    restrict("sales_rep", "customers", "phones", right)
    customer = cast.records["customers"]
    browser, token = cast.browsers["sales_rep"], cast.tokens["sales_rep"]
    answers = [
        browser.get(f"/customers/{customer.pk}/"),
        browser.get(f"/customers/{customer.pk}/edit/"),
        browser.get("/customers/", {"columns": "name,phones"}),
        browser.get("/search/box/", {"q": "北极"}),
        api(token, f"customers/{customer.pk}"),
        api(token, "customers"),
    ]
    for answer in answers:
        assert answer.status_code == 200, answer.request["PATH_INFO"]
        assert PHONE not in text(answer), answer.request["PATH_INFO"]
        assert "+8613800138000" not in text(answer), answer.request["PATH_INFO"]
        assert "138 0013 8000" not in text(answer), answer.request["PATH_INFO"]
    api(token, f"customers/{customer.pk}", "PATCH", '{"phones": ["138****8000"]}')
    customer.refresh_from_db()
    assert customer.phones == ["+8613800138000"]


@pytest.mark.parametrize("right", ["HIDDEN", "MASKED"])
def test_a_restricted_name_shows_nowhere(cast: Cast, right: str) -> None:
    """Of the record itself, of the records that name it, of the search box, the timeline and the start page."""
    for field in ("name", "short_name"):
        restrict("sales_rep", "customers", field, right)
    browser, token = cast.browsers["sales_rep"], cast.tokens["sales_rep"]
    customer = cast.records["customers"]
    addresses = ["/", "/to-do/", "/log/", "/log/customers/", "/opportunities/board/", "/search/?q=北极"]
    addresses += ["/search/box/?q=北极"]
    addresses += [f"/{name}/" for name in cast.records]
    addresses += [f"/{name}/{row.pk}/" for name, row in cast.records.items()]
    addresses += [f"/customers/{customer.pk}/{part}/" for part in ("story", "people", "consents")]
    addresses += [f"/log/?customer={customer.pk}", f"/opportunities/{cast.records['opportunities'].pk}/edit/"]
    for address in addresses:
        answer = browser.get(address, follow=True)
        assert answer.status_code == 200, address
        assert "北极星重工" not in text(answer).replace("<mark>", "").replace("</mark>", ""), address
    for name, row in cast.records.items():
        assert "北极星重工" not in text(api(token, f"{name}/{row.pk}")), name
        assert "北极星重工" not in text(api(token, f"{name}/{row.pk}/timeline")), name


def test_a_leavers_session_and_token_are_worth_nothing(cast: Cast) -> None:
    browser, token = cast.browsers["sales_rep"], cast.tokens["sales_rep"]
    assert api(token, "customers").status_code == 200
    disable_user(cast.people["sales_rep"], by=cast.people["admin"])
    assert browser.get("/customers/").status_code == 302
    assert api(token, "customers").status_code == 401
    assert api(cast.tokens["other"] + "x", "customers").status_code == 401


def test_every_record_type_takes_part(cast: Cast) -> None:
    """A new record type gets a record in `cast.make_records`, so that it is tested here."""
    assert {description.name for description in descriptions()} == set(cast.records)


def test_every_list_and_search_opens(cast: Cast) -> None:
    """Also of types whose rows are called by something else than a column ``name``."""
    for name in cast.records:
        assert cast.browsers["sales_rep"].get(f"/{name}/").status_code in (200, 403), name
        assert cast.browsers["admin"].get(f"/{name}/?q=北极").status_code == 200, name
