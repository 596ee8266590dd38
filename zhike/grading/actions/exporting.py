"""Grade sheets and histories as files: what is handed out is on record (R1.34)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from zhike.customers.models import Customer
from zhike.grading.clauses import words
from zhike.grading.models import Assessment, AssessmentRun, Grade
from zhike.grading.rules.schemes import ABC_GRADE
from zhike.history.action import EventDraft, action
from zhike.kernel.clock import business_date
from zhike.records.exporting import harmless
from zhike.records.naming import named
from zhike.staff.models import User

EXPORT = "customers.customer.export"
Lines = Iterator[list[str]]


@action("grading.assessment.export", needs=EXPORT)
def sheets(run: AssessmentRun, *, by: User, event: EventDraft, language: str) -> list[list[str]]:
    """Every sheet of an assessment whose customer the person may export: points, level, what it was, why."""
    allowed = Customer.objects.visible_to(by, EXPORT).order_by().values("pk")
    rows = Assessment.objects.filter(run=run, customer__in=allowed).select_related("customer").order_by("-total", "id")
    codes = [code for code in words.INDICATORS if any(one["code"] == code for one in _scores(run))]
    lines = [[str(one) for one in line] for line in _lines(rows.iterator(chunk_size=2000), codes, language)]
    event.data["rows"] = len(lines)
    zh = words.zh(language)
    head = ["编码", "客户"] if zh else ["Code", "Customer"]
    for code in codes:
        name = words.indicator(code, language)
        head += [f"{name}（{words.unit(code, language)}）", f"{name}得分"] if zh else [
            f"{name} ({words.unit(code, language)})", f"{name}: points"]  # fmt: skip
    head += ["总分", "满分", "原等级", "评定等级", "最终等级", "说明"] if zh else [
        "Total", "Possible", "Level before", "Computed level", "Level", "Remarks"]  # fmt: skip
    return [head, *lines]


def _scores(run: AssessmentRun) -> list[dict[str, Any]]:
    first = Assessment.objects.filter(run=run).exclude(scores=[]).first()
    return first.scores if first is not None else []


def _lines(rows: Iterable[Assessment], codes: Sequence[str], language: str) -> Lines:
    for one in rows:
        by_code = {score["code"]: score for score in one.scores}
        line = [str(one.customer.customer_no), harmless(named(one.customer))]
        for code in codes:
            score = by_code.get(code, {})
            line += [str(score.get("value") or ""), str(score.get("points", ""))]
        said = [words.reason(code, language) for code in one.reasons] + [one.adjust_reason] * bool(one.adjust_reason)
        line += [str(one.total), str(one.possible), *(_level(code) for code in (one.before, one.computed, one.level))]
        yield [*line, harmless("；".join(said))]


def _level(code: str) -> str:
    return str(ABC_GRADE.level(code).label) if code else ""


@action("grading.level.export", needs=None)
def history(customer: Customer, *, by: User, event: EventDraft, language: str) -> list[list[str]]:
    """Every period of every level of one customer, newest first."""
    zh = words.zh(language)
    head = ["分级方案", "等级", "开始", "结束", "来源", "原因"] if zh else [
        "Scheme", "Level", "From", "Until", "Source", "Reasons"]  # fmt: skip
    lines = [
        [
            str(one.definition.label), str(one.shown.label), business_date(one.since).isoformat(),
            business_date(one.until).isoformat() if one.until else "", str(one.get_source_display()),
            harmless("；".join(words.reason(code, language) for code in one.reasons)),
        ]
        for one in Grade.objects.of(customer).order_by("scheme", "-since")
    ]  # fmt: skip
    event.data["rows"] = len(lines)
    return [head, *lines]
