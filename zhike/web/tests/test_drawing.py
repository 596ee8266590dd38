"""Patterns, components that are drawn once, and texts that are put in when a template is compiled."""

from __future__ import annotations

from django.utils import translation
from markupsafe import Markup

from zhike.web.engines import DrawnOnce
from zhike.web.jinja import engine
from zhike.web.navigation import all_entries
from zhike.web.patterns import Pattern, mark


def test_a_pattern_is_filled_in_where_its_marks_are() -> None:
    pattern = Pattern(Markup('<a href="{}" title="100 % {}">{}</a>').format(mark("to"), mark("name"), mark("name")))
    assert (
        pattern.fill({"to": "/1/", "name": "50%(x)s", "more": "-"}) == '<a href="/1/" title="100 % 50%(x)s">50%(x)s</a>'
    )


def test_text_and_markup_of_the_same_letters_are_two_drawings() -> None:
    badge = DrawnOnce(engine().from_string("{% macro b(x) %}<b>{{ x }}</b>{% endmacro %}").module.b)  # type: ignore[attr-defined]
    for _again in range(2):
        assert badge("<i>") == "<b>&lt;i&gt;</b>"
        assert badge(Markup("<i>")) == "<b><i></b>"
        assert (badge(1), badge(True)) == ("<b>1</b>", "<b>True</b>")


def test_what_cannot_be_a_key_is_drawn_each_time() -> None:
    drawn: list[object] = []

    def component(values: object) -> Markup:
        drawn.append(values)
        return Markup("x")

    once = DrawnOnce(component)
    assert once({"a": 1}) == once({"a": 1}) == "x"
    assert len(drawn) == 2


def test_each_language_has_its_own_texts() -> None:
    template = '{{ _("Save") }} {{ _("Save") | length }} {{ ui.close_button() }}'
    told = {}
    for language in ("zh-hans", "en"):
        with translation.override(language):
            told[language] = engine().from_string(template).render()
    assert told["en"].startswith("Save 4") and 'aria-label="Close"' in told["en"]
    assert told["zh-hans"].startswith("保存 2") and 'aria-label="关闭"' in told["zh-hans"]


def test_texts_with_variables_are_told_when_they_are_drawn() -> None:
    with translation.override("en"):
        text = engine().from_string('{{ _("Go to %(place)s", place=place) }}').render(place="<home>")
    assert text == "Go to &lt;home&gt;"


def test_no_two_areas_answer_to_one_key() -> None:
    keys = [entry.go for entry in all_entries() if entry.go]
    assert sorted(keys) == sorted(set(keys))
