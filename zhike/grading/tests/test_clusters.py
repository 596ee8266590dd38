"""Clusters on the real database: fitted, refitted, named, told, shown; by settings, by a clause, simulated."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from zhike.access.models import FieldRight
from zhike.customers.models import Customer
from zhike.grading import fits
from zhike.grading.actions.clusters import fit_clusters, fit_due, name_cluster, name_clusters, sample_of
from zhike.grading.actions.judging import judge
from zhike.grading.actions.nightly import grade_by_settings, recluster
from zhike.grading.actions.schemes import set_scheme
from zhike.grading.clauses import population
from zhike.grading.clauses.base import NO_LEVEL
from zhike.grading.models import ClusterFit, ClusterName, Grade, PurchaseRecord
from zhike.grading.rules.clusters import Clustering
from zhike.grading.rules.composite import Composite
from zhike.grading.rules.schemes import CLUSTER
from zhike.grading.tests.papers import WAN, buy, rule
from zhike.history.models import Event
from zhike.integrations.tests.test_api import program
from zhike.kernel.clock import business_date, start_of_day
from zhike.kernel.errors import Conflict, Denied, Refused
from zhike.notices.models import Notice
from zhike.policy import decisions
from zhike.policy.actions import runs
from zhike.policy.kinds import kind_of
from zhike.policy.models import Decision, Run
from zhike.records.listing import Listing
from zhike.records.registry import describe
from zhike.sales.tests.conftest import make_customer, person
from zhike.staff.models import Role, User

pytestmark = pytest.mark.django_db
# Days ago, purchases, yuan altogether.
KINDS = ((3, 12, 5_000_000), (100, 5, 300_000), (300, 1, 4_000))
BASIS = (12, False)


@pytest.fixture(autouse=True)
def fresh():
    population.forget()
    fits.forget()
    yield
    population.forget()
    fits.forget()


def crowd_of(world, many, kinds=KINDS, today=None):
    """So many customers of each kind, with their purchases, in three statements."""
    today, rng = today or business_date(), random.Random(7)
    first = buy(world.customer, 1, today - timedelta(days=2000))  # long ago: in no window
    found, papers = [], []
    for number, (days, orders, money) in enumerate(kinds):
        for n in range(many):
            row = Customer(**{
                f.attname: getattr(world.customer, f.attname) for f in Customer._meta.concrete_fields
                if f.name not in ("id", "search_tokens")
            })  # fmt: skip
            row.customer_no, row.name = f"K{number}-{n}", f"第{number}类第{n}号公司"
            found.append(row)
            for order in range(orders):
                on = today - timedelta(days=days + rng.randrange(4) + order * 2)
                papers.append(PurchaseRecord(
                    customer=row, number=f"P{number}-{n}-{order}", amount=Decimal(money) / orders, purchased_on=on,
                    margin=Decimal(money) / orders / 4, kind="SALE", state="EFFECTIVE", owner=first.owner,
                    org_unit=first.org_unit, company=first.company,
                ))  # fmt: skip
    Customer.objects.bulk_create(found)
    PurchaseRecord.objects.bulk_create(papers)
    Customer.objects.update(created_at=start_of_day(date(2020, 1, 1)))
    return found


@pytest.fixture
def crowd(world):
    world.steward = person("steward", world.company, "data_steward")
    return crowd_of(world, 20)


def levels():
    return dict(Grade.objects.current().filter(scheme="CLUSTER").values_list("customer_id", "level"))


def browser(user, language="zh-hans"):
    client = Client(HTTP_ACCEPT_LANGUAGE=language)
    client.force_login(user)
    return client


PAGE = "/grading/schemes/CLUSTER/"


def test_the_night_finds_the_clusters_and_puts_customers_into_them(world, crowd):
    grade_by_settings()
    fit = ClusterFit.objects.get()
    assert (fit.state, fit.k, fit.buyers, fit.sample, fit.seed) == ("FITTED", 3, 60, 60, 20260101)
    assert set(fit.silhouettes) == {str(k) for k in range(3, 9)} and fit.best == max(fit.silhouettes.values())
    found = levels()
    assert [{found[row.pk] for row in crowd[n * 20 : n * 20 + 20]} for n in range(3)] == [{"C1"}, {"C2"}, {"C3"}]
    assert world.customer.pk not in found  # bought nothing in the window
    some = {"field": "segments", "op": "has_any", "value": ["CLUSTER:C2"]}
    assert {row.pk for row in Listing(describe("customers"), world.rep, tree=some).page(size=50).rows} == {
        row.pk for row in crowd[20:40]
    }
    assert Event.objects.filter(action="grading.cluster.fit").count() == 1
    assert Notice.objects.filter(user=world.steward, link=PAGE, kind="TASK").count() == 1
    # Nothing more this month; between two fits new customers go by the centres that are kept.
    late = make_customer(world.rep, "新来的公司")
    for days in range(12):
        buy(late, 40 * WAN, business_date() - timedelta(days=days + 1))
    population.forget()
    grade_by_settings(business_date() + timedelta(days=1))
    assert levels() == found | {late.pk: "C1"}
    assert ClusterFit.objects.filter(as_of=business_date()).count() == 1


def test_once_a_month(world, crowd):
    day = date(business_date().year + 1, 2, 27)
    assert len(fit_due(business_date())) == 1 and fit_due(business_date()) == []
    assert fit_due(day)[0].state == "TOO_FEW"  # by then nobody has bought within twelve months … of most of them
    assert fit_due(day)[0].state == "TOO_FEW"
    assert ClusterFit.objects.filter(state="TOO_FEW").count() == 1
    assert fits.fit_at(BASIS, day).as_of == business_date()


def test_fewer_than_fifty_are_not_clustered_and_the_last_result_stays(world, crowd):
    grade_by_settings()
    found = levels()
    gone = [row.pk for row in crowd[:11]]
    PurchaseRecord.objects.filter(customer__in=gone).update(state="VOIDED")
    population.forget()
    row = fit_clusters(by=world.steward, basis=BASIS)
    assert (row.state, row.buyers) == ("TOO_FEW", 49)
    assert recluster(by=world.steward) == 11  # who has bought nothing any more
    assert levels() == {key: level for key, level in found.items() if key not in gone}
    text = browser(world.steward).get(PAGE).content.decode()
    assert "客户太少" in text and "49" in text and "50" in text and "继续有效" in text
    english = browser(world.steward, "en").get(PAGE).content.decode()
    assert "Too few customers: 49 bought" in english


def test_few_from_the_beginning(world):
    world.steward = person("steward", world.company, "data_steward")
    crowd_of(world, 5)
    assert grade_by_settings() > 0
    assert levels() == {} and ClusterFit.objects.get().state == "TOO_FEW"
    assert "客户太少" in browser(world.rep).get(PAGE).content.decode()
    sheet = browser(world.rep).get(reverse("grading:levels", args=[world.customer.pk]))
    assert sheet.status_code == 200 and not Notice.objects.filter(link=PAGE).exists()


def test_customers_who_are_all_alike(world):
    crowd_of(world, 60, kinds=((9, 1, 500),))
    PurchaseRecord.objects.update(purchased_on=business_date() - timedelta(days=9))
    assert fit_clusters(by=None, basis=BASIS).state == "ALIKE"
    assert "彼此太相似" in browser(world.rep).get(PAGE).content.decode()


def test_names_survive_a_refit_and_a_cluster_that_moved_far_loses_its_name(world, crowd):
    grade_by_settings()
    for code, name in (("C1", "大户"), ("C2", "常客"), ("C3", "过客")):
        name_cluster(by=world.steward, code=code, name=name)
    assert str(CLUSTER.level("C2").label) == "常客"
    Notice.objects.all().delete()
    # A little moves: everybody keeps the code.
    shift = {0: 5, 1: 110, 2: 290}
    for number, days in shift.items():
        PurchaseRecord.objects.filter(number__startswith=f"P{number}-").update(
            purchased_on=business_date() - timedelta(days=days)
        )
    population.forget()
    recluster(by=world.steward)
    assert {one["code"] for one in ClusterFit.objects.first().clusters} == {"C1", "C2", "C3"}
    assert not Notice.objects.exists()
    # The second kind buys for a hundred times as much now, and has just bought: another cluster.
    PurchaseRecord.objects.filter(number__startswith="P2-").update(
        amount=30_000_000, purchased_on=business_date() - timedelta(days=200)
    )
    other = person("other", world.company, "data_steward")
    population.forget()
    recluster(by=world.steward)
    codes = {one["code"] for one in ClusterFit.objects.first().clusters}
    assert codes == {"C1", "C2", "C4"}
    assert set(levels().values()) == codes
    notice = Notice.objects.get(user=other)
    assert "过客" in notice.text and notice.link == PAGE
    assert not Notice.objects.filter(user=world.steward).exists()  # nobody is told of his own doing
    assert str(CLUSTER.level("C4").label) == "第4群" and str(CLUSTER.level("C1").label) == "大户"
    # The history goes on saying what was.
    assert Grade.objects.filter(scheme="CLUSTER", level="C3").exclude(until=None).count() == 20
    assert str(CLUSTER.level("C3").label) == "过客"


def test_naming(world, crowd):
    grade_by_settings()
    with pytest.raises(Denied):
        name_cluster(by=world.rep, code="C1", name="大户")
    row = name_cluster(by=world.steward, code="C1", name="  大户  ", version=0)
    assert (row.name, row.version) == ("大户", 1)
    assert Event.objects.get(action="grading.cluster.name").data["name"] == "大户"
    with pytest.raises(Conflict):
        name_cluster(by=world.steward, code="C1", name="巨户", version=0)
    for wrong in ({"code": "C9", "name": "x"}, {"code": "C2", "name": "大户"}, {"code": "C2", "name": "长" * 41}):
        with pytest.raises(Refused):
            name_cluster(by=world.steward, **wrong)
    with pytest.raises(Refused) as no:
        name_clusters(by=world.steward, given={"C3": ("过客", 0), "C2": ("大户", 0)})
    assert set(no.value.fields) == {"name-C2"} and ClusterName.objects.exclude(name="").count() == 1


def test_the_sample_is_the_same_every_time(world, crowd, monkeypatch):
    from zhike.grading.actions import clusters

    monkeypatch.setattr(clusters, "SAMPLE", 55)
    assert sample_of(business_date(), 12) == sample_of(business_date(), 12)
    buyers, trades = sample_of(business_date(), 12)
    assert (buyers, len(trades)) == (60, 55)
    row = fit_clusters(by=None, basis=BASIS)
    assert (row.buyers, row.sample) == (60, 55)


def test_by_a_clause_with_its_reasons_replayed(world, crowd):
    fit_clusters(by=None, basis=BASIS)
    rule(world.group, "grading.cluster")
    assert grade_by_settings() >= 0 and levels() == {}
    runs.carry_on(runs.start(by=None, trigger=Run.Trigger.COMMAND).pk)
    assert set(levels().values()) == {"C1", "C2", "C3"}
    rows = Decision.objects.filter(kind="grading.cluster")
    assert rows.count() == 60 and list(decisions.replay(rows)) == []
    name_cluster(by=world.steward, code="C1", name="大户")
    fits.forget()
    one = rows.get(subject_id=crowd[0].pk)
    for language, mean in (("zh-hans", "“大户”的平均"), ("en", "Means of “大户”")):
        told = decisions.explain(one, language)
        assert len(told.why) == 4 and mean in told.why[2] and "60" in told.why[3]
        assert told.until  # buys nothing: goes over to another one, on a day


def test_with_the_margin_rate(world, crowd):
    PurchaseRecord.objects.filter(number__startswith="P1-").update(margin=None)
    set_scheme(by=world.director, code="CLUSTER", params={"window_months": 12, "with_margin": True})
    assert fits.bases() == [(12, True)]
    grade_by_settings()
    fit = ClusterFit.objects.get()
    assert fit.with_margin and len(fit.means) == 4 and set(levels().values()) == {one["code"] for one in fit.clusters}
    kind = kind_of("grading.cluster")
    params = Clustering(with_margin=True)
    for number, words in ((0, "毛利率25%"), (20, "毛利率未知，按平均计")):
        [fact] = kind.facts(business_date(), after=None, limit=1, subjects=[crowd[number].pk])
        assert words in kind.explain(params, fact, None, "zh-hans")[0]
        with pytest.raises(LookupError):
            kind.level(Clustering(window_months=7), fact)


def test_what_would_change_it_is_true(world):
    """Who is told that buying nothing until a day moves him is there on that day, and not the day before."""
    crowd = crowd_of(world, 20, kinds=((3, 5, 300_000), (150, 5, 300_000), (340, 5, 300_000)))
    fit_clusters(by=None, basis=BASIS)
    kind, params = kind_of("grading.cluster"), Clustering()

    def fact(on):
        return kind.facts(on, after=None, limit=1, subjects=[crowd[0].pk])[0]

    today = fact(business_date())
    [line] = [one for one in kind.until(params, today, "en") if one.startswith("Without a purchase until ")]
    day = date.fromisoformat(line.split()[4])
    eve, then = (kind.level(params, fact(on))[0] for on in (day - timedelta(days=1), day))
    assert eve == kind.level(params, today)[0] != then and f"“Cluster {then[1:]}”" in line


def test_a_simulation_walks_over_what_the_nights_find(world, crowd):
    today = business_date()
    fit_clusters(by=None, basis=BASIS)
    since, till = today.replace(day=1) - timedelta(days=300), today
    kind, params = kind_of("grading.cluster"), Clustering()
    told = {}
    for history in kind.histories(None, since, till):
        for day, fact, outcome in kind.trace(params, history, since, till):
            assert kind.decide(params, fact) == outcome
            told[day, fact.subject_id] = outcome.code
    assert len(set(told.values())) > 1
    for (day, key), code in list(told.items())[:20]:
        [fact] = kind.facts(day, after=None, limit=1, subjects=[key])
        assert kind.level(params, fact)[0] == code or code == NO_LEVEL


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_shows_and_names_them(world, crowd, language):
    grade_by_settings()
    client = browser(world.steward, language)
    text = client.get(PAGE).content.decode()
    assert text.count("<circle") == 3 and 'name="name-C3"' in text
    answer = client.post(reverse("grading:clusters-name"),
                         {"name-C1": "大户", "version-C1": "0", "name-C2": "", "version-C2": "0"})  # fmt: skip
    assert answer.status_code == 303 and ClusterName.objects.get().name == "大户"
    assert "大户 · 20" in client.get(PAGE).content.decode()
    answer = client.post(reverse("grading:clusters-name"), {"name-C2": "大户", "version-C2": "0"})
    assert answer.status_code == 422
    assert client.post(reverse("grading:clusters-name"), {"name-C1": "巨户", "version-C1": "0"}).status_code == 409
    sheet = client.get(reverse("grading:levels", args=[crowd[0].pk])).content.decode()
    assert "大户" in sheet
    listed = client.get("/customers/").content.decode()
    assert listed
    dialog = client.get(reverse("grading:ask", args=[crowd[0].pk]) + "?scheme=CLUSTER").content.decode()
    assert "CLUSTER:C3" in dialog and "CLUSTER:C4" not in dialog


def test_who_sees_what(world, crowd):
    grade_by_settings()
    text = browser(world.stranger).get(PAGE).content.decode()
    assert "name-C1" not in text and "· 0" in text  # none of the customers are his
    assert browser(world.rep).post(reverse("grading:clusters-name"), {"name-C1": "大户"}).status_code == 403
    assert browser(world.rep).post(reverse("grading:clusters-fit")).status_code == 403
    role = Role.objects.get(code="sales_rep")
    FieldRight.objects.create(role=role, record_type="purchases", field="amount", right="HIDDEN")
    concealed = browser(User.objects.get(pk=world.rep.pk)).get(PAGE).content.decode()
    assert "<circle" not in concealed and "其依据包含你无权查看的数据" in concealed


def test_the_page_asks_as_much_for_eight_clusters_as_for_three(world, crowd):
    def asked():
        client = browser(world.steward)
        client.get(PAGE)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(PAGE).status_code == 200
        return len(queries)

    fit = fit_clusters(by=None, basis=BASIS)
    three = asked()
    fit.clusters = [fit.clusters[n % 3] | {"code": f"C{n + 1}"} for n in range(8)]
    fit.k = 8
    fit.save()
    assert asked() == three


def call(user, method, path, body=None):
    answer = program(user).call(method, path, body) if body is not None else program(user).call(method, path)
    return answer.status_code, answer.json()


def test_clusters_by_the_api(world, crowd):
    grade_by_settings()
    _code, [told] = call(world.steward, "GET", "/grading/clusters")
    assert (told["k"], told["buyers"], told["state"]) == (3, 60, "FITTED")
    assert [one["code"] for one in told["clusters"]] == ["C1", "C2", "C3"] and told["clusters"][0]["orders"] == 12
    code, named = call(world.steward, "PUT", "/grading/clusters/C1", {"name": "大户", "version": 0})
    assert (code, named["name"]) == (200, "大户")
    assert call(world.steward, "GET", "/grading/clusters")[1][0]["clusters"][0]["name"] == "大户"
    assert call(world.steward, "PUT", "/grading/clusters/C1", {"name": "巨户", "version": 0})[0] == 409
    assert call(world.rep, "PUT", "/grading/clusters/C1", {"name": "巨户"})[0] == 403
    schemes = {one["code"]: one for one in call(world.rep, "GET", "/grading/schemes")[1]}
    assert schemes["CLUSTER"]["levels"] == ["C1", "C2", "C3"] and "COMPOSITE_ABC" in schemes


def test_r4_16_composite_as_soon_as_the_potential_is_judged(world, crowd):
    grade_by_settings()
    assert not Grade.objects.filter(scheme="COMPOSITE_ABC").exists()
    judge(crowd[0], by=world.rep, values={"POTENTIAL": Decimal(9)})
    judge(crowd[59], by=world.rep, values={"POTENTIAL": Decimal(9)})
    judge(world.customer, by=world.rep, values={"POTENTIAL": Decimal(9)})
    found = dict(Grade.objects.filter(scheme="COMPOSITE_ABC").values_list("customer_id", "level"))
    # 9×40% + 8×30% + 8×30% (two thirds of the buyers do worse: the fourth fifth), and 9×40% + 2×30% + 2×30%.
    assert found == {crowd[0].pk: "A", crowd[59].pk: "C"}
    kind = kind_of("grading.composite")
    [fact] = kind.facts(business_date(), after=None, limit=1, subjects=[crowd[0].pk])
    score = kind.level(Composite(), fact)[1]["score"]
    assert score == "8.4"
    assert "8.4分" in kind.explain(Composite(), fact, None, "zh-hans")[1]
    [low] = kind.facts(business_date(), after=None, limit=1, subjects=[crowd[59].pk])
    assert kind.until(Composite(), low, "en") == ["1.2 points are lacking for class B."]
    rule(world.group, "grading.composite", {"a_percent": "90"})
    runs.carry_on(runs.start(by=None, trigger=Run.Trigger.COMMAND).pk)
    assert Grade.objects.current().get(scheme="COMPOSITE_ABC", customer=crowd[0]).level == "B"
    assert list(decisions.replay(Decision.objects.all())) == []
    text = browser(world.rep).get(reverse("grading:levels", args=[world.customer.pk])).content.decode()
    assert "没有购买，不分类" in text
