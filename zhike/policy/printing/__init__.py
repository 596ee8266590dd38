"""A version as a Word or PDF file in the form of an official Chinese document (POL-6).

Cover, contents by chapters and articles, FangSong body of 16 points with 28 points from line to line, pages numbered
“— 1 —” (the form of GB/T 9704). ``red_header``: the issuer in red above a red rule, as notices are headed.
"""

from __future__ import annotations

import datetime
from dataclasses import asdict, dataclass
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from zhike.kernel.clock import business_date
from zhike.policy.models import PolicyVersion
from zhike.policy.rules.numbering import is_chinese
from zhike.policy.text import ArticleText, text_of


@dataclass(frozen=True)
class Sheet:
    """What both printers get: plain texts in their order."""

    language: str
    issuer: str
    title: str
    no: str
    version: str
    facts: list[tuple[str, str]]
    chapters: list[dict[str, Any]]
    status: str
    red_header: bool
    footer: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def _article(one: ArticleText) -> dict[str, Any]:
    lines = [asdict(line) | {"label": line.lead} for line in one.lines]
    return {"label": one.label, "title": one.title, "lines": lines}


def sheet(version: PolicyVersion, language: str, *, red_header: bool = False) -> Sheet:
    """The content of the printed document."""
    with translation.override("zh-hans" if is_chinese(language) else "en"):
        text = text_of(version, language)
        document = version.document
        issuer = document.org_unit.company if document.org_unit.company_id else document.org_unit
        facts = [
            (_("Number"), document.no),
            (_("Version"), f"V{version.number}"),
            (_("Department in charge"), str(document.department or document.org_unit)),
            (_("Approved by"), str(version.approved_by) if version.approved_by_id else "—"),
            (_("Published on"), _day(business_date(version.published_at) if version.published_at else None, language)),
            (_("Takes effect on"), _day(version.effective_from, language)),
        ]
        chapters = [
            {"label": one.label, "title": one.title, "articles": [_article(article) for article in one.articles]}
            for one in text.chapters
        ]
        draft = "" if version.is_published else _("Draft, not in force")
        status = _("Trial draft") if version.is_published and version.is_trial else draft
        footer = f"{document.no} V{version.number}" + (
            f" · {version.content_hash[:16]}" if version.content_hash else ""
        )
    return Sheet(
        language,
        str(issuer),
        text.title,
        document.no,
        f"V{version.number}",
        facts,
        chapters,
        status,
        red_header,
        footer,
    )


def _day(day: datetime.date | None, language: str) -> str:
    if day is None:
        return "—"
    return f"{day.year}年{day.month}月{day.day}日" if is_chinese(language) else day.isoformat()
