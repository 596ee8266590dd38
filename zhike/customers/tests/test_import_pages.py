"""The wizard page by page, the file of refused rows sent again, the command, real files of another CRM."""

from __future__ import annotations

import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from zhike.customers.models import Contact, Customer
from zhike.kernel.errors import Refused
from zhike.records import jobs
from zhike.records.importing import actions
from zhike.records.importing.command import import_file
from zhike.records.models import ImportBatch
from zhike.records.tests.importing.samples import sample

pytestmark = pytest.mark.django_db
CSV = "客户名称,手机,备注\n甲测试有限公司,13800138000,=1+1\n乙测试有限公司,abc,@SUM(A1)\n"


@pytest.fixture
def browser(chief):
    client = Client()
    client.force_login(chief)
    return client


def send(browser, data=CSV, kind="customers", name="名单.csv") -> ImportBatch:
    raw = data.encode() if isinstance(data, str) else data
    answer = browser.post(reverse("imports:index"), {"kind": kind, "file": SimpleUploadedFile(name, raw)})
    assert answer.status_code == 303
    batch = ImportBatch.objects.first()
    assert "hx-trigger" in browser.get(reverse("imports:show", args=[batch.pk])).content.decode()
    jobs.read_import(str(batch.pk))
    return batch


def finish(browser, batch: ImportBatch, do: str = "run", **fields) -> ImportBatch:
    batch.refresh_from_db()
    columns = {f"column-{n}": column["target"] for n, column in enumerate(batch.columns)}
    answer = browser.post(reverse("imports:columns", args=[batch.pk]), columns | {"do": do} | fields)
    assert answer.status_code == 303
    jobs.run_import(str(batch.pk))
    batch.refresh_from_db()
    return batch


def text_of(browser, batch: ImportBatch) -> str:
    answer = browser.get(reverse("imports:show", args=[batch.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_way_from_file_to_result_and_back(browser):
    batch = send(browser)
    shown = text_of(browser, batch)
    assert "客户名称" in shown and "13800138000" in shown and "import-columns" in shown
    finish(browser, batch, "check")
    assert batch.state == "READY" and not Customer.objects.exists()
    finish(browser, batch)
    assert batch.counts == {"created": 1, "refused": 1} and Customer.objects.get().remark == "=1+1"
    assert "乙测试有限公司" in text_of(browser, batch)
    assert browser.post(reverse("imports:act", args=[batch.pk, "undo"])).status_code == 303
    jobs.undo_import(str(batch.pk))
    assert not Customer.objects.kept().exists() and text_of(browser, batch)


@pytest.mark.parametrize("option", [{"encoding": "utf-8-sig"}, {"header_number": "1"}])
def test_after_a_check_the_file_may_be_read_in_another_way(browser, option):
    batch = finish(browser, send(browser), do="check")
    assert (batch.state, batch.dry_run) == ("READY", True) and batch.cursor > 0
    answer = browser.post(reverse("imports:read", args=[batch.pk]), option)
    assert answer.status_code == 303
    batch.refresh_from_db()
    if batch.state == "READING":
        jobs.read_import(str(batch.pk))
    batch = finish(browser, batch)
    assert batch.counts["created"] == 1 and Customer.objects.count() == 1
    with pytest.raises(Refused):
        actions.read_again(batch, by=batch.owner, encoding="gbk")


def test_refused_rows_are_corrected_and_sent_again(browser):
    batch = finish(browser, send(browser))
    answer = browser.get(reverse("imports:refused", args=[batch.pk]))
    text = answer.content.decode("utf-8-sig")
    assert "attachment" in answer["Content-Disposition"]
    header, row = text.splitlines()
    assert header.startswith("客户名称,手机,备注,") and ",'@SUM(A1),3," in row
    again = finish(browser, send(browser, text.replace("abc", "13900139000")))
    assert again.counts == {"created": 1}
    assert Customer.objects.get(name="乙测试有限公司").remark == "@SUM(A1)"


def test_an_unreadable_file_says_why_and_can_be_read_otherwise(browser):
    batch = send(browser, b"%PDF-1.7", name="a.csv")
    assert "PDF" in text_of(browser, batch)
    batch = send(browser, "名稱,電話\n臺灣測試公司,0912\n".encode("big5"))
    browser.post(reverse("imports:read", args=[batch.pk]), {"encoding": "big5"})
    jobs.read_import(str(batch.pk))
    assert "臺灣測試公司" in text_of(browser, batch)
    assert browser.post(reverse("imports:act", args=[batch.pk, "discard"])).status_code == 303
    assert not ImportBatch.objects.filter(pk=batch.pk).exists()


def test_another_header_row(browser):
    batch = send(browser, "标题,x,y\n客户名称,手机,备注\n丙测试有限公司,,\n")
    browser.post(
        reverse("imports:read", args=[batch.pk]), {"header_number": "1", "encoding": "utf-8", "delimiter": ","}
    )
    batch.refresh_from_db()
    assert batch.header_number == 1 and batch.total == 2


def test_imports_of_others_are_not_found(browser, house):
    batch = send(browser)
    other = Client()
    other.force_login(house.user("zhao", "sales_rep", house.far))
    for name in ("show", "refused"):
        assert other.get(reverse(f"imports:{name}", args=[batch.pk])).status_code == 404
    assert other.post(reverse("imports:act", args=[batch.pk, "discard"])).status_code == 404
    assert other.post(reverse("imports:columns", args=[batch.pk]), {"do": "run"}).status_code == 404


def test_who_may_import_nothing(house):
    nobody = Client()
    nobody.force_login(house.user("viewer", "executive", house.group))
    assert (
        nobody.post(
            reverse("imports:index"), {"kind": "customers", "file": SimpleUploadedFile("a.csv", b"a")}
        ).status_code
        == 403
    )


def test_template_has_a_heading_for_every_field(browser):
    answer = browser.get(reverse("imports:template", args=["customers"]))
    assert answer.status_code == 200 and answer.content.startswith(b"PK")


def test_the_command(chief, admin, tmp_path, capsys):
    path, mapping, refused = tmp_path / "a.csv", tmp_path / "map.json", tmp_path / "refused.csv"
    path.write_text("A,B\n甲测试有限公司,13800138000\n乙测试有限公司,abc\n")
    mapping.write_text(json.dumps({"A": "name", "B": "phones"}))
    assert import_file("customers", path, mapping=mapping, dry_run=True, by=chief.username, as_json=True) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["state"], found["created"], found["refused"]) == ("CHECKED", 1, 1) and not Customer.objects.exists()
    assert import_file("customers", path, mapping=mapping, refused=refused, as_json=True) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["state"], found["rows"], found["created"], found["problems"][0]["row"]) == ("DONE", 2, 1, 3)
    assert "abc" in refused.read_text("utf-8-sig") and Customer.objects.get().owner == admin
    path.write_bytes(b"%PDF-1.7")
    assert import_file("customers", path, as_json=True) == 1
    assert "PDF" in json.loads(capsys.readouterr().out)["problem"]


def test_partners_of_odoo(chief):
    raw = sample("excel/odoo/res_partner.xlsx").read_bytes()
    batch = actions.upload(by=chief, record_type="customers", file=io.BytesIO(raw), file_name="res_partner.xlsx")
    jobs.read_import(str(batch.pk))
    batch.refresh_from_db()
    wanted = {"name": "name", "street": "address_detail", "phone": "phones", "mobile": "phones", "email": "emails"}
    actions.choose_columns(batch, by=chief, targets=[wanted.get(heading, "") for heading in batch.header])
    actions.start(batch, by=chief)
    jobs.run_import(str(batch.pk))
    batch.refresh_from_db()
    assert batch.counts["created"] >= 2 and Customer.objects.get(name="Deco Addict").emails == ["azure@example.com"]


def test_tags_and_child_contacts_of_odoo(chief):
    raw = sample("csv/odoo_base_import/m2m_customers_tags.csv").read_bytes()
    batch = actions.upload(by=chief, record_type="customers", file=io.BytesIO(raw), file_name="tags.csv")
    jobs.read_import(str(batch.pk))
    batch.refresh_from_db()
    wanted = {"Name": "name", "Reference": "customer_no", "Tags": "tags", "Street": "address_detail"}
    actions.choose_columns(batch, by=chief, targets=[wanted.get(heading, "") for heading in batch.header])
    actions.start(batch, by=chief)
    jobs.run_import(str(batch.pk))
    assert Customer.objects.get(customer_no="5").tags == ["Consultancy Services", "IT Services"]
    raw = sample("csv/odoo_base_import/o2m_customers_contacts.csv").read_bytes()
    batch = actions.upload(by=chief, record_type="contacts", file=io.BytesIO(raw), file_name="contacts.csv")
    jobs.read_import(str(batch.pk))
    batch.refresh_from_db()
    wanted = {"Name": "name", "Related company": "customer"}
    targets = [wanted.get(heading, "") for heading in batch.header]
    actions.choose_columns(batch, by=chief, targets=targets, create_missing=True)
    actions.start(batch, by=chief)
    jobs.run_import(str(batch.pk))
    assert Contact.objects.get(name="Roger Martins").customer.name == "Aurora Shelves"
