"""Translations: one catalogue per module, made from its Python and its templates.

Message ids are English. Django joins all catalogues into one space, so the same text must be translated
the same way everywhere; `extract` fills in what another module has already translated.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings

LOCALE = "zh_Hans"
_METHODS = [
    ("**/tests/**", "ignore"),
    ("**/migrations/**", "ignore"),
    ("**.py", "python"),
    ("**/templates/**.html", "jinja2.ext:babel_extract"),
    ("**/templates/**.txt", "jinja2.ext:babel_extract"),
]
_OPTIONS = {
    f"**/templates/**.{ending}": {
        "extensions": "jinja2.ext.i18n,jinja2.ext.do",
        "trim_blocks": "true",
        "lstrip_blocks": "true",
    }
    for ending in ("html", "txt")
}
_KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
_HEADER = "# Chinese (simplified) translations of zhike.{module}."


def modules() -> list[str]:
    """Names of our modules."""
    return [name.removeprefix("zhike.") for name in settings.MODULES]


def folder(module: str) -> Path:
    return Path(settings.BASE_DIR) / "zhike" / module


def path_of(module: str) -> Path:
    """The catalogue of a module."""
    return folder(module) / "locale" / LOCALE / "LC_MESSAGES" / "django.po"


def read(module: str) -> Catalog:
    """The catalogue as it is; empty if there is none."""
    path = path_of(module)
    if not path.exists():
        return Catalog(locale=LOCALE)
    with path.open("rb") as file:
        return read_po(file, locale=LOCALE)


def wanted(module: str) -> Catalog:
    """The messages that the module's source holds."""
    catalogue = Catalog(locale=LOCALE)
    found = extract_from_dir(folder(module), _METHODS, _OPTIONS, _KEYWORDS, comment_tags=("Translators:",))
    for filename, _line, message, comments, context in found:
        if message and (message[0] if isinstance(message, tuple) else message):
            catalogue.add(message, None, [(filename, 0)], auto_comments=comments, context=context)
    return catalogue


def extract(names: list[str]) -> dict[str, int]:
    """Bring the catalogues up to the source; the number of texts still to translate, by module."""
    known = {_key(each): each.string for name in modules() for each in _translated(read(name))}
    left: dict[str, int] = {}
    for module in names:
        fresh, present = wanted(module), read(module)
        if not len(fresh) and not path_of(module).exists():
            continue
        for each in fresh:
            if each.id:
                old = present.get(each.id, each.context)
                each.string = old.string if old is not None and filled(old) else known.get(_key(each), each.string)
        path_of(module).parent.mkdir(parents=True, exist_ok=True)
        path_of(module).write_bytes(as_text(module, fresh))
        left[module] = sum(1 for each in fresh if each.id and not filled(each))
    return left


def as_text(module: str, catalogue: Catalog) -> bytes:
    """The catalogue as it is kept: sorted, without dates, so that two people's changes merge."""
    catalogue.header_comment = _HEADER.format(module=module)
    buffer = io.BytesIO()
    write_po(
        buffer, catalogue, width=110, sort_output=True, include_lineno=False, omit_header=True, ignore_obsolete=True
    )
    head = (
        f'{catalogue.header_comment}\nmsgid ""\nmsgstr ""\n"Language: {LOCALE}\\n"\n'
        '"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
    )
    return head.encode() + buffer.getvalue()


def compile_all() -> int:
    """Write the `.mo` files that Django reads; how many."""
    count = 0
    for module in modules():
        if not path_of(module).exists():
            continue
        target = path_of(module).with_suffix(".mo")
        buffer = io.BytesIO()
        write_mo(buffer, read(module))
        if not target.exists() or target.read_bytes() != buffer.getvalue():
            draft = target.with_suffix(".mo.new")
            draft.write_bytes(buffer.getvalue())
            draft.replace(target)
        count += 1
    return count


def faults(names: list[str] | None = None) -> list[str]:
    """What is wrong with the catalogues, one line each; empty: all is translated."""
    found: list[str] = []
    said: dict[Any, tuple[str, Any]] = {}
    for module in modules():
        present = read(module)
        mine: list[str] = list(_faults_of(module, present))
        for each in _translated(present):
            where, other = said.setdefault(_key(each), (module, each.string))
            if other != each.string:
                mine.append(
                    f"{module}: {_short(each)}: translated otherwise in {where} ({other!r}, here {each.string!r})"
                )
        if names is None or module in names:
            found.extend(mine)
    return found


def _faults_of(module: str, present: Catalog) -> Iterator[str]:
    fresh = wanted(module)
    for each in fresh:
        if not each.id:
            continue
        kept = present.get(each.id, each.context)
        if kept is None:
            yield f"{module}: {_short(each)}: not in the catalogue (run: messages extract {module})"
        elif not filled(kept):
            yield f"{module}: {_short(each)}: not translated"
        elif kept.fuzzy:
            yield f"{module}: {_short(each)}: fuzzy"
        elif not _same_placeholders(kept):
            yield f"{module}: {_short(each)}: other placeholders in the translation"
    for each in present:
        if each.id and fresh.get(each.id, each.context) is None:
            yield f"{module}: {_short(each)}: no longer in the source (run: messages extract {module})"


def _same_placeholders(message: Any) -> bool:
    ids = message.id if isinstance(message.id, tuple | list) else [message.id]
    strings = message.string if isinstance(message.string, tuple | list) else [message.string]
    expected = set(_PLACEHOLDER.findall(ids[-1]))
    return all(set(_PLACEHOLDER.findall(text)) == expected for text in strings)


def filled(message: Any) -> bool:
    """Whether there is a translation."""
    return all(message.string) if isinstance(message.string, tuple | list) else bool(message.string)


def _translated(catalogue: Catalog) -> Iterator[Any]:
    return (each for each in catalogue if each.id and filled(each))


def _key(message: Any) -> Any:
    return (message.context, message.id[0] if isinstance(message.id, tuple | list) else message.id)


def _short(message: Any) -> str:
    return repr(_key(message)[1][:60])
