"""The key-person map: nobody is lost, nobody overlaps, bosses stand above."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zhike.customers.rules.key_people import BOX_HEIGHT, BOX_WIDTH, Person, draw


@given(st.lists(st.tuples(st.integers(0, 12) | st.none(), st.integers(0, 5)), max_size=12))
def test_any_staff(rows):
    people = [Person(key, boss, influence) for key, (boss, influence) in enumerate(rows)]
    drawing = draw(people)
    assert [place.key for place in drawing.places] == [person.key for person in people]
    boxes = [(place.x, place.y) for place in drawing.places]
    for number, (x, y) in enumerate(boxes):
        assert 0 <= x <= drawing.width - BOX_WIDTH and 0 <= y <= drawing.height - BOX_HEIGHT
        for other_x, other_y in boxes[:number]:
            assert y != other_y or abs(x - other_x) >= BOX_WIDTH
    assert all(line.y1 < line.y2 for line in drawing.lines)


def test_a_tree():
    drawing = draw([Person("ceo", None, 5), Person("cto", "ceo", 4), Person("cfo", "ceo", 3), Person("dev", "cto", 1)])
    ceo, cto, cfo, dev = drawing.places
    assert ceo.y < cto.y == cfo.y < dev.y
    assert cto.x < cfo.x and cto.x <= ceo.x <= cfo.x
    assert ceo.size > dev.size and len(drawing.lines) == 3
