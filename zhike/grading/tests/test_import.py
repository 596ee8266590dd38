"""Purchase records, receivables and receipts from files."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db.models import Sum

from zhike.grading.models import PurchaseRecord, Receipt, Receivable
from zhike.sales.tests.test_import import bring, problems

pytestmark = pytest.mark.django_db

PURCHASES = """订单号,客户名称,订单日期,产品名称,数量,单位,价税合计,渠道,业务员
D-1,华东精密机械有限公司,2025-03-01,轴承,12.5,吨,"1,200,000.00",直销,rep
D-2,华东精密机械有限公司,2025-04-02,轴承,,,-20000,,rep
D-3,没有的公司,2025-04-02,轴承,,,1,,
,华东精密机械有限公司,2025-05-02,油封,,,88.5,,
D-5,华东精密机械有限公司,2025-05-02,油封,,,,,
D-6,华东精密机械有限公司,2025-13-02,油封,,,3,,
"""


def test_purchases(world):
    batch = bring(world.admin, "purchases", PURCHASES)
    assert batch.counts == {"created": 3, "refused": 3}
    assert problems(batch) == {4: {"customer"}, 6: {"amount"}, 7: {"purchased_on"}}
    first = PurchaseRecord.objects.get(number="D-1")
    assert (first.amount, first.tonnes, first.channel, first.seller, first.owner) == (
        Decimal("1200000.00"), Decimal("12.5"), "DIRECT", world.rep, world.rep,
    )  # fmt: skip
    assert PurchaseRecord.objects.get(number="D-2").kind == "RETURN"
    assert PurchaseRecord.objects.get(product="油封").number.startswith("P20")
    assert PurchaseRecord.objects.aggregate(n=Sum("amount"))["n"] == Decimal("1180088.50")


def test_what_is_copied_is_what_saving_would_have_made(world):
    bring(world.admin, "purchases", PURCHASES)
    row = PurchaseRecord.objects.get(number="D-1")
    columns = {f.attname for f in PurchaseRecord._meta.concrete_fields} - {"updated_at"}
    before = {name: getattr(row, name) for name in columns}
    row.save()
    row = PurchaseRecord.objects.get(number="D-1")
    assert before == {name: getattr(row, name) for name in columns}


def test_the_same_file_again_changes_amounts(world):
    bring(world.admin, "purchases", PURCHASES)
    again = PURCHASES.replace('"1,200,000.00"', "1300000")
    batch = bring(world.admin, "purchases", again, on_duplicate="update")
    assert batch.counts["updated"] == 2
    assert PurchaseRecord.objects.get(number="D-1").amount == 1300000


def test_receivables_and_their_receipts(world):
    bring(
        world.admin,
        "receivables",
        "应收单号,客户,应收金额,单据日期,到期日\nAR1,华东精密机械有限公司,1000,2025-01-05,2025-02-05\n",
    )
    batch = bring(
        world.finance,
        "receipts",
        "收款单号,客户,收款金额,收款日期,应收单号\nS1,华东精密机械有限公司,400,2025-02-01,AR1\nS2,华东精密机械有限公司,100,2025-03-01,\n",
    )
    assert batch.counts == {"created": 2}
    debt = Receivable.objects.get()
    assert (debt.open_amount, debt.due_on) == (600, date(2025, 2, 5))
    assert set(Receipt.objects.values_list("state", flat=True)) == {"CONFIRMED"}
