"""Assessments from computing to effect, levels by hand, and who may do what."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from django.db import connection

from zhike.customers.models import Customer
from zhike.grading.actions import overrides
from zhike.grading.actions.assessments import adjust, compute, open_run
from zhike.grading.actions.effect import advance, discard, send_back
from zhike.grading.actions.levels import NewLevel, set_levels
from zhike.grading.actions.nightly import end_overrides
from zhike.grading.models import Assessment, AssessmentRun, Grade, GradeOverride
from zhike.grading.tests.papers import WAN, buy, owe, pay, rule
from zhike.kernel.clock import business_date, now, start_of_day
from zhike.kernel.errors import Conflict, Denied, Refused
from zhike.policy import decisions
from zhike.policy.models import Decision
from zhike.sales.tests.conftest import build_world, fresh, make_customer, person

pytestmark = pytest.mark.django_db

LAST_YEAR = date(business_date().year - 1, 12, 31)


def on(month, day):
    return date(LAST_YEAR.year, month, day)


@pytest.fixture
def rated(world):
    """R4.11: 900 / 765 / 35 万 → 22 points, B; and one who bought too late to be rated."""
    Customer.objects.update(created_at=start_of_day(date(2022, 1, 1)))
    one = world.customer
    buy(one, 1, date(2023, 1, 1))
    buy(one, 900 * WAN, on(2, 1))
    pay(one, 765 * WAN, on(6, 1))
    owe(one, 800 * WAN, on(2, 1))
    late = make_customer(world.stranger, "新来的公司")
    Customer.objects.filter(pk=late.pk).update(created_at=start_of_day(date(2022, 1, 1)))
    buy(late, 5, on(11, 1))
    return one


def computed(world, **values):
    return compute(open_run(by=world.director, until=LAST_YEAR, **values))


def test_a_run_freezes_inputs_and_goes_its_way_to_effect(world, rated):
    run = computed(world)
    assert run.state == "DRAFT"
    sheets = {one.customer_id: one for one in Assessment.objects.filter(run=run)}
    sheet = sheets.pop(rated.pk)
    assert (sheet.level, sheet.total, sheet.possible, sheet.reasons) == ("B", 22, 30, [])
    assert [one.reasons for one in sheets.values()] == [["TOO_SHORT"]]
    buy(rated, 5000 * WAN, on(12, 1))  # what is entered later changes nothing
    assert Grade.objects.count() == 0
    run = advance(run, by=world.director)
    run = advance(run, by=world.manager, note="看过了")
    with pytest.raises(Denied):
        advance(run, by=world.manager)
    run = advance(run, by=world.finance)
    assert run.state == "APPROVED"
    with pytest.raises(Conflict):
        advance(run, by=world.executive, expected="FINANCE_CHECK")
    run = advance(run, by=world.executive)
    rated.refresh_from_db()
    grade = Grade.objects.get(customer=rated)
    assert (run.state, rated.grade, grade.source, grade.assessment_id) == ("EFFECTIVE", "B", "ASSESSMENT", sheet.pk)
    assert [one.state for one in run.steps.all()] == [
        "COMPUTING", "DRAFT", "SALES_REVIEW", "FINANCE_CHECK", "APPROVED", "EFFECTIVE",
    ]  # fmt: skip
    assert Decision.objects.count() == 0  # no policy rules: nothing to decide by
    with pytest.raises(Refused):
        discard(run, by=world.director)


def test_by_a_clause_the_decisions_are_kept_and_replay(world, rated):
    rule(world.group, "grading.rubric")
    run = computed(world)
    for by in (world.director, world.manager, world.finance, world.executive):
        run = advance(run, by=by)
    found = Decision.objects.get(subject_id=rated.pk)
    assert (found.outcome, found.data["total"]) == ("B", "22")
    assert Grade.objects.get(customer=rated).decision_id == found.pk
    assert list(decisions.replay(Decision.objects.all())) == []
    assert run.previous is None
    again = open_run(by=world.director, until=LAST_YEAR)
    assert again.previous == run


def test_a_department_with_its_own_rubric_is_left_to_its_own_assessment(world, rated):
    rule(world.group, "grading.rubric")
    rule(world.north, "grading.rubric")
    assert set(Assessment.objects.filter(run=computed(world)).values_list("org_unit", flat=True)) == {world.south.pk}
    assert Assessment.objects.filter(run=computed(world, org_unit=world.north)).get().customer == rated


def test_reviewers_move_a_level_by_one_with_a_reason(world, rated):
    run = computed(world)
    sheet = Assessment.objects.get(customer=rated)
    with pytest.raises(Conflict):
        adjust(sheet, by=world.manager, level="A", reason="战略客户")
    advance(run, by=world.director)
    with pytest.raises(Denied):
        adjust(sheet, by=world.rep, level="A", reason="战略客户")
    with pytest.raises(Refused) as no:
        adjust(sheet, by=world.manager, level="A", reason=" ")
    assert set(no.value.fields) == {"reason"}
    sheet = adjust(sheet, by=world.manager, level="A", reason="战略客户")
    assert (sheet.level, sheet.computed, sheet.adjusted_by) == ("A", "B", world.manager)
    sheet = adjust(sheet, by=world.manager, level="B", reason="")
    assert sheet.adjusted_by is None
    run = advance(AssessmentRun.objects.get(), by=world.manager)
    with pytest.raises(Refused):
        send_back(run, by=world.finance, note="")
    assert send_back(run, by=world.finance, note="回款数据有误").state == "SALES_REVIEW"


def test_jumps_are_flagged_and_the_move_by_hand_is_limited(world, rated):
    set_levels("ABC_GRADE", [NewLevel(rated.pk, "A", now() - timedelta(days=9))], source="ASSESSMENT")
    owe(rated, 900 * WAN, on(3, 1), on(4, 1))  # long overdue: C
    run = computed(world)
    sheet = Assessment.objects.get(customer=rated)
    assert (sheet.level, sheet.before, sheet.flagged) == ("C", "A", True)
    advance(run, by=world.director)
    with pytest.raises(Refused):
        adjust(sheet, by=world.manager, level="A", reason="x")
    assert adjust(sheet, by=world.manager, level="B", reason="x").flagged is False


@pytest.mark.parametrize("until", [LAST_YEAR + timedelta(days=1), LAST_YEAR - timedelta(days=1), date(2090, 12, 31)])
def test_only_periods_that_are_over_can_be_assessed(world, until):
    with pytest.raises(Refused) as no:
        open_run(by=world.director, until=until)
    assert set(no.value.fields) == {"until"}


def test_one_open_run_of_a_period(world, rated):
    run = computed(world)
    with pytest.raises(Refused):
        open_run(by=world.director, until=LAST_YEAR)
    discard(run, by=world.director)
    assert open_run(by=world.director, until=LAST_YEAR).state == "COMPUTING"
    with pytest.raises(Denied):
        open_run(by=world.rep, until=LAST_YEAR)


def soon(days=30):
    return business_date() + timedelta(days=days)


def ask(world, level="A", **values):
    given = {"scheme": "ABC_GRADE", "level": level, "reason": "行业标杆", "ends_on": soon()} | values
    return overrides.ask(world.customer, by=fresh(world.rep), **given)


def test_a_level_by_hand_is_asked_approved_and_ends(world, rated):
    set_levels("ABC_GRADE", [NewLevel(rated.pk, "B", now() - timedelta(days=9))], source="ASSESSMENT")
    override = ask(world)
    assert (override.state, override.level_before) == ("PENDING", "B")
    with pytest.raises(Refused):
        ask(world)
    with pytest.raises(Denied):
        overrides.decide(override, by=fresh(world.rep), approve=True)
    override = overrides.decide(override, by=world.manager, approve=True, answer="同意")
    rated.refresh_from_db()
    assert (rated.grade, Grade.objects.get(until=None).source) == ("A", "PERSON")
    with pytest.raises(Conflict):
        overrides.decide(override, by=world.manager, approve=False)
    override = overrides.end(override, by=world.manager)
    rated.refresh_from_db()
    assert rated.grade == "B"
    with pytest.raises(Conflict):
        overrides.end(override, by=world.manager)


@pytest.mark.parametrize(
    ("values", "field"),
    [({"level": "C"}, "level"), ({"level": "Z"}, "level"), ({"level": "A"}, "level"), ({"reason": " "}, "reason"),
     ({"ends_on": 0}, "ends_on"), ({"ends_on": 401}, "ends_on"),
     ({"scheme": "REGION"}, "scheme"), ({"scheme": "NONE"}, "scheme")],
)  # fmt: skip
def test_what_cannot_be_asked_for(world, rated, values, field):
    set_levels("ABC_GRADE", [NewLevel(rated.pk, "A", now())], source="ASSESSMENT")
    if "ends_on" in values:
        values = {"ends_on": business_date() + timedelta(days=values["ends_on"])}
    with pytest.raises(Refused) as no:
        ask(world, **({"level": "B"} | values))
    assert field in no.value.fields


def test_nobody_approves_his_own_wish_or_anothers_customer(world, rated):
    override = overrides.ask(
        world.customer, by=world.manager, scheme="STRATEGIC", level="STRATEGIC", reason="x", ends_on=soon()
    )
    with pytest.raises(Refused):
        overrides.decide(override, by=fresh(world.manager), approve=True)
    with pytest.raises(Exception, match=r".") as no:
        overrides.decide(override, by=world.stranger, approve=True)
    assert type(no.value).__name__ in {"NotFound", "Denied"}
    overrides.decide(override, by=world.director, approve=True)
    assert Grade.objects.get(scheme="STRATEGIC").level == "STRATEGIC"


def test_a_hand_set_level_ends_on_its_day(world, rated):
    override = overrides.ask(
        world.customer, by=world.manager, scheme="STRATEGIC", level="STRATEGIC", reason="x", ends_on=soon(5)
    )
    overrides.decide(override, by=world.director, approve=True)
    assert end_overrides(soon(5)) == 0
    assert end_overrides(soon(6)) == 1
    rated.refresh_from_db()
    assert rated.segments == []
    assert end_overrides(soon(6)) == 0


def test_the_next_assessment_ends_what_was_set_by_hand(world, rated):
    overrides.decide(ask(world, level="C"), by=world.manager, approve=True)
    run = computed(world)
    for by in (world.director, world.manager, world.finance, world.executive):
        run = advance(run, by=by)
    rated.refresh_from_db()
    assert rated.grade == "B"
    assert GradeOverride.objects.in_force().count() == 0


@pytest.mark.django_db(transaction=True)
def test_two_who_set_levels_at_once_leave_one_period_open():
    world = build_world()
    person("finance", world.company, "finance")
    at = now() - timedelta(minutes=5)
    errors = []

    def set_one(number):
        try:
            for step in range(5):
                moment = at + timedelta(seconds=step * 10 + number)
                set_levels(
                    "RFM", [NewLevel(world.customer.pk, "R1F1M1" if number else "R0F0M0", moment)], source="CLAUSE"
                )
        except Exception as error:  # noqa: BLE001 - told by the assertion
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=set_one, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    rows = list(Grade.objects.filter(scheme="RFM").order_by("since"))
    assert [row.until for row in rows[:-1]] == [row.since for row in rows[1:]]
    assert rows[-1].until is None
    world.customer.refresh_from_db()
    assert world.customer.segments == [f"RFM:{rows[-1].level}"]
