"""Whom to give a customer to (R3.6): pure, so that the order can be told beforehand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Any, NamedTuple


class Mode(StrEnum):
    MANUAL = "MANUAL"
    ROUND_ROBIN = "ROUND_ROBIN"
    LOAD = "LOAD"
    RULES = "RULES"
    WEIGHTED = "WEIGHTED"


class Receiver(NamedTuple):
    """Somebody who can be given customers.

    Attributes:
        room: how many more he may hold; None: any number.
        load: how many he works on.
        given: how many he has been given in this way before, and ``last``: the number of the last gift (0: never).
    """

    key: Any
    load: int = 0
    room: int | None = None
    weight: int = 1
    given: int = 0
    last: int = 0
    regions: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()


class Wanted(NamedTuple):
    """A customer to give away."""

    key: Any
    region: str = ""
    industry: str = ""


def fits(receiver: Receiver, wanted: Wanted) -> bool:
    """Whether region (by prefix: province, city) and industry are his; what he names nothing of, he takes all of."""
    in_region = not receiver.regions or any(wanted.region.startswith(code) for code in receiver.regions)
    in_trade = not receiver.industries or any(wanted.industry.startswith(code) for code in receiver.industries)
    return in_region and in_trade


_ORDER: dict[Mode, Callable[[Receiver], tuple[Any, ...]]] = {
    Mode.ROUND_ROBIN: lambda one: (one.last,),
    Mode.LOAD: lambda one: (one.load, one.last),
    Mode.WEIGHTED: lambda one: ((one.given + 1) / one.weight, one.last),
    Mode.RULES: lambda one: (-_precision(one), one.load, one.last),
}


def _precision(receiver: Receiver) -> int:
    """He who names this region in particular goes before him who takes anything."""
    return max((len(code) for code in receiver.regions), default=0) + max(map(len, receiver.industries), default=0)


def distribute(
    customers: Iterable[Wanted], receivers: Sequence[Receiver], mode: Mode
) -> tuple[dict[Any, Any], list[Any]]:
    """Customer to receiver, and the customers for whom there is nobody with room."""
    people = {receiver.key: receiver for receiver in receivers if receiver.weight > 0}
    turn = max((one.last for one in receivers), default=0)
    given: dict[Any, Any] = {}
    left: list[Any] = []
    for wanted in customers:
        able = [one for one in people.values() if one.room is None or one.room > 0]
        if mode == Mode.RULES:
            able = [one for one in able if fits(one, wanted)]
        if not able:
            left.append(wanted.key)
            continue
        chosen = min(able, key=_ORDER[mode])
        turn += 1
        given[wanted.key] = chosen.key
        people[chosen.key] = chosen._replace(
            load=chosen.load + 1,
            given=chosen.given + 1,
            last=turn,
            room=None if chosen.room is None else chosen.room - 1,
        )
    return given, left
