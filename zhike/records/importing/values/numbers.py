"""Numbers, money and percentages as people write them."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache

from django.utils.translation import gettext_noop as _

from zhike.records.importing.problem import Faulty
from zhike.records.importing.table import Cell
from zhike.records.importing.values.cells import folded, is_nothing, text_of

_UNITS = {
    "": 1, "百": 100, "千": 1000, "k": 1000, "万": 10**4, "w": 10**4, "萬": 10**4,
    "十万": 10**5, "百万": 10**6, "千万": 10**7, "亿": 10**8, "億": 10**8,
}  # fmt: skip
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?")
# 1,234,567.8 and the Indian 12,34,567 and the Chinese 1,2345 all have the comma between digits; only the
# first is unmistakable.
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
_CONTINENTAL = re.compile(r"[+-]?\d{1,3}(\.\d{3})+,\d+")
# With blanks or apostrophes only between groups of three: “1 2” is no number.
_SHAPE = re.compile(
    r"(?P<number>[+-]?\s*(?:\d{1,3}(?:[ ']\d{3})+(?:[.,]\d*)?|[\d.,]*\d[\d.,]*(?:e[+-]?\d+)?))"
    r"\s*(?P<unit>十万|百万|千万|[百千万萬亿億kw])?"
)
_MARKS = {
    "CNY": ("人民币", "rmb", "cny", "元整", "块钱", "¥", "￥", "元", "圆", "块"),
    "USD": ("美元", "美金", "us$", "usd", "$"),
    "HKD": ("港币", "港元", "hk$", "hkd", "$"),
    "TWD": ("新台币", "台币", "nt$", "twd", "$"),
    "EUR": ("欧元", "eur", "€"),
    "JPY": ("日元", "日圆", "jpy", "¥", "￥"),
    "GBP": ("英镑", "gbp", "£"),
}  # fmt: skip
_MARK = re.compile("|".join(sorted((re.escape(one) for own in _MARKS.values() for one in own), key=len, reverse=True)))
_LARGEST = Decimal(10) ** 15


def number(cell: Cell, *, places: int | None = None) -> Decimal | None:
    """A decimal number; None for an empty cell.

    Args:
        places: digits after the point that the field keeps; more are rounded half up.

    Raises:
        Faulty: it is none, or may be read in two ways.
    """
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _bounded(Decimal(repr(cell)), places)
    text = folded(text_of(cell))
    if is_nothing(text):
        return None
    return _bounded(_parse(text.casefold(), text), places)


def typed(text: str, currency: str = "CNY") -> Decimal:
    """A number or an amount that somebody typed, to the last digit.

    Raises:
        Faulty: it is none, may be read in two ways, or is in another currency.
    """
    found = _bounded(_parse(_bare(folded(text).casefold(), currency, text), text), None)
    whole = found.to_integral_value()
    return whole if found == whole else found.normalize()  # 0.001亿 is 100000 without places


def whole(cell: Cell) -> int | None:
    """A whole number.

    Raises:
        Faulty: it is none.
    """
    found = number(cell)
    if found is None:
        return None
    if found != found.to_integral_value():
        raise Faulty(_("“%(text)s” is not a whole number."), text=text_of(cell))
    return int(found)


def money(cell: Cell, *, scale: int = 1) -> Decimal | None:
    """An amount in yuan, two places. ``scale``: the unit of the column (10,000 for 万元).

    Raises:
        Faulty: it is no amount, or in another currency.
    """
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _bounded(Decimal(repr(cell)) * scale, 2)
    text = folded(text_of(cell)).casefold()
    if is_nothing(text):
        return None
    bare = _bare(text, "CNY", text_of(cell))
    found = _parse(bare, text_of(cell))
    # A unit in the cell itself goes before the unit of the column.
    return _bounded(found if _has_unit(bare) else found * scale, 2)


def percent(cell: Cell, *, scale: Decimal | int = 1) -> Decimal | None:
    """A ratio between 0 and 1 (or beyond), six places. ``scale``: 0.01 where the column holds whole percents.

    Raises:
        Faulty: it is none.
    """
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _bounded(Decimal(repr(cell)) * scale, 6)
    text = folded(text_of(cell)).casefold()
    if is_nothing(text):
        return None
    if text.endswith(("%", "‰")):
        share = Decimal("0.01") if text.endswith("%") else Decimal("0.001")
        return _bounded(_parse(text[:-1].strip(), text) * share, 6)
    return _bounded(_parse(text, text) * scale, 6)


def _bare(text: str, currency: str, shown: str) -> str:
    """Without what names the currency before or after the number: amid the digits it would make 35 of 3块5.

    Raises:
        Faulty: another currency is named.
    """
    own = _MARKS.get(currency, (currency.casefold(),))
    if any(mark not in own for mark in _MARK.findall(text)):
        if currency == "CNY":
            raise Faulty(_("“%(text)s” is in another currency. Enter the amount in yuan."), text=shown)
        raise Faulty(_("“%(text)s” is in another currency than %(currency)s."), text=shown, currency=currency)
    text = text.replace("−", "-").replace("–", "-")
    before, after = _around(own)
    return after.sub(r"\g<sign>", before.sub(r"\g<sign>", text)).strip()


@cache
def _around(own: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Marks of a currency before and after an amount, with the sign or bracket that stays."""
    mark = "|".join(map(re.escape, own))
    before, after = rf"(?P<sign>^[(+-]?\s*)(?:{mark})+\s*", rf"\s*(?:{mark})+(?P<sign>\s*\)?$)"
    return re.compile(before), re.compile(after)


def _has_unit(text: str) -> bool:
    shape = _SHAPE.fullmatch(text)
    return bool(shape and shape["unit"])


def _parse(text: str, shown: str) -> Decimal:
    text = text.replace("−", "-").replace("–", "-")
    negative = text.startswith("(") and text.endswith(")")
    shape = _SHAPE.fullmatch(text[1:-1].strip() if negative else text)
    if shape is None:
        raise Faulty(_("“%(text)s” is not a number."), text=shown)
    digits = shape["number"].replace(" ", "").replace("'", "")
    if _THOUSANDS.fullmatch(digits):
        digits = digits.replace(",", "")
    elif _CONTINENTAL.fullmatch(digits):
        digits = digits.replace(".", "").replace(",", ".")
    if not _PLAIN.fullmatch(digits):
        raise Faulty(_("“%(text)s” may be read as more than one number. Write it like 1234.50."), text=shown)
    try:
        found = Decimal(digits) * _UNITS[shape["unit"] or ""]
    except InvalidOperation:
        raise Faulty(_("“%(text)s” is not a number."), text=shown) from None
    return -found if negative else found


def _bounded(value: Decimal, places: int | None) -> Decimal:
    if not value.is_finite() or abs(value) >= _LARGEST:
        raise Faulty(_("The number is too large."))
    return value if places is None else value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
