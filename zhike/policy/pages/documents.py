"""The policies one reads and works on, and one of them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.access.rights import rights_of
from zhike.access.take import require
from zhike.kernel.clock import business_date
from zhike.kernel.errors import Refused
from zhike.policy.actions import acknowledging, documents, publishing, reviews
from zhike.policy.library import TEMPLATES
from zhike.policy.models import Decision, ManualCheck, PolicyDocument, PolicyVersion
from zhike.policy.pages import reading
from zhike.policy.pages.reading import document_of, language, may, reader, version_of
from zhike.policy.text import VersionText, hash_of, text_of
from zhike.staff.models import OrgUnit, Role
from zhike.web import pages

# The colour says what a version is.
COLOURS = {
    "WORKING": "violet", "SCHEDULED": "blue", "IN_FORCE": "green", "TRIAL": "amber", "ABOLISHED": "red",
    "EXPIRED": "red",
}  # fmt: skip


@dataclass
class Line:
    """A document in the list."""

    document: PolicyDocument
    current: PolicyVersion | None
    draft: PolicyVersion | None

    @property
    def link(self) -> str:
        if self.current is not None:
            return reverse("policy:document", args=[self.document.pk])
        return reverse("policy:version", args=[self.draft.pk]) if self.draft else ""


@dataclass
class Index:
    """What `policy/index.html` gets."""

    lines: list[Line]
    to_read: list[tuple[PolicyVersion, Any]]
    checks: list[ManualCheck]
    reviews: list[reviews.Due]
    may_write: bool
    today: Any
    colours: dict[str, str] = field(default_factory=lambda: COLOURS)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    user, today = reader(request), business_date()
    found = list(PolicyDocument.objects.visible_to(user).select_related("org_unit"))
    versions = PolicyVersion.objects.visible_to(user).filter(document__in=found).select_related("document")
    by_document: dict[uuid.UUID, list[PolicyVersion]] = {}
    for one in versions.order_by("-number"):
        by_document.setdefault(one.document_id, []).append(one)
    lines = [_line(one, by_document.get(one.pk, []), today) for one in found]
    roles = [role.code for role in user.roles.all()]
    checks = ManualCheck.objects.filter(checked_at=None, clause__checker_role__in=roles).select_related(
        "clause__article"
    )
    page = Index(
        [line for line in lines if line.link],
        [(one, acknowledging.due_on(one, user)) for one in acknowledging.to_read(user)], list(checks[:20]),
        reviews.due(PolicyDocument.objects.within(user, "policy.document.write"), today),
        rights_of(user).may("policy.document.write"), today,
    )  # fmt: skip
    return pages.render(request, "policy/index.html", page)


def _line(document: PolicyDocument, versions: list[PolicyVersion], today: Any) -> Line:
    published = [one for one in versions if one.is_published]
    ruling = next((one for one in published if one.standing(today) in ("IN_FORCE", "TRIAL")), None)
    draft = next((one for one in versions if one.state in ("NEED", "OUTLINE", "DRAFT", "IN_REVIEW", "APPROVED")), None)
    return Line(document, ruling or (published[0] if published else None), draft)


@dataclass
class NewDocument:
    """What `policy/new.html` gets."""

    templates: list[Any]
    units: list[OrgUnit]
    types: ClassVar[Any] = PolicyDocument.Type.choices

    @property
    def unit_choices(self) -> list[tuple[Any, str]]:
        return [(unit.pk, "　" * unit.depth + unit.name) for unit in self.units]


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    user = reader(request)
    require(user, "policy.document.write")
    units = reading.units_to_rule(user)
    if request.method != "POST":
        return pages.render(request, "policy/new.html", NewDocument(list(TEMPLATES), units))
    where = next((unit for unit in units if str(unit.pk) == request.POST.get("org_unit")), None)
    if where is None:
        raise Refused(_("Say for whom it holds."), fields={"org_unit": _("Choose one from the list.")})
    code = request.POST.get("template", "")
    template = next((one for one in TEMPLATES if one.code == code), None)
    titles = {name: request.POST.get(name, "").strip() for name in ("title", "title_en", "no")}
    if template is not None:
        titles["title"] = titles["title"] or template.title
        titles["title_en"] = titles["title_en"] or template.title_en
    row = documents.create(
        by=user, org_unit=where, template=code if template else "", type=request.POST.get("type", "MEASURES"), **titles
    )
    return pages.go(request, "policy:edit", row.versions.get().pk, toast=_("The draft is ready to be written."))


@require_safe
def document(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The version in force; without one the newest that one may see."""
    found = document_of(request, pk)
    rows = PolicyVersion.objects.visible_to(reader(request)).filter(document=found)
    row = rows.in_force(business_date()).first() or rows.order_by("-number").first()
    if row is None:
        raise reading.missing()
    return redirect("policy:version", pk=row.pk)


@dataclass
class VersionPage:
    """What `policy/version.html` gets."""

    version: PolicyVersion
    text: VersionText
    standing: Any
    colour: str
    versions: list[PolicyVersion]
    may: dict[str, bool]
    acknowledged: Any
    must_read: bool
    due: Any
    is_whole: bool | None
    decided: int
    remarks: dict[Any, list[Any]]
    participants: list[Any]
    mine: Any
    roles: dict[str, str]
    review_due: Any = None

    @property
    def is_overdue(self) -> bool:
        return self.due is not None and self.due < business_date()

    @property
    def open_remarks(self) -> int:
        return sum(one.resolved_at is None for rows in self.remarks.values() for one in rows)


@require_safe
def version(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A version to read, with its life cycle beside it."""
    return pages.render(request, "policy/version.html", version_page(request, version_of(request, pk)))


def version_page(request: HttpRequest, row: PolicyVersion) -> VersionPage:
    user = reader(request)
    standing = row.standing()
    remarks: dict[Any, list[Any]] = {}
    for one in row.comments.select_related("author", "resolved_by"):
        remarks.setdefault(one.clause_key, []).append(one)
    done = row.acknowledgements.filter(user=user).first()
    binds = row.is_published and PolicyDocument.objects.binding(user).filter(pk=row.document_id).exists()
    participants = list(row.participants.select_related("user"))
    rows = PolicyVersion.objects.visible_to(user).filter(document=row.document_id).order_by("-number")
    verbs = ("write", "approve", "publish")
    return VersionPage(
        version=row, text=text_of(row, language(request)), standing=standing, colour=COLOURS.get(standing, ""),
        versions=list(rows.select_related("document")),
        may={verb: may(request, row.document, f"policy.document.{verb}") for verb in verbs}
        | {"simulate": may(request, row.document, "policy.simulation.run")},
        acknowledged=done, must_read=binds and done is None and standing in ("SCHEDULED", "IN_FORCE", "TRIAL"),
        due=acknowledging.due_on(row, user) if binds else None,
        is_whole=row.content_hash == hash_of(row) if row.is_published else None,
        decided=Decision.objects.filter(version=row).count() if row.is_published else 0,
        remarks=remarks, participants=participants,
        mine=next((one for one in participants if one.user_id == user.pk), None),
        roles={role.code: str(role) for role in Role.objects.all()},
        review_due=reviews.due_on(row) if standing in ("IN_FORCE", "TRIAL") else None,
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Title, number, whom it binds."""
    found, user = document_of(request, pk), reader(request)
    if request.method != "POST":
        return pages.render(request, "policy/settings.html", _settings(request, found), block="dialog")
    units = {str(unit.pk): unit for unit in reading.units_to_rule(user)}
    values: dict[str, Any] = {name: request.POST.get(name, "").strip() for name in ("title", "title_en", "no")}
    values["type"] = request.POST.get("type", found.type)
    values["bound_roles"] = request.POST.getlist("bound_roles")
    values["review_months"] = reading.number_of(request, "review_months", 12, 60)
    if request.POST.get("org_unit") in units:
        values["org_unit"] = units[request.POST["org_unit"]]
    documents.update(found, by=user, expected_version=reading.expected_version(request), **values)
    return pages.go(request, request.POST.get("back") or reverse("policy:document", args=[pk]), toast=_("Saved."))


@dataclass
class Settings:
    """What `policy/settings.html` gets."""

    document: PolicyDocument
    units: list[tuple[Any, str]]
    roles: list[tuple[str, str]]
    back: str
    types: ClassVar[Any] = PolicyDocument.Type.choices


def _settings(request: HttpRequest, found: PolicyDocument) -> Settings:
    units = [(unit.pk, "　" * unit.depth + unit.name) for unit in reading.units_to_rule(reader(request))]
    if found.org_unit_id not in {key for key, _label in units}:
        units.insert(0, (found.org_unit_id, found.org_unit.name))
    roles = [(role.code, str(role)) for role in Role.objects.all()]
    return Settings(found, units, roles, request.GET.get("back", ""))


@require_POST
def revision(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Begin a new version."""
    row = documents.revise(
        by=reader(request), document=document_of(request, pk), change_note=request.POST.get("change_note", "").strip()
    )
    return pages.go(request, "policy:edit", row.pk, toast=_("The draft begins with the text in force."))


@require_POST
def discard(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Give a draft up."""
    row = version_of(request, pk)
    documents.discard(row, by=reader(request))
    return pages.go(request, "policy:index", toast=_("The draft has been discarded."))


@require_POST
def abolition(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The document ends on a day."""
    found = document_of(request, pk)
    on: Any = reading.day_of(request, "on")
    row = publishing.abolish(found, by=reader(request), on=on, reason=request.POST.get("reason", ""))
    text = gettext_lazy("It no longer holds from %s.") % row.abolished_on
    return pages.go(request, "policy:document", pk, toast=text)


@require_POST
def reviewed(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Looked through, and it stays as it is."""
    reviews.found_good(document_of(request, pk), by=reader(request), note=request.POST.get("note", ""))
    return pages.go(request, "policy:document", pk, toast=_("The review is on record."))
