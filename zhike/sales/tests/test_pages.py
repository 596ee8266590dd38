"""The pages: who gets them, what they show, how many queries they take."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from zhike.kernel.clock import business_date, now
from zhike.records.registry import describe
from zhike.sales.actions.closing import win
from zhike.sales.actions.lead import convert
from zhike.sales.actions.lead import create as create_lead
from zhike.sales.actions.opportunity import take_over
from zhike.sales.models import Opportunity, Pipeline
from zhike.sales.pages.columns import CARDS
from zhike.sales.tests.conftest import make_customer

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def client(user, language="en") -> Client:
    found = Client(headers={"Accept-Language": language})
    found.force_login(user)
    return found


@pytest.fixture
def deal(world):
    return take_over(
        by=world.rep,
        name="二期产线改造",
        customer=world.customer,
        contact=world.contact,
        amount=Decimal("320000"),
    )


def post(user, address, /, *args, query="", **values):
    return client(user).post(reverse(address, args=args) + query, values, headers=HTMX)


class TestBoard:
    def test_cards_counts_and_sums(self, world, deal):
        text = client(world.rep).get(reverse("sales:board")).content.decode()
        assert "二期产线改造" in text and "320" in text
        assert text.count("data-column=") == 8

    def test_another_department_sees_none_of_it(self, world, deal):
        for whose in ("me", "all", str(world.north.pk)):
            text = client(world.stranger).get(reverse("sales:board") + f"?whose={whose}").content.decode()
            assert "二期产线改造" not in text

    def test_a_manager_chooses_whose(self, world, deal):
        page = client(world.manager)
        assert "二期产线改造" not in page.get(reverse("sales:board")).content.decode()
        for whose in ("all", str(world.north.pk)):
            assert "二期产线改造" in page.get(reverse("sales:board") + f"?whose={whose}").content.decode()

    def test_dragged_where_nothing_is_missing(self, world, deal):
        Opportunity.objects.update(need="x", budget=1, expected_close_on=business_date())
        answer = post(
            world.manager, "sales:move", query="?whose=all", card=deal.pk, column=world.stage["REQUIREMENT"].pk,
            version=deal.version, before="",
        )  # fmt: skip
        text = answer.content.decode()
        assert answer.status_code == 200
        assert text.count("hx-swap-oob") == 3 and f'data-version="{deal.version + 1}"' in text
        assert f'id="head-{world.stage["REQUIREMENT"].pk}"' in text

    def test_what_is_missing_is_asked_and_nothing_else(self, world, deal):
        Opportunity.objects.update(budget=1)
        answer = post(
            world.rep,
            "sales:move",
            card=deal.pk,
            column=world.stage["REQUIREMENT"].pk,
            version=deal.version,
            before="",
        )
        text = answer.content.decode()
        assert (answer.status_code, answer["HX-Retarget"]) == (422, "#dialogs")
        assert 'name="need"' in text and 'name="expected_close_on"' in text and 'name="budget"' not in text
        deal.refresh_from_db()
        assert deal.stage.code == "CONTACT"

    def test_the_answers_move_it(self, world, deal):
        answer = post(
            world.rep, "sales:move", card=deal.pk, column=world.stage["REQUIREMENT"].pk, version=deal.version,
            _asked=1, need="两条", budget="300000", expected_close_on="2026-12-31", **{"from": "board"},
        )  # fmt: skip
        assert answer.status_code == 204 and "board-changed" in answer["HX-Trigger"]
        deal.refresh_from_db()
        assert (deal.stage.code, deal.budget) == ("REQUIREMENT", Decimal(300000))

    def test_a_wrong_answer_is_named(self, world, deal):
        answer = post(
            world.rep, "sales:move", card=deal.pk, column=world.stage["REQUIREMENT"].pk, version=deal.version,
            _asked=1, need="x", budget="viel", expected_close_on="2026-12-31",
        )  # fmt: skip
        assert answer.status_code == 422 and "budget" in answer["HX-Trigger"]

    def test_the_second_is_told(self, world, deal):
        answer = post(world.rep, "sales:move", card=deal.pk, column=world.stage["PROPOSAL"].pk, version=99, before="")
        assert answer.status_code == 409

    def test_put_on_an_end_it_asks_how(self, world, deal):
        answer = post(world.rep, "sales:move", card=deal.pk, column=world.stage["LOST"].pk, version=1, before="")
        assert answer.status_code == 422 and 'name="reason"' in answer.content.decode()

    @pytest.mark.parametrize("key", ["", "x", "00000000-0000-0000-0000-000000000000"])
    def test_a_key_that_is_none(self, world, deal, key):
        assert post(world.rep, "sales:move", card=key, column=key).status_code == 404

    @pytest.mark.parametrize("cards", [10, 100])
    def test_queries_do_not_grow_with_cards(self, world, cards):
        rows = [
            Opportunity(
                name=f"单{n}", number=f"N{n}", customer=world.customer, pipeline=world.pipeline,
                stage=world.stage["CONTACT"], owner=world.rep, org_unit=world.north, company=world.company,
            )
            for n in range(cards)
        ]  # fmt: skip
        Opportunity.objects.bulk_create(rows)
        page = client(world.manager)
        page.get(reverse("sales:board") + "?whose=all")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page.get(reverse("sales:board") + "?whose=all")
        assert len(queries) <= 28, [query["sql"][:90] for query in queries]

    def test_more_of_a_column(self, world):
        for n in range(23):
            take_over(by=world.rep, name=f"单{n}", customer=world.customer)
        page = client(world.rep)
        text = page.get(reverse("sales:board")).content.decode()
        assert text.count("data-card=") == CARDS
        cursor = text.split("cursor=")[1].split('"')[0]
        more = page.get(reverse("sales:board-more", args=[world.stage["CONTACT"].pk]) + f"?cursor={cursor}")
        assert more.content.decode().count("data-card=") == 23 - CARDS

    def test_sums_of_many_come_after_the_cards(self, world, monkeypatch):
        for n in range(4):
            take_over(by=world.rep, name=f"单{n}", customer=world.customer, amount=Decimal(1000))
        page, later = client(world.rep), reverse("sales:board-totals")
        for most, asked in ((3, True), (4, False)):
            monkeypatch.setattr("zhike.sales.pages.columns.MOST_SUMMED", most)
            text = page.get(reverse("sales:board")).content.decode()
            assert (later in text) is asked and ("¥4,000" in text) is not asked
        heads = page.get(later, headers=HTMX).content.decode()
        assert heads.count("hx-swap-oob") == len(world.stage) - 3 and "¥4,000" in heads
        assert "¥4,000" not in client(world.stranger).get(later, headers=HTMX).content.decode()


def test_the_report_of_won_deals_shows_the_best_owners_first_and_more_if_asked(world, monkeypatch):
    monkeypatch.setattr("zhike.sales.pages.won.FIRST_OWNERS", 1)
    for person, amount in ((world.rep, 1000), (world.colleague, 3000)):
        row = Opportunity(
            name="单", pipeline=world.pipeline, stage=world.stage["CONTACT"], state="WON", currency="CNY",
            closed_on=business_date(), closed_value=Decimal(amount),
        )  # fmt: skip
        row.belongs_to(person)
        row.save()
    page = client(world.manager)
    text = page.get(reverse("sales:won")).content.decode()
    assert text.count("data-row") == 1 and world.colleague.name in text and "owners=200" in text
    text = page.get(reverse("sales:won") + "?owners=200").content.decode()
    assert text.count("data-row") == 2 and "owners=200" not in text


class TestClosing:
    def test_won_from_its_page(self, world, deal):
        url = ("sales:closure", deal.pk, "won")
        dialog = client(world.rep).get(reverse(url[0], args=url[1:]), headers=HTMX).content.decode()
        assert 'name="need"' in dialog and 'name="value"' in dialog
        answer = post(
            world.rep, *url, value="310000", closed_on=business_date(), need="x", budget="1", decision_process="x",
            expected_close_on=business_date(), version=deal.version,
        )  # fmt: skip
        assert answer["HX-Redirect"] == reverse("records:page", args=["opportunities", deal.pk])
        deal.refresh_from_db()
        assert (deal.state, deal.closed_value) == ("WON", Decimal(310000))

    def test_lost_wants_a_reason(self, world, deal):
        assert post(world.rep, "sales:closure", deal.pk, "lost", version=deal.version).status_code == 422
        answer = post(world.rep, "sales:closure", deal.pk, "lost", reason=world.lost["PRICE"].pk, note="贵")
        assert answer.status_code == 200
        assert post(world.rep, "sales:closure", deal.pk, "lost", reason=world.lost["PRICE"].pk).status_code == 422

    def test_reopened_by_those_who_may(self, world, deal):
        post(world.rep, "sales:closure", deal.pk, "invalid", reason=world.invalid["OTHER"].pk)
        assert post(world.rep, "sales:reopening", deal.pk, reason="x").status_code == 403
        assert post(world.manager, "sales:reopening", deal.pk, reason="x").status_code == 200

    def test_its_page_shows_the_way(self, world, deal):
        text = client(world.rep).get(reverse("records:page", args=["opportunities", deal.pk])).content.decode()
        assert 'class="path-step present"' in text and "&lt;ol" not in text

    @pytest.mark.parametrize(
        "name", ["sales:closure", "sales:reopening", "sales:moves", "sales:transfer", "sales:competitors"]
    )
    def test_strangers_find_nothing(self, world, deal, name):
        args = [deal.pk, "won"] if name == "sales:closure" else [deal.pk]
        assert client(world.stranger).get(reverse(name, args=args)).status_code == 404
        if name != "sales:moves":
            assert post(world.stranger, name, *args).status_code == 404


class TestWon:
    def test_by_month_and_owner(self, world):
        for value in (100, 250):
            take_over(by=world.rep, name="单", stage=world.stage["WON"], closed_value=Decimal(value))
        text = client(world.manager).get(reverse("sales:won") + "?whose=all").content.decode()
        assert 'data-value="350.00"' in text
        assert 'id="won-count">2<' in text
        text = client(world.stranger).get(reverse("sales:won")).content.decode()
        assert "data-value" not in text

    def test_every_number_opens_the_deals_behind_it(self, world):
        this_month = business_date()
        for person, value in ((world.rep, 100), (world.rep, 250), (world.colleague, 70)):
            take_over(by=person, name=f"单{value}", stage=world.stage["WON"], closed_value=Decimal(value))
        page = client(world.manager)
        text = page.get(reverse("sales:won") + "?whose=all").content.decode()
        links = {unescape(link) for link in re.findall(r'href="([^"]*/won/deals/[^"]*)"', text)}
        assert len(links) == 3 * 2  # all owners and each of two, the year and one month
        for link in links:
            owner = parse_qs(urlsplit(link).query).get("owner", [""])[0]
            listed = page.get(link, follow=True).content.decode()
            expected = {"": {100, 250, 70}, str(world.rep.pk): {100, 250}, str(world.colleague.pk): {70}}[owner]
            assert {value for value in (100, 250, 70) if f"单{value}" in listed} == expected
        elsewhere = f"?year={this_month.year - 1}&whose=all&currency=CNY"
        assert "单100" not in page.get(reverse("sales:won-deals") + elsewhere, follow=True).content.decode()

    @pytest.mark.parametrize("query", ["month=13", "month=x", "owner=1&month=0", "year=99999", "currency=%00"])
    def test_odd_cells(self, world, query):
        answer = client(world.manager).get(reverse("sales:won-deals") + f"?{query}", follow=True)
        assert answer.status_code == 200

    @pytest.mark.parametrize("query", ["year=99999", "year=abc", "currency=%00", "whose=nobody", "year=2016"])
    def test_odd_questions(self, world, query):
        assert client(world.manager).get(reverse("sales:won") + f"?{query}").status_code == 200


class TestLeads:
    def test_converted_into_the_customer_there_is(self, world):
        make_customer(world.rep, "苏州恒瑞自动化有限公司")
        lead = create_lead(by=world.rep, name="赵敏", company_name="苏州恒瑞自动化有限公司", interest="机械臂")
        dialog = client(world.rep).get(reverse("sales:conversion", args=[lead.pk]), headers=HTMX).content.decode()
        key = dialog.split('name="customer" value="')[1].split('"')[0]
        answer = post(world.rep, "sales:conversion", lead.pk, customer=key, opportunity_name="机械臂")
        assert answer.status_code == 200 and key in answer["HX-Redirect"]
        assert Opportunity.objects.get().customer_id and str(Opportunity.objects.get().customer_id) == key
        assert post(world.rep, "sales:conversion-undo", lead.pk).status_code == 200
        assert not Opportunity.objects.kept().exists()

    def test_its_page_offers_what_can_be_done(self, world):
        lead = create_lead(by=world.rep, name="赵敏")
        page = reverse("records:page", args=["leads", lead.pk])
        assert reverse("sales:conversion", args=[lead.pk]) in client(world.rep).get(page).content.decode()
        convert(lead, by=world.rep)
        assert reverse("sales:conversion-undo", args=[lead.pk]) in client(world.rep).get(page).content.decode()

    def test_strangers_find_nothing(self, world):
        lead = create_lead(by=world.rep, name="赵敏")
        for name in ("sales:conversion", "sales:lead-invalid"):
            assert client(world.stranger).get(reverse(name, args=[lead.pk])).status_code == 404
        assert post(world.stranger, "sales:lead-follow", lead.pk).status_code == 404


class TestPipelines:
    def test_a_stage_is_added_changed_and_removed(self, world):
        stage = {
            "name": "演示",
            "name_en": "Demo",
            "percent": "55",
            "silent_days": "20",
            "required": ["amount"],
        }
        assert post(world.director, "sales:stage-new", world.pipeline.pk, **stage).status_code == 200
        made = world.pipeline.stages.get(name="演示")
        assert (made.probability, made.required, made.position) == (Decimal("0.55"), ["amount"], 5)
        post(world.director, "sales:pipeline-order", world.pipeline.pk, stage=made.pk, step="up")
        made.refresh_from_db()
        assert made.position == 4
        post(world.director, "sales:stage", made.pk, **stage | {"percent": "60"})
        made.refresh_from_db()
        assert made.probability == Decimal("0.6")
        post(world.director, "sales:stage-remove", made.pk)
        assert not world.pipeline.stages.filter(name="演示").exists()

    def test_a_second_pipeline(self, world):
        page = client(world.director)
        assert page.get(reverse("sales:pipelines")).status_code == 200
        assert post(world.director, "sales:pipeline-new", preset="REAL_ESTATE").status_code == 200
        made = Pipeline.objects.exclude(pk=world.pipeline.pk).get()
        post(world.director, "sales:pipeline", made.pk, name="案场", is_default="1")
        made.refresh_from_db()
        assert (made.name, made.is_default, made.auto_lose_after_days) == ("案场", True, None)

    def test_not_for_sellers(self, world):
        assert client(world.rep).get(reverse("sales:pipelines")).status_code == 404
        assert post(world.manager, "sales:pipeline-new", preset="STANDARD").status_code == 404


def test_home_shows_what_closes_and_what_is_stuck(world, deal):
    Opportunity.objects.update(expected_close_on=business_date(), stuck_at=now() - timedelta(days=1))
    text = client(world.rep).get("/").content.decode()
    assert text.count("二期产线改造") >= 2


def test_the_customers_page_shows_his_opportunities(world, deal):
    win_ = take_over(by=world.rep, name="一期", customer=world.customer, stage=world.stage["CONTRACT_REVIEW"])
    win(win_, by=world.rep, value=Decimal(5), decision_process="x", need="x", budget=Decimal(1))
    text = client(world.rep).get(describe("customers").address(world.customer)).content.decode()
    assert "二期产线改造" in text or "panel" in text
