"""The pages answer, in both languages, to whom they should, and say what is there."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from zhike.access.models import FieldRight
from zhike.grading.actions import overrides
from zhike.grading.actions.assessments import compute, open_run
from zhike.grading.actions.judging import judge
from zhike.grading.actions.levels import NewLevel, set_levels
from zhike.grading.actions.nightly import grade_by_settings
from zhike.grading.api import _sheet
from zhike.grading.clauses import population
from zhike.grading.models import Assessment, AssessmentRun, Grade, GradeOverride, GradingScheme
from zhike.grading.rules.matrix import ATTRACTIVENESS, STRENGTH
from zhike.grading.rules.rubric import Rubric
from zhike.grading.tests.papers import WAN, buy, owe, pay, rule
from zhike.kernel.clock import business_date, now
from zhike.staff.models import Role, User

pytestmark = pytest.mark.django_db
LAST_YEAR = business_date().year - 1


@pytest.fixture(autouse=True)
def fresh_population():
    population.forget()
    yield
    population.forget()


@pytest.fixture
def rated(world):
    from zhike.customers.models import Customer
    from zhike.kernel.clock import start_of_day

    Customer.objects.update(created_at=start_of_day(date(2022, 1, 1)))
    one = world.customer
    buy(one, 1, date(2023, 1, 1))
    buy(one, 900 * WAN, date(LAST_YEAR, 2, 1), margin=Decimal(5))
    pay(one, 765 * WAN, date(LAST_YEAR, 6, 1))
    owe(one, 800 * WAN, date(LAST_YEAR, 2, 1))
    buy(one, 10, business_date() - timedelta(days=20), margin=Decimal(5))
    return one


def browser(user, language="zh-hans"):
    client = Client(HTTP_ACCEPT_LANGUAGE=language)
    client.force_login(user)
    return client


def run_of(world):
    return compute(open_run(by=world.director, until=date(LAST_YEAR, 12, 31)))


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_answers(world, rated, language):
    judge(rated, by=world.rep, values=dict.fromkeys((*ATTRACTIVENESS, *STRENGTH), Decimal(7)))
    grade_by_settings()
    run = run_of(world)
    overrides.ask(rated, by=world.rep, scheme="STRATEGIC", level="STRATEGIC", reason="标杆",
                  ends_on=business_date() + timedelta(days=9))  # fmt: skip
    client = browser(world.director, language)
    sheet = Assessment.objects.get()
    addresses = [
        reverse("grading:schemes"), *(reverse("grading:scheme", args=[code]) for code in
        ("ABC_GRADE", "RFM", "PARETO_ABC", "PYRAMID", "CHEVERTON", "STRATEGIC", "MEMBER_TIER")),
        reverse("grading:rubric"), reverse("grading:assessments"), reverse("grading:assessment", args=[run.pk]),
        reverse("grading:sheet", args=[sheet.pk]), reverse("grading:approvals"),
        reverse("grading:levels", args=[rated.pk]), reverse("grading:ask", args=[rated.pk]),
        reverse("grading:judging", args=[rated.pk]),
    ]  # fmt: skip
    for address in addresses:
        assert client.get(address).status_code == 200, address
    assert rated.name in client.get(reverse("grading:scheme", args=["CHEVERTON"])).content.decode()
    text = client.get(reverse("grading:approvals")).content.decode()
    assert "标杆" in text


def test_the_customer_page_shows_levels_and_trade(world, rated):
    set_levels("ABC_GRADE", [NewLevel(rated.pk, "B", now())], source="ASSESSMENT")
    client = browser(world.rep)
    assert "B 级" in client.get(reverse("customers:customer", args=[rated.pk])).content.decode()
    levels = client.get(reverse("records:panel", args=["customers", rated.pk, "levels"])).content.decode()
    assert "客户等级" in levels
    trade = client.get(reverse("records:panel", args=["customers", rated.pk, "trade"])).content.decode()
    assert "35" in trade and "万" in trade
    sheet = client.get(reverse("grading:levels", args=[rated.pk])).content.decode()
    assert "合计22分" in sheet and "可评为A级" in sheet


def test_service_people_see_purchases_but_not_what_is_owed(world, rated):
    from zhike.sales.tests.conftest import person

    agent = person("agent", world.company, "service_agent")
    text = browser(agent).get(reverse("records:panel", args=["customers", rated.pk, "trade"])).content.decode()
    assert "近 12 个月购买" in text
    assert "当前欠款" not in text


def form_of(rubric: Rubric, **changes: str) -> dict[str, object]:
    """A rubric as the page's form sends it."""
    data: dict[str, object] = {"indicator": [], "level": list("ABCD"), "percent": ["80", "60", "", ""],
                               "period": "YEAR", "min_months": "6", "max_months": "12", "overdue_days": "90",
                               "expires_months": "12", "scale_bands": "1", "poor_is_not_best": "1", "approval": "1",
                               "settings_version": "0"}  # fmt: skip
    for one in rubric.indicators:
        data["indicator"] = [*data["indicator"], one.code.value]  # type: ignore[misc]
        data[f"{one.code}-weight"] = str(one.weight)
        for name in ("low", "high", "points", "or_tonnes"):
            values = [getattr(band, name) for band in one.bands]
            data[f"{one.code}-{name.removeprefix('or_')}"] = ["" if v is None else str(v) for v in values] + [""]
    return data | changes


def test_the_preview_shows_how_the_base_would_fall_and_saves_nothing(world, rated):
    client = browser(world.director)
    address = reverse("grading:rubric-preview")
    text = client.post(address, form_of(Rubric())).content.decode()
    assert "B 级" in text and "1 家客户的等级会变动" in text
    easy = client.post(address, form_of(Rubric(), percent=["70", "60", "", ""])).content.decode()
    assert "A 级" in easy
    gap = form_of(Rubric())
    gap["SALES_AMOUNT-high"] = ["", "900", "800", "500", "100", ""]
    answer = client.post(address, gap)
    assert answer.status_code == 200
    assert "900" in answer.content.decode() and "1000" in answer.content.decode()
    nonsense = client.post(address, form_of(Rubric(), min_months="viele"))
    assert nonsense.status_code == 200
    assert GradingScheme.objects.count() == 0


def test_saving_the_rubric(world, rated):
    client = browser(world.director)
    address = reverse("grading:rubric")
    assert client.post(address, form_of(Rubric(), percent=["70", "60", "40", ""])).status_code == 303
    row = GradingScheme.objects.get(code="ABC_GRADE")
    assert [one["percent"] for one in row.params["thresholds"]] == ["70", "60", "40"]
    assert row.params["lowest"] == "D"
    assert client.post(address, form_of(Rubric(), settings_version="7")).status_code == 409
    assert browser(world.rep).post(address, form_of(Rubric())).status_code == 403
    rule(world.group, "grading.rubric")
    assert client.post(address, form_of(Rubric(), settings_version="1")).status_code == 422
    assert "第7条规定" in client.get(address).content.decode()


def test_faults_of_a_rubric_name_the_cells_of_the_form(world, rated):
    gap = form_of(Rubric(), min_months="viele")
    gap["SALES_AMOUNT-points"] = ["10", "acht", "6", "4", "2", ""]
    answer = browser(world.director).post(reverse("grading:rubric"), gap, headers={"HX-Request": "true"})
    fields = json.loads(answer["HX-Trigger"])["zhike:refused"]["fields"]
    assert set(fields) == {"min_months", "SALES_AMOUNT-points#1"}
    assert fields["min_months"] == "请填写整数。"
    other = form_of(Rubric())
    other["SALES_AMOUNT-low"] = ["1000", "890", "500", "100", "", ""]
    other["percent"] = ["60", "60", "", ""]
    answer = browser(world.director).post(reverse("grading:rubric"), other, headers={"HX-Request": "true"})
    assert set(json.loads(answer["HX-Trigger"])["zhike:refused"]["fields"]) == {"SALES_AMOUNT-low#1", "percent#1"}


def test_a_run_from_the_page_to_effect(world, rated):
    assert browser(world.director).post(
        reverse("grading:assessments"), {"until": f"{LAST_YEAR}-12-31"}
    ).status_code == 303  # fmt: skip
    run = compute(AssessmentRun.objects.get())
    move = reverse("grading:assessment-move", args=[run.pk])
    for who, state in ((world.director, "DRAFT"), (world.manager, "SALES_REVIEW"), (world.finance, "FINANCE_CHECK"),
                       (world.executive, "APPROVED")):  # fmt: skip
        answer = browser(who).post(move, {"to": "next", "state": state})
        assert answer.status_code == 303, answer.content
    assert Grade.objects.get(scheme="ABC_GRADE").level == "B"
    assert browser(world.executive).post(move, {"to": "next", "state": "APPROVED"}).status_code in (409, 422)


def test_nobody_sees_the_sheet_of_a_customer_that_is_not_his(world, rated):
    run = run_of(world)
    address = reverse("grading:sheet", args=[Assessment.objects.get().pk])
    assert browser(world.rep).get(address).status_code == 200
    assert browser(world.stranger).get(address).status_code == 404
    assert browser(world.stranger).get(reverse("grading:levels", args=[rated.pk])).status_code == 404
    text = browser(world.stranger).get(reverse("grading:assessment", args=[run.pk])).content.decode()
    assert rated.name not in text


def test_asking_and_deciding_on_the_pages(world, rated):
    client = browser(world.rep)
    form = {"level": "STRATEGIC:STRATEGIC", "reason": "标杆", "ends_on": f"{business_date() + timedelta(days=9)}"}
    assert client.post(reverse("grading:ask", args=[rated.pk]), form).status_code == 303
    override = GradeOverride.objects.get()
    decide = reverse("grading:override-decide", args=[override.pk])
    assert browser(world.stranger).post(decide, {"answer": "approve"}).status_code == 404
    assert client.post(decide, {"answer": "approve"}).status_code == 403
    assert browser(world.manager).post(decide, {"answer": "approve"}).status_code == 303
    assert Grade.objects.get().level == "STRATEGIC"


def test_a_scheme_is_turned_off_and_on_and_its_numbers_are_set(world, rated):
    address = reverse("grading:scheme-settings", args=["VALUE_BAND"])
    client = browser(world.director)
    assert client.post(address, {"active": "", "settings_version": "0"}).status_code == 303
    assert GradingScheme.objects.get().active is False
    numbers = {"params": "1", "settings_version": "1", "high_amount": "500", "medium_amount": "100"}
    assert client.post(address, numbers).status_code == 303
    assert client.post(address, numbers | {"settings_version": "2", "medium_amount": "900"}).status_code == 422
    assert GradingScheme.objects.get().params["high_amount"] == "500"
    assert browser(world.rep).post(address, {"active": "1"}).status_code == 403


def test_sheets_and_levels_are_taken_along(world, rated):
    """Of the customers whom one may export, and not without the right to read the grade."""
    run = run_of(world)
    set_levels("ABC_GRADE", [NewLevel(rated.pk, "B", now(), ["TOO_SHORT"])], source="ASSESSMENT")
    sheets = reverse("grading:assessment-export", args=[run.pk])
    levels = reverse("grading:levels-export", args=[rated.pk])
    answer = browser(world.director).get(sheets)
    assert answer.status_code == 200 and ".csv" in answer["Content-Disposition"]
    head, line = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert head[:2] == ["编码", "客户"] and line[:2] == [rated.customer_no, rated.name] and len(line) == len(head)
    answer = browser(world.director, "en").get(levels)
    head, *lines = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert head[0] == "Scheme" and len(lines) == Grade.objects.filter(customer=rated).count() > 0
    role = Role.objects.get(code="sales_director")
    FieldRight.objects.create(role=role, record_type="customers", field="grade", right="HIDDEN")
    assert [browser(world.director).get(address).status_code for address in (sheets, levels)] == [404, 404]


def test_a_sheet_conceals_figures_that_its_reader_may_not_read(world, rated):
    run_of(world)
    sheet = Assessment.objects.get(customer=rated)
    page = reverse("grading:sheet", args=[sheet.pk])
    assert "900" in browser(world.director).get(page).content.decode()
    role = Role.objects.get(code="sales_director")
    FieldRight.objects.create(role=role, record_type="purchases", field="amount", right="HIDDEN")
    text = browser(world.director).get(page).content.decode()
    assert "900" not in text and "其依据包含你无权查看的数据" in text
    told = _sheet(sheet, User.objects.get(pk=world.director.pk))
    assert (told["scores"], told["facts"], told["total"], told["level"]) == ([], {}, "", "B")


def test_the_answer_to_many_names_nobody_whom_one_may_not_see(world, rated):
    override = overrides.ask(rated, by=world.rep, scheme="STRATEGIC", level="STRATEGIC", reason="标杆",
                             ends_on=business_date() + timedelta(days=9))  # fmt: skip
    asked = {"override": override.pk, "answer": "approve"}
    answer = browser(world.stranger).post(reverse("grading:approvals-decide"), asked, follow=True)
    assert rated.name not in answer.content.decode() and rated.name not in str(answer.redirect_chain)
    assert not Grade.objects.filter(scheme="STRATEGIC").exists()
    answer = browser(world.manager).post(reverse("grading:approvals-decide"), asked)
    assert answer.status_code == 303 and Grade.objects.filter(scheme="STRATEGIC").exists()
