"""The form of every kind of clause: what it shows is what it sends back, whatever the shape of the parameters."""

from __future__ import annotations

import json

import pytest
from django.http import QueryDict
from django.utils import translation

from zhike.kernel.errors import Refused
from zhike.policy.force import read_params
from zhike.policy.kinds import kind_of, kinds
from zhike.policy.params_form import ParamField, fields_of, html_name, located, read


def filled(fields: list[ParamField], sent: QueryDict) -> QueryDict:
    """What a browser sends of a form that nobody has touched."""
    for one in fields:
        if one.control in ("group", "blocks"):
            filled(one.fields, sent)
        elif one.control == "table":
            for row in one.rows:
                for column in one.fields:
                    value = row.get(column.name)
                    sent.appendlist(column.html_name, "" if value is None else str(value))
        elif one.control == "boolean":
            if one.value:
                sent[one.html_name] = "1"
        elif one.control in ("choices", "list"):
            sent.setlist(one.html_name, [str(value) for value in one.value or []])
        else:
            sent[one.html_name] = "" if one.value is None else str(one.value)
    return sent


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.code)
def test_a_form_gives_back_what_it_shows(kind) -> None:
    try:
        params = read_params(kind, {})
    except Refused:
        pytest.skip("has no defaults")
    shown = fields_of(kind.params, params.model_dump(mode="json"))
    sent = filled(shown, QueryDict(mutable=True))
    assert read_params(kind, read(fields_of(kind.params, {}), sent)) == params


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.code)
def test_every_kind_is_printed_in_both_languages_and_has_a_schema(kind) -> None:
    try:
        params = read_params(kind, {})
    except Refused:
        pytest.skip("has no defaults")
    for language in ("zh-hans", "en"):
        text = "".join(kind.text(params, language))
        assert text and any("一" <= letter <= "鿿" for letter in text) == (language != "en"), text
    assert not kind.check(params)
    assert json.loads(json.dumps(kind.params.model_json_schema()))["type"] == "object"
    assert str(kind.label)


def test_the_name_of_a_control() -> None:
    sent = QueryDict("params.bands.low=1&params.indicators.0.bands.low=2&params.indicators.0.weight=1")
    assert html_name("bands.3.low", sent) == "params.bands.low"
    assert html_name("indicators.0.bands.2.low", sent) == "params.indicators.0.bands.low"
    assert html_name("indicators.0.weight", sent) == "params.indicators.0.weight"
    assert html_name("days", sent) == "params.days"


def test_a_cleared_field_is_asked_for_and_no_row_is_lost() -> None:
    kind = kind_of("ownership.reclaim")
    shown = fields_of(kind.params, read_params(kind, {}).model_dump(mode="json"))
    sent = filled(shown, QueryDict(mutable=True))
    table = next(one for one in shown if one.name == "limits")
    days = ["-3" if place else "" for place in range(len(table.rows))]
    sent.setlist("params.limits.days", days)
    sent["params.extension_days"] = ""
    with translation.override("zh-hans"), pytest.raises(Refused) as refused:
        read_params(kind, read(fields_of(kind.params, {}), sent))
    told = {path: str(text) for path, text in refused.value.fields.items()}
    assert told["limits.0.days"] == told["extension_days"] == "请填写内容。"
    assert told["limits.1.days"] == "不得小于 0。"
    assert len(told) == len(table.rows) + 1


def test_a_fault_in_a_table_is_told_with_its_row_and_column() -> None:
    kind = kind_of("ownership.reclaim")
    sent = filled(fields_of(kind.params, read_params(kind, {}).model_dump(mode="json")), QueryDict(mutable=True))
    with translation.override("zh-hans"):
        fields = fields_of(kind.params, {})
        assert located("limits.1.days", fields, sent) == ("params.limits.days#1", "第 2 行“超过”：")
        assert located("extension_days", fields, sent) == ("params.extension_days", "")


def test_a_row_left_empty_counts_where_it_is_seen() -> None:
    kind = kind_of("ownership.reclaim")
    fields = fields_of(kind.params, {})
    columns = [f"params.limits.{name}" for name in ("trigger", "days", "grades")]
    sent = QueryDict(mutable=True)
    for row in (("NO_FOLLOW_UP", "30", ""), ("NO_FOLLOW_UP", "", ""), ("NO_DEAL", "-1", "")):
        for column, value in zip(columns, row, strict=True):
            sent.appendlist(column, value)
    assert [row["days"] for row in read(fields, sent)["limits"]] == ["30", "-1"]
    with translation.override("zh-hans"):
        assert located("limits.1.days", fields, sent) == ("params.limits.days#2", "第 3 行“超过”：")
        assert located("limits.1", fields, sent)[0] == "params.limits.trigger#2"


def test_a_fault_of_a_band_names_its_very_cell() -> None:
    kind = kind_of("grading.rubric")
    params = read_params(kind, {}).model_dump(mode="json")
    params["sales_amount"]["bands"][1]["low"] = "790"
    faults = kind.check(read_params(kind, params))
    sent = filled(fields_of(kind.params, params), QueryDict(mutable=True))
    names = [located(one.field, fields_of(kind.params, {}), sent)[0] for one in faults]
    assert names == ["params.sales_amount.bands.low#1"]
