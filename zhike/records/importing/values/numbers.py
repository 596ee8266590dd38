"""Numbers, money and percentages as people write them."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

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
_SHAPE = re.compile(r"(?P<number>[+-]?[\d.,' ]*\d[\d.,]*(?:e[+-]?\d+)?)\s*(?P<unit>十万|百万|千万|[百千万萬亿億kw])?")
_YUAN = re.compile(r"人民币|rmb|cny|[¥￥元圆块]|元整")
_OTHER_MONEY = re.compile(r"usd|us\$|hkd|hk\$|eur|jpy|gbp|twd|nt\$|[$€£]|美元|港[币元]|欧元|日元|英镑|台币")
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


def typed(text: str) -> Decimal:
    """A number or an amount in yuan that somebody typed, to the last digit.

    Raises:
        Faulty: it is none, may be read in two ways, or is in another currency.
    """
    known = folded(text).casefold()
    if _OTHER_MONEY.search(known):
        raise Faulty(_("“%(text)s” is in another currency. Enter the amount in yuan."), text=text)
    found = _bounded(_parse(_YUAN.sub("", known).strip(), text), None)
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
    if _OTHER_MONEY.search(text):
        raise Faulty(_("“%(text)s” is in another currency. Enter the amount in yuan."), text=text_of(cell))
    bare = _YUAN.sub("", text).strip()
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
