"""A template environment for each language: fixed texts are put in when a template is compiled.

A page has fifty texts; looking each of them up while it is drawn takes a tenth of the time of drawing. Texts with
variables are looked up as ever.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from django.utils import translation
from jinja2 import Environment, Template, nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

# Components that draw the same from the same words, and that stand in a page by the dozen.
PURE = frozenset({"icon", "badge", "dot", "avatar", "button", "link"})
MOST_DRAWN = 5000  # of one component


class LanguageEnvironment(Environment):
    """The environment of all templates (``language`` empty), and its copies for one language each."""

    language = ""

    def speaking(self, language: str) -> LanguageEnvironment:
        """A copy whose templates are compiled for a language."""
        mine = self.overlay()
        mine.language = language
        mine.globals = self.globals | {"ui": Components(mine)}
        return mine

    @property
    def ui(self) -> Any:
        """The components, as templates call them."""
        return self.globals["ui"]

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        if self.language:
            with translation.override(self.language):
                _Texts().visit(tree)
        return tree


class _Texts(NodeTransformer):
    """Replaces ``_("Save")`` by what it says."""

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        self.generic_visit(node)
        named = isinstance(node.node, nodes.Name) and node.node.name in ("_", "gettext")
        given = (node.kwargs, node.dyn_args, node.dyn_kwargs)
        if not named or any(given) or len(node.args) != 1 or not isinstance(node.args[0], nodes.Const):
            return node
        # As Jinja's own gettext does: a translation is markup, and "%%" in it is one percent sign.
        text = Markup(translation.gettext(node.args[0].value)) % {}  # noqa: S704 - texts are ours
        return nodes.Const(text, lineno=node.lineno)


class Components:
    """All component macros by name: ``ui.button(…)`` in any template and any block, without an import."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def __getattr__(self, name: str) -> Any:
        library: Template = self._environment.get_template("web/ui.html")
        component = getattr(library.module, name)
        if name in PURE:
            component = DrawnOnce(component)
        if not self._environment.auto_reload:
            setattr(self, name, component)
        return component


class DrawnOnce:
    """A component that remembers what it drew."""

    def __init__(self, component: Callable[..., Markup]) -> None:
        self._component = component
        self._drawn: dict[Hashable, Markup] = {}

    def __call__(self, *args: Any, **kwargs: Any) -> Markup:
        # With their types: text and markup of the same letters are equal, and only one of them is escaped.
        key = (args, *kwargs.items(), *map(type, args), *map(type, kwargs.values()))
        try:
            drawn = self._drawn.get(key)
        except TypeError:  # attributes are a dict
            return self._component(*args, **kwargs)
        if drawn is None:
            if len(self._drawn) >= MOST_DRAWN:
                self._drawn.clear()
            drawn = self._drawn[key] = self._component(*args, **kwargs)
        return drawn
