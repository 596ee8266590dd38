"""Any filter is compiled or refused with words; none reaches SQL as text; what is masked cannot be asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zhike.kernel.errors import Refused
from zhike.records.description import Description
from zhike.records.filter_words import chips
from zhike.records.filters import askable, compile_filter, operators
from zhike.records.forms import RecordForm
from zhike.records.kinds import Kind
from zhike.records.listing import Listing
from zhike.records.pages import filters as editor
from zhike.records.tests.gadgets import Gadgets
from zhike.records.tests.world import World

pytestmark = pytest.mark.django_db

OPS = sorted({op for kind in Kind for op in operators(kind)})
NAMES = [*Gadgets.fields, "custom.text", "custom.number", "custom.day", "custom.many", "custom.who", "search",
         "password", "owner__password", "id", "custom.x' OR 1=1--"]  # fmt: skip
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["me", "my_unit", "2026-01-31", "this_month", "NEW", "1e400", "\x00", "9" * 400, "0001-01-01"]),
)
VALUES = st.one_of(SCALARS, st.lists(SCALARS, max_size=3), st.dictionaries(st.text(max_size=3), SCALARS, max_size=2))
CONDITIONS = st.fixed_dictionaries(
    {
        "field": st.one_of(st.sampled_from(NAMES), SCALARS),
        "op": st.one_of(st.sampled_from(OPS), SCALARS),
        "value": VALUES,
    }
)
TREES = st.recursive(
    st.one_of(CONDITIONS, SCALARS),
    lambda inner: st.one_of(
        st.fixed_dictionaries({"all": st.lists(inner, max_size=3)}),
        st.fixed_dictionaries({"any": st.lists(inner, max_size=3)}),
        st.fixed_dictionaries({"not": inner}),
    ),
    max_leaves=8,
)


@pytest.fixture
def own_fields(world: World) -> World:
    for key, kind in (("text", Kind.TEXT), ("number", Kind.DECIMAL), ("day", Kind.DATE), ("who", Kind.USER)):
        world.custom(key, kind)
    world.custom("many", Kind.MULTI_CHOICE, choices=[{"code": "a", "label": "甲"}, {"code": "b", "label": "乙"}])
    world.gadget(world.rep, custom={"text": "x", "number": 1, "day": "2026-01-01", "many": ["a"]})
    return world


def asked(of: Description, user: Any, tree: Any) -> int | None:
    """How many rows it finds; None: refused with words."""
    try:
        listing = Listing(of, user, tree=tree)
        chips(of, tree, user)
    except Refused as refused:
        assert str(refused.message)
        return None
    page = listing.page()
    assert listing.queryset().count() == len(page.rows)
    return len(page.rows)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(tree=TREES)
def test_any_tree_is_compiled_or_refused(own_fields: World, of: Description, tree: Any) -> None:
    asked(of, own_fields.rep, tree)


def naughty() -> list[str]:
    path = Path(__file__).parents[4] / "shared/data/text/blns/blns.json"
    found = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    return [*found, "'; DROP TABLE staff_user; --", "%", "_", "\\", "' OR '1'='1", "a&b|!(c)", ":*", "'"]


def test_naughty_strings_are_only_strings(own_fields: World, of: Description) -> None:
    for text in naughty():
        for name in ("name", "note", "custom.text", "tags", "phones", "stage", "owner", "amount", "due", "search"):
            for op in ("contains", "is", "in", "has_any", "starts", "lt", "between"):
                asked(of, own_fields.rep, {"field": name, "op": op, "value": text})


def test_naughty_addresses_are_never_a_crash(own_fields: World) -> None:
    client = own_fields.client(own_fields.rep)
    for text in naughty()[::12]:
        for parameter in ("filter", "sort", "cursor", "q", "view", "columns"):
            answer = client.get("/gadgets/", {parameter: text}, headers={"HX-Request": "true"})
            assert answer.status_code in (200, 422), (parameter, text)


def test_it_finds_what_it_says(own_fields: World, of: Description) -> None:
    world = own_fields
    row = world.gadget(
        world.rep, name="华为技术", stage="OPEN", amount=9_000_000, tags=["甲", "乙"], custom={"number": 7}
    )
    for tree in (
        {"field": "name", "op": "contains", "value": "华为"},
        {"all": [{"field": "stage", "op": "in", "value": ["OPEN"]}, {"field": "amount", "op": "gt", "value": "1"}]},
        {"field": "amount", "op": "between", "value": ["9000000", ""]},
        {"field": "tags", "op": "has_all", "value": ["甲", "乙"]},
        {"all": [{"field": "custom.number", "op": "is", "value": 7}]},
        {"not": {"field": "stage", "op": "in", "value": ["NEW"]}},
        {"all": [{"field": "owner", "op": "in", "value": ["me"]}, {"field": "custom.text", "op": "empty"}]},
    ):
        assert [one.pk for one in Listing(of, world.rep, tree=tree).each()] == [row.pk], tree


_ALIKE = ("100000", "100,000", "10万", "¥10万", "１０万", "0.001亿", "100k", "100 000", "100.000,00", "人民币10万元整")


@pytest.mark.parametrize("typed", _ALIKE)
def test_amounts_as_people_write_them(world: World, of: Description, typed: str) -> None:
    row = world.gadget(world.rep, amount=100_000)
    tree = {"all": [{"field": "amount", "op": op, "value": typed} for op in ("is", "gte")]}
    assert [one.pk for one in Listing(of, world.rep, tree=tree).each()] == [row.pk]
    form = RecordForm(of, ["amount"], world.rep, data=QueryDict(f"amount={quote(typed)}"))
    assert form.values()["amount"] == 100_000


_NONE = ("1,23", "12,00", "1 2", "1_000", "3块5", "1元2", "100 RMB 50", "10 万美元", "abc", "1e99", "NaN")


@pytest.mark.parametrize("typed", _NONE)
def test_what_is_no_amount_is_said(world: World, of: Description, typed: str) -> None:
    with pytest.raises(Refused):
        compile_filter(of, {"field": "amount", "op": "gt", "value": typed}, world.rep)
    with pytest.raises(Refused) as refused:
        RecordForm(of, ["amount"], world.rep, data=QueryDict(f"amount={quote(typed)}")).values()
    assert "amount" in refused.value.fields


def test_numbers_are_asked_of_numbers_alone(world: World, of: Description) -> None:
    row = world.gadget(world.rep, name="8001 8001", phones=["+8613800138001"])
    world.gadget(world.rep, name="8001 号店")
    tree = {"field": "phones", "op": "contains", "value": "138 0013 8001"}
    assert [one.pk for one in Listing(of, world.rep, tree=tree).each()] == [row.pk]
    tree["value"] = "8001"
    assert [one.pk for one in Listing(of, world.rep, tree=tree).each()] == [row.pk]
    with pytest.raises(Refused):
        compile_filter(of, tree | {"value": "138"}, world.rep)


@pytest.mark.parametrize("name", ["Fintech Ltd", "上海华安（集团）Fintech-2有限公司", "GTX Pro"])
def test_contains_finds_any_part(world: World, of: Description, name: str) -> None:
    row = world.gadget(world.rep, name=name)
    for first in range(len(name)):
        for last in range(first + 1, len(name) + 1):
            if part := name[first:last].strip():
                tree = {"field": "name", "op": "contains", "value": part}
                assert [one.pk for one in Listing(of, world.rep, tree=tree).each()] == [row.pk], part


def test_hidden_and_masked_fields_cannot_be_asked_or_sorted_by(world: World, of: Description) -> None:
    world.gadget(world.rep, amount=5)
    for right in ("HIDDEN", "MASKED"):
        world.rep.roles.get().field_rights.all().delete()
        world.restrict(world.rep, "amount", right)
        with pytest.raises(Refused):
            compile_filter(of, {"field": "amount", "op": "gt", "value": 1}, world.rep)
        with pytest.raises(Refused):
            Listing(of, world.rep, sort="amount")


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(tree=TREES)
def test_the_editor_keeps_every_filter_whole(own_fields: World, of: Description, tree: Any) -> None:
    """Filter → form → filter: the same rows, for every filter that can be compiled."""
    user = own_fields.rep
    if not isinstance(tree, dict) or asked(of, user, tree) is None:
        return
    root = editor.from_tree(tree)
    editor.number(root, ".0")
    sent = QueryDict(mutable=True)
    for node, _parent in editor.walk(root):
        if node.word:
            sent[f"t{node.path}"] = node.word
        else:
            sent[f"f{node.path}"], sent[f"o{node.path}"] = node.name, node.op
            sent.setlist(f"v{node.path}", node.values)
    known = askable(of, user)
    first = editor.to_tree(root, known)
    assert editor.to_tree(editor.from_form(sent), known) == first


def test_the_editor_adds_groups_and_applies(own_fields: World) -> None:
    client = own_fields.client(own_fields.rep)
    part = {"HX-Request": "true"}
    assert "f.0.0" in client.get("/gadgets/filter/", headers=part).content.decode()
    text = client.get(
        "/gadgets/filter/", {"t.0": "all", "f.0.0": "stage", "do": "group.0"}, headers=part
    ).content.decode()
    assert 't.0.1"' in text and "进行中" in text
    sent = {"t.0": "any", "f.0.0": "stage", "o.0.0": "in", "v.0.0": ["OPEN", "DONE"], "do": "apply"}
    answer = client.get("/gadgets/filter/", sent)
    assert answer.status_code == 303 and "filter=" in answer["Location"]
    assert client.get(answer["Location"]).status_code == 200
    wrong = {"t.0": "all", "f.0.0": "amount", "o.0.0": "gt", "v.0.0": "abc", "do": "apply"}
    assert client.get("/gadgets/filter/", wrong).status_code == 200
