"""Exports: what one sees and no more; formulas stay texts; only the owner fetches; everything is told."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from zhike.access.models import Grant
from zhike.access.permissions import Scope
from zhike.history.models import Event
from zhike.kernel.clock import now
from zhike.records.actions import exports
from zhike.records.description import Description
from zhike.records.exporting import harmless
from zhike.records.models import ExportFile
from zhike.records.tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def fetch(world: World, user: Any, path: str, format: str = "csv") -> bytes:
    client = world.client(user)
    answer = client.post(path, {"format": format})
    assert answer.status_code == 303, answer.content.decode()
    assert client.get(answer["Location"]).status_code == 200
    return b"".join(client.get(answer["Location"] + "file/").streaming_content)


def table(data: bytes) -> list[list[str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def test_the_file_holds_what_the_list_shows(world: World) -> None:
    for name, amount in (("丙", 3), ("甲", 1), ("乙", 2)):
        world.gadget(world.rep, name=name, amount=amount)
    world.gadget(world.server, name="别人的")
    world.gadget(world.rep, name="不要", stage="DONE")
    path = '/gadgets/export/?columns=amount,name&sort=-amount&filter={"field":"stage","op":"in","value":["NEW"]}'
    assert table(fetch(world, world.rep, path)) == [["金额", "名称"], ["3.00", "丙"], ["2.00", "乙"], ["1.00", "甲"]]
    event = Event.objects.get(action="records.export.create")
    assert event.actor == world.rep and event.data["count"] == 3 and event.data["filter"]["field"] == "stage"


def test_field_rights_and_masks_hold(world: World) -> None:
    world.gadget(world.rep, name="甲", note="秘密", phones=["+8613800138000"])
    world.restrict(world.rep, "note", "HIDDEN")
    world.restrict(world.rep, "phones", "MASKED")
    for format in ("csv", "xlsx"):
        data = fetch(world, world.rep, "/gadgets/export/?columns=name,note,phones", format)
        rows = (
            table(data)
            if format == "csv"
            else CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
        )
        assert rows == [["名称", "电话"], ["甲", "138****8000"]]


def test_excel_has_numbers_dates_and_harmless_texts(world: World) -> None:
    world.gadget(world.rep, name='=HYPERLINK("http://x")', amount=12)
    data = fetch(world, world.rep, "/gadgets/export/?columns=name,amount,due", "xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    _head, row = book.get_sheet_by_index(0).to_python()
    assert row[0] == '=HYPERLINK("http://x")' and row[1] == 12.0 and str(row[2]) == "2026-01-01"
    import zipfile

    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml")


def payloads() -> list[str]:
    path = Path(__file__).parents[4] / "shared/data/text/csv_injection_payloadbox.txt"
    found = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
    return [one for one in found if one.strip()] + [
        "=1+1", "+1+1", "-1+cmd", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", " =1", "\u200b=1", "%0A=1", "|calc", '"=1',
    ]  # fmt: skip


@pytest.mark.parametrize("payload", payloads())
def test_no_text_becomes_a_formula(payload: str) -> None:
    written = io.StringIO()
    csv.writer(written).writerow([harmless(payload)])
    (cell,) = next(csv.reader(io.StringIO(written.getvalue())))
    assert cell.strip()[:1] not in set("=+-@＝＋－＠")
    assert cell in (payload, f"'{payload}")


@pytest.mark.parametrize("number", ["-5", "+3.2", "1,200.00", "-3%"])
def test_numbers_stay_numbers(number: str) -> None:
    assert harmless(number) == number


def test_only_the_owner_fetches_and_only_for_a_day(world: World, of: Description) -> None:
    world.gadget(world.rep)
    fetch(world, world.rep, "/gadgets/export/")
    export = ExportFile.objects.get()
    for path in (f"/exports/{export.pk}/", f"/exports/{export.pk}/file/"):
        assert world.client(world.boss).get(path).status_code == 404
    ExportFile.objects.update(created_at=now() - timedelta(days=2))
    assert world.client(world.rep).get(f"/exports/{export.pk}/file/").status_code == 404
    assert exports.expire() == 1
    assert not (exports.folder() / export.path).exists()


def test_it_takes_the_permission(world: World) -> None:
    reader = world.person("只看", world.team, Scope.DEPT, ("view",))
    assert world.client(reader).get("/gadgets/export/").status_code == 403
    assert world.client(reader).post("/gadgets/export/", {"format": "csv"}).status_code == 403
    assert not ExportFile.objects.exists()


def test_no_further_than_the_right_to_export_nor_the_right_to_see(world: World) -> None:
    mine, team = world.gadget(world.rep, name="我"), world.gadget(world.colleague, name="同事")
    half = world.person("半", world.team, Scope.SELF, ("export",))
    Grant.objects.create(role=half.roles.get(), permission="tests.gadget.view", scope=Scope.DEPT)
    assert table(fetch(world, half, "/gadgets/export/?columns=name")) == [["名称"]]
    other = world.person("全导", world.team, Scope.ALL, ("export",))
    Grant.objects.create(role=other.roles.get(), permission="tests.gadget.view", scope=Scope.SELF)
    own = world.gadget(other, name="自己")
    assert table(fetch(world, other, "/gadgets/export/?columns=name")) == [["名称"], [own.name]]
    assert mine.pk and team.pk


def test_a_large_one_is_a_job_that_may_come_twice(world: World, of: Description, monkeypatch: Any) -> None:
    monkeypatch.setattr(exports, "AT_ONCE", 1)
    deferred: list[str] = []
    monkeypatch.setattr("zhike.records.jobs.write_export.defer", lambda export_id: deferred.append(export_id))
    world.gadgets(world.rep, 3)
    client = world.client(world.rep)
    address = client.post("/gadgets/export/", {"format": "csv"})["Location"]
    export = ExportFile.objects.get()
    assert deferred == [str(export.pk)] and export.state == "WAITING"
    assert client.get(address + "file/").status_code == 404
    from zhike.records.jobs import write_export

    write_export(export_id=deferred[0])
    write_export(export_id=deferred[0])
    export.refresh_from_db()
    assert (export.state, export.written) == ("DONE", 3)
    assert len(table(b"".join(client.get(address + "file/").streaming_content))) == 4


def test_rights_that_were_taken_away_meanwhile_stop_it(world: World, of: Description, monkeypatch: Any) -> None:
    monkeypatch.setattr(exports, "begin", lambda export: export)
    world.gadget(world.rep)
    world.client(world.rep).post("/gadgets/export/", {"format": "csv"})
    Grant.objects.filter(permission="tests.gadget.export").delete()
    export = exports.write(ExportFile.objects.get().pk)
    assert export.state == "FAILED" and export.message


def test_the_command_writes_the_same_file(world: World, tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from zhike.records.commands import export_file

    world.gadget(world.rep, name="甲", stage="OPEN")
    world.gadget(world.rep, name="乙")
    command = __import__("typer").Typer()
    command.command()(export_file)
    out = tmp_path / "out.csv"
    tree = '{"field":"stage","op":"in","value":["OPEN"]}'
    options = ["gadgets", "--out", str(out), "--filter", tree, "--columns", "name", "--by", world.rep.username]
    result = CliRunner().invoke(command, options, standalone_mode=False)
    assert result.return_value == 0, result.output
    assert table(out.read_bytes()) == [["名称"], ["甲"]]
    wrong = CliRunner().invoke(
        command, [*options[:3], "--filter", "{", "--by", world.rep.username], standalone_mode=False
    )
    assert wrong.return_value == 1
