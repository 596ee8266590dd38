"""Saved views, lookups, files of company-defined fields: whose they are and who gets them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from zhike.records.kinds import Kind
from zhike.records.models import SavedView, StoredFile
from zhike.records.tests.gadgets import Gadget
from zhike.records.tests.world import World

pytestmark = pytest.mark.django_db
QUERY = '?filter={"field":"stage","op":"in","value":["OPEN"]}&sort=name&columns=name,stage'


def keep(world: World, user: Any, name: str, audience: str = "PRIVATE") -> SavedView | None:
    world.client(user).post(f"/gadgets/views/new/{QUERY}", {"name": name, "audience": audience})
    return SavedView.objects.filter(name=name).first()


def test_a_view_is_kept_opened_changed_and_deleted(world: World) -> None:
    world.gadget(world.rep, name="甲", stage="OPEN")
    world.gadget(world.rep, name="乙")
    view = keep(world, world.rep, "进行中的")
    assert view is not None and view.columns == ["name", "stage"] and view.sort == "name"
    client = world.client(world.rep)
    shown = client.get(f"/gadgets/?view={view.pk}").content.decode()
    assert "甲" in shown and ">乙<" not in shown
    client.post(f"/gadgets/views/{view.pk}/prefer/")
    assert ">乙<" not in client.get("/gadgets/").content.decode()
    assert ">乙<" in client.get("/gadgets/?view=all").content.decode()
    client.post(f"/gadgets/views/{view.pk}/edit/", {"name": "改名", "audience": "PRIVATE"})
    client.post(f"/gadgets/views/{view.pk}/keep/?view={view.pk}&sort=-amount")
    view.refresh_from_db()
    assert (view.name, view.sort, view.filter["field"]) == ("改名", "-amount", "stage")
    client.post(f"/gadgets/views/{view.pk}/delete/")
    assert not SavedView.objects.exists()
    client.post(f"/gadgets/views/{view.pk}/restore/")
    assert SavedView.objects.get().name == "改名"


def test_sharing_takes_the_right_and_reaches_the_department(world: World) -> None:
    assert keep(world, world.rep, "不许", "TEAM") is None
    world.allow(world.manager, "records.saved_view.share")
    view = keep(world, world.manager, "部门的", "TEAM")
    company = keep(world, world.manager, "公司的", "COMPANY")
    assert view is not None and company is not None
    seen = {
        user: world.client(user).get("/gadgets/").content.decode()
        for user in (world.rep, world.server, world.southerner)
    }
    assert "部门的" in seen[world.rep] and "公司的" in seen[world.rep]
    assert "部门的" not in seen[world.server] and "公司的" in seen[world.server]
    assert "公司的" not in seen[world.southerner]
    client = world.client(world.rep)
    for verb, data in (("edit", {"name": "我的了", "audience": "TEAM"}), ("keep", {}), ("delete", {})):
        assert client.post(f"/gadgets/views/{view.pk}/{verb}/", data).status_code == 403
    assert world.client(world.southerner).post(f"/gadgets/views/{view.pk}/delete/").status_code == 404


def test_a_shared_view_shows_nobody_more_than_he_may_see(world: World) -> None:
    world.allow(world.boss, "records.saved_view.share")
    world.gadget(world.server, name="别人的", stage="OPEN")
    view = keep(world, world.boss, "全公司", "COMPANY")
    assert view is not None
    SavedView.objects.update(org_unit=world.north)
    assert "别人的" not in world.client(world.rep).get(f"/gadgets/?view={view.pk}").content.decode()


def test_lookups_offer_what_one_may_see(world: World) -> None:
    mine = world.gadget(world.rep, name="华为技术")
    world.gadget(world.server, name="华为终端")
    found = json.loads(world.client(world.rep).get("/lookup/gadgets/?q=华为").content)
    assert [one["value"] for one in found] == [str(mine.pk)]
    assert world.client(world.stranger).get("/lookup/gadgets/?q=华").status_code == 403
    people = json.loads(world.client(world.rep).get("/lookup/users/?q=wf").content)
    assert [one["label"] for one in people] == ["王芳"]
    assert world.client(world.rep).get("/lookup/nothing/?q=x").status_code == 404


def test_a_file_goes_with_the_rights_of_its_record(world: World, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    world.custom("scan", Kind.FILE)
    client = world.client(world.rep)
    upload = SimpleUploadedFile("../../合同<x>.html", b"<script>alert(1)</script>", content_type="text/html")
    sent = {"name": "有文件", "stage": "NEW", "owner": str(world.rep.pk), "custom-scan-file": upload}
    assert client.post("/gadgets/new/", sent).status_code == 303
    row, stored = Gadget.objects.get(name="有文件"), StoredFile.objects.get()
    assert row.custom["scan"] == str(stored.pk) and stored.record_id == row.pk
    assert "/" not in stored.name and "<" not in stored.name
    answer = client.get(f"/files/{stored.pk}/")
    assert b"".join(answer.streaming_content) == b"<script>alert(1)</script>"
    assert (
        answer["Content-Disposition"].startswith("attachment") and answer["Content-Type"] == "application/octet-stream"
    )
    assert stored.name in client.get(f"/gadgets/{row.pk}/").content.decode()
    assert world.client(world.server).get(f"/files/{stored.pk}/").status_code == 404
    # Nobody gets at the file by writing its key into a record of his own.
    other = world.client(world.server)
    theft = {"name": "偷", "stage": "NEW", "owner": str(world.server.pk), "custom-scan": str(stored.pk)}
    assert other.post("/gadgets/new/", theft).status_code == 422
    # It stays when the form is saved again, and goes when it is taken off.
    again = {"name": "有文件", "stage": "OPEN", "owner": str(world.rep.pk), "custom-scan": str(stored.pk)}
    assert client.post(f"/gadgets/{row.pk}/edit/", again).status_code == 303
    client.post(f"/gadgets/{row.pk}/edit/", again | {"custom-scan-clear": "1"})
    row.refresh_from_db()
    assert "scan" not in row.custom
