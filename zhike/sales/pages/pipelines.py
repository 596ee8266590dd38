"""Setting up pipelines, stages and closing reasons."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.access.rights import rights_of
from zhike.kernel.errors import NotFound, Refused
from zhike.sales.actions import pipeline as verbs
from zhike.sales.models import CloseReason, EntryCondition, OpportunityStage, Pipeline
from zhike.sales.pages.entry import as_dialog
from zhike.sales.pages.links import pairs
from zhike.sales.rules.presets import PRESETS
from zhike.staff.models import OrgUnit, User
from zhike.web import pages


class StageForm(forms.Form):
    """A stage as it is entered: the probability in per cent."""

    code = forms.CharField(label=gettext_lazy("Code"), max_length=40, required=False)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=60, required=False)
    percent = forms.DecimalField(label=gettext_lazy("Probability"), min_value=0, max_value=100, max_digits=7)
    silent_days = forms.IntegerField(
        label=gettext_lazy("Stuck after days without activity"), min_value=1, max_value=1000
    )
    required = forms.MultipleChoiceField(
        label=gettext_lazy("Required to enter"), choices=EntryCondition.choices, required=False
    )


class PipelineForm(forms.Form):
    """The settings of a pipeline."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=60, required=False)
    is_default = forms.BooleanField(label=gettext_lazy("Default"), required=False)
    decision_maker_above = forms.DecimalField(
        label=gettext_lazy("Decision maker needed above"),
        min_value=0,
        required=False,
        max_digits=18,
        decimal_places=2,
    )
    auto_lose_after_days = forms.IntegerField(
        label=gettext_lazy("Lost after days without activity"), min_value=30, max_value=1000, required=False
    )


@dataclass
class PipelinePage:
    """What `sales/pipeline.html` gets."""

    companies: list[OrgUnit]
    pipelines: list[Pipeline]
    pipeline: Pipeline | None
    stages: list[OpportunityStage]
    reasons: list[tuple[str, Any, list[CloseReason]]]
    presets: list[tuple[str, str]]

    @property
    def company_choices(self) -> list[tuple[Any, str]]:
        return pairs(self.companies)


@dataclass
class StageDialog:
    """What `sales/stage_dialog.html` gets. ``stage`` None: a new one."""

    pipeline: Pipeline
    stage: OpportunityStage | None
    conditions: list[tuple[str, Any]]

    @property
    def percent(self) -> str:
        return f"{self.stage.probability * 100:f}".rstrip("0").rstrip(".") if self.stage else ""


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The first pipeline that the person sets up."""
    found = of_person(managing(request))
    return show(request, found[0] if found else None)


@require_http_methods(["GET", "HEAD", "POST"])
def pipeline(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One pipeline; a POST saves its settings."""
    found = one(request, pk)
    if request.method != "POST":
        return show(request, found)
    values = valid(PipelineForm(request.POST))
    if found.is_default:
        values.pop("is_default")  # a default is replaced by another, not taken off
    verbs.update_pipeline(found, by=managing(request), **values)
    return pages.go(request, "sales:pipeline", pk, toast=_("Saved."))


@require_POST
def new(request: HttpRequest) -> HttpResponse:
    """A further pipeline, from a preset."""
    user = managing(request)
    company = get_object_or_404(companies_of(user), pk=request.POST.get("company") or str(user.company_id))
    preset = request.POST.get("preset", "STANDARD")
    if preset not in PRESETS:
        raise Refused(_("Choose what it begins with."), fields={"preset": _("Choose one from the list.")})
    made = verbs.create_pipeline(by=user, company=company, preset=preset, name=request.POST.get("name", "").strip())
    return pages.go(request, "sales:pipeline", made.pk, toast=_("“%s” was made.") % made)


@require_POST
def retirement(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Offer it no longer."""
    found = verbs.retire_pipeline(one(request, pk), by=managing(request))
    return pages.go(request, "sales:pipelines", toast=_("“%s” is retired.") % found)


@require_POST
def order(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Move one stage up or down."""
    found = one(request, pk)
    keys = [str(stage.pk) for stage in found.stages.order_by("position")]
    moved, step = request.POST.get("stage", ""), -1 if request.POST.get("step") == "up" else 1
    at = keys.index(moved) if moved in keys else -1
    if at >= 0 and 0 <= at + step < len(keys):
        keys[at], keys[at + step] = keys[at + step], keys[at]
        verbs.order_stages(found, by=managing(request), order=keys)
    return pages.go(request, "sales:pipeline", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def stage_new(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A further stage."""
    found = one(request, pk)
    if request.method != "POST":
        return as_dialog(request, "sales/stage_dialog.html", StageDialog(found, None, list(EntryCondition.choices)))
    values = stage_values(request)
    code = values.pop("code") or f"STAGE_{found.stages.count() + 1}"
    verbs.create_stage(by=managing(request), pipeline=found, code=code, **values)
    return pages.go(request, "sales:pipeline", pk, toast=_("Saved."))


@require_http_methods(["GET", "HEAD", "POST"])
def stage(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Change a stage."""
    found = get_object_or_404(OpportunityStage, pk=pk, pipeline__in=of_person(managing(request)))
    if request.method != "POST":
        page = StageDialog(found.pipeline, found, list(EntryCondition.choices))
        return as_dialog(request, "sales/stage_dialog.html", page)
    values = stage_values(request)
    values.pop("code")
    verbs.update_stage(found, by=managing(request), **values)
    return pages.go(request, "sales:pipeline", found.pipeline_id, toast=_("Saved."))


@require_POST
def stage_removal(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Delete a stage that nothing was ever in."""
    found = get_object_or_404(OpportunityStage, pk=pk, pipeline__in=of_person(managing(request)))
    verbs.delete_stage(found, by=managing(request))
    return pages.go(request, "sales:pipeline", found.pipeline_id, toast=_("“%s” was deleted.") % found)


@require_POST
def reason_new(request: HttpRequest) -> HttpResponse:
    """A further closing reason."""
    user = managing(request)
    company = get_object_or_404(companies_of(user), pk=request.POST.get("company") or str(user.company_id))
    name, outcome = request.POST.get("name", "").strip(), request.POST.get("outcome", "")
    if not name or outcome not in ("LOST", "INVALID"):
        raise Refused(_("Some fields are not right."), fields={"name": _("Enter a name.")})
    verbs.create_reason(by=user, company=company, outcome=outcome, name=name, name_en=request.POST.get("name_en", ""))
    return pages.go(request, request.POST.get("back") or "sales:pipelines", toast=_("Saved."))


@require_POST
def reason(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Retire a closing reason, or bring it back."""
    user = managing(request)
    found = get_object_or_404(CloseReason, pk=pk, company__in=companies_of(user))
    verbs.update_reason(found, by=user, retired=request.POST.get("retired") == "1")
    return pages.go(request, "sales:pipelines", toast=_("Saved."))


def show(request: HttpRequest, found: Pipeline | None) -> HttpResponse:
    user = managing(request)
    company_id = found.company_id if found else user.company_id
    reasons = CloseReason.objects.filter(company_id=company_id)
    page = PipelinePage(
        companies=list(companies_of(user)),
        pipelines=of_person(user),
        pipeline=found,
        stages=list(found.stages.order_by("position")) if found else [],
        reasons=[
            (outcome.value, outcome.label, [row for row in reasons if row.outcome == outcome])
            for outcome in (CloseReason.Outcome.LOST, CloseReason.Outcome.INVALID)
        ],
        presets=[(code, str(_named(preset))) for code, preset in PRESETS.items()],
    )
    return pages.render(request, "sales/pipeline.html", page)


def _named(preset: Any) -> Pipeline:
    return Pipeline(name=preset.name, name_en=preset.name_en)


def managing(request: HttpRequest) -> User:
    """The person, if he may set up pipelines.

    Raises:
        NotFound: without the right the pages do not exist.
    """
    user: Any = request.user
    if not rights_of(user).may(verbs.MANAGE):
        raise NotFound(_("This page does not exist, or you may not see it."))
    return user  # type: ignore[no-any-return]


def companies_of(user: User) -> Any:
    """One's own company; all of them for the administrator."""
    companies = OrgUnit.objects.active().filter(kind=OrgUnit.Kind.COMPANY).order_by("position", "name")
    return companies if rights_of(user).is_administrator else companies.filter(pk=user.company_id)  # type: ignore[misc]


def of_person(user: User) -> list[Pipeline]:
    found = Pipeline.objects.in_use().filter(company__in=companies_of(user)).select_related("company")
    return sorted(found, key=lambda p: (p.company_id != user.company_id, str(p.company), not p.is_default, p.position))


def one(request: HttpRequest, pk: uuid.UUID) -> Pipeline:
    return get_object_or_404(Pipeline, pk=pk, company__in=companies_of(managing(request)))


def valid(form: forms.Form) -> dict[str, Any]:
    """What was entered.

    Raises:
        Refused: some of it is wrong.
    """
    if not form.is_valid():
        raise Refused(
            _("Some fields are not right."),
            fields={name: " ".join(map(str, found)) for name, found in form.errors.items()},
        )
    return dict(form.cleaned_data)


def stage_values(request: HttpRequest) -> dict[str, Any]:
    values = valid(StageForm(request.POST))
    values["probability"] = values.pop("percent") / 100
    return values
