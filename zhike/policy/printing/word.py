"""The Word file."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from zhike.policy.printing import Sheet
from zhike.policy.rules.numbering import is_chinese

# East Asian face, Latin face.
SONG, HEI, FANG = ("宋体", "Times New Roman"), ("黑体", "Arial"), ("仿宋", "Times New Roman")
RED = "C00000"


def write(sheet: Sheet) -> bytes:
    """The document as .docx."""
    from docx import Document
    from docx.enum.text import WD_BREAK
    from docx.shared import Cm

    paper = Document()
    section = paper.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin, section.bottom_margin = Cm(3.7), Cm(3.5)
    section.left_margin, section.right_margin = Cm(2.8), Cm(2.6)
    section.different_first_page_header_footer = True
    _count_from(section, 0)  # the cover has no number
    _face(paper.styles["Normal"], FANG, 16)
    paper.core_properties.title, paper.core_properties.author = sheet.title, sheet.issuer
    _cover(paper, sheet)
    paper.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
    _body(paper, sheet)
    _footer(section, sheet)
    out = BytesIO()
    paper.save(out)
    return out.getvalue()


def _count_from(section: Any, number: int) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    counted = OxmlElement("w:pgNumType")
    counted.set(qn("w:start"), str(number))
    # The schema has an order: before the columns, which come before "the first page differs".
    section._sectPr.insert_element_before(counted, "w:cols", "w:titlePg", "w:docGrid")


def _cover(paper: Any, sheet: Sheet) -> None:
    from docx.shared import Cm

    if sheet.red_header:
        _line(paper, sheet.issuer + ("文件" if is_chinese(sheet.language) else ""), SONG, 36, bold=True, colour=RED)
        _line(paper, sheet.no, FANG, 16)
        _rule(paper.add_paragraph())
    else:
        _line(paper, sheet.issuer, SONG, 22, before=60)
    _line(paper, sheet.title, SONG, 28, bold=True, before=90)
    if sheet.status:
        _line(paper, f"（{sheet.status}）" if is_chinese(sheet.language) else f"({sheet.status})", FANG, 16)
    table = paper.add_table(rows=0, cols=2)
    table.alignment, table.autofit = 1, False
    table.columns[0].width, table.columns[1].width = Cm(4), Cm(8)
    _line(paper, "", FANG, 16)
    for label, value in sheet.facts:
        cells = table.add_row().cells
        cells[0].paragraphs[0].alignment = 2
        _text(cells[0].paragraphs[0], label, HEI, 14)
        _text(cells[1].paragraphs[0], value, FANG, 14)
    table._tbl.addprevious(paper.add_paragraph()._p)
    for _number in range(4):
        table._tbl.addprevious(paper.add_paragraph()._p)


def _body(paper: Any, sheet: Sheet) -> None:
    from docx.shared import Pt

    _line(paper, sheet.title, SONG, 22, bold=True)
    chinese = is_chinese(sheet.language)
    for chapter in sheet.chapters:
        head = paper.add_heading(level=1)
        head.alignment = 1
        _spaced(head, 28 if chinese else 24)
        head.paragraph_format.space_before = head.paragraph_format.space_after = Pt(14)
        _text(head, f"{chapter['label']}{'　' if chinese else '  '}{chapter['title']}", HEI, 16, colour="000000")
        for article in chapter["articles"]:
            _article(paper, article, chinese)


def _article(paper: Any, article: dict[str, Any], chinese: bool) -> None:
    lines = article["lines"] or [{"level": 0, "label": "", "text": ""}]
    for place, line in enumerate(lines):
        paragraph = paper.add_paragraph()
        _spaced(paragraph, 28 if chinese else 22)
        paragraph.paragraph_format.first_line_indent = _chars(2 + (line["level"] if not chinese else 0))
        if place == 0:
            _text(paragraph, article["label"] + ("　" if chinese else "  "), HEI, 16)
            if article["title"]:
                _text(paragraph, f"【{article['title']}】" if chinese else f"{article['title']}. ", HEI, 16)
        _text(paragraph, line["label"] + line["text"], FANG, 16)


def _chars(count: int) -> Any:
    from docx.shared import Pt

    return Pt(16 * count)


def _spaced(paragraph: Any, points: int) -> None:
    from docx.shared import Pt

    paragraph.paragraph_format.line_spacing = Pt(points)
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(0)


def _line(
    paper: Any, text: str, face: tuple[str, str], size: int, *, bold: bool = False, colour: str = "", before: int = 0
) -> None:
    """A centred line."""
    from docx.shared import Pt

    paragraph = paper.add_paragraph()
    paragraph.alignment = 1
    paragraph.paragraph_format.space_before = Pt(before)
    _text(paragraph, text, face, size, bold=bold, colour=colour)


def _text(paragraph: Any, text: str, face: tuple[str, str], size: int, *, bold: bool = False, colour: str = "") -> None:
    from docx.shared import RGBColor

    run = paragraph.add_run(text)
    run.bold = bold
    _face(run, face, size)
    if colour:
        run.font.color.rgb = RGBColor.from_string(colour)


def _face(styled: Any, face: tuple[str, str], size: int) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt

    styled.font.name, styled.font.size = face[1], Pt(size)
    fonts = styled.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), face[0])


def _rule(paragraph: Any) -> None:
    """A red line under a paragraph."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    border, bottom = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "18"), ("space", "1"), ("color", RED)):
        bottom.set(qn(f"w:{name}"), value)
    border.append(bottom)
    paragraph._p.get_or_add_pPr().append(border)


def _footer(section: Any, sheet: Sheet) -> None:
    """— 1 — in the middle, the number and hash beneath."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    paragraph = section.footer.paragraphs[0]
    paragraph.alignment = 1
    _text(paragraph, "— ", SONG, 14)
    run = paragraph.add_run()
    _face(run, SONG, 14)
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._r.append(element)
    _text(paragraph, " —", SONG, 14)
    small = section.footer.add_paragraph()
    small.alignment = 1
    _text(small, sheet.footer, FANG, 8, colour="808080")
