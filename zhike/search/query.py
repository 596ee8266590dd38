"""What somebody typed, as a question to the tokens."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from django.db.models import Lookup, Q

from zhike.search.fields import SearchTokensField
from zhike.search.tokens import CHINESE, fold

_PIECE = re.compile(rf"[{CHINESE}]+|[^\s{CHINESE}]+")
_CHINESE = re.compile(f"[{CHINESE}]+")
_WORD = re.compile(r"[a-z0-9]+")
# What stands between the digits of a number, as the check of phones at entry knows it; and what is copied unseen.
_BETWEEN = re.compile(r"[\s\-‐-―.()/+\u200b-\u200f\u202a-\u202e\u2060-\u2069]")
_DIALLED = re.compile(r"^(?:00)?86(?=0)|^0{1,2}(?=[1-9])")
MIN_PHONE_TAIL = 4
NUMBERS, MAILS = "numbers", "mails"


def _quoted(lexeme: str, *, prefix: bool = False) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'" + (":*" if prefix else "")


def _fragment(text: str, own: bool) -> str:
    return f"({_quoted(f'n{text}')} | {_quoted(f'o{text}')})" if own else _quoted(f"n{text}")


def _one(piece: str, whole: Collection[str], own: bool, numbers: list[str]) -> str:
    if _CHINESE.match(piece):
        if len(piece) == 1:
            return _fragment(piece, own)
        return " & ".join(_fragment(piece[i : i + 2], own) for i in range(len(piece) - 1))
    ways = [_quoted(f"c{piece}", prefix=True), _quoted(f"e{piece}", prefix=MAILS not in whole)]
    words = _WORD.findall(piece)
    letters = "".join(words)
    if letters and letters != piece:
        ways.append(_quoted(f"c{letters}", prefix=True))
    if letters and own:
        ways.append(_quoted(f"o{letters}", prefix=True))
    if piece.isascii() and piece.isalpha():
        ways += [_quoted(f"p{piece}", prefix=True), _quoted(f"i{piece}", prefix=True)]
    ways += dict.fromkeys([*numbers, *_tails(piece, whole)])
    if len(words) < 2:
        return _any_of(ways)
    # “GTX-Pro” is two words where it stands in a name. “x or (a and b)” is said as “(x or a) and (x or b)”, the form
    # that `zhike.search.common` weighs.
    kinds = "co" if own else "c"
    return " & ".join(
        _any_of(ways + [_quoted(kind + word, prefix=last and len(word) > 1) for kind in kinds])
        for word, last in zip(words, [*(False for _ in words[1:]), True], strict=True)
    )


def _any_of(ways: list[str]) -> str:
    return "(" + " | ".join(ways) + ")"


def _tails(text: str, whole: Collection[str]) -> list[str]:
    """A text of digits and what stands between them, as the end of a phone number.

    Numbers are kept in their international form, without the 0 or 00 that is dialled before an area or a country.
    """
    digits = _BETWEEN.sub("", text)
    if not (digits.isascii() and digits.isdigit() and len(digits) >= MIN_PHONE_TAIL):
        return []
    found = [digits]
    while (bare := _DIALLED.sub("", found[-1])) != found[-1]:
        found.append(bare)
    if NUMBERS in whole:
        found += [f"86{one}" for one in found]
        return [_quoted(f"d{one[::-1]}") for one in found]
    return [_quoted(f"d{one[::-1]}", prefix=True) for one in found if len(one) >= MIN_PHONE_TAIL]


def to_tsquery(text: str, *, whole: Collection[str] = (), own: bool = False) -> str:
    """The text as a tsquery literal; empty where nothing can be asked.

    Args:
        whole: of `NUMBERS` and `MAILS`, what is found by the whole of it only: whoever sees phones or e-mails masked
            would read them letter by letter, asking for one more each time.
        own: texts of own fields are looked through as well.
    """
    folded = fold(text.replace("\x00", ""))[:100]
    pieces = _PIECE.findall(folded)
    pieces = [piece for piece in pieces if any(map(str.isalnum, piece))]  # the brackets of “华安（集团）” stand alone
    numbers = _tails(folded, whole)  # “138 0013 8000” is one number
    return " & ".join(_one(piece, whole, own, numbers) for piece in pieces[:8])


@SearchTokensField.register_lookup
class Finds(Lookup):  # type: ignore[type-arg]
    """``search_tokens__finds="华为"``: the record is found by the typed text."""

    lookup_name = "finds"
    prepare_rhs = False

    def get_db_prep_lookup(self, value: Any, connection: Any) -> Any:
        return "%s::tsquery", [to_tsquery(str(value))]

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        lhs, lhs_params = self.process_lhs(compiler, connection)
        return f"{lhs} @@ %s::tsquery", [*lhs_params, to_tsquery(str(self.rhs))]


@SearchTokensField.register_lookup
class Asks(Lookup):  # type: ignore[type-arg]
    """``search_tokens__asks=query``: the same by a tsquery that is known, or by a place for one."""

    lookup_name = "asks"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        lhs, lhs_params = self.process_lhs(compiler, connection)
        return f"{lhs} @@ %s::tsquery", [*lhs_params, self.rhs]


@SearchTokensField.register_lookup
class Holds(Asks):
    """The same in a form that no index answers: of a common word a list's own order is walked until a page is full."""

    lookup_name = "holds"

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        lhs, lhs_params = self.process_lhs(compiler, connection)
        return f"ts_match_vq({lhs}, %s::tsquery)", [*lhs_params, self.rhs]


def number_query(text: str) -> str:
    """A phone number by the whole of it or its end, and by nothing else; empty where that is less than four digits."""
    tails = _tails(fold(text), ())
    return _any_of(tails) if tails else ""


def mail_query(text: str) -> str:
    """An e-mail by its beginning, and by nothing else; empty without one."""
    folded = fold(text).replace(" ", "")[:60]
    return _quoted(f"e{folded}", prefix=True) if folded else ""


def chinese_of(text: str) -> str:
    """The runs of Chinese in a text. Every part of one is among the tokens; of other words only the beginnings are."""
    return " ".join(_CHINESE.findall(fold(text)))


def finds(text: str) -> Q:
    """The condition; nothing is found by an empty question."""
    return Q(search_tokens__finds=text) if to_tsquery(text) else Q(pk__in=[])
