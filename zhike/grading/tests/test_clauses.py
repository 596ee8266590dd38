"""Facts as of any day, decisions, levels, replay, words: every kind on the real database."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from zhike.customers.models import Customer
from zhike.grading.actions.judging import judge
from zhike.grading.actions.levels import NewLevel, set_levels
from zhike.grading.actions.nightly import grade_by_settings, regrade
from zhike.grading.clauses import population, words
from zhike.grading.clauses.rubric import facts_of
from zhike.grading.models import Grade, GradingProgress
from zhike.grading.rules.bands import Band
from zhike.grading.rules.matrix import ATTRACTIVENESS, STRENGTH
from zhike.grading.tests.papers import WAN, buy, owe, pay, rule
from zhike.history.models import Event
from zhike.kernel.clock import SHANGHAI, business_date, now, start_of_day
from zhike.kernel.errors import Refused
from zhike.policy import decisions
from zhike.policy.actions import runs
from zhike.policy.kinds import kind_of, kinds
from zhike.policy.models import Decision, Run
from zhike.records.listing import Listing
from zhike.records.registry import describe
from zhike.sales.tests.conftest import make_customer

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 1)


@pytest.fixture(autouse=True)
def fresh_population():
    population.forget()
    yield
    population.forget()


@pytest.fixture
def trade(world):
    """R4.11: 合同 900 万, 回款 765 万, AR 35 万; long a customer."""
    one = world.customer
    Customer.objects.update(created_at=start_of_day(date(2022, 1, 1)))
    buy(one, 100, date(2023, 5, 1))
    pay(one, 100, date(2023, 5, 2))
    buy(one, 900 * WAN, date(2025, 2, 1))
    pay(one, 765 * WAN, date(2025, 6, 1))
    owe(one, 100, date(2023, 5, 1))
    owe(one, 800 * WAN, date(2025, 2, 1), date(2026, 12, 31))
    buy(one, 7777 * WAN, date(2026, 2, 1))  # after the period
    return one


def fact(customer, kind="grading.rubric", day=TODAY):
    return kind_of(kind).facts(day, after=None, limit=10, subjects=[customer.pk])[0]


def apply(kind, day, clause=None):
    """What a run does with one kind: decide, write, apply."""
    of = kind_of(kind)
    from zhike.policy import force

    table = force.table(kind, day)
    made = []
    for one in of.facts(day, after=None, limit=100):
        ruling = table.ruling(one.org_unit_id)
        outcome = ruling and of.decide(ruling.params, one)
        if outcome is not None:
            made.append(decisions.decision_of(ruling, one, outcome, day))
    written = decisions.write(made)
    of.apply(written, run=None)
    return written


def test_r4_4_to_r4_6_figures_at_the_end_of_the_period(trade):
    found = fact(trade)
    assert (found.year.until, found.half) == (date(2025, 12, 31), found.year)
    assert found.year.year_amount == 900 * WAN
    assert found.year.half_amount == 0
    assert found.year.year_received == 765 * WAN
    assert found.year.owed == 35 * WAN
    assert found.year.first_sale_on == date(2023, 5, 1)
    assert found.last_sale_on == date(2026, 2, 1)
    later = fact(trade, day=date(2026, 8, 1))
    assert later.half.until == date(2026, 6, 30)
    assert (later.half.half_amount, later.year.year_amount) == (7777 * WAN, 900 * WAN)


def test_r4_10_overdue_since_by_oldest_first(world, trade):
    owe(trade, 10, date(2024, 1, 1), date(2024, 2, 1))
    # 765 万 and a bit were paid without saying for what: they reach beyond the first bills.
    assert fact(trade).year.overdue_since is None
    late = owe(trade, 999 * WAN, date(2025, 3, 1), date(2025, 4, 1))
    assert fact(trade).year.overdue_since == date(2025, 4, 1)
    pay(trade, 999 * WAN, date(2025, 12, 31), receivable=late)
    assert fact(trade).year.overdue_since is None


def test_the_rubric_sets_grades_every_night_where_no_approval_is_asked(world, trade):
    rule(world.group, "grading.rubric", {"approval": False})
    written = apply("grading.rubric", TODAY)
    assert [(one.outcome, one.data["total"]) for one in written] == [("B", "22")]
    trade.refresh_from_db()
    assert (trade.grade, trade.segments) == ("B", ["ABC_GRADE:B"])
    grade = Grade.objects.get()
    assert (grade.level, grade.source, grade.until, grade.decision_id) == ("B", "CLAUSE", None, written[0].pk)
    assert Event.objects.filter(action="grading.level.change", thread_id=trade.pk).count() == 1
    assert apply("grading.rubric", TODAY) == []
    assert list(decisions.replay(Decision.objects.all())) == []
    rows = Listing(describe("customers"), world.rep, tree={"field": "grade", "op": "in", "value": ["B"]}).page().rows
    assert rows == [trade]
    some = {"field": "segments", "op": "has_any", "value": ["ABC_GRADE:B"]}
    assert Listing(describe("customers"), world.rep, tree=some).page().rows == [trade]


def test_an_approved_grade_expires_after_a_year_without_a_deal(world, trade):
    rule(world.group, "grading.rubric")
    assert apply("grading.rubric", TODAY) == []
    set_levels("ABC_GRADE", [NewLevel(trade.pk, "B", start_of_day(TODAY))], source="ASSESSMENT")
    assert apply("grading.rubric", date(2027, 1, 31)) == []
    [gone] = apply("grading.rubric", date(2027, 2, 1))
    assert (gone.outcome, gone.data["reasons"]) == ("UNRATED", ["NO_RECENT_DEAL"])
    trade.refresh_from_db()
    assert trade.grade == "UNRATED"
    assert [(g.level, g.until is None) for g in Grade.objects.order_by("since")] == [("B", False), ("UNRATED", True)]
    assert list(decisions.replay(Decision.objects.all())) == []


def test_what_was_the_level_on_a_day_is_asked_of_the_periods(world, trade):
    at = datetime(2025, 5, 1, tzinfo=SHANGHAI)
    for number, level in enumerate("CBA"):
        set_levels("ABC_GRADE", [NewLevel(trade.pk, level, at + timedelta(days=30 * number))], source="CLAUSE")
    assert [fact(trade, day=date(2025, month, 15)).current for month in (4, 5, 6, 7)] == ["", "C", "B", "A"]
    # What is decided for a day that is past does not undo what came after.
    assert set_levels("ABC_GRADE", [NewLevel(trade.pk, "D", at)], source="CLAUSE") == 0
    # The same moment again replaces.
    set_levels("ABC_GRADE", [NewLevel(trade.pk, "D", at + timedelta(days=60))], source="CLAUSE")
    assert Grade.objects.count() == 3
    assert Grade.objects.get(until=None).level == "D"


def test_periods_never_overlap(world, trade):
    set_levels("RFM", [NewLevel(trade.pk, "R1F1M1", now())], source="CLAUSE")
    with pytest.raises(IntegrityError), transaction.atomic():
        Grade.objects.create(customer=trade, scheme="RFM", level="R0F0M0", since=now(), source="CLAUSE")
    Grade.objects.create(customer=trade, scheme="PYRAMID", level="GOLD", since=now(), source="CLAUSE")


def test_who_has_no_level_any_more_has_none_in_the_lists(world, trade):
    set_levels("PARETO_ABC", [NewLevel(trade.pk, "A", now() - timedelta(days=9))], source="CLAUSE")
    set_levels("RFM", [NewLevel(trade.pk, "R1F1M1", now())], source="CLAUSE")
    set_levels("PARETO_ABC", [NewLevel(trade.pk, "", now())], source="CLAUSE")
    trade.refresh_from_db()
    assert trade.segments == ["RFM:R1F1M1"]
    assert Grade.objects.filter(scheme="PARETO_ABC", until=None).count() == 0


@pytest.fixture
def crowd(world, trade):
    """Three more buyers in the last twelve months before TODAY."""
    made = [trade]
    for number, amount in enumerate((60, 30, 10), 1):
        one = make_customer(world.rep, f"苏州第{number}机械有限公司")
        Customer.objects.filter(pk=one.pk).update(created_at=start_of_day(date(2022, 1, 1)))
        buy(one, amount, date(2026, 1, number), margin=Decimal(amount) / 10)
        made.append(one)
    return made


def test_pareto_and_rfm_by_settings_until_a_clause_rules(world, crowd):
    assert grade_by_settings(TODAY) > 0
    _trade, *others = crowd
    levels = dict(Grade.objects.filter(scheme="PARETO_ABC").values_list("customer__name", "level"))
    assert [levels[one.name] for one in crowd] == ["A", "C", "C", "C"]
    assert set(Grade.objects.values_list("source", flat=True)) == {"SETTING"}
    assert Grade.objects.filter(scheme="RFM").count() == 4
    assert Grade.objects.filter(scheme="MEMBER_TIER").count() == 0  # off at first
    pyramid = dict(Grade.objects.filter(scheme="PYRAMID").values_list("customer__name", "level"))
    assert pyramid == {others[0].name: "PLATINUM", others[1].name: "LEAD_TIER", others[2].name: "LEAD_TIER"}
    assert GradingProgress.objects.filter(done=False).count() == 0
    assert grade_by_settings(TODAY) == 0
    rule(world.north, "grading.pareto", {"a_percent": "99", "b_percent": "99.99"})
    assert apply("grading.pareto", TODAY) == []
    GradingProgress.objects.all().delete()
    assert grade_by_settings(TODAY) == 0


def test_facts_come_in_chunks_by_key(crowd):
    for kind in (kind for kind in kinds() if kind.code.startswith("grading.")):
        every = [one.subject_id for one in kind.facts(TODAY, after=None, limit=100)]
        assert every == sorted(every)
        parts, after = [], None
        while chunk := kind.facts(TODAY, after=after, limit=2):
            assert len(chunk) <= 2
            parts += chunk
            after = chunk[-1].subject_id
        assert [one.subject_id for one in parts] == every
        assert parts == list(kind.facts(TODAY, after=None, limit=100))


def test_facts_survive_being_kept(crowd):
    for kind in (kind for kind in kinds() if kind.code.startswith("grading.")):
        params = kind.params()
        for one in kind.facts(TODAY, after=None, limit=100):
            again = decisions.thaw(kind, decisions.freeze(one))
            assert again == one
            assert kind.decide(params, again) == kind.decide(params, one)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_kind_has_an_article_and_explains_itself(crowd, language):
    for kind in (kind for kind in kinds() if kind.code.startswith("grading.")):
        params = kind.params() if kind.code != "grading.rubric" else kind.params(approval=False)
        assert kind.check(params) == []
        assert all(kind.text(params, language))
        for one in kind.facts(TODAY, after=None, limit=100):
            outcome = kind.decide(params, one)
            if outcome is not None:
                lines = kind.explain(params, one, outcome, language)
                assert lines and all(isinstance(line, str) and line for line in lines)
            assert isinstance(kind.until(params, one, language), list)


def test_why_says_every_number(trade):
    kind = kind_of("grading.rubric")
    params = kind.params(approval=False)
    one = fact(trade)
    outcome = kind.decide(params, one)
    text = "\n".join(kind.explain(params, one, outcome, "zh-hans"))
    for part in (
        "900万元",
        "765万元",
        "35万元",
        "85%",
        "得8分",
        "得6分",
        "合计22分",
        "满分30分",
        "73.33%",
        "结果：B级",
    ):
        assert part in text, text
    better = "\n".join(kind.until(params, one, "zh-hans"))
    assert "可评为A级" in better
    assert "2026年2月1日" not in better


@pytest.mark.parametrize(
    ("low", "high", "code", "said"),
    [
        (800, 1000, "SALES_AMOUNT", "800万元以上、不满1000万元的，得8分"),
        (1000, None, "SALES_AMOUNT", "1000万元以上的，得8分"),
        (None, 100, "SALES_AMOUNT", "不满100万元的，得8分"),
        (80, 100, "COLLECTION_RATE", "80%以上、不满100%的，得8分"),
        (1, 20, "RECEIVABLES", "超过1万元、20万元以下的，得8分"),
        (200, None, "RECEIVABLES", "超过200万元的，得8分"),
        (None, None, "SALES_AMOUNT", "不论多少的，得8分"),
    ],
)
def test_bands_are_said_as_laws_say_them(low, high, code, said):
    """Civil Code, article 1259: 以上 and 以下 take the number in, 不满 and 超过 do not."""
    assert words.band(Band(low=low, high=high, points=8), code, "zh-hans") == said


def test_contradictory_bands_are_refused_with_their_place():
    kind = kind_of("grading.rubric")
    raw = kind.params().model_dump(mode="json")
    raw["sales_amount"]["bands"][1]["high"] = "900"
    [found] = kind.check(kind.params.model_validate(raw))
    assert found.field == "sales_amount.bands.0.low"
    assert "900" in str(found.message)


def test_judging_all_factors_puts_the_customer_into_the_matrix_at_once(world):
    one = world.customer
    judge(one, by=world.rep, values=dict.fromkeys(ATTRACTIVENESS, Decimal(8)))
    assert Grade.objects.filter(scheme="CHEVERTON").count() == 0
    judge(one, by=world.rep, values=dict.fromkeys(STRENGTH, Decimal(3)))
    assert Grade.objects.get(scheme="CHEVERTON").level == "KEY_DEVELOPMENT"
    judge(one, by=world.rep, values=dict.fromkeys(STRENGTH, Decimal(9)))
    assert Grade.objects.get(scheme="CHEVERTON", until=None).level == "KEY"
    with pytest.raises(Refused) as no:
        judge(one, by=world.rep, values={"SIZE": Decimal("10.01"), "BEAUTY": Decimal(1)})
    assert set(no.value.fields) == {"SIZE", "BEAUTY"}
    with pytest.raises(Refused):
        judge(one, by=world.rep, values={"SIZE": Decimal(1)}, judged_on=business_date() + timedelta(days=1))


def test_judgements_decide_by_the_clause_that_rules(world):
    rule(world.group, "grading.cheverton")
    judge(world.customer, by=world.rep, values=dict.fromkeys((*ATTRACTIVENESS, *STRENGTH), Decimal(8)))
    decision = Decision.objects.get()
    assert (decision.outcome, Grade.objects.get(scheme="CHEVERTON").decision_id) == ("KEY", decision.pk)
    assert list(decisions.replay(Decision.objects.all())) == []
    assert regrade("CHEVERTON", [world.customer.pk]) == 0


def test_levels_of_a_chunk_cost_the_same_number_of_statements(world, crowd, django_assert_max_num_queries):
    levels = [NewLevel(one.pk, "R1F1M1", now()) for one in crowd]
    with django_assert_max_num_queries(14):
        set_levels("RFM", levels, source="CLAUSE")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM grading_grade WHERE scheme = 'RFM'")
        assert cursor.fetchone()[0] == 4
    assert facts_of(TODAY, (date(2025, 12, 31),) * 2, after=None, limit=3)[0].year.until == date(2025, 12, 31)


def test_the_nightly_run_grades_by_every_clause_of_the_policy(world, crowd):
    for kind, params in (("grading.rubric", {"approval": False}), ("grading.pareto", {}), ("grading.rfm", {})):
        rule(world.group, kind, params)
    run = runs.carry_on(runs.start(by=None, trigger=Run.Trigger.COMMAND).pk)
    assert (run.state, run.skips.count()) == ("DONE", 0)
    assert set(Grade.objects.values_list("source", flat=True)) == {"CLAUSE"}
    assert {one.decision_id for one in Grade.objects.all()} <= set(Decision.objects.values_list("pk", flat=True))
    assert list(decisions.replay(Decision.objects.all())) == []
    for decision in Decision.objects.all():
        assert decisions.explain(decision, "zh-hans").why
    before = Decision.objects.count()
    runs.carry_on(runs.start(by=None, trigger=Run.Trigger.COMMAND).pk)
    assert Decision.objects.count() == before
