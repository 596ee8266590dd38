"""Opportunities and leads from files, the real ones included."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.db.models import Sum

from zhike.customers.actions import duplicates
from zhike.customers.models import Customer
from zhike.kernel.errors import Refused
from zhike.records import jobs
from zhike.records.importing import actions
from zhike.records.listing import Listing
from zhike.records.models import ImportRow
from zhike.records.registry import describe
from zhike.records.tests.importing.samples import sample
from zhike.sales.actions.lead import create as create_lead
from zhike.sales.actions.pipeline import create_stage
from zhike.sales.models import Lead, Opportunity, OpportunityClosure, StageChange
from zhike.sales.tests.conftest import make_customer, person, unit
from zhike.staff.models import OrgUnit, User

pytestmark = pytest.mark.django_db


def bring(by: User, kind: str, data: str | bytes, **options):
    raw = data.encode() if isinstance(data, str) else data
    batch = actions.upload(by=by, record_type=kind, file=io.BytesIO(raw), file_name="a.csv")
    jobs.read_import(str(batch.pk))
    batch.refresh_from_db()
    targets = [column["target"] for column in batch.columns]
    actions.choose_columns(batch, by=batch.owner, targets=targets, **options)
    actions.start(batch, by=batch.owner)
    jobs.run_import(str(batch.pk))
    batch.refresh_from_db()
    return batch


def problems(batch):
    return {
        row.number: {field for field, _problem in row.problems}
        for row in ImportRow.objects.filter(batch=batch).exclude(problems=None)
        if row.problems
    }


CSV = """商机编号,商机名称,客户名称,阶段,金额,成交金额,成交日期,开始日期,负责人
P-1,一期,华东精密机械有限公司,赢单,100,90.50,2025-03-01,2025-01-02,rep
P-2,二期,华东精密机械有限公司,方案/报价,2000,,,2025-02-02,rep
P-3,三期,,丢单,,0,2025-05-01,2025-04-01,rep
P-4,四期,没有的公司,初步接触,,,,,rep
P-5,五期,,没有的阶段,,,,,rep
P-6,六期,,需求确认,,,2025-05-01,,rep
P-7,七期,,赢单,10,10,2025-05-01,2025-06-01,rep
"""


def test_stage_closing_and_owner_as_they_were(world):
    batch = bring(world.admin, "opportunities", CSV)
    assert batch.counts == {"created": 3, "refused": 4}
    assert problems(batch) == {5: {"customer"}, 6: {"stage"}, 7: {"closed_on"}, 8: {"closed_on"}}
    won = Opportunity.objects.get(number="P-1")
    assert (won.state, won.closed_on, won.closed_value, won.amount, won.owner) == (
        "WON", date(2025, 3, 1), Decimal("90.50"), Decimal(100), world.rep,
    )  # fmt: skip
    assert won.closures.get().value == Decimal("90.50")
    world.customer.refresh_from_db()
    assert (world.customer.status, world.customer.last_deal_at.year) == ("ACTIVE", 2025)
    open_ = Opportunity.objects.get(number="P-2")
    assert (open_.stage.code, open_.expected_value) == ("PROPOSAL", Decimal("1000.00"))
    assert open_.stuck_at == open_.make_stuck_at()
    assert Opportunity.objects.get(number="P-3").stage.code == "LOST"
    assert StageChange.objects.count() == 3


def test_what_is_copied_is_what_saving_would_have_made(world):
    bring(world.admin, "opportunities", CSV)
    row = Opportunity.objects.get(number="P-2")
    columns = {f.attname for f in Opportunity._meta.concrete_fields} - {"updated_at"}
    before = {name: getattr(row, name) for name in columns}
    row.save()
    row = Opportunity.objects.get(number="P-2")
    assert before == {name: getattr(row, name) for name in columns}


def test_the_same_file_again_moves_what_went_on(world):
    bring(world.admin, "opportunities", CSV)
    later = CSV.replace(
        "P-2,二期,华东精密机械有限公司,方案/报价,2000,,,",
        "P-2,二期,华东精密机械有限公司,赢单,2000,1800,2025-06-01,",
    )
    batch = bring(world.admin, "opportunities", later, on_duplicate="update")
    assert batch.counts["updated"] == 3
    row = Opportunity.objects.get(number="P-2")
    assert (row.state, row.closed_value, row.closures.count()) == ("WON", Decimal(1800), 1)
    assert OpportunityClosure.objects.count() == 3


def test_leads_by_phone(world):
    data = "姓名,公司,手机,来源\n赵敏,恒瑞,13800138000,老客户介绍\n钱多,,13900139000,\n赵敏,恒瑞,+86 138-0013-8000,\n"
    batch = bring(world.admin, "leads", data)
    assert batch.counts == {"created": 2, "refused": 1}
    row = Lead.objects.get(name="赵敏")
    assert (row.phones, row.source) == (["+8613800138000"], "REFERRAL")


@pytest.fixture
def maven(world):
    """Sales people, customers and the two stages that the file names."""
    for n, code in enumerate(("PROSPECTING", "ENGAGING")):
        create_stage(
            by=world.director,
            pipeline=world.pipeline,
            code=code,
            name=code.title(),
            probability=Decimal(n + 1) / 10,
        )
    pipeline = sample("pipeline/maven_crm/sales_pipeline.csv").read_bytes()
    rows = list(csv.DictReader(io.StringIO(pipeline.decode())))
    for agent in sorted({row["sales_agent"] for row in rows}):
        person(agent, world.north, "sales_rep")
    for account in sorted({row["account"] for row in rows} - {""}):
        make_customer(world.rep, account, duplicate_reason="x")
    return pipeline


def test_the_totals_of_a_real_file_come_out_of_the_lists(world, maven):
    batch = bring(world.admin, "opportunities", maven)
    assert batch.counts == {"created": 8800}
    won = {"field": "state", "op": "in", "value": ["WON"]}
    totals = Listing(describe("opportunities"), world.admin, tree={"all": [won]}).totals()
    assert (totals["count"], totals["closed_value"]) == (4238, Decimal(10005534))
    by_state = dict(Opportunity.objects.values_list("state").order_by("state").annotate(n=Sum(1)))
    assert by_state == {"LOST": 2473, "OPEN": 2089, "WON": 4238}
    assert Opportunity.objects.filter(customer=None).count() == 1425
    best = Opportunity.objects.won().filter(owner__name="Darcel Schlecht").aggregate(value=Sum("closed_value"))
    assert best["value"] == Decimal(1153214)
    assert Customer.objects.filter(last_deal_at__year=2017).count() == 85


def test_what_is_told_of_leads_of_others_is_counted(world, monkeypatch):
    """Those of another company: the limit of the duplicate check holds, and both share a day."""
    monkeypatch.setattr(duplicates, "_limits", [lambda by: 1])
    far = person("far", unit("广州公司", world.group, OrgUnit.Kind.COMPANY), "sales_rep")
    for number in (0, 2, 3):
        create_lead(by=far, name=f"赵{number}", phones=[f"1380013800{number}"])
    text = "姓名,手机\n" + "".join(f"赵{number},1380013800{number}\n" for number in range(5))
    batch = bring(world.director, "leads", text)
    assert batch.state == "CANCELLED" and batch.problem[1] == {"row": 4}
    told = [row.state for row in batch.rows.filter(number__gt=1).order_by("number")]
    assert told == ["REFUSED", "CREATED", "PENDING", "PENDING", "PENDING"]
    with pytest.raises(Refused):
        duplicates.check(by=world.director, values={"name": "随便什么有限公司"})
