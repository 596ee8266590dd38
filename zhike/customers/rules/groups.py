"""The customer's group as a tree of lines to print, one under the other."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Node:
    """A member of the group. ``customer`` is None where the reader may not see it."""

    key: Hashable
    customer: Any
    level: int
    relation: str
    is_self: bool


def grow(start: Hashable, links: Sequence[tuple[Any, Any, str]], visible: Mapping[Any, Any]) -> list[Node]:
    """The tree that ``start`` stands in, from its root, children in the order of their names.

    Args:
        links: parent, child and what the child is to the parent.
        visible: key to customer of those that the reader may see.
    """
    above = {child: (parent, word) for parent, child, word in links}
    below: dict[Any, list[Any]] = {}
    for parent, child, _word in links:
        below.setdefault(parent, []).append(child)
    root, walked = start, {start}
    while root in above and above[root][0] not in walked:
        root = above[root][0]
        walked.add(root)
    found: list[Node] = []

    def walk(key: Any, level: int) -> None:
        found.append(Node(key, visible.get(key), level, above[key][1] if key in above and level else "", key == start))
        for child in sorted(below.get(key, []), key=lambda one: str(visible.get(one, "~"))):
            if child not in {node.key for node in found}:
                walk(child, level + 1)

    walk(root, 0)
    return found if len(found) > 1 else []
