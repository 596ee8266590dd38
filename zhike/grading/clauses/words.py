"""What the articles and explanations of grading are made of, natively in both languages."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from zhike.grading.rules.bands import Band, plain
from zhike.grading.rules.rubric import IndicatorCode, Reason


def zh(language: str) -> bool:
    return language.startswith("zh")


INDICATORS = {
    IndicatorCode.SALES_AMOUNT: ("销售金额", "Sales amount", "万元", "× 10,000 yuan"),
    IndicatorCode.COLLECTION_RATE: ("销售回款率", "Collection rate", "%", "%"),
    IndicatorCode.RECEIVABLES: ("期末应收账款", "Receivables at the end of the period", "万元", "× 10,000 yuan"),
    IndicatorCode.MARKET_SHARE: ("占有率", "Market share", "%", "%"),
    IndicatorCode.STRATEGIC_INFLUENCE: ("战略影响", "Strategic influence", "分", "of 10"),
    IndicatorCode.POTENTIAL: ("发展潜力", "Potential", "分", "of 10"),
}
REASONS = {
    Reason.NEVER_BOUGHT: ("没有有效的购买记录，不予评级", "no effective purchase: not rated"),
    Reason.TOO_SHORT: ("正常商业往来不满规定月数，不予评级", "too few months of business: not rated"),
    Reason.NO_RECENT_DEAL: ("规定期限内没有成交，等级失效", "no deal for too long: the grade has expired"),
    Reason.NOT_ASSESSABLE: (
        "期内既无销售也无回款，无法评分",
        "neither sales nor receipts in the period: not rated",
    ),
    Reason.HALF_YEAR_DATA: ("往来不满一年，按半年度数据评分", "less than a year of business: rated on half a year"),
    Reason.POOR_PAYMENT: ("回款率为最低分，不评最高等级", "lowest points for payment: not the best level"),
    Reason.POOR_RECEIVABLES: ("应收账款为最低分，不评最高等级", "lowest points for receivables: not the best level"),
    Reason.LONG_OVERDUE: ("有逾期过久的应收账款，评为最低等级", "overdue for too long: the lowest level"),
    Reason.NOT_JUDGED: ("有指标尚未评价，按其余指标折算", "an indicator was not judged: the others count"),
    Reason.OVERRIDE_ENDED: ("人工调整到期，恢复评定的等级", "the manual level has ended: back to the assessed one"),
}


def indicator(code: str, language: str) -> str:
    return INDICATORS[IndicatorCode(code)][0 if zh(language) else 1]


def unit(code: str, language: str) -> str:
    return INDICATORS[IndicatorCode(code)][2 if zh(language) else 3]


def reason(code: str, language: str) -> str:
    """A reason in words; a code that is not known any more as it is."""
    pair = REASONS.get(code)  # type: ignore[call-overload]
    return pair[0 if zh(language) else 1] if pair else code


def level(code: str, language: str) -> str:
    if code == "UNRATED":
        return "未评级" if zh(language) else "unrated"
    return f"{code}级" if zh(language) else f"grade {code}"


def day(value: date, language: str) -> str:
    return f"{value.year}年{value.month}月{value.day}日" if zh(language) else value.isoformat()


def number(value: Any, places: int = 2) -> str:
    """To some places, without needless zeros, with thousands separators."""
    text = f"{round(Decimal(value), places):,}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def yuan(value: Any, language: str) -> str:
    """Money in 万元 from ten thousand on."""
    amount = Decimal(value)
    if zh(language):
        return f"{number(amount / 10000)}万元" if abs(amount) >= 10000 else f"{number(amount)}元"
    return f"{number(amount)} yuan"


def band(one: Band, code: str, language: str) -> str:
    """A band in words: ``800万元以上、不满1000万元的，得8分``.

    以上 and 以下 take the number in, 不满 and 超过 leave it out (Civil Code of the PRC, article 1259).
    """
    upper = code == IndicatorCode.RECEIVABLES
    low, high, what = plain(one.low), plain(one.high), unit(code, language)
    if zh(language):
        parts = []
        if low:
            parts.append(f"超过{low}{what}" if upper else f"{low}{what}以上")
        if high:
            parts.append(f"{high}{what}以下" if upper else f"不满{high}{what}")
        tail = f"，或者销量达到{plain(one.or_tonnes)}吨" if one.or_tonnes is not None else ""
        return f"{'、'.join(parts) or '不论多少'}{tail}的，得{one.points}分"
    more, less = (">", "≤") if upper else ("≥", "<")
    parts = [*([f"{more} {low}"] if low else []), *([f"{less} {high}"] if high else [])]
    tail = f", or at least {plain(one.or_tonnes)} tonnes" if one.or_tonnes is not None else ""
    return f"{' and '.join(parts)} {what}{tail}: {one.points} points"
