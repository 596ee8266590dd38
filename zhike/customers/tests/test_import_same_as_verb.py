"""One meaning: a row of a file becomes the very record, or is refused for the very fields, as through the verb."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db import transaction
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from zhike.customers.actions.customers import create
from zhike.customers.models import Contact, Customer
from zhike.kernel.errors import Refused
from zhike.records import jobs
from zhike.records.importing import actions
from zhike.records.importing.cells import compile_columns, draft_of
from zhike.records.importing.filling import checker
from zhike.records.models import ImportBatch, ImportRow
from zhike.staff.models import User

HEAD = {
    "name": "名称", "kind": "类型", "short_name": "简称", "uscc": "信用代码", "phones": "手机", "emails": "邮箱",
    "region_code": "地区", "website": "网址", "established_on": "成立日期", "employee_count": "员工",
    "annual_revenue": "年收入", "tags": "标签", "remark": "备注", "industry_code": "行业", "status": "状态",
    "birthday": "生日", "gender": "性别", "handles:WECHAT": "微信", "preferred_colours": "喜欢的颜色",
    "listed_code": "股票代码", "contact.name": "联系人", "contact.phones": "联系人电话", "contact.birthday": "联系人生日",
    "contact.roles": "联系人角色", "contact.influence": "影响力",
}  # fmt: skip
# One thing at a time into a row that is right otherwise.
AWKWARD: dict[str, list[str]] = {
    "name": [
        "", "甲", "A" * 100, "A" * 101, "甲" * 99, "  两头 空白  ", "ＡＢＣ（中国）有限公司", "\u200b隐形\u200b公司",
        "a'b\"c\\d", "tab\tin", "北京市朝阳区重庆单县银行股份有限公司", "𠀀𠀀公司", "Müller & Söhne GmbH", "单小明",
        "{花括号}公司", "\\N", "co., ltd.", "12345",
    ],
    "kind": ["个人", "企业", "PERSON", "外星人"],
    "short_name": ["短", "长" * 40, "长" * 41, "’", "'=1+1"],
    "uscc": ["913201000000000280", "91 3201 0000 0000 0280", "913201000000000281", "9132", "91320100000000028I"],
    "phones": ["0571-88889999", "+86 10 8888 9999 转 123", "1380013800", "４００８８８９９９９", "+1 202 555 0143", "x; y"],
    "emails": ["A.B@EXAMPLE.com", "a@b", "a@b.cn；c@d.cn", "名@例子.中国", "a..b@c.cn"],
    "region_code": ["440305", "广东 深圳", "火星", "北京市东城区", "999999"],
    "website": ["example.com", "ftp://x.cn", "http://a b.cn", "HTTPS://X.CN/<>", "无"],
    "established_on": ["2011年3月4日", "1800-01-01", "1799-12-31", "29/2/2023", "36526", "明天"],
    "employee_count": ["0", "-1", "2147483647", "2147483648", "1.5", "1,234", "九"],
    "annual_revenue": ["1.2万", "-5", "99999999999999.99", "100000000000000", "0.005", "$5"],
    "tags": ["a;b;a", "x" * 40, "#话题", "x" * 41, "a\\b;c\"d;{e}"],
    "remark": ["一行\n二行", "字" * 5001, "<script>", "反\\斜\t杠"],
    "industry_code": ["C17", "纺织业", "Z99", "C", "6510"],
    "status": ["潜在", "ACTIVE", "LOST", "没有"],
    "birthday": ["1986-05-29", "农历八月十五", "5-29", "2月30日", "?"],
    "gender": ["男", "FEMALE", "?"],
    "handles:WECHAT": ["wx_abc123", "13800138000", "短"],
    "preferred_colours": ["红;蓝", "红" * 21],
    "listed_code": ["600000", "x" * 13],
    "contact.name": ["李", "王五", "人" * 51, ""],
    "contact.phones": ["13700137000", "12"],
    "contact.birthday": ["农历正月初一", "13-45"],
    "contact.roles": ["使用者;财务", "老板"],
    "contact.influence": ["5", "6", "0"],
}  # fmt: skip
# These are made at the moment of writing, or numbered.
OF_THE_MOMENT = {"id", "customer_no", "created_at", "updated_at", "confirmed_at", "customer"}


def rows() -> list[dict[str, str]]:
    found = []
    for target, values in AWKWARD.items():
        for person in (False, True):
            for value in values:
                number = len(found)
                row = {"name": f"{'张' if person else '测试公司'}{number}号", "phones": f"139{number:08}"}
                row |= {"kind": "PERSON"} if person else {}
                row |= {"contact.name": f"李{number}"} if target.startswith("contact.") else {}
                found.append(row | {target: value})
    return found


def read(by: User, given_rows: list[dict[str, str]]) -> ImportBatch:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEAD.values())
    writer.writerows([row.get(target, "") for target in HEAD] for row in given_rows)
    file = io.BytesIO(out.getvalue().encode())
    batch = actions.upload(by=by, record_type="customers", file=file, file_name="a.csv", background=False)
    jobs.read_import(str(batch.pk))
    batch.refresh_from_db()
    actions.choose_columns(batch, by=by, targets=list(HEAD))
    batch.refresh_from_db()
    return batch


def state_of(row: Any) -> dict[str, Any]:
    """Every column as the database holds it; words without the number's."""
    fields = [field.attname for field in row._meta.concrete_fields if field.name not in OF_THE_MOMENT]
    (found,) = type(row).objects.filter(pk=row.pk).values(*fields)
    number = f"'c{row.customer_no.lower()}'" if isinstance(row, Customer) else "''"
    words = sorted(str(found.pop("search_tokens")).split(" "))
    return found | {"words": [word for word in words if word != number]}


def everything(customer: Customer) -> list[dict[str, Any]]:
    return [state_of(customer), *(state_of(one) for one in Contact.objects.filter(customer=customer).order_by("pk"))]


def by_verb(by: User, values: dict[str, Any], children: dict[str, dict[str, Any]]) -> Any:
    """What the verb makes of it, rolled back; or the fields that it refuses."""
    with transaction.atomic():
        try:
            made = create(by=by, contacts=[{"name": "", **one} for one in children.values()], **{"name": "", **values})
            return everything(made)
        except Refused as refused:
            return {name.replace("contacts.0.", "contact.") for name in refused.fields}
        finally:
            transaction.set_rollback(True)


@pytest.mark.django_db
def test_a_row_becomes_what_the_verb_makes_of_it(chief: User) -> None:
    batch = read(chief, rows())
    columns = compile_columns("customers", batch.columns, chief)
    expected: dict[int, Any] = {}
    unreadable: set[int] = set()
    with override(chief.language or None):
        for number, cells in batch.rows.filter(number__gt=1).values_list("number", "cells"):
            draft = draft_of(number, cells, columns, len(HEAD))
            if draft.problems:
                unreadable.add(number)
            else:
                expected[number] = by_verb(chief, draft.values, draft.children)
    actions.start(batch, by=chief, background=False)
    jobs.run_import(str(batch.pk))
    twice = 0
    for row in ImportRow.objects.filter(batch=batch, number__gt=1):
        if row.number in unreadable:
            assert row.state == "REFUSED", row.cells
        elif row.state == "CREATED":
            assert everything(Customer.objects.get(pk=row.record_id)) == expected[row.number], row.cells
        elif str(row.problems).startswith("[['', ['It stands twice"):
            twice += 1
        else:
            fields = {field for field, _problem in row.problems}
            assert expected[row.number] == fields, (row.cells, row.problems)
    assert twice == 1  # the same credit code for an enterprise and a person
    states = list(batch.rows.filter(number__gt=1).values_list("state", flat=True))
    assert states.count("CREATED") > 90 and states.count("REFUSED") > 60


VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=60)
    | st.sampled_from(["", "ACTIVE", "A" * 100, "A" * 101, "\x00", " "])
    | st.decimals(allow_nan=False)
    | st.dates()
    | st.lists(st.text(max_size=45) | st.integers(), max_size=3)
)
COLUMNS = [f for model in (Customer, Contact) for f in model._meta.concrete_fields if not f.is_relation]


@given(st.sampled_from(COLUMNS), st.lists(VALUES, min_size=1, max_size=4))
def test_a_column_is_checked_as_the_model_checks_it(column: Any, values: list[Any]) -> None:
    check = checker(column)
    for value in [*values, *values]:
        assert said(check, value) is said(column.clean, value), (column, value)


def said(question: Any, value: Any) -> type[Exception] | None:
    try:
        question(value, Customer())
    except Exception as error:  # noqa: BLE001 - whatever it is, both say the same
        return type(error)
    return None
