"""The generic pages: list, record, create, edit, cells, recycle bin; for whom and in which state."""

from __future__ import annotations

import json
from html import unescape
from typing import Any

import pytest

from zhike.records.tests.gadgets import Gadget
from zhike.records.tests.world import World

pytestmark = pytest.mark.django_db


def test_the_list_shows_what_one_may_see(world: World) -> None:
    mine = world.gadget(world.rep, name="我的物件")
    world.gadget(world.server, name="别人的物件")
    text = world.client(world.rep).get("/gadgets/").content.decode()
    assert "我的物件" in text and "别人的物件" not in text
    assert f"/gadgets/{mine.pk}/" in text


def test_without_the_right_there_is_no_list(world: World) -> None:
    assert world.client(world.stranger).get("/gadgets/").status_code == 403
    assert world.client(world.rep).get("/no-such-things/").status_code == 404


def test_create_edit_trash_restore(world: World) -> None:
    client = world.client(world.rep)
    assert client.get("/gadgets/new/?stage=OPEN").status_code == 200
    sent = {"name": "新物件", "stage": "OPEN", "amount": "1200.50", "note": "一", "tags": ["甲", "乙"],
            "phones": ["13800138000"], "handles_kind": ["WECHAT"], "handles_value": ["wx1"],
            "owner": str(world.rep.pk)}  # fmt: skip
    answer = client.post("/gadgets/new/", sent)
    assert answer.status_code == 303, answer.content.decode()
    row = Gadget.objects.get(name="新物件")
    assert (str(row.amount), row.tags, row.handles) == ("1200.50", ["甲", "乙"], [{"kind": "WECHAT", "value": "wx1"}])
    page = client.get(f"/gadgets/{row.pk}/").content.decode()
    assert "新物件" in page and "1,200.50" in page
    edit = client.get(f"/gadgets/{row.pk}/edit/").content.decode()
    assert 'value="1200.50"' in edit and "_version" in edit
    answer = client.post(f"/gadgets/{row.pk}/edit/", sent | {"name": "改名", "_version": "1"})
    assert answer.status_code == 303
    row.refresh_from_db()
    assert (row.name, row.version) == ("改名", 2)
    client.post(f"/gadgets/{row.pk}/trash/")
    assert "改名" in client.get("/gadgets/").content.decode()  # the toast
    assert "改名" not in client.get("/gadgets/").content.decode()
    assert "改名" in client.get("/gadgets/trash/").content.decode()
    client.post(f"/gadgets/{row.pk}/restore/")
    assert "改名" in client.get("/gadgets/").content.decode()


def test_what_was_typed_stays_on_errors(world: World) -> None:
    answer = world.client(world.rep).post("/gadgets/new/", {"name": "打了字的名称", "amount": "abc", "stage": "NEW"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "打了字的名称" in text and 'value="abc"' in text
    fragment = world.client(world.rep).post(
        "/gadgets/new/", {"amount": "abc", "stage": "NEW"}, headers={"HX-Request": "true"}
    )
    assert fragment.status_code == 422 and "zhike:refused" in fragment["HX-Trigger"]


def test_two_people_edit_one_record(world: World) -> None:
    row = world.gadget(world.rep, name="原名")
    Gadget.objects.filter(pk=row.pk).update(name="先到的人", version=2)
    answer = world.client(world.rep).post(
        f"/gadgets/{row.pk}/edit/", {"name": "后到的人", "stage": "NEW", "owner": str(world.rep.pk), "_version": "1"}
    )
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "先到的人" in text and "后到的人" in text


def test_a_cell_is_changed_in_place(world: World) -> None:
    row = world.gadget(world.rep, name="一")
    client = world.client(world.rep)
    url = f"/gadgets/{row.pk}/cell/stage/"
    assert "select" in client.get(url, headers={"HX-Request": "true"}).content.decode()
    answer = client.post(url, {"stage": "DONE", "_version": "1"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and "完成" in answer.content.decode()
    row.refresh_from_db()
    assert (row.stage, row.version) == ("DONE", 2)
    assert client.post(url, {"stage": "NEW", "_version": "1"}, headers={"HX-Request": "true"}).status_code == 409


@pytest.mark.parametrize("path", ["", "edit/", "timeline/", "cell/name/"])
def test_invisible_means_not_found(world: World, path: str) -> None:
    row = world.gadget(world.server)
    assert world.client(world.rep).get(f"/gadgets/{row.pk}/{path}").status_code == 404


@pytest.mark.parametrize("path", ["trash/", "restore/", "cell/name/", "edit/"])
def test_nobody_changes_what_he_does_not_see(world: World, path: str) -> None:
    row = world.gadget(world.server)
    assert world.client(world.rep).post(f"/gadgets/{row.pk}/{path}", {"name": "x"}).status_code == 404


def test_field_rights_hold_on_every_page(world: World) -> None:
    row = world.gadget(world.rep, name="甲", note="秘密备注", phones=["+8613800138000"], amount=777)
    for field, right in (("note", "HIDDEN"), ("phones", "MASKED"), ("amount", "READ_ONLY")):
        world.restrict(world.rep, field, right)
    client = world.client(world.rep)
    for path in ("/gadgets/?columns=name,note,phones,amount", f"/gadgets/{row.pk}/", f"/gadgets/{row.pk}/edit/"):
        text = client.get(path).content.decode()
        assert "秘密备注" not in text and "13800138000" not in text
    sent = {"name": "乙", "stage": "OPEN", "note": "改", "phones": ["+8613911111111"], "amount": "1",
            "owner": str(world.rep.pk)}  # fmt: skip
    client.post(f"/gadgets/{row.pk}/edit/", sent)
    row.refresh_from_db()
    assert (row.name, row.note, row.phones, row.amount) == ("乙", "秘密备注", ["+8613800138000"], 777)
    assert client.get(f"/gadgets/{row.pk}/cell/note/").status_code == 404
    assert client.post(f"/gadgets/{row.pk}/cell/amount/", {"amount": "1"}).status_code == 403
    page = client.get(f"/gadgets/{row.pk}/").content.decode()
    assert "138****8000" in page and "777" in page


def test_how_many_a_filter_leaves_is_asked_for_after_the_rows(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr("zhike.records.listing.PAGE_SIZE", 5)
    for person, number in ((world.rep, 8), (world.server, 2)):
        Gadget.objects.filter(pk__in=[row.pk for row in world.gadgets(person, number)]).update(stage="OPEN")
    client = world.client(world.rep)
    assert "8 条" in client.get("/gadgets/?view=all").content.decode()  # without a filter it comes with them
    tree = json.dumps({"all": [{"field": "stage", "op": "in", "value": ["OPEN"]}]})
    text = client.get("/gadgets/", {"filter": tree}).content.decode()
    assert "5+ 条" in text and 'hx-get="/gadgets/number/?filter=' in text
    asked = text.split('hx-get="/gadgets/number/')[1].split('"')[0]
    answer = client.get(f"/gadgets/number/{unescape(asked)}", headers={"HX-Request": "true"}).content.decode()
    assert "8 条" in answer and "hx-swap-oob" in answer and "全部 8 条" in answer
    short = client.get("/gadgets/", {"filter": tree.replace('"in"', '"not_in"')}).content.decode()
    assert "/gadgets/number/" not in short  # all of a short list is seen
    assert world.client(world.stranger).get("/gadgets/number/").status_code == 403


@pytest.mark.parametrize("number", [10, 100])
def test_as_many_queries_for_ten_rows_as_for_a_hundred(
    world: World, number: int, django_assert_num_queries: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr("zhike.records.listing.PAGE_SIZE", 100)
    rows = world.gadgets(world.rep, number)
    Gadget.objects.filter(pk__in=[row.pk for row in rows[1:]]).update(parent=rows[0])
    client = world.client(world.rep)
    address = "/gadgets/?columns=name,owner,parent,org_unit,tags&view=all"
    part = {"HX-Request": "true"}  # without the shell, whose parts belong to other modules
    client.get(address, headers=part)
    with django_assert_num_queries(LIST_QUERIES):
        assert client.get(address, headers=part).content.decode().count("data-row") == number


# Session with user and version of rights; views; keys, rows and count; names of the parents.
LIST_QUERIES = 4
