"""The record description: one class per model, from which list, page, form, import, export, API and search come.

It is data. When one needs an `if`, a lambda or an expression, the page is written by hand instead.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

from django.db import models
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zhike.access.masking import mask
from zhike.access.permissions import permissions
from zhike.access.rights import FULL, Rights, rights_of
from zhike.records.custom import custom_fields
from zhike.records.fields import Field, from_column, html_name
from zhike.records.kinds import Kind
from zhike.records.models import RecordModel
from zhike.search.query import MAILS, NUMBERS, to_tsquery
from zhike.staff.models import User

Verb = Callable[..., Any]
_NO_KEY = str(uuid.UUID(int=0))


@dataclass(frozen=True)
class Section:
    """A group of fields in a form. ``when``: only where the record's field has one of the values."""

    label: str | Promise
    fields: tuple[str, ...]
    when: tuple[str, tuple[str, ...]] | None = None

    @property
    def when_name(self) -> str:
        """Form name of the field that decides."""
        return html_name(self.when[0]) if self.when else ""

    @property
    def when_values(self) -> str:
        return " ".join(self.when[1]) if self.when else ""


class Description:
    """Subclass once per model and decorate with `records.register`.

    Class attributes:
        model: the `RecordModel`.
        name: plural; address, API path and import kind.
        icon: of the icon sprite.
        fields: every readable field, in order.
        columns: what a list shows from the start.
        sorts: names that lists may be sorted by quickly (there is an index); the first, with ``-``, is the default.
        sort_keys: field to the column that really orders it (``name`` → ``pinyin_key``).
        filters: fields offered first in the filter menu.
        form: sections of the generic form.
        import_key: fields that identify a row on import, best first.
        kinds: field to kind, where the model's column does not tell.
        related: ForeignKeys to fetch with each row.
        totals: number fields that a list sums up.
        create, update, trash, restore: the verbs; generic ones unless given.
        page: address name of a hand-written page; the generic one otherwise.
        bulk_fields: fields that no rule of `update` looks at; bulk work writes them by the set (tags and
            company-defined fields always are).
        bulk_assign: gives rows, already locked, to another owner by the set, with events and what hangs on them:
            ``bulk_assign(rows, *, to, by)``. Without one, `update` is called for each.
        filled: required fields that the create verb fills where they are not given.
        masks: field to the manner in which it is masked (`access.masking`).
        title_field: the field whose right decides how the record's name is read.
        title_columns: columns that ``str()`` of a row reads; the title field alone unless given.
        tones: field of choices to the colour of each code that means something (`ui.badge`).
        shares: numbers from 0 to 1 that are read as percent.
        beside: other pages that show the same records: label, icon, address name.
        position: order among the types wherever all are offered.
    """

    model: ClassVar[type[RecordModel]]
    name: ClassVar[str]
    icon: ClassVar[str] = "list"
    fields: ClassVar[tuple[str, ...]] = ()
    columns: ClassVar[tuple[str, ...]] = ()
    sorts: ClassVar[tuple[str, ...]] = ("-created_at",)
    sort_keys: ClassVar[dict[str, str]] = {}
    filters: ClassVar[tuple[str, ...]] = ()
    form: ClassVar[tuple[Section, ...]] = ()
    import_key: ClassVar[tuple[str, ...]] = ()
    kinds: ClassVar[dict[str, Kind]] = {}
    related: ClassVar[tuple[str, ...]] = ()
    totals: ClassVar[tuple[str, ...]] = ()
    create: ClassVar[Verb]
    update: ClassVar[Verb]
    trash: ClassVar[Verb]
    restore: ClassVar[Verb]
    page: ClassVar[str] = ""
    bulk_fields: ClassVar[tuple[str, ...]] = ()
    bulk_assign: ClassVar[Verb | None] = None
    filled: ClassVar[tuple[str, ...]] = ()
    masks: ClassVar[dict[str, str]] = {}
    title_field: ClassVar[str] = "name"
    title_columns: ClassVar[tuple[str, ...]] = ()
    tones: ClassVar[dict[str, dict[str, str]]] = {}
    shares: ClassVar[tuple[str, ...]] = ()
    beside: ClassVar[tuple[tuple[str | Promise, str, str], ...]] = ()
    position: ClassVar[int] = 50

    @property
    def label(self) -> str:
        """What one is called."""
        return str(self.model._meta.verbose_name)

    @property
    def label_plural(self) -> str:
        return str(self.model._meta.verbose_name_plural)

    @cached_property
    def own_fields(self) -> dict[str, Field]:
        """The fields that are columns of the model."""
        from zhike.records.registry import name_of_model

        found: dict[str, Field] = {}
        names = dict.fromkeys((*self.fields, *self.columns, *(n for s in self.form for n in s.fields)))
        for name in names:
            column = self.model._meta.get_field(name)
            if not isinstance(column, models.Field):
                raise TypeError(f"{name} of {self.name} is not a column")
            target = name_of_model(column.related_model) if isinstance(column, models.ForeignKey) else ""
            field = from_column(column, self.kinds.get(name), target)
            found[name] = self._optional(field) if name in self.filled else field
        return found

    @staticmethod
    def _optional(field: Field) -> Field:
        return replace(field, required=False, help=field.help or _("Left empty: filled in by itself."))

    def all_fields(self) -> Mapping[str, Field]:
        """Columns and company-defined fields, by name."""
        custom = custom_fields(self.name)
        if self._all[0] is not custom:
            self._all = custom, self.own_fields | {field.name: field for field in custom}
        return self._all[1]

    # The company-defined fields it was made of, and the result.
    _all: tuple[Any, Mapping[str, Field]] = (None, {})

    def readable(self, user: User) -> Mapping[str, Field]:
        """The fields that are not hidden from the user."""
        return self._allowed(user, "readable", lambda field, right: right != "HIDDEN")

    def writable(self, user: User) -> Mapping[str, Field]:
        """The fields that the user may set."""
        return self._allowed(user, "writable", lambda field, right: field.editable and right == FULL)

    def _allowed(self, user: User, name: str, test: Callable[[Field, str], bool]) -> Mapping[str, Field]:
        """Fields by what the user's rights let him do: worked out once for rights and fields that did not change."""
        rights, fields = rights_of(user), self.all_fields()
        of, found = rights.known.get((self.name, name), (None, {}))
        if of is not fields:
            found = {n: f for n, f in fields.items() if test(f, self.right(rights, n))}
            rights.known[self.name, name] = fields, found
        return found

    def right(self, rights: Rights, name: str) -> str:
        return rights.field_right(self.name, name)

    def right_of(self, user: User, name: str) -> str:
        """FULL, READ_ONLY, MASKED or HIDDEN."""
        return self.right(rights_of(user), name)

    def query(self, text: str, user: User) -> str:
        """What the user typed as a question to the tokens (`zhike.search.query`). Phones and e-mails that are kept from
        him find a record by the whole of them only; own fields are looked through if he may read all that are."""
        kept = self._allowed(user, "kept", lambda field, right: right in ("HIDDEN", "MASKED"))
        whole = {kind for name, kind in (("phones", NUMBERS), ("emails", MAILS), ("handles", MAILS)) if name in kept}
        searched = [field.name for field in self.all_fields().values() if field.searchable]
        return to_tsquery(text, whole=whole, own=bool(searched) and not any(name in kept for name in searched))

    def may_if_known(self, user: User, verb: str) -> bool:
        """Whether the user may do a verb that not every record type has."""
        return self.model.permission(verb) in permissions() and self.may(user, verb)

    def may(self, user: User, verb: str) -> bool:
        """Whether the user may do the verb to some record of this type."""
        return rights_of(user).may(self.model.permission(verb))

    def title(self, row: Any, user: User) -> str:
        """The record's name as this user may read it."""
        return self.title_from(str(row), user)

    def title_from(self, name: str, user: User) -> str:
        """A name that was kept, of a record of this type, as this user may read it."""
        right = self.right_of(user, self.title_field)
        if right == "HIDDEN":
            return self.label
        return mask(self.masks.get(self.title_field, "name"), name) if right == "MASKED" else name

    def whole_name(self, row: Any, user: User) -> str:
        """The whole name of a record that is called by a short one; empty without."""
        return ""

    def rows(self, user: User, permission: str | None = None) -> Any:
        """The records outside the recycle bin that the user may see."""
        return self.model.objects.visible_to(user, permission).filter(trashed_at=None)

    def address(self, row: Any) -> str:
        """Where the record's page is."""
        return self._address.replace(_NO_KEY, str(row.pk))

    @cached_property
    def _address(self) -> str:
        """The address of a record with a key to be replaced: the resolver is asked once, not for each row."""
        if self.page:
            return reverse(self.page, args=[_NO_KEY])
        return reverse("records:page", args=[self.name, _NO_KEY])

    def address_of_list(self) -> str:
        return self._address_of_list

    @cached_property
    def _address_of_list(self) -> str:
        return reverse("records:list", args=[self.name])
