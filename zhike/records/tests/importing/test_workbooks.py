"""Excel files, good and bad, through the confined process."""

import datetime as dt
import io
import zipfile

import pytest
import xlsxwriter

from zhike.records.importing.problem import Unreadable
from zhike.records.importing.readers import contained
from zhike.records.importing.table import Limits
from zhike.records.tests.importing.samples import sample


def workbook(tmp_path, fill, name="a.xlsx"):
    path = tmp_path / name
    book = xlsxwriter.Workbook(str(path))
    fill(book)
    book.close()
    return path


def take(path, **options):
    with contained.read(path, **options) as table:
        return table, [(row.number, row.cells) for row in table.rows]


def refusal(path, **options):
    with pytest.raises(Unreadable) as caught:
        take(path, **options)
    return str(caught.value)


def test_values_dates_formulas_and_numbers(tmp_path):
    def fill(book):
        sheet = book.add_worksheet("客户")
        sheet.write_row(0, 0, ["名称", "日期", "时刻", "公式", "手机", "金额", "是", "危险"])
        sheet.write(1, 0, "甲")
        sheet.write_datetime(1, 1, dt.date(2024, 1, 5), book.add_format({"num_format": "yyyy/m/d"}))
        sheet.write_datetime(
            1, 2, dt.datetime.fromisoformat("2024-01-05 14:30"), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        )
        sheet.write_formula(1, 3, "=1+1", None, 2)
        sheet.write_number(1, 4, 13800138000)
        sheet.write_number(1, 5, 1234.5)
        sheet.write_boolean(1, 6, True)
        sheet.write_string(1, 7, "=cmd|' /C calc'!A0")

    _table, rows = take(workbook(tmp_path, fill))
    assert rows[1][1] == ["甲", "2024-01-05", "2024-01-05 14:30:00", 2, 13800138000, 1234.5, True, "=cmd|' /C calc'!A0"]


def test_65203_declared_rows_with_495_real(tmp_path):
    def fill(book):
        sheet = book.add_worksheet()
        red = book.add_format({"bg_color": "red"})
        sheet.write_row(0, 0, ["名称", "电话"])
        for number in range(1, 496):
            sheet.write_row(number, 0, [f"客户{number}", "1"])
        for number in range(496, 65_203):
            sheet.write_blank(number, 0, None, red)
        sheet.write_string(65_202, 1, "  ")

    _table, rows = take(workbook(tmp_path, fill))
    assert len(rows) == 496 and rows[-1] == (496, ["客户495", "1"])


def test_sheets_hidden_ones_and_empty_ones(tmp_path):
    def fill(book):
        book.add_worksheet("封面")
        book.add_worksheet("机密").hide()
        book.get_worksheet_by_name("机密").write(0, 0, "x")
        book.add_worksheet("数据").write_row(3, 0, ["a", "b"])

    path = workbook(tmp_path, fill)
    table, rows = take(path)
    assert (table.sheet, table.sheets, rows) == ("数据", ["封面", "数据"], [(4, ["a", "b"])])
    assert "没有" in refusal(path, sheet="没有")


def test_a_cell_at_the_far_corner_is_a_refusal_and_no_crash(tmp_path):
    def fill(book):
        sheet = book.add_worksheet()
        sheet.write(0, 0, "x")
        sheet.write(1_048_575, 16_383, "y")

    assert refusal(workbook(tmp_path, fill))


def test_zip_bomb(tmp_path):
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as file:
            for _ in range(80):
                file.write(b"\0" * (1 << 24))
    assert "MB" in refusal(path)


def test_a_sheet_too_large_for_the_memory_allowed_is_refused(tmp_path):
    def fill(book):
        sheet = book.add_worksheet()
        sheet.write(0, 0, "x")
        sheet.write(1_000_000, 20, "y")

    assert refusal(workbook(tmp_path, fill), limits=Limits(memory=300 * 1024 * 1024))


@pytest.mark.parametrize("cut", [10, 100, 1000, 3000])
def test_broken_zip(tmp_path, cut):
    whole = workbook(tmp_path, lambda book: book.add_worksheet().write_row(0, 0, ["a", "b"]))
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(whole.read_bytes()[:cut])
    assert refusal(broken)


def test_damaged_inside(tmp_path):
    path = tmp_path / "damaged.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook><sheets><sheet name=")
        archive.writestr("[Content_Types].xml", "")
    assert refusal(path)


@pytest.mark.parametrize(
    ("name", "data", "word"),
    [
        ("a.xlsx", b"%PDF-1.7 ...", "PDF"),
        ("a.csv", b"\x89PNG\r\n\x1a\n....", "PNG"),
        ("a.xls", b"<html><table><tr><td>1</td></tr></table>", "Excel"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "Excel"),
    ],
)
def test_wrong_types(tmp_path, name, data, word):
    path = tmp_path / name
    path.write_bytes(data)
    assert word in refusal(path)


def test_a_word_document_is_named(tmp_path):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    path = tmp_path / "letter.xlsx"
    path.write_bytes(out.getvalue())
    assert "Word" in refusal(path)


def test_odoo_templates():
    table, rows = take(sample("excel/odoo/crm_lead.xls"))
    assert table.sheets == ["Template", "Import FAQ"] and len(rows) == 9
    assert rows[0][1][:5] == ["External ID", "Name", "Company Name", "Contact Name", "Email"]
    assert rows[3][1][12] == 60610
    _table, rows = take(sample("excel/odoo/res_partner.xlsx"))
    assert rows[1][1][:2] == ["Deco Addict", 1] and len(rows) == 4
