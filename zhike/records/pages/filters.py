"""The filter editor: a form of nested groups, drawn by the server, so that it needs no script."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhike.access.take import require
from zhike.kernel.errors import Refused
from zhike.records.description import Description
from zhike.records.fields import Field
from zhike.records.filter_words import PERIOD_WORDS, Words, operator_label
from zhike.records.filters import MAX_CONDITIONS, MAX_DEPTH, Tree, askable, compile_filter, operators
from zhike.records.kinds import KEYS, MOMENTS, NUMBERS, Kind
from zhike.records.pages.state import ListState, read_state
from zhike.records.widgets import lookup_address
from zhike.web.pages import go, render

WORDS = ("all", "any", "none", "not_all")
_PATH = re.compile(r"^([tfov])((?:\.\d{1,2}){1,8})$")


@dataclass
class Node:
    """A group (``word`` and ``children``) or a condition (``name``, ``op``, ``values``) of the edited tree."""

    path: str = ".0"
    word: str = ""
    name: str = ""
    op: str = ""
    values: list[str] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)
    # For drawing.
    widget: str = ""
    ops: list[tuple[str, str]] = field(default_factory=list)
    options: list[tuple[str, str]] = field(default_factory=list)
    lookup: str = ""

    @property
    def chosen(self) -> list[tuple[str, str]]:
        known = dict(self.options)
        return [(value, known.get(value, value)) for value in self.values if value]

    @property
    def depth(self) -> int:
        return self.path.count(".")


@dataclass(frozen=True)
class FilterPage:
    of: Description
    state: ListState
    root: Node
    fields: list[tuple[str, str]]
    message: str
    may_nest: int = MAX_DEPTH - 1


@require_GET
def editor(request: HttpRequest, of: Description) -> HttpResponse:
    """The editor; ``do=apply`` goes to the list with the filter."""
    require(request.user, of.model.permission("view"))  # type: ignore[arg-type]
    state = read_state(request, of)
    do = request.GET.get("do", "")
    editing = "t.0" in request.GET
    root = from_form(request.GET) if editing else from_tree(state.tree)
    message = ""
    if not root.children:
        root.children.append(Node())
    if editing:
        change(root, do)
        tree = to_tree(root, askable(of, state.user))
        if do == "apply":
            try:
                compile_filter(of, tree, state.user)
                return go(request, state.without(tree))
            except Refused as refused:
                message = " ".join(map(str, [refused.message, *refused.fields.values()]))
    number(root, ".0")
    dress(root, of, state)
    fields = [(name, str(one.label)) for name, one in ordered(of, state)]
    return render(request, "records/filter.html", FilterPage(of, state, root, fields, message), block="editor")


def ordered(of: Description, state: ListState) -> list[tuple[str, Field]]:
    """The fields, those that are asked for most first."""
    known = askable(of, state.user)
    first = [name for name in of.filters if name in known]
    return [(name, known[name]) for name in dict.fromkeys((*first, *known))]


# -- between tree, form and nodes


def from_tree(tree: Tree) -> Node:
    """The nodes of a filter; the outermost is always a group."""
    root = node_of(tree) if tree else Node(word="all")
    return root if root.word else Node(word="all", children=[root])


def node_of(tree: Any, depth: int = 0) -> Node:
    if not isinstance(tree, dict) or depth > MAX_DEPTH:
        return Node()
    for word in ("all", "any"):
        if isinstance(tree.get(word), list):
            return Node(word=word, children=[node_of(part, depth + 1) for part in tree[word]])
    if "not" in tree:
        inner = node_of(tree["not"], depth + 1)
        if inner.word in ("all", "any"):
            inner.word = {"all": "not_all", "any": "none"}[inner.word]
            return inner
        return Node(word="none", children=[inner])
    value = tree.get("value")
    values = value if isinstance(value, list) else [] if value is None else [value]
    said = ["" if one is None else str(one).lower() if isinstance(one, bool) else str(one) for one in values]
    return Node(name=str(tree.get("field", "")), op=str(tree.get("op", "")), values=said)


def from_form(data: QueryDict) -> Node:
    """The nodes that the form sent: ``t.0`` is the outermost group's word, ``f.0.1`` a condition's field …"""
    nodes: dict[tuple[int, ...], Node] = {}
    for key in data:
        found = _PATH.match(key)
        if found is None or len(nodes) > 2 * MAX_CONDITIONS:
            continue
        node = nodes.setdefault(tuple(int(part) for part in found[2].split(".")[1:]), Node())
        values = data.getlist(key)
        match found[1]:
            case "t":
                node.word = values[-1] if values[-1] in WORDS else "all"
            case "f":
                node.name = values[-1]
            case "o":
                node.op = values[-1]
            case "v":
                node.values = values
    for path in sorted(nodes):
        parent = nodes.get(path[:-1])
        if parent is not None and parent.word:
            parent.children.append(nodes[path])
    root = nodes.get((0,), Node(word="all"))
    number(root, ".0")
    return root


def number(node: Node, path: str) -> None:
    """Give every node its path."""
    node.path = path
    for index, child in enumerate(node.children):
        number(child, f"{path}.{index}")


def change(root: Node, do: str) -> None:
    """Add or take away what a button says: ``add.0``, ``group.0``, ``drop.0.1``."""
    verb, _dot, rest = do.partition(".")
    if verb not in ("add", "group", "drop") or not rest:
        return
    for node, parent in walk(root):
        if node.path != f".{rest}":
            continue
        if verb == "drop" and parent is not None:
            parent.children.remove(node)
        elif verb == "add" and node.word:
            node.children.append(Node())
        elif verb == "group" and node.word and node.depth < MAX_DEPTH:
            node.children.append(Node(word="any", children=[Node()]))
        return


def walk(node: Node, parent: Node | None = None) -> list[tuple[Node, Node | None]]:
    return [(node, parent), *(one for child in node.children for one in walk(child, node))]


def to_tree(node: Node, known: dict[str, Field]) -> Tree:
    """The filter; conditions without a field, and empty groups, are left out."""
    if node.word:
        parts = [part for part in (to_tree(child, known) for child in node.children) if part]
        if not parts:
            return {}
        inner: Tree = {"any" if node.word in ("any", "none") else "all": parts}
        return {"not": inner} if node.word in ("none", "not_all") else inner
    asked = known.get(node.name)
    if asked is None:
        return {}
    op = node.op if node.op in operators(asked.kind) else operators(asked.kind)[0]
    if op in ("empty", "not_empty"):
        return {"field": node.name, "op": op}
    value = value_of(asked, op, node.values)
    return {} if value in ("", [], ["", ""]) else {"field": node.name, "op": op, "value": value}


def value_of(asked: Field, op: str, values: list[str]) -> Any:
    if op == "between":
        return ([*values, "", ""])[:2]
    if op in ("in", "not_in", "below", "has_any", "has_all", "has_none"):
        return [value for value in values if value.strip()]
    value = values[0].strip() if values else ""
    if asked.kind is Kind.REGION and op == "starts":
        return re.sub(r"(00)+$", "", value)
    return value


# -- drawing


def dress(root: Node, of: Description, state: ListState) -> None:
    """Tell each condition which operators and which control it has, and what its keys are called."""
    known = askable(of, state.user)
    names = Words(of, state.user, to_tree(root, known)).names
    for node, _parent in walk(root):
        asked = known.get(node.name)
        if node.word or asked is None:
            continue
        possible = operators(asked.kind)
        node.op = node.op if node.op in possible else possible[0]
        node.ops = [(op, operator_label(asked, op)) for op in possible]
        node.widget = widget_of(asked, node.op)
        node.lookup = lookup_address(asked)
        node.options = options_of(asked, node.op, names)
        if asked.kind is Kind.REGION and node.values:
            node.values = [(node.values[0] + "000000")[:6]]


def widget_of(asked: Field, op: str) -> str:
    """The control for the value of a condition."""
    if op in ("empty", "not_empty"):
        return ""
    if op == "period":
        return "select"
    if op in ("last_days", "next_days"):
        return "number"
    if asked.kind in MOMENTS | NUMBERS:
        kind = "date" if asked.kind in MOMENTS else "number"
        return f"two-{kind}" if op == "between" else kind
    if asked.kind is Kind.BOOLEAN:
        return "select"
    if asked.kind is Kind.REGION and op != "in":
        return "region"
    if asked.kind is Kind.INDUSTRY:
        return "picker" if op == "in" else "single"
    if asked.kind in KEYS or asked.kind in (Kind.CHOICE, Kind.MULTI_CHOICE):
        return "picker"
    return "tags" if asked.kind is Kind.TAGS or op == "in" else "text"


def options_of(asked: Field, op: str, names: dict[str, str]) -> list[tuple[str, str]]:
    if op == "period":
        return [(word, str(label)) for word, label in PERIOD_WORDS.items()]
    if asked.kind is Kind.BOOLEAN:
        return [("true", _("Yes")), ("false", _("No"))]
    if asked.kind in (Kind.CHOICE, Kind.MULTI_CHOICE):
        return [(code, str(label)) for code, label in asked.choices]
    special = {Kind.USER: [("me", _("me"))], Kind.ORG_UNIT: [("my_unit", _("my department"))]}.get(asked.kind, [])
    return [*special, *names.items()] if asked.kind in KEYS else []
