"""A customer's levels: the panel on its page, the sheet with why, until when and what was; by hand; judged factors."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.access.rights import rights_of
from zhike.access.take import require
from zhike.customers.models import Customer
from zhike.customers.pages.access import customer_of
from zhike.grading import fits, settings
from zhike.grading.actions import overrides
from zhike.grading.actions.judging import factors_of, judge
from zhike.grading.clauses.cheverton import factor
from zhike.grading.clauses.treatment import TreatmentKind
from zhike.grading.clauses.words import indicator, reason
from zhike.grading.history import treatment_of
from zhike.grading.models import Grade, GradeOverride, Judgement
from zhike.grading.pages.finding import missing
from zhike.grading.rules.rubric import JUDGED, IndicatorCode
from zhike.grading.rules.schemes import ABC_GRADE, BY_CODE, SCHEMES, STORED, Method, Scheme
from zhike.kernel.clock import business_date
from zhike.kernel.errors import Conflict, Denied, NotFound, Refused
from zhike.policy import masking
from zhike.policy.kinds import Outcome, kind_of
from zhike.policy.owning import Owned, owner_of
from zhike.records.links import list_of, where
from zhike.records.naming import named
from zhike.web import pages
from zhike.web.jinja import render_to_string


@dataclass(frozen=True)
class Standing:
    """One scheme on the sheet: the level, since when, why, and what would change it."""

    scheme: Scheme
    grade: Grade | None
    override: GradeOverride | None
    why: list[str] = field(default_factory=list)
    until: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    ruled: bool = False


@dataclass(frozen=True)
class LevelsPanel:
    """What `grading/levels_panel.html` gets."""

    customer: Customer
    grades: list[Grade]
    waiting: int
    may_ask: bool
    treatment: str = ""
    owner: Owned | None = None


@dataclass(frozen=True)
class LevelsPage:
    """What `grading/levels.html` gets."""

    customer: Customer
    standings: list[Standing]
    history: list[Grade]
    overrides: list[GradeOverride]
    may: dict[str, bool]
    lists: dict[str, str]


@dataclass(frozen=True)
class AskDialog:
    """What `grading/override_dialog.html` gets."""

    customer: Customer
    schemes: list[tuple[str, Any]]
    levels: list[tuple[str, str]]
    scheme: str


@dataclass(frozen=True)
class JudgingPage:
    """What `grading/judging.html` gets. ``factors``: code, label, highest, value, judged on."""

    customer: Customer
    groups: list[tuple[str, list[tuple[str, str, int, Any, Any]]]]


def panel(request: HttpRequest, customer: Customer) -> str:
    """The present levels, on the customer's page."""
    user: Any = request.user
    order = [scheme.code for scheme in SCHEMES]
    known = [one for one in Grade.objects.of(customer).current() if legible(user, one.scheme)]
    grades = sorted(known, key=lambda one: order.index(one.scheme))
    waiting = GradeOverride.objects.waiting().filter(customer=customer).count()
    may_ask = rights_of(user).may("grading.override.ask") and customer.trashed_at is None
    owner = owner_of(TreatmentKind, customer.org_unit_id) if masking.may_read(user, ("customers", "grade")) else None
    found = treatment_of(customer) if owner is not None else None
    words = kind_of(TreatmentKind).line(found, get_language() or "zh-hans") if found else ""  # type: ignore[attr-defined]
    page = LevelsPanel(customer, grades, waiting, may_ask, words, owner if words else None)
    return render_to_string(request, "grading/levels_panel.html", page)


@require_safe
def sheet(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Every level of one customer, why it has it, and what it would take."""
    user: Any = request.user
    customer = customer_of(request, pk)
    related = ("override", "override__asked_by", "decided_by", "assessment__run")
    grades = [one for one in Grade.objects.of(customer).select_related(*related) if legible(user, one.scheme)]
    current = {one.scheme: one for one in grades if one.until is None}
    held = {one.scheme: one for one in GradeOverride.objects.in_force().filter(customer=customer)}
    own = settings.settings_of()
    mine = where("customer", "in", [str(pk)])
    page = LevelsPage(
        customer=customer,
        standings=[
            standing(scheme, customer, current.get(scheme.code), held.get(scheme.code), reader=user)
            for scheme in STORED
            if legible(user, scheme.code)
            and (scheme.method == Method.PERSON or scheme.code in current or settings.is_active(scheme, own))
        ],
        history=[one for one in grades if one.until is not None][:60],
        overrides=[
            one
            for one in GradeOverride.objects.filter(customer=customer).select_related("asked_by", "decided_by")[:20]
            if legible(user, one.scheme)
        ],
        may={
            "ask": may(customer, user, "grading.override.ask"),
            "approve": may(customer, user, "grading.override.approve"),
            "export": may(customer, user, "customers.customer.export"),
            "judge": may(customer, user, "grading.judgement.make"),
        },
        lists={name: list_of(name, mine) for name in ("purchases", "receivables", "receipts")},
    )
    return pages.render(request, "grading/levels.html", page)


def legible(user: Any, scheme: str) -> bool:
    """Whether the person may read the levels of a scheme: they stand in fields of the customer, too."""
    return masking.may_read(user, ("customers", "grade" if scheme == ABC_GRADE.code else "segments"))


def may(customer: Customer, user: Any, permission: str) -> bool:
    """Whether the person may do this to this customer."""
    if not rights_of(user).may(permission) or customer.trashed_at is not None:
        return False
    return Customer.objects.visible_to(user, permission).filter(pk=customer.pk).exists()


def standing(
    scheme: Scheme, customer: Customer, grade: Grade | None, held: GradeOverride | None, *, reader: Any
) -> Standing:
    """How the customer stands in a scheme today, by the clause that rules it or by the settings; without the words that
    are made of figures which the reader may not read."""
    language = get_language() or "zh-hans"
    reasons = [reason(code, language) for code in (grade.reasons if grade else ())]
    if scheme.method != Method.RULE:
        return Standing(scheme, grade, held, reasons=reasons)
    kind = settings.kind_of_scheme(scheme)
    facts = kind.facts(business_date(), after=None, limit=1, subjects=[customer.pk])
    if not facts:
        return Standing(scheme, grade, held, reasons=reasons)
    fact = facts[0]
    if hasattr(fact, "assessing"):
        fact = fact._replace(assessing=True)
    params, ruling = settings.params_for(scheme, fact.org_unit_id)
    if masking.concealed(reader, kind):
        return Standing(scheme, grade, held, [masking.unexplained()], [], reasons, ruling is not None)
    found = kind.level(params, fact)
    why = kind.explain(params, fact, Outcome(found[0], found[1]), language) if found else []
    return Standing(scheme, grade, held, why, kind.until(params, fact, language), reasons, ruling is not None)


class AskForm(forms.Form):
    """A level asked for by hand."""

    scheme = forms.ChoiceField(choices=[(one.code, one.label) for one in STORED])
    level = forms.CharField(max_length=60)
    reason = forms.CharField(max_length=500, required=False)
    ends_on = forms.DateField()


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask for a level."""
    user: Any = request.user
    customer = customer_of(request, pk)
    if request.method != "POST":
        chosen = request.GET.get("scheme", "ABC_GRADE")
        of = [BY_CODE[chosen]] if chosen in BY_CODE else [*STORED]
        levels = [(f"{one.code}:{level.code}", f"{one.label}：{level.label}") for one in of
                  for level in fits.levels_of(one) if level.code != "UNRATED"]  # fmt: skip
        dialog = AskDialog(customer, [(one.code, one.label) for one in STORED], levels, chosen)
        return pages.render(request, "grading/override_dialog.html", dialog, block="dialog")
    level = request.POST.get("level", "")
    scheme, _colon, code = level.partition(":")
    form = AskForm({**request.POST.dict(), "scheme": scheme, "level": code})
    if not form.is_valid():
        raise Refused(_("Some fields are not right."), fields={n: str(e[0]) for n, e in form.errors.items()})
    override = overrides.ask(customer, by=user, **form.cleaned_data)
    told = (
        _("Set.")
        if override.state == GradeOverride.State.APPROVED
        else _("Asked for. Somebody else has to approve it.")
    )
    return pages.go(request, "grading:levels", pk, toast=told)


def override_of(request: HttpRequest, pk: uuid.UUID) -> GradeOverride:
    """A manual level of a customer that the person sees."""
    found = GradeOverride.objects.filter(pk=pk).first()
    if found is None:
        raise missing()
    customer_of(request, found.customer_id)
    return found


@require_POST
def decide(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Approve or reject what was asked for."""
    user: Any = request.user
    override = override_of(request, pk)
    approve = request.POST.get("answer") == "approve"
    override = overrides.decide(override, by=user, approve=approve, answer=request.POST.get("note", ""))
    toast = _("Approved.") if override.state == GradeOverride.State.APPROVED else _("Rejected.")
    back = request.POST.get("back")
    return pages.go(
        request, *(("grading:approvals",) if back else ("grading:levels", override.customer_id)), toast=toast
    )


@require_POST
def decide_many(request: HttpRequest) -> HttpResponse:
    """Approve or reject the ticked ones; what cannot be decided is named."""
    user: Any = request.user
    approve = request.POST.get("answer") == "approve"
    keys = [key for key in map(pages.key_of, request.POST.getlist("override")) if key]
    if not keys:
        raise Refused(_("Tick at least one."))
    done, left = 0, []
    # A guessed key must not tell whose it is.
    seen = GradeOverride.objects.filter(pk__in=keys, customer__in=Customer.objects.visible_to(user))
    for row in seen.select_related("customer").order_by("asked_at"):
        try:
            overrides.decide(row, by=user, approve=approve, answer=request.POST.get("note", ""))
            done += 1
        except (NotFound, Denied, Refused, Conflict) as no:
            left.append(f"{named(row.customer)}: {no.message}")
    said = _("%d decided.") % done
    return pages.go(request, "grading:approvals", toast=" ".join([said, *left[:3]]))


@require_POST
def end(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """End a manual level, or take back what was asked for."""
    user: Any = request.user
    override = overrides.end(override_of(request, pk), by=user)
    return pages.go(request, "grading:levels", override.customer_id, toast=_("Ended."))


@require_http_methods(["GET", "HEAD", "POST"])
def judging(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Judge the factors of the matrix and of the rubric."""
    user: Any = request.user
    customer = customer_of(request, pk)
    require(user, "grading.judgement.make")
    codes = factors_of(customer)
    if request.method == "POST":
        judge(customer, by=user, values=given(request, codes), note=request.POST.get("note", ""))
        return pages.go(request, "grading:levels", pk, toast=_("Judged."))
    newest = {
        one.factor: one
        for one in Judgement.objects.filter(customer=customer).order_by("factor", "-judged_on").distinct("factor")
    }
    return pages.render(request, "grading/judging.html", JudgingPage(customer, groups_of(customer, newest)))


def given(request: HttpRequest, codes: list[str]) -> dict[str, Decimal]:
    """The factors that were filled in.

    Raises:
        Refused: something is no number.
    """
    values, wrong = {}, {}
    for code in codes:
        text = request.POST.get(code, "").strip()
        try:
            if text:
                values[code] = Decimal(text)
        except InvalidOperation:
            wrong[code] = _("Enter a number.")
    if wrong or any(not value.is_finite() for value in values.values()):
        raise Refused(_("Some fields are not right."), fields=dict(wrong))
    return values


def groups_of(
    customer: Customer, newest: dict[str, Judgement]
) -> list[tuple[str, list[tuple[str, str, int, Any, Any]]]]:
    """The factors by axis, each with its newest judgement."""
    language = get_language() or "zh-hans"
    matrix, _ruling = settings.params_for(BY_CODE["CHEVERTON"], customer.org_unit_id)

    def rows(codes: list[tuple[str, str]]) -> list[tuple[str, str, int, Any, Any]]:
        return [
            (code, label, 100 if code == IndicatorCode.MARKET_SHARE else 10,
             f"{newest[code].value.normalize():f}" if code in newest else "",
             newest[code].judged_on if code in newest else None)
            for code, label in codes
        ]  # fmt: skip

    return [
        (
            _("Attractiveness of the customer"),
            rows([(f.code, factor(f.code, language)) for f in matrix.attractiveness]),
        ),
        (_("Our relative strength"), rows([(f.code, factor(f.code, language)) for f in matrix.strength])),
        (_("Further indicators of the rubric"), rows([(str(code), indicator(code, language)) for code in JUDGED])),
    ]


@require_safe
def approvals(request: HttpRequest) -> HttpResponse:
    """What waits for approval, of customers that the person may approve for."""
    user: Any = request.user
    customers = Customer.objects.visible_to(user, "grading.override.approve")
    waiting = GradeOverride.objects.waiting().filter(customer__in=customers).exclude(asked_by=user)
    rows = list(waiting.select_related("customer", "asked_by").order_by("asked_at")[:200])
    return pages.render(request, "grading/approvals.html", {"rows": rows})
