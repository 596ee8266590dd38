"""Bad files sent by page: a clear refusal or a report per row; never a stack trace, never half an import."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from zhike.customers.models import Customer
from zhike.records import jobs
from zhike.records.importing.actions import folder
from zhike.records.models import ImportBatch, ImportRow

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(chief):
    type(chief).objects.filter(pk=chief.pk).update(language="zh-hans")
    client = Client(HTTP_HOST="localhost")
    client.force_login(chief)
    return client


def send(browser: Client, data: bytes, name: str) -> tuple[ImportBatch, str]:
    """Send a file; the import as it was read, and its page."""
    answer = browser.post(reverse("imports:index"), {"kind": "customers", "file": SimpleUploadedFile(name, data)})
    assert answer.status_code == 303
    batch = ImportBatch.objects.get()
    jobs.read_import(str(batch.pk))
    batch.refresh_from_db()
    return batch, shown(browser, batch)


def shown(browser: Client, batch: ImportBatch) -> str:
    answer = browser.get(reverse("imports:show", args=[batch.pk]))
    assert answer.status_code == 200
    text: str = answer.content.decode()
    assert "Traceback" not in text
    return text


def run(browser: Client, batch: ImportBatch) -> str:
    columns = {f"column-{n}": column["target"] for n, column in enumerate(batch.columns)}
    assert browser.post(reverse("imports:columns", args=[batch.pk]), columns | {"do": "run"}).status_code == 303
    jobs.run_import(str(batch.pk))
    batch.refresh_from_db()
    return shown(browser, batch)


def book(fill: Callable[[xlsxwriter.Workbook], object]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as made:
        fill(made)
    return out.getvalue()


def letter() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    return out.getvalue()


WHOLE = book(lambda made: made.add_worksheet().write_column(0, 0, ["客户名称", *(f"客户{n}" for n in range(400))]))
BAD = {
    "a picture called a table": ("客户.xlsx", b"\x89PNG\r\n\x1a\n" + b"\0" * 200, "PNG"),
    "a PDF called a table": ("客户.csv", b"%PDF-1.7\n%\xe2\xe3", "PDF"),
    "a letter": ("客户.xlsx", letter(), "Word"),
    "a web page called Excel": ("客户.xls", b"<html><table><tr><td>1</td></tr></table>", "Excel"),
    "half a workbook": ("客户.xlsx", WHOLE[: len(WHOLE) // 2], "损坏"),
    "a workbook with a hole": ("客户.xlsx", WHOLE[:900] + b"\0" * 300 + WHOLE[1200:], ""),
    "nothing": ("客户.csv", b"", ""),
    "a header alone": ("客户.csv", "客户名称,手机\n".encode(), "没有"),
    "ten thousand columns": (
        "客户.csv",
        ",".join(f"列{n}" for n in range(10_000)).encode() + b"\n" + b"," * 9_999,
        "列",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_read_says_why_and_leaves_nothing(browser: Client, case: str) -> None:
    name, data, word = BAD[case]
    batch, text = send(browser, data, name)
    assert batch.state == "UNREADABLE" and batch.problem
    assert word in text
    assert not ImportRow.objects.exists() and not Customer.objects.exists()
    # Nothing can be begun with it; it can be thrown away.
    assert browser.post(reverse("imports:columns", args=[batch.pk]), {"do": "run"}).status_code == 422
    assert browser.post(reverse("imports:act", args=[batch.pk, "discard"])).status_code == 303
    assert not folder(batch.pk).exists() and not ImportBatch.objects.exists()


def test_200_megabytes_are_refused_before_they_are_read(browser: Client, settings) -> None:
    class Unread(io.BytesIO):
        def read(self, *_: object) -> bytes:
            raise AssertionError("it was read")

    answer = browser.generic(
        "POST", reverse("imports:index"), b"x", content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(200 * 1024 * 1024), **{"wsgi.input": Unread()},
    )  # fmt: skip
    assert answer.status_code == 413
    assert f"{settings.MAX_UPLOAD_BYTES // 1048576} MB" in answer.content.decode()
    assert not ImportBatch.objects.exists()


def test_a_file_that_is_larger_than_it_may_be_leaves_nothing_on_the_disk(browser: Client, settings) -> None:
    settings.MAX_UPLOAD_BYTES = 2 * 1048576
    imports = folder(ImportBatch().pk).parent
    before = set(imports.iterdir()) if imports.exists() else set()
    file = SimpleUploadedFile("客户.csv", b"a" * (2 * 1048576 + 1))
    answer = browser.post(reverse("imports:index"), {"kind": "customers", "file": file})
    assert answer.status_code == 422
    assert "2 MB" in answer.content.decode()
    assert not ImportBatch.objects.exists()
    assert set(imports.iterdir()) == before


def test_65203_declared_rows_with_495_real(browser: Client) -> None:
    def fill(made: xlsxwriter.Workbook) -> None:
        sheet, red = made.add_worksheet(), made.add_format({"bg_color": "red"})
        sheet.write_row(0, 0, ["客户名称", "手机"])
        for number in range(1, 496):
            sheet.write_row(number, 0, [f"华东{number}号精密机械有限公司", f"1380013{number:04}"])
        for number in range(496, 65_203):
            sheet.write_blank(number, 0, None, red)

    batch, _text = send(browser, book(fill), "客户.xlsx")
    assert batch.total == 495
    run(browser, batch)
    assert (batch.state, batch.counts) == ("DONE", {"created": 495})
    assert Customer.objects.count() == 495


def test_a_quote_that_never_ends_is_told_with_its_row(browser: Client) -> None:
    data = '客户名称,备注\n甲机械有限公司,一\n"乙机械有限公司,二\n' + "丙机械有限公司,三\n" * 50
    batch, _text = send(browser, data.encode(), "客户.csv")
    run(browser, batch)
    assert (batch.state, batch.counts) == ("DONE", {"created": 1, "refused": 1})
    assert batch.rows.get(state="REFUSED").number == 3
    assert Customer.objects.get().name == "甲机械有限公司"


def test_two_encodings_in_one_file_are_told_row_by_row(browser: Client) -> None:
    lines = ["客户名称,备注\n", *(f"华东{n}号机械有限公司,正常\n" for n in range(20))]
    data = "".join(lines).encode() + "华南错码机械有限公司,乱码\n".encode("gbk") + "华北机械有限公司,正常\n".encode()
    batch, _text = send(browser, data, "客户.csv")
    text = run(browser, batch)
    assert (batch.state, batch.counts) == ("DONE", {"created": 21, "refused": 1})
    refused = batch.rows.get(state="REFUSED")
    assert refused.number == 22 and refused.problems
    assert "22" in text
    assert not Customer.objects.filter(name__contains="�").exists()


def test_formulas_are_text_and_their_results_values(browser: Client) -> None:
    def fill(made: xlsxwriter.Workbook) -> None:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, ["客户名称", "备注", "员工人数"])
        sheet.write_string(1, 0, "甲机械有限公司")
        sheet.write_string(1, 1, '=HYPERLINK("http://x")')
        sheet.write_formula(1, 2, "=100+20", None, 120)

    batch, _text = send(browser, book(fill), "客户.xlsx")
    run(browser, batch)
    row = Customer.objects.get()
    assert (row.remark, row.employee_count) == ('=HYPERLINK("http://x")', 120)
    # On the way out a spreadsheet must not run it.
    answer = browser.post("/customers/export/", {"format": "csv", "columns": ["name", "remark"]}, follow=True)
    text = b"".join(answer.streaming_content if answer.streaming else [answer.content]).decode("utf-8-sig")
    assert '"=HYPERLINK' not in text and ",=HYPERLINK" not in text


def test_the_same_header_twice(browser: Client) -> None:
    data = "客户名称,手机,备注,客户名称,手机\n甲机械有限公司,13800138000,一,乙机械有限公司,13900139000\n".encode()
    batch, text = send(browser, data, "客户.csv")
    assert batch.state == "READY" and len(set(batch.header)) == 5
    targets = [column["target"] for column in batch.columns]
    assert targets.count("name") == 1
    both = {f"column-{n}": target for n, target in enumerate(["name", "phones", "remark", "name", ""])}
    answer = browser.post(reverse("imports:columns", args=[batch.pk]), both | {"do": "run"})
    assert answer.status_code == 422
    assert "客户名称" in text and not Customer.objects.exists()
    run(browser, batch)
    assert Customer.objects.get().name == "甲机械有限公司"
