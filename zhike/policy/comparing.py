"""Two versions side by side: word by word and rule by rule (R12.9)."""

from __future__ import annotations

import difflib
import re
import uuid
from dataclasses import dataclass, field
from typing import Any

from zhike.policy.force import read_params
from zhike.policy.kinds import kind_of, known
from zhike.policy.models import Clause, PolicyVersion
from zhike.policy.params_form import PREFIX, ParamField, fields_of, shown_value
from zhike.policy.text import ArticleText, text_of

# A Chinese character is a word; letters and digits go together.
_WORDS = re.compile(r"[a-zA-Z0-9.%]+|\s+|.", re.DOTALL)


@dataclass(frozen=True)
class Piece:
    """A piece of text. ``mark``: "" both have it, "-" only the old one, "+" only the new one."""

    mark: str
    text: str


@dataclass
class RuleChange:
    """A parameter that differs."""

    label: str
    before: str
    after: str


@dataclass
class ArticleChange:
    """An article that differs. ``mark``: + new, - gone, ~ changed, > only moved."""

    mark: str
    before: ArticleText | None
    after: ArticleText | None
    lines: list[list[Piece]] = field(default_factory=list)
    rules: list[RuleChange] = field(default_factory=list)


def words(before: str, after: str) -> list[Piece]:
    """Two texts word by word."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    found: list[Piece] = []
    for what, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            found.append(Piece("", "".join(old[a:b])))
            continue
        found += [Piece("-", "".join(old[a:b]))] if b > a else []
        found += [Piece("+", "".join(new[c:d]))] if d > c else []
    return found


def compare(before: PolicyVersion, after: PolicyVersion, language: str) -> list[ArticleChange]:
    """The articles that differ, in the order of the newer version; those that are gone at the end."""
    old = {one.article.key: one for one in text_of(before, language).articles}
    new = {one.article.key: one for one in text_of(after, language).articles}
    found = []
    for key, article in new.items():
        if key not in old:
            found.append(ArticleChange("+", None, article, [[Piece("+", str(line))] for line in article.lines]))
        elif (change := _changed(old[key], article)) is not None:
            found.append(change)
    for key, article in old.items():
        if key not in new:
            found.append(ArticleChange("-", article, None, [[Piece("-", str(line))] for line in article.lines]))
    return found


def _changed(before: ArticleText, after: ArticleText) -> ArticleChange | None:
    one, other = [str(line) for line in before.lines], [str(line) for line in after.lines]
    rules = _rules(before, after)
    same_text = one == other and before.title == after.title
    if same_text and not rules:
        return None if before.label == after.label else ArticleChange(">", before, after)
    lines = [words("\n".join(one), "\n".join(other))] if one != other else []
    if before.title != after.title:
        lines.insert(0, words(before.title, after.title))
    return ArticleChange("~", before, after, lines, rules)


def _rules(before: ArticleText, after: ArticleText) -> list[RuleChange]:
    old = {one.clause.key: one.clause for one in before.clauses}
    found: list[RuleChange] = []
    for one in after.clauses:
        found += rule_changes(old.get(one.clause.key), one.clause)
    gone = set(old) - {one.clause.key for one in after.clauses}
    for key in sorted(gone, key=str):
        found += rule_changes(old[key], None)
    return found


def rule_changes(before: Clause | None, after: Clause | None) -> list[RuleChange]:
    """What differs between two versions of a clause: how it is kept, its kind, each parameter."""
    found = []
    for label, name in ((Clause._meta.get_field("binding").verbose_name, "get_binding_display"),):  # type: ignore[union-attr]
        values = [str(getattr(one, name)()) if one is not None else "—" for one in (before, after)]
        if values[0] != values[1]:
            found.append(RuleChange(str(label), *values))
    flat = [_flat(one) for one in (before, after)]
    for path in dict.fromkeys([*flat[0], *flat[1]]):
        texts = [side[path][1] if path in side else "—" for side in flat]
        if texts[0] != texts[1]:
            label = (flat[1].get(path) or flat[0][path])[0]
            found.append(RuleChange(label, *texts))
    return found


def _flat(clause: Clause | None) -> dict[str, tuple[str, str]]:
    """Path to label and value in words."""
    if clause is None or not clause.is_executable or not known(clause.kind):
        return {}
    kind: Any = kind_of(clause.kind)
    try:
        params = read_params(kind, clause.params).model_dump(mode="json")
    except Exception:  # noqa: BLE001 - what cannot be read is compared as it is stored
        return {name: (name, str(value)) for name, value in clause.params.items()}
    found: dict[str, tuple[str, str]] = {}
    for one in fields_of(kind.params, params):
        _flatten(one, found, "")
    return found


def in_words(clause: Clause) -> dict[str, tuple[str, str]]:
    """Every field of a clause as its form names it, with its label and its value in words; a parameter that is a table
    in one."""
    field = clause._meta.get_field
    kind = str(kind_of(clause.kind).label) if known(clause.kind) else clause.kind
    found = {
        "binding": (str(field("binding").verbose_name), str(clause.get_binding_display())),  # type: ignore[union-attr]
        "kind": (str(field("kind").verbose_name), kind),  # type: ignore[union-attr]
        "cycle": (str(field("cycle").verbose_name), str(clause.get_cycle_display())),  # type: ignore[union-attr]
    }
    for name in ("checker_role", "text", "text_en"):
        found[name] = (str(field(name).verbose_name), getattr(clause, name).replace("\r\n", "\n"))  # type: ignore[union-attr]
    for path, (label, text) in _flat(clause).items():
        name = f"{PREFIX}.{path.partition('.')[0]}"
        if "." not in path:
            found[name] = (label, text)
            continue
        head, _dot, rest = label.partition(" · ")
        earlier = found.get(name, ("", ""))[1]
        found[name] = (head.rstrip("0123456789 "), f"{earlier}\n{rest}: {text}".strip())
    return found


def _flatten(one: ParamField, into: dict[str, tuple[str, str]], before: str) -> None:
    label = f"{before}{one.label}"
    if one.control in ("group", "blocks"):
        for inner in one.fields:
            _flatten(inner, into, f"{label} · ")
    elif one.control == "table":
        for place, row in enumerate(one.rows, 1):
            for column in one.fields:
                text = shown_value(column, row.get(column.name))
                into[f"{one.path}.{place}.{column.name}"] = (f"{label} {place} · {column.label}", text)
    else:
        into[one.path] = (label, shown_value(one, one.value))


def keys_of(version: PolicyVersion) -> set[uuid.UUID]:
    """The keys of its clauses."""
    return set(version.clauses.values_list("key", flat=True))
