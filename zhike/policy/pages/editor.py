"""The editor: chapters, articles, clauses of a draft."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.kernel.errors import Conflict, NotFound, Refused
from zhike.policy import params_form
from zhike.policy.actions import drafting, review
from zhike.policy.checking import Found, faults_of
from zhike.policy.force import read_params
from zhike.policy.kinds import kind_of, kinds, known
from zhike.policy.models import Article, Chapter, Clause, PolicyVersion
from zhike.policy.pages import both, questions, reading
from zhike.policy.pages.reading import language, one_of, reader, version_of
from zhike.policy.questions import Asked, asked_in
from zhike.policy.rules.numbering import numbered
from zhike.policy.text import VersionText, text_of
from zhike.staff.models import Role
from zhike.web import pages

_OWN = {"kind", "binding", "cycle", "text", "title", "title_en", "checker_role"}
_MODELS: dict[str, Any] = {"chapters": Chapter, "articles": Article, "clauses": Clause}


@dataclass
class Editor:
    """What `policy/edit.html` gets."""

    version: PolicyVersion
    text: VersionText
    faults: list[Found]
    stages: list[tuple[str, Any]]
    asked: list[Asked]
    # What a question can be about.
    articles: list[tuple[str, str]]

    def faults_at(self, key: uuid.UUID) -> list[str]:
        return [one.message for one in self.faults if one.clause_key == key]


@require_safe
def edit(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The draft with everything that can be changed in it."""
    row = version_of(request, pk)
    if not row.is_editable or not reading.may(request, row.document, "policy.document.write"):
        return pages.go(request, "policy:version", pk)
    stages = [(one.value, one.label) for one in (row.State.NEED, row.State.OUTLINE, row.State.DRAFT)]
    page = Editor(
        row, text_of(row, language(request)), faults_of(row), stages, asked_in(row), questions.articles_of(request, row)
    )
    return pages.render(request, "policy/edit.html", page)


@require_POST
def stage(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    review.set_stage(version_of(request, pk), by=reader(request), stage=request.POST.get("stage", ""))
    return pages.go(request, "policy:edit", pk, toast=_("Saved."))


@require_POST
def chapter_new(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    row = version_of(request, pk)
    made = drafting.add_chapter(by=reader(request), version=row, **_titles(request))
    return _back(request, row.pk, made.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def heading(request: HttpRequest, what: str, pk: uuid.UUID) -> HttpResponse:
    """The title of a chapter or an article."""
    row = _part(request, what, pk, ("chapters", "articles"))
    if request.method != "POST":
        return pages.render(request, "policy/heading.html", Heading(what, row), block="dialog")
    _save(request, drafting.rename, row, _titles(request))
    return _back(request, row.version_of_id, row.pk)


def _save(request: HttpRequest, verb: Any, row: Any, values: dict[str, Any]) -> None:
    """Save; who comes second is shown what the first one saved."""
    since = reading.expected_version(request)
    try:
        with _fields_named(request):
            verb(row, by=reader(request), expected_version=since, **both.picked(request, row, values))
    except Conflict as conflict:
        row.refresh_from_db()
        both.compared(row, values, since, conflict)


@dataclass
class Heading:
    """What `policy/heading.html` gets."""

    what: str
    row: Any


@require_POST
def move(request: HttpRequest, what: str, pk: uuid.UUID) -> HttpResponse:
    """One place up or down."""
    row = _part(request, what, pk)
    drafting.move(row, by=reader(request), step=-1 if request.POST.get("step") == "up" else 1)
    return _back(request, row.version_of_id, row.pk)


@require_POST
def removal(request: HttpRequest, what: str, pk: uuid.UUID) -> HttpResponse:
    row = _part(request, what, pk)
    drafting.remove(row, by=reader(request))
    return _back(request, row.version_of_id)


@dataclass
class ClauseForm:
    """What `policy/clause.html` gets. ``clause`` None: a new one of ``article``, or of a new article of ``chapter``."""

    clause: Clause | None
    action: str
    kind: str
    fields: list[params_form.ParamField]
    kinds: list[tuple[str, str]]
    roles: list[tuple[str, str]]
    preview: list[Any]
    title: str
    with_heading: bool = False

    @property
    def chosen_kind(self) -> Any:
        return kind_of(self.kind) if known(self.kind) else None

    @property
    def binding(self) -> str:
        return self.clause.binding if self.clause else ("EXECUTABLE" if self.kind else "GUIDELINE")

    bindings = Clause.Binding.choices
    cycles = Clause.Cycle.choices


@require_http_methods(["GET", "HEAD", "POST"])
def article_new(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A new article at the end of a chapter, with its clause."""
    chapter = one_of(request, Chapter.objects.select_related("version_of__document"), pk)
    address = reverse("policy:article-new", args=[pk])
    if request.method != "POST":
        return _show(request, None, address, _("New article"), with_heading=True)
    with _fields_named(request):
        made = drafting.add_article(by=reader(request), chapter=chapter, **_titles(request), **_values(request))
    return _back(request, chapter.version_of_id, made.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def clause_new(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A further clause of an article."""
    article = one_of(request, Article.objects.select_related("version_of__document"), pk)
    if request.method != "POST":
        return _show(request, None, reverse("policy:clause-new", args=[pk]), _("New clause"))
    with _fields_named(request):
        drafting.add_clause(by=reader(request), article=article, **_values(request))
    return _back(request, article.version_of_id, article.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def clause(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The form of a clause."""
    row = one_of(request, Clause.objects.select_related("version_of__document", "article"), pk)
    if request.method != "POST":
        return _show(request, row, reverse("policy:clause", args=[pk]), _("Clause"))
    _save(request, drafting.update_clause, row, _values(request))
    return _back(request, row.version_of_id, row.article_id)


def _show(
    request: HttpRequest, row: Clause | None, address: str, title: str, *, with_heading: bool = False
) -> HttpResponse:
    code = request.GET.get("kind", row.kind if row else "")
    fields, preview = _form(code, row)
    page = ClauseForm(
        row, address, code, fields, [(one.code, str(one.label)) for one in kinds()],
        [(role.code, str(role)) for role in Role.objects.all()], preview, title, with_heading,
    )  # fmt: skip
    return pages.render(request, "policy/clause.html", page, block="form" if "kind" in request.GET else "dialog")


def _form(code: str, row: Clause | None) -> tuple[list[params_form.ParamField], list[Any]]:
    """The controls of a kind with the clause's values (its defaults, where they cannot be read), and the text."""
    if not known(code):
        return [], []
    kind: Any = kind_of(code)
    values, preview = row.params if row is not None and row.kind == code else {}, []
    try:
        params = read_params(kind, values)
        values = params.model_dump(mode="json")
        preview = numbered(kind.text(params, get_language() or "zh-hans"), get_language() or "zh-hans")
    except Refused:
        values = dict(values)
    return params_form.fields_of(kind.params, values), preview


def _values(request: HttpRequest) -> dict[str, Any]:
    """What was sent, as fields of a clause."""
    sent = request.POST
    binding = sent.get("binding", "")
    if binding not in Clause.Binding.values:
        raise Refused(_("Say how the clause is kept."), fields={"binding": _("Choose one.")})
    values: dict[str, Any] = {"binding": binding, "text": sent.get("text", ""), "text_en": sent.get("text_en", "")}
    if binding == Clause.Binding.EXECUTABLE:
        code = sent.get("kind", "")
        if not known(code):
            raise Refused(_("Choose what the clause executes."), fields={"kind": _("Choose one.")})
        values |= {"kind": code, "params": params_form.read(params_form.fields_of(kind_of(code).params, {}), sent)}
    elif binding == Clause.Binding.MANUAL_CHECK:
        values |= {"cycle": sent.get("cycle", ""), "checker_role": sent.get("checker_role", "")}
    return values


@contextmanager
def _fields_named(request: HttpRequest) -> Iterator[None]:
    """Faults of parameters (``bands.0.low``) under the names of the form (``params.bands.low``)."""
    try:
        yield
    except Refused as refused:
        code, texts = request.POST.get("kind", ""), dict[str, str]()
        shown = params_form.fields_of(kind_of(code).params, {}) if known(code) else []
        for path, text in refused.fields.items():
            name, where = (path, "") if path in _OWN else params_form.located(path, shown, request.POST)
            texts[name] = f"{texts[name]} {where}{text}" if name in texts else f"{where}{text}"
        refused.fields = dict(texts)
        if refused.code == "clause_unreadable":
            refused.message = _("Some fields are not right.")
        raise


def _titles(request: HttpRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "").strip() for name in ("title", "title_en")}


def _part(request: HttpRequest, what: str, pk: uuid.UUID, allowed: tuple[str, ...] = tuple(_MODELS)) -> Any:
    if what not in allowed:
        raise NotFound(_("There is no such page."))
    return one_of(request, _MODELS[what].objects.select_related("version_of__document"), pk)


def _back(request: HttpRequest, version_id: uuid.UUID, anchor: uuid.UUID | None = None) -> HttpResponse:
    address = reverse("policy:edit", args=[version_id])
    return pages.go(request, f"{address}#p-{anchor}" if anchor else address, toast=_("Saved."))
