"""What is compared here comes out as the database has it, and the rest is left to it."""

from __future__ import annotations

import uuid
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.db.models import F, Q
from hypothesis import given
from hypothesis import strategies as st

from zhike.activities.models import FollowUpRecord
from zhike.customers.models import Contact
from zhike.grading.models import PurchaseRecord
from zhike.kernel.prepared import Statement
from zhike.records.conditions import _statement, holds
from zhike.sales.models import Opportunity, OpportunityStage

pytestmark = pytest.mark.django_db
VALUES = {
    "amount": st.none() | st.decimals(-2, 2, places=2),
    "probability": st.decimals(-1, 2, places=3),
    "influence": st.none() | st.integers(-1, 7),
    "closed_on": st.none() | st.dates(),
    "state": st.sampled_from(["OPEN", "WON", "", "open"]),
    "kind": st.sampled_from(["SALE", "RETURN", ""]),
    "effective": st.booleans(),
    "shortfall": st.sampled_from(["", "FAILED", " "]),
    "customer": st.none() | st.builds(uuid.uuid4),
    "about_id": st.none() | st.builds(uuid.uuid4),
}


def of_database(statement: str, fields: list[Any], values: list[Any]) -> bool:
    params = [field.get_db_prep_save(value, connection) for field, value in zip(fields, values, strict=True)]
    return bool(Statement(statement, params, ()).fetch(())[0][0])


@pytest.mark.parametrize("model", [FollowUpRecord, Opportunity, OpportunityStage, Contact, PurchaseRecord])
@given(data=st.data())
def test_as_the_database_has_it(model: Any, data: Any) -> None:
    known = _statement(model)
    assert known is not None
    statement, fields, condition = known
    values = [data.draw(VALUES[field.name], label=field.name) for field in fields]
    named = {name: value for field, value in zip(fields, values, strict=True) for name in (field.name, field.attname)}
    told = holds(condition, named)
    assert told is None or told is of_database(statement, fields, values)


def test_a_contact_record_needs_no_question() -> None:
    known = _statement(FollowUpRecord)
    assert known is not None
    for effective, shortfall, expected in ((True, "", True), (False, "", False), (False, "FAILED", True)):
        values = {"customer": uuid.uuid4(), "about_id": None, "effective": effective, "shortfall": shortfall}
        assert holds(known[2], values) is expected


@pytest.mark.parametrize(
    "condition",
    [Q(a__gt=F("b")), Q(a__contains="x"), Q(c="x"), Q(a=True), Q(a="1"), ~Q(n=1), Q(n__in=[1]), Q(s__gt="a"),
     Q(a=1) ^ Q(a=2)],
)  # fmt: skip
def test_what_only_the_database_can_tell(condition: Q) -> None:
    assert holds(condition, vars(SimpleNamespace(a=1, b=2, n=None, s="b"))) is None


def test_what_is_unknown_does_not_hide_what_is_sure() -> None:
    values = {"a": 1, "n": None, "d": Decimal(2)}
    assert holds(Q(a=1) | Q(n=1), values) is True and holds(Q(a=2) & Q(n=1), values) is False
    assert holds(Q(a__in=[1, 2], d__gte=2, n=None), values) is True and holds(~Q(a=1), values) is False
