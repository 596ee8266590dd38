"""The template library: policies as companies of six kinds write them, in both languages.

The texts are in the ``.txt`` files beside this one:

    # key | 章名 | Chapter title
    ## 条标题 | Article heading
    @bind grading.rubric {"min_months": 6}      executed, once a module offers the kind
    @check QUARTER sales_manager                checked by people in a cycle
    Chinese lines; - makes （一）
    ---
    English lines

Where no module offers a kind, its article is a guideline with the text beneath it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.kernel.errors import NotFound, Refused
from zhike.policy.force import read_params
from zhike.policy.kinds import Words, kind_of, known

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Provision:
    """A clause of a template."""

    text: str
    text_en: str
    kind: str = ""
    params: str = "{}"
    cycle: str = ""
    role: str = ""

    def values(self) -> dict[str, Any]:
        """The fields of a `Clause`."""
        if self.kind and known(self.kind):
            try:
                params: Any = read_params(kind_of(self.kind), json.loads(self.params))
            except Refused:  # the kind has moved on: the text still stands
                return self._guideline()
            return {"binding": "EXECUTABLE", "kind": self.kind, "params": params.model_dump(mode="json")}
        return self._guideline()

    def _guideline(self) -> dict[str, Any]:
        how = {"binding": "MANUAL_CHECK", "cycle": self.cycle} if self.cycle else {"binding": "GUIDELINE"}
        return {**how, "checker_role": self.role, "text": self.text, "text_en": self.text_en}


@dataclass
class Piece:
    """An article of a template."""

    title: str
    title_en: str
    clauses: list[Provision] = field(default_factory=list)


@dataclass
class Part:
    """A chapter of the library."""

    key: str
    title: str
    title_en: str
    articles: list[Piece] = field(default_factory=list)


@dataclass(frozen=True)
class Template:
    """A kind of company, and the chapters of its policy."""

    code: str
    label: Words
    title: str
    title_en: str
    help: Words
    parts: tuple[str, ...]

    @property
    def chapters(self) -> list[Part]:
        known_parts = library()
        return [known_parts[key] for key in self.parts]


_BEGIN = ("general", "information")
_END = ("channels", "privacy", "appraisal", "final")

TEMPLATES: tuple[Template, ...] = (
    Template(
        "GENERAL", gettext_lazy("Any company"), "客户管理办法", "Customer Management Policy",
        gettext_lazy("Grading, follow-up, ownership, service, satisfaction, care, risk, data."),
        ("general", "information", "admission", "grading", "channels", "follow_up", "ownership", "attribution",
         "service", "complaints", "satisfaction", "care", "credit", "privacy", "appraisal", "final"),
    ),
    Template(
        "DEALER", gettext_lazy("Sales to dealers"), "经销商客户管理办法", "Dealer Management Policy",
        gettext_lazy("Admission of dealers, yearly grading by the rubric, territories, project filing, credit."),
        ("general", "information", "dealer.admission", "grading", "dealer.territory", "follow_up", "ownership",
         "complaints", "satisfaction", "credit", *_END),
    ),
    Template(
        "STORE", gettext_lazy("Stores"), "门店客户管理办法", "Store Customer Policy",
        gettext_lazy("Reception in turn, members, care on occasions, returns, complaints at the counter."),
        ("general", "information", "store.reception", "store.members", "follow_up", "care", "store.sales",
         "complaints", "satisfaction", *_END),
    ),
    Template(
        "REAL_ESTATE", gettext_lazy("Real-estate sales office"), "案场客户归属及佣金管理办法",
        "Sales Office Policy on Ownership and Commission",
        gettext_lazy("Registration, seven days of confirmation, families, referrals, one unit for two, deposits."),
        ("general", "information", "estate.reception", "ownership", "attribution", "estate.units", "estate.deposit",
         "complaints", *_END),
    ),
    Template(
        "SERVICE", gettext_lazy("Services"), "客户服务管理办法", "Customer Service Policy",
        gettext_lazy("Answer within 24 hours, types of service, complaints, follow-up, satisfaction every quarter."),
        ("general", "information", "grading", "service", "service.types", "complaints", "satisfaction", "follow_up",
         "care", *_END),
    ),
    Template(
        "TAILORING", gettext_lazy("Tailor-made clothing"), "定制服装客户管理制度", "Policy of Tailor-made Clothing",
        gettext_lazy("Appointments, measures and preferences, fitting, alteration, old customers, referrals."),
        ("general", "information", "tailor.preferences", "tailor.making", "store.members", "service", "complaints",
         "satisfaction", "tailor.care", *_END),
    ),
)  # fmt: skip


def template_of(code: str) -> Template:
    """One template.

    Raises:
        NotFound: there is none of this code.
    """
    found = next((one for one in TEMPLATES if one.code == code), None)
    if found is None:
        raise NotFound(_("There is no such template."))
    return found


@cache
def library() -> dict[str, Part]:
    """Every chapter by its key."""
    found: dict[str, Part] = {}
    for file in sorted(FOLDER.glob("*.txt")):
        for part in _read(file.read_text(encoding="utf-8")):
            found[part.key] = part
    return found


def _read(text: str) -> list[Part]:
    parts: list[Part] = []
    for block in ("\n" + text).split("\n# ")[1:]:
        head, *articles = block.split("\n## ")
        key, title, title_en = (word.strip() for word in head.strip().split("|"))
        parts.append(Part(key, title, title_en, [_article(one) for one in articles]))
    return parts


def _article(text: str) -> Piece:
    head, _newline, body = text.partition("\n")
    title, title_en = (word.strip() for word in head.split("|"))
    lines, marks = [], {}
    for line in body.strip().splitlines():
        if line.startswith("@"):
            mark, _blank, rest = line[1:].partition(" ")
            marks[mark] = rest
        else:
            lines.append(line)
    chinese, _rule, english = "\n".join(lines).partition("\n---\n")
    kind, _blank, params = marks.get("bind", "").partition(" ")
    cycle, _blank, role = marks.get("check", "").partition(" ")
    provision = Provision(chinese.strip(), english.strip(), kind, params or "{}", cycle, role)
    return Piece(title, title_en, [provision])
