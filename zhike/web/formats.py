"""How values are written for people, in the language of the page: dates, times, money, phones, sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from markupsafe import Markup, escape

from zhike.kernel.clock import SHANGHAI, business_date, now

DASH = "—"
_SYMBOLS = {"CNY": "¥", "USD": "US$", "EUR": "€", "HKD": "HK$", "JPY": "JP¥", "GBP": "£"}
_WEEKDAYS = "一二三四五六日"


def chinese() -> bool:
    return (translation.get_language() or "zh").startswith("zh")


def local(moment: datetime) -> datetime:
    """An aware moment as the clock on the wall in Shanghai shows it."""
    return moment.astimezone(SHANGHAI) if moment.tzinfo else moment


def day(value: date | datetime | None) -> str:
    """2026年3月5日, 5 Mar 2026; without the year if it is this one."""
    if value is None:
        return DASH
    if isinstance(value, datetime):
        value = local(value).date()
    this_year = value.year == business_date().year
    if chinese():
        return f"{value.month}月{value.day}日" if this_year else f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {value:%b}" if this_year else f"{value.day} {value:%b} {value.year}"


def full_day(value: date | datetime | None) -> str:
    """2026-03-05: where days stand under each other."""
    if value is None:
        return DASH
    return (local(value).date() if isinstance(value, datetime) else value).isoformat()


def month_name(number: int) -> str:
    """3 月, March."""
    return f"{number} 月" if chinese() else f"{date(2000, number, 1):%B}"


def weekday(value: date | datetime | None) -> str:
    if value is None:
        return DASH
    if isinstance(value, datetime):
        value = local(value).date()
    return f"星期{_WEEKDAYS[value.weekday()]}" if chinese() else f"{value:%A}"


def clock(value: datetime | None) -> str:
    """14:05."""
    return DASH if value is None else f"{local(value):%H:%M}"


def moment(value: datetime | None) -> str:
    """Day and time."""
    return DASH if value is None else f"{day(value)} {clock(value)}"


def full_moment(value: datetime | None) -> str:
    """2026-03-05 14:05."""
    return DASH if value is None else f"{local(value):%Y-%m-%d %H:%M}"


def _near(days: int) -> str | None:
    return {0: _("Today"), 1: _("Tomorrow"), -1: _("Yesterday")}.get(days)


def near_day(value: date | datetime | None) -> str:
    """Today, tomorrow, yesterday; otherwise the day."""
    if value is None:
        return DASH
    if isinstance(value, datetime):
        value = local(value).date()
    return _near((value - business_date()).days) or day(value)


def ago(value: datetime | date | None) -> str:
    """Just now, 5 minutes ago, yesterday 14:05, 3 days ago; past a week the day."""
    if value is None:
        return DASH
    if not isinstance(value, datetime):
        days = (business_date() - value).days
        if 1 < days <= 7:
            return ngettext("%(count)s day ago", "%(count)s days ago", days) % {"count": days}
        return near_day(value)
    seconds = (now() - value).total_seconds()
    days = (business_date() - local(value).date()).days
    if seconds < 0:
        return moment(value) if days < -1 else f"{near_day(value)} {clock(value)}"
    if seconds < 60:
        return _("Just now")
    if seconds < 3600:
        count = int(seconds // 60)
        return ngettext("%(count)s minute ago", "%(count)s minutes ago", count) % {"count": count}
    if days == 0:
        return f"{_('Today')} {clock(value)}"
    if days == 1:
        return f"{_('Yesterday')} {clock(value)}"
    if days <= 7:
        return ngettext("%(count)s day ago", "%(count)s days ago", days) % {"count": days}
    return day(value)


def time_tag(value: datetime | None, text: str | None = None) -> Markup:
    """A `<time>` that shows how long ago and tells the exact moment on hover."""
    if value is None:
        return Markup("—")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        value.isoformat(), full_moment(value), text or ago(value)
    )


_CENT = Decimal("0.01")
_CHINESE_STEPS = ((Decimal(10**8), "亿"), (Decimal(10**4), "万"))
_ENGLISH_STEPS = ((Decimal(10**9), "B"), (Decimal(10**6), "M"), (Decimal(10**4), "K"))


def _exact(value: Any) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


def number(value: Any, places: int | None = None) -> str:
    """1,234,567.8 with the given decimal places, or as many as it has."""
    if value is None or value == "":
        return DASH
    try:
        exact = _exact(value)
    except InvalidOperation:
        return str(value)
    if places is not None:
        exact = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = f"{exact:,f}"
    return text.rstrip("0").rstrip(".") if places is None and "." in text else text


def money(value: Any, currency: str = "CNY") -> str:
    """¥12,300 or ¥12,300.50: whole amounts without decimals."""
    if value is None or value == "":
        return DASH
    exact = _exact(value).quantize(_CENT, ROUND_HALF_UP)
    text = f"{abs(exact):,f}".removesuffix(".00")
    return f"{'-' if exact < 0 else ''}{_SYMBOLS.get(currency, currency + ' ')}{text}"


def short_money(value: Any, currency: str = "CNY") -> str:
    """¥123.5万 and ¥1.2亿 in Chinese, ¥1.24M in English: for boards, totals and charts."""
    if value is None or value == "":
        return DASH
    exact = _exact(value)
    steps = _CHINESE_STEPS if chinese() else _ENGLISH_STEPS
    symbol = ("-" if exact < 0 else "") + _SYMBOLS.get(currency, currency + " ")
    for step, unit in steps:
        if abs(exact) >= step:
            scaled = abs(exact) / (step if unit != "K" else Decimal(1000))
            rounded = scaled.quantize(Decimal("0.01") if scaled < 10 else Decimal("0.1"), ROUND_HALF_UP)
            text = f"{rounded:,f}"
            return f"{symbol}{text.rstrip('0').rstrip('.') if '.' in text else text}{unit}"
    return f"{symbol}{number(abs(exact).quantize(Decimal('1'), ROUND_HALF_UP), 0)}"


def percent(value: Any, places: int = 0) -> str:
    """0.35 → 35%."""
    return DASH if value is None else f"{number(Decimal(str(value)) * 100, places)}%"


def phone(value: str | None) -> str:
    """+8613800138000 → 138 0013 8000; others in their international form."""
    if not value:
        return DASH
    digits = value.removeprefix("+86")
    if len(digits) == 11 and digits.startswith("1") and digits.isdigit():
        return f"{digits[:3]} {digits[3:7]} {digits[7:]}"
    if not value.startswith("+"):
        return value
    import phonenumbers

    try:
        parsed = phonenumbers.parse(value)
    except phonenumbers.NumberParseException:
        return value
    if parsed.country_code == 86:
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL).replace(" ", "-", 1)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def file_size(value: int | None) -> str:
    """1.4 MB."""
    if value is None:
        return DASH
    size = float(value)
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1024 or unit == "GB":
            return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1024
    return DASH


def bounded(count: int | None, limit: int = 1000) -> str:
    """1000+ for a count that was cut off at the limit."""
    if count is None:
        return DASH
    return f"{limit:,}+" if count > limit else f"{count:,}"


def initials(name: str | None) -> str:
    """What stands in an avatar: the last two characters of a Chinese name, otherwise two initials."""
    text = (name or "").strip()
    if not text:
        return "?"
    if any("\u4e00" <= character <= "\u9fff" for character in text):
        return text[-2:] if len(text) <= 4 else text[:2]
    words = text.split()
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def hue(key: Any) -> int:
    """One of six colours, always the same for the same name."""
    return sum(ord(character) for character in str(key)) % 6


def marked(text: Any, part: str) -> Markup:
    """A text with the searched part emphasised."""
    whole = str(text)
    at = whole.casefold().find(part.casefold()) if part else -1
    if at < 0 or len(whole.casefold()) != len(whole):
        return escape(whole)
    end = at + len(part)
    parts = escape(whole[:at]), escape(whole[at:end]), escape(whole[end:])
    return Markup("%s<mark>%s</mark>%s" % parts)  # noqa: S704, UP031 - escaped above; `format` takes four times as long


def listed(parts: Iterable[Any]) -> str:
    """What stands in a row within a sentence: 甲、乙 or A, B."""
    return ("、" if chinese() else ", ").join(str(part) for part in parts)


def or_dash(value: Any) -> Any:
    return DASH if value is None or value in ("", [], {}) else value


FILTERS: dict[str, Callable[..., Any]] = {
    "day": day,
    "full_day": full_day,
    "listed": listed,
    "month_name": month_name,
    "weekday": weekday,
    "clock": clock,
    "moment": moment,
    "full_moment": full_moment,
    "near_day": near_day,
    "ago": ago,
    "time_tag": time_tag,
    "number": number,
    "money": money,
    "short_money": short_money,
    "percent": percent,
    "phone": phone,
    "file_size": file_size,
    "bounded": bounded,
    "initials": initials,
    "hue": hue,
    "marked": marked,
    "or_dash": or_dash,
}
