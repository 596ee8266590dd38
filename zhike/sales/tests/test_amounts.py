"""An opportunity's amount is read in its own currency."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.http import QueryDict

from zhike.kernel.errors import Refused
from zhike.records.forms import RecordForm
from zhike.records.registry import describe

pytestmark = pytest.mark.django_db


def amount(user, typed, currency):
    data = QueryDict(f"amount={quote(typed)}&currency={currency}")
    return RecordForm(describe("opportunities"), ["amount", "currency"], user, data=data).values()["amount"]


@pytest.mark.parametrize(
    ("typed", "currency"),
    [("$100", "USD"), ("US$100", "USD"), ("100美元", "USD"), ("HK$100", "HKD"), ("¥100", "CNY"), ("100元", "CNY"),
     ("€100", "EUR"), ("¥100", "JPY"), ("THB 100", "THB"), ("100", "USD"), ("0.01万", "USD")],
)  # fmt: skip
def test_its_own_sign_may_stand_there(world, typed, currency):
    assert amount(world.rep, typed, currency) == 100


@pytest.mark.parametrize(
    ("typed", "currency"),
    [("¥100", "USD"), ("100元", "USD"), ("$100", "CNY"), ("HK$100", "USD"), ("US$100", "HKD"), ("€100", "THB")],
)
def test_another_sign_is_refused(world, typed, currency):
    with pytest.raises(Refused) as refused:
        amount(world.rep, typed, currency)
    assert "amount" in refused.value.fields
