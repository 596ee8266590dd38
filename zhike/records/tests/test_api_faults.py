"""Programs are told what is wrong in the language they ask for."""

from __future__ import annotations

import datetime
import re
import uuid
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from django.utils import translation
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zhike.records.api.faults import told


class Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=2, max_length=6)] = "ab"
    code: Annotated[str, Field(pattern="^a")] = "a"
    number: Annotated[int, Field(ge=1, le=200)] = 1
    share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    amount: Annotated[Decimal, Field(max_digits=6, decimal_places=2)] = Decimal(1)
    day: datetime.date = datetime.date.min
    moment: datetime.datetime = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    key: uuid.UUID = uuid.UUID(int=0)
    kind: Literal["A", "B"] = "A"
    open: bool = True
    tags: Annotated[list[str], Field(min_length=1, max_length=2)] = ["x"]
    more: dict[str, Any] = {}


@pytest.mark.parametrize(
    "values",
    [
        {"name": "a"}, {"name": "abcdefg"}, {"name": 5}, {"code": "b"}, {"number": 0}, {"number": 201}, {"number": "x"},
        {"number": 1.5}, {"share": 0}, {"share": 1}, {"share": "x"}, {"amount": "1.2万"}, {"amount": "1.234"},
        {"amount": "12345.678"}, {"amount": "NaN"}, {"amount": []}, {"day": "明天"}, {"day": "2026-01-01T10:00"},
        {"moment": "x"}, {"moment": []}, {"key": "x"}, {"key": 5}, {"kind": "C"}, {"open": "perhaps"}, {"open": []},
        {"tags": "a"}, {"tags": []}, {"tags": ["a", "b", "c"]}, {"more": 1}, {"nothing": 1}, {"number": None},
    ],
)  # fmt: skip
def test_in_both_languages(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as error:
        Sent(**values)
    for fault in error.value.errors():
        with translation.override("zh-hans"):
            chinese = told(dict(fault))
        with translation.override("en"):
            english = told(dict(fault))
        assert re.search("[一-鿿]", chinese) and not re.search("[一-鿿]", english), fault
        assert "%(" not in chinese + english


def test_what_is_not_known_is_told_in_the_library_s_words() -> None:
    assert told({"type": "brand_new", "msg": "Something else"}) == "Something else"
    assert told({"type": "string_too_long", "msg": "Too long", "ctx": {}}) == "Too long"
