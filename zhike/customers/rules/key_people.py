"""Where the contacts of a customer stand on the key-person map: a tree by who reports to whom."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

BOX_WIDTH, BOX_HEIGHT, GAP_X, GAP_Y, MARGIN = 176, 76, 20, 40, 8


@dataclass(frozen=True)
class Person:
    """A contact, as far as the map needs it. ``boss``: key of whom he reports to."""

    key: Hashable
    boss: Hashable | None
    influence: int


@dataclass(frozen=True)
class Place:
    """A box: its upper left corner; ``size`` is the radius of the circle that shows the influence."""

    key: Hashable
    x: int
    y: int
    size: int


@dataclass(frozen=True)
class Line:
    """From the lower edge of the boss to the upper edge of the one who reports."""

    x1: int
    y1: int
    x2: int
    y2: int


@dataclass(frozen=True)
class Drawing:
    width: int
    height: int
    places: tuple[Place, ...]
    lines: tuple[Line, ...]


def draw(people: Sequence[Person]) -> Drawing:
    """Place everybody: bosses over those who report to them, the influential first."""
    known = {person.key: person for person in people}
    below: dict[Hashable | None, list[Person]] = {}
    for person in sorted(people, key=lambda one: -one.influence):
        boss = person.boss if person.boss in known and not _circular(person, known) else None
        below.setdefault(boss, []).append(person)
    places: dict[Hashable, Place] = {}
    free = [0]

    def place(person: Person, level: int) -> int:
        """Place those under the person, then the person over their middle; answers the middle."""
        middles = [place(one, level + 1) for one in below.get(person.key, [])]
        if middles:
            middle = (middles[0] + middles[-1]) // 2
        else:
            middle = MARGIN + free[0] * (BOX_WIDTH + GAP_X) + BOX_WIDTH // 2
            free[0] += 1
        top = MARGIN + level * (BOX_HEIGHT + GAP_Y)
        places[person.key] = Place(person.key, middle - BOX_WIDTH // 2, top, 8 + 2 * max(person.influence, 1))
        return middle

    for person in below.get(None, []):
        place(person, 0)
    lines = [
        _line(places[boss], places[person.key]) for boss, group in below.items() if boss is not None for person in group
    ]
    width = max((one.x + BOX_WIDTH for one in places.values()), default=0) + MARGIN
    height = max((one.y + BOX_HEIGHT for one in places.values()), default=0) + MARGIN
    ordered = tuple(places[person.key] for person in people)
    return Drawing(width, height, ordered, tuple(lines))


def _circular(person: Person, known: dict[Hashable, Person]) -> bool:
    """Old data may hold a circle; whoever stands in one is placed at the top."""
    seen = {person.key}
    boss = person.boss
    while boss in known:
        if boss in seen:
            return True
        seen.add(boss)
        boss = known[boss].boss
    return False


def _line(boss: Place, person: Place) -> Line:
    half = BOX_WIDTH // 2
    return Line(boss.x + half, boss.y + BOX_HEIGHT, person.x + half, person.y)
