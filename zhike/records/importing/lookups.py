"""What cells call people, departments and records, found set by set: one question per field and chunk."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.utils.translation import gettext_noop as _

from zhike.kernel.errors import DomainError
from zhike.records.fields import Field
from zhike.records.importing.cells import Column
from zhike.records.importing.importer import Draft, importer_of
from zhike.records.importing.problem import Faulty
from zhike.records.kinds import Kind
from zhike.staff.models import OrgUnit, User

_NOBODY = _("There is nobody called “%(text)s”.")
_SEVERAL_PEOPLE = _("Several people are called “%(text)s”. Write the user name.")
_NOTHING = _("There is no “%(text)s”, or you may not see it.")
_SEVERAL = _("“%(text)s” is the name of several records. Write the number.")


class Lookups:
    """Answers, kept for the length of one run."""

    def __init__(self, by: User, *, create_missing: bool) -> None:
        self.by = by
        self.create_missing = create_missing
        self.known: dict[tuple[str, str], Any] = {}
        self._people: dict[str, list[User]] | None = None

    def resolve(self, drafts: list[Draft], columns: Iterable[Column]) -> None:
        """Put records in the place of texts."""
        for column in columns:
            if not column.is_reference:
                continue
            field, child = column.slot.field, column.slot.child
            places = [(draft, _place(draft, child, field)) for draft in drafts]
            texts = {place[_name(field)] for _draft, place in places if _name(field) in place}
            self._learn(field, {text for text in texts if isinstance(text, str)})
            for draft, place in places:
                text = place.get(_name(field))
                if isinstance(text, str):
                    self._settle(draft, place, field, column.slot.key, text)

    def _settle(self, draft: Draft, place: dict[str, Any], field: Field, key: str, text: str) -> None:
        try:
            place[_name(field)] = self._answer(field, text)
        except Faulty as fault:
            del place[_name(field)]
            draft.problems.append((key, fault.problem))
        except DomainError as error:
            del place[_name(field)]
            draft.refuse_by(error)

    def _answer(self, field: Field, text: str) -> Any:
        rows = self.known.get((_about(field), text), [])
        if len(rows) == 1:
            return rows[0]
        if field.kind is Kind.USER:
            raise Faulty(_SEVERAL_PEOPLE if rows else _NOBODY, text=text)
        of = importer_of(field.target) if field.target and self.create_missing and not rows else None
        if of is not None and of.may_create_missing:
            row = of.create_missing(text, self.by)
            self.known[_about(field), text] = [row]
            return row
        raise Faulty(_SEVERAL if rows else _NOTHING, text=text)

    def _learn(self, field: Field, texts: set[str]) -> None:
        new = {text for text in texts if (_about(field), text) not in self.known}
        if not new:
            return
        if field.kind is Kind.USER:
            found = {text: self.people().get(text.casefold(), []) for text in new}
        elif field.kind is Kind.ORG_UNIT:
            found = _by_names(OrgUnit.objects.active(), new, ("name", "code"))
        elif field.target:
            found = importer_of(field.target).find(new, self.by)
        else:
            found = _by_words(field, new)
        for text in new:
            if rows := found.get(text):
                self.known[_about(field), text] = rows

    def people(self) -> dict[str, list[User]]:
        """Everybody by user name, e-mail, mobile and name; who has left only where nobody else is meant."""
        if self._people is None:
            self._people = {}
            for user in User.objects.select_related("org_unit").order_by(models.F("disabled_at").asc(nulls_first=True)):
                for word in (user.username, user.email, user.mobile, user.name):
                    if word:
                        _remember(self._people.setdefault(word.casefold(), []), user)
        return self._people


def _remember(rows: list[User], user: User) -> None:
    if user not in rows and (not rows or user.is_active or not rows[0].is_active):
        rows.append(user)


def _by_names(rows: Any, texts: set[str], names: tuple[str, ...]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        for name in dict.fromkeys(getattr(row, one) for one in names):
            if name in texts:
                found.setdefault(name, []).append(row)
    return found


def _by_words(field: Field, texts: set[str]) -> dict[str, list[Any]]:
    """Small tables without a description (stages, pipelines): by what they are called in either language."""
    if field.column is None or field.column.related_model is None:
        return {}
    rows = list(field.column.related_model._default_manager.all()[:2000])
    wanted = {text.casefold(): text for text in texts}
    found: dict[str, list[Any]] = {}
    for row in rows:
        words = {str(getattr(row, name)) for name in ("name", "name_en", "code") if getattr(row, name, None)}
        for word in {word.casefold() for word in (*words, str(row))}:
            if word in wanted:
                found.setdefault(wanted[word], []).append(row)
    return found


def _place(draft: Draft, child: str, field: Field) -> dict[str, Any]:
    values: dict[str, Any] = draft.children.get(child, {}) if child else draft.values
    return values.get("custom", {}) if field.is_custom else values


def _name(field: Field) -> str:
    return field.key if field.is_custom else field.name


def _about(field: Field) -> str:
    return field.target or (field.kind if field.kind in (Kind.USER, Kind.ORG_UNIT) else field.name)
