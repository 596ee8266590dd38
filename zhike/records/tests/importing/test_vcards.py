"""Cards of real phones and mail programs."""

import pytest

from zhike.records.importing.readers import read
from zhike.records.importing.readers.vcards import HEADER
from zhike.records.tests.importing.samples import sample

# File, cards in it, and of the first card: name, company, first phone, first e-mail.
KNOWN = [
    ("John_Doe_ANDROID", 6, "", "", "", "john.doe@company.com"),
    ("John_Doe_BLACK_BERRY", 1, "John Doe", "Acme Solutions", "+96123456789", ""),
    ("John_Doe_EVOLUTION", 1, "Mr. John Richter, James Doe Sr.", "IBM", "905-666-1234", "john.doe@ibm.com"),
    ("John_Doe_GMAIL", 1, "Mr. John Richter, James Doe Sr.", "IBM", "905-555-1234", "john.doe@ibm.com"),
    ("John_Doe_IPHONE", 1, "Mr. John Richter James Doe Sr.", "IBM", "905-555-1234", "john.doe@ibm.com"),
    ("John_Doe_LOTUS_NOTES", 1, "Mr. Doe John I Johny", "IBM", "+1 (212) 204-34456", "john.doe@ibm.com"),
    ("John_Doe_MAC_ADDRESS_BOOK", 1, "Mr. John Richter,James Doe Sr.", "IBM", "905-777-1234", "john.doe@ibm.com"),
    ("John_Doe_MS_OUTLOOK", 1, "Mr. John Richter James Doe Sr.", "IBM", "(905) 555-1234", "john.doe@ibm.cm"),
    ("fullcontact", 1, "Prefix FirstName MiddleName LastName Suffix", "Organization1", "555-555-1111",
     "home@example.com"),
    ("gmail-list", 3, "Arnold Smith", "", "", "asmithk@gmail.com"),
    ("gmail-single", 1, "Greg Dartmouth", "TheCompany", "555 555 1111", "gdartmouth@hotmail.com"),
    ("issue114", 1, "Dummy, Dummy", "Dummy GmbH", "+49 1234 56789", "dummy.dummy@dummy.com"),
    ("outlook-2003", 1, "John Doe III", "Company, The", "BusinessPhone", "jdoe@hotmail.com"),
    ("outlook-2007", 1, "Mr. Michael Angstadt Jr.", "TheCompany", "(111) 555-1111", "mike.angstadt@gmail.com"),
    ("rfc2426-example", 2, "Frank Dawson", "Lotus Development Corporation", "+1-919-676-9515",
     "Frank_Dawson@Lotus.com"),
    ("rfc6350-example", 1, "Simon Perreault", "Viagenie", "+1-418-656-9254;ext=102",
     "simon.perreault@viagenie.ca"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "count", "person", "company", "phone", "email"), KNOWN)
def test_cards(name, count, person, company, phone, email):
    table = read(sample(f"vcard/ez_vcard/{name}.vcf"))
    header, *cards = [row.cells for row in table.rows]
    assert header == list(HEADER)
    assert len(cards) == count
    first = dict(zip(HEADER, [*cards[0], *[""] * len(HEADER)], strict=False))
    assert first["Name"] == person
    assert first["Company"] == company
    assert first["Phones"].split("; ")[0] == phone
    assert first["E-mails"].split("; ")[0] == email


def test_quoted_printable_over_several_lines():
    *_, last = [row.cells for row in read(sample("vcard/ez_vcard/John_Doe_ANDROID.vcf")).rows]
    assert set(last[0]) <= {"Ñ", " "}


def test_chinese_card(tmp_path):
    path = tmp_path / "a.vcf"
    path.write_text(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nN:欧阳;晓明;;;\r\nORG:杭州云栖科技有限公司;市场部\r\n"
        "TEL;TYPE=CELL:138 0013 8000\r\n"
        "ADR;TYPE=WORK:;;文三路1号;杭州市;浙江省;310000;中国\r\nNOTE:第一行\\n第二行\\, 完\r\nEND:VCARD\r\n"
    )
    cells = next(row.cells for row in read(path).rows if row.number == 2)
    assert cells[:5] == ["欧阳晓明", "杭州云栖科技有限公司", "市场部", "", "138 0013 8000"]
    assert cells[6] == "中国浙江省杭州市文三路1号"
    assert cells[10] == "第一行\n第二行, 完"
