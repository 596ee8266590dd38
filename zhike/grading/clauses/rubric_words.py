"""The rubric in words: the article, why a customer has its grade, what it would take for another one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from zhike.grading.clauses.words import band, day, indicator, level, number, reason, unit, yuan, zh
from zhike.grading.rules.bands import plain
from zhike.grading.rules.periods import PeriodKind, after_months
from zhike.grading.rules.rubric import (
    UNRATED,
    Figures,
    IndicatorCode,
    Rating,
    Reason,
    Rubric,
    half_year,
    overdue_days,
    rate,
    unrated,
)


def text(params: Rubric, language: str) -> list[str]:
    """The article as it is printed."""
    return _text_zh(params, language) if zh(language) else _text_en(params, language)


def _text_zh(params: Rubric, language: str) -> list[str]:
    period = "年度" if params.period == PeriodKind.YEAR else "半年度"
    weighted = [one for one in params.indicators if one.weight]
    lines = [
        f"客户经过{params.min_months}至{params.max_months}个月正常的商业往来后，依照{period}实际合同金额、回款额和期末应收账款"
        f"评分，分为{'、'.join(f'“{one}”' for one in params.levels)}{len(params.levels)}个等级。"
    ]
    for one in weighted:
        weight = "" if one.weight == 1 else f"（权重{plain(one.weight)}）"
        lines.append(f"-{indicator(one.code, language)}{weight}：")
        lines += [f"--{band(each, one.code, language)}。" for each in one.bands]
    cuts = "；".join(f"达到满分{plain(one.percent)}%的为{level(one.level, language)}" for one in params.thresholds)
    lines.append(f"-各项得分按权重相加，{cuts}；其余为{level(params.lowest, language)}。")
    if params.period == PeriodKind.YEAR:
        lines.append("-往来满规定月数但不满一年的客户，按最近半年度数据评分。")
    if params.scale_bands:
        lines.append("-按半年度数据评分的，销售金额分档减半。")
    if params.poor_is_not_best:
        lines.append(f"-回款率或应收账款得最低分的，不评为{level(params.levels[0], language)}。")
    if params.overdue_days is not None:
        lines.append(f"-应收账款逾期超过{params.overdue_days}天的，评为{level(params.lowest, language)}。")
    if params.expires_months:
        lines.append(f"-{params.expires_months}个月内没有成交的，等级失效，列为未评级。")
    lines.append(
        "-评定结果经销售部门复核、财务部门核对回款与应收账款、审批后生效。" if params.approval
        else "-评定结果由系统每日更新，即时生效。"
    )  # fmt: skip
    return [*lines, "-应收账款以应收单减回款计；没有应收单的客户，以累计有效销售减累计回款计。"]


def _text_en(params: Rubric, language: str) -> list[str]:
    period = "year" if params.period == PeriodKind.YEAR else "half-year"
    lines = [
        f"After {params.min_months} to {params.max_months} months of normal business a customer is scored on the contract "
        f"amounts and receipts of the {period} and on the receivables at its end, and graded {', '.join(params.levels)}."
    ]
    for one in params.indicators:
        if one.weight:
            weight = "" if one.weight == 1 else f" (weight {plain(one.weight)})"
            lines.append(f"-{indicator(one.code, language)}{weight}:")
            lines += [f"--{band(each, one.code, language)}." for each in one.bands]
    cuts = "; ".join(f"{one.level} from {plain(one.percent)}% of the maximum" for one in params.thresholds)
    lines.append(f"-The weighted points are added up: {cuts}; otherwise {params.lowest}.")
    if params.period == PeriodKind.YEAR:
        lines.append("-With enough months of business but less than a year, the last half-year is scored.")
    if params.scale_bands:
        lines.append("-Where half a year is scored, the bands of the amount are halved.")
    if params.poor_is_not_best:
        lines.append(f"-Lowest points for payment or receivables exclude grade {params.levels[0]}.")
    if params.overdue_days is not None:
        lines.append(f"-Receivables overdue for more than {params.overdue_days} days mean grade {params.lowest}.")
    if params.expires_months:
        lines.append(f"-Without a deal in {params.expires_months} months the grade expires.")
    lines.append(
        "-The result takes effect after review by sales, the check by finance and approval." if params.approval
        else "-The result is brought up to date every night and takes effect at once."
    )  # fmt: skip
    return [
        *lines,
        "-Receivables are the documents less what was received; without documents, effective sales less receipts.",
    ]


def explain(params: Rubric, given: Figures, rating: Rating, language: str) -> list[str]:
    """Why this grade: every figure, its band, its points, the sum, and what else counted."""
    lines = [_inputs(params, given, language)]
    for one in rating.scores:
        if one.value is None:
            continue
        name, what = indicator(one.code, language), unit(one.code, language)
        weight = "" if one.weight == 1 else f" × {plain(one.weight)}"
        if zh(language):
            lines.append(f"{name} {number(one.value, 4)}{what}：得{one.points}分{weight}（最高{one.most}分）。")
        else:
            lines.append(f"{name} {number(one.value, 4)} {what}: {one.points} points{weight} (of {one.most}).")
    if rating.possible:
        share = number(rating.total * 100 / rating.possible)
        total, possible, by = plain(rating.total), plain(rating.possible), level(rating.by_score, language)
        lines.append(
            f"合计{total}分，满分{possible}分，占{share}%，按分数为{by}。" if zh(language)
            else f"{total} of {possible} points, {share}%: by points {by}."
        )  # fmt: skip
    lines += _reasons(rating.reasons, language)
    result = level(rating.level, language)
    return [*lines, f"结果：{result}。" if zh(language) else f"Result: {result}."]


def _inputs(params: Rubric, given: Figures, language: str) -> str:
    half = half_year(params, given)
    amount, received = (given.half_amount, given.half_received) if half else (given.year_amount, given.year_received)
    months = 6 if half else 12
    if zh(language):
        overdue = f"，最早一笔已逾期{overdue_days(given)}天" if given.overdue_since else ""
        return (
            f"截至{day(given.until, language)}的{months}个月：销售{yuan(amount, language)}，回款{yuan(received, language)}，"
            f"期末应收账款{yuan(given.owed, language)}{overdue}。"
        )
    overdue = f", the oldest overdue for {overdue_days(given)} days" if given.overdue_since else ""
    return (
        f"{months} months up to {given.until}: sold {yuan(amount, language)}, received {yuan(received, language)}, "
        f"owed at the end {yuan(given.owed, language)}{overdue}."
    )


def _reasons(codes: Sequence[str], language: str) -> list[str]:
    end = "。" if zh(language) else "."
    return [reason(code, language)[0].upper() + reason(code, language)[1:] + end for code in codes]


def short(params: Rubric, last_sale_on: date | None, reasons: Sequence[str], language: str) -> list[str]:
    """Why a grade ended between two assessments."""
    lines = _reasons(reasons, language)
    if Reason.NO_RECENT_DEAL in reasons and last_sale_on is not None:
        lines.append(
            f"最近一次成交：{day(last_sale_on, language)}，期限{params.expires_months}个月。" if zh(language)
            else f"Last deal: {last_sale_on}; the limit is {params.expires_months} months."
        )  # fmt: skip
    return lines


def until(params: Rubric, given: Figures, last_sale_on: date | None, language: str) -> list[str]:
    """What would have to be different for the next better level; and until when the present one holds."""
    why_not = unrated(params, given)
    if why_not == Reason.TOO_SHORT and given.first_sale_on is not None:
        when = day(after_months(given.first_sale_on, params.min_months), language)
        return [f"往来满{params.min_months}个月（{when}）后的评定期可以评级。" if zh(language)
                else f"Can be rated in a period that ends on or after {when}."]  # fmt: skip
    rating = rate(params, given)
    if rating.level == UNRATED:
        return []
    lines = _better(params, given, rating, language)
    if params.expires_months and last_sale_on:
        when = day(after_months(last_sale_on, params.expires_months), language)
        lines.append(
            f"到{when}仍无新的成交，等级失效。" if zh(language) else f"Without a deal by {when} the grade expires."
        )
    return lines


def _better(params: Rubric, given: Figures, rating: Rating, language: str) -> list[str]:
    """Single changes that would have led to a better level, smallest first."""
    order = [UNRATED, *reversed(params.levels)]
    half = half_year(params, given)
    lines = []
    for change, words in _changes(params, given, half, language):
        found = rate(params, change).level
        if order.index(found) > order.index(rating.level):
            lines.append(f"{words}，可评为{level(found, language)}。" if zh(language)
                         else f"{words}: {level(found, language)}.")  # fmt: skip
    return lines[:4]


def _changes(params: Rubric, given: Figures, half: bool, language: str) -> list[tuple[Figures, str]]:
    """The figures with one of them moved to each better band."""
    amount, received = ("half_amount", "half_received") if half else ("year_amount", "year_received")
    sold = getattr(given, amount)
    found: list[tuple[Figures, str]] = []
    factor = Decimal("0.5") if half and params.scale_bands else Decimal(1)
    chinese = zh(language)
    for one in params.by_code.values():
        if not one.weight:
            continue
        for each in sorted(one.bands, key=lambda item: item.points):
            if one.code == IndicatorCode.COLLECTION_RATE and each.low is not None and sold > 0:
                target = each.low * sold / 100
                if target > getattr(given, received):
                    more = target - getattr(given, received)
                    moved = given._replace(**{received: target}, owed=given.owed - more)
                    found.append((moved, f"期内再回款{yuan(more, language)}" if chinese
                                  else f"{yuan(more, language)} more received"))  # fmt: skip
            elif one.code == IndicatorCode.RECEIVABLES and each.high is not None:
                target = each.high * 10000
                if target < given.owed:
                    moved = given._replace(owed=target)
                    found.append((moved, f"期末应收账款降到{yuan(target, language)}" if chinese
                                  else f"Receivables down to {yuan(target, language)}"))  # fmt: skip
            elif one.code == IndicatorCode.SALES_AMOUNT and each.low is not None:
                target = each.low * 10000 * factor
                if target > sold:
                    change: dict[str, Any] = {amount: target}
                    moved = given._replace(**change)
                    found.append((moved, f"销售达到{yuan(target, language)}（回款不变）" if chinese
                                  else f"Sales of {yuan(target, language)} (receipts as they are)"))  # fmt: skip
    if given.overdue_since is not None:
        found.append((given._replace(overdue_since=None), "结清逾期款项" if chinese else "Nothing overdue"))
    return found
