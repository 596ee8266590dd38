"""Company-defined fields: what they are called, their choices, and that nothing kept is lost."""

from __future__ import annotations

import pytest

from zhike.access.models import FieldRight
from zhike.administration.actions.custom_fields import (
    change_custom_field,
    create_custom_field,
    move_custom_field,
    restore_custom_field,
    retire_custom_field,
)
from zhike.administration.rules.choices import Choice, merge_choices, read_choices, write_choices
from zhike.administration.tests.people import group, person
from zhike.kernel.errors import Conflict, Denied, NotFound, Refused
from zhike.records.actions.search_again import search_again
from zhike.records.custom import custom_fields
from zhike.records.kinds import CUSTOM_KINDS
from zhike.records.listing import Listing
from zhike.records.models import CustomField
from zhike.records.registry import describe
from zhike.staff.models import Role, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return person(group(), "admin")


def keys() -> list[str]:
    return [field.key for field in custom_fields("customers")]


def test_a_field_of_every_kind(admin: User) -> None:
    for number, kind in enumerate(CUSTOM_KINDS):
        create_custom_field(
            by=admin, record_type="customers", kind=kind.value, label=f"字段{number}", key=f"k{number}",
            choices=[Choice("高")], filterable=True,
        )  # fmt: skip
    assert keys() == [f"k{number}" for number in range(len(CUSTOM_KINDS))]


def test_the_key_comes_from_the_pinyin_and_is_free(admin: User) -> None:
    one = create_custom_field(by=admin, record_type="customers", kind="TEXT", label="车牌号")
    two = create_custom_field(by=admin, record_type="customers", kind="TEXT", label="车牌-号")
    three = create_custom_field(by=admin, record_type="customers", kind="TEXT", label="3D 打印")
    assert one.key.startswith("che")
    assert len({one.key, two.key, three.key}) == 3
    for field in (one, two, three):
        field.full_clean()


def found(by: User, text: str) -> list[str]:
    return [row.name for row in Listing(describe("customers"), by, text=text).page().rows]


def test_search_looks_through_it(admin: User) -> None:
    field = create_custom_field(
        by=admin, record_type="customers", kind="TEXT", label="展会", key="fair", searchable=True
    )
    describe("customers").create(by=admin, kind="ENTERPRISE", name="远大机械", custom={"fair": "广交会 Hall-B7"})
    assert (
        found(admin, "广交") == found(admin, "交会") == found(admin, "hall") == found(admin, "hall-b7") == ["远大机械"]
    )
    # Whoever may not read it does not find by it.
    reader = person(admin.org_unit, "executive")
    assert found(reader, "广交") == ["远大机械"]
    role = Role.objects.get(code="executive")
    FieldRight.objects.create(role=role, record_type="customers", field="custom.fair", right="MASKED")
    reader = User.objects.get(pk=reader.pk)
    assert found(reader, "广交") == [] and found(reader, "远大") == ["远大机械"]
    # What is there already is found as soon as the field is looked through, and no longer afterwards.
    change_custom_field(field, by=admin, label="展会", searchable=False)
    assert search_again("customers", "fair") == 1
    assert found(admin, "广交") == []
    change_custom_field(field, by=admin, label="展会", searchable=True)
    assert search_again("customers", "fair") == 1
    assert found(admin, "广交") == ["远大机械"]


def test_what_will_not_do(admin: User) -> None:
    create_custom_field(by=admin, record_type="customers", kind="TEXT", label="车牌")
    for values in (
        {"kind": "TEXT", "label": "车牌"}, {"kind": "TEXT", "label": " "}, {"kind": "NONSENSE", "label": "x"},
        {"kind": "CHOICE", "label": "y"}, {"kind": "TEXT", "label": "长" * 41},
    ):  # fmt: skip
        with pytest.raises(Refused):
            create_custom_field(by=admin, record_type="customers", **values)
    with pytest.raises(NotFound):
        create_custom_field(by=admin, record_type="nonsense", kind="TEXT", label="x")
    with pytest.raises(Denied):
        create_custom_field(by=person(group(), "sales_rep"), record_type="customers", kind="TEXT", label="x")


def test_a_choice_in_use_stays_and_keeps_its_code(admin: User) -> None:
    field = create_custom_field(
        by=admin,
        record_type="customers",
        kind="CHOICE",
        label="关系档次",
        choices=read_choices("高 = High\n低＝Low\n\n"),
    )
    assert [choice["code"] for choice in field.choices] == ["c1", "c2"]
    describe("customers").create(by=admin, name="北极星", custom={field.key: "c2"})
    with pytest.raises(Refused) as refused:
        change_custom_field(field, by=admin, label="关系档次", choices=read_choices("高 = High"))
    assert "choices" in refused.value.fields
    changed = change_custom_field(
        field, by=admin, label="级别", choices=read_choices("很低 = Low\n最高"), expected_version=1
    )
    assert [(c["code"], c["label"]) for c in changed.choices] == [("c2", "很低"), ("c3", "最高")]
    assert write_choices(changed.choices) == "很低 = Low\n最高"
    with pytest.raises(Conflict):
        change_custom_field(field, by=admin, label="x", choices=[Choice("很低")], expected_version=1)


def test_choices_are_checked() -> None:
    for wanted in ([], [Choice("a"), Choice("a")], [Choice("长" * 61)], [Choice(str(n)) for n in range(301)]):
        assert merge_choices([], wanted)[1]


def test_retired_and_restored_in_order(admin: User) -> None:
    fields = [
        create_custom_field(by=admin, record_type="customers", kind="TEXT", label=each, key=each) for each in "abc"
    ]
    move_custom_field(fields[2], by=admin, step=-1)
    assert keys() == ["a", "c", "b"]
    move_custom_field(fields[0], by=admin, step=-1)
    retire_custom_field(fields[2], by=admin)
    assert keys() == ["a", "b"]
    restore_custom_field(CustomField.objects.get(key="c"), by=admin)
    assert keys() == ["a", "c", "b"]
