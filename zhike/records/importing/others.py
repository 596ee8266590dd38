"""How much an import may tell of records that the person does not see: no more in a day than the duplicate check.

A check that is out of answers looks no further, whatever it would find. New records may be written however much was
asked; the first row that would tell more than is left ends the import, and counts as told.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from zhike.access.rights import rights_of
from zhike.records.importing.importer import Draft, Importer
from zhike.staff.models import User

NOT_CHECKED = _(
    "The check ended before row %(row)s: the answers about records of others are used up for today. "
    "Check again tomorrow, or import the file."
)
NOT_WRITTEN = _(
    "The import stopped before row %(row)s: it is already there, outside of what you may see, and the answers about "
    "records of others are used up for today. Go on tomorrow, or send the file without such rows."
)
# Rows that meet records which are there.
Met = list[tuple[Draft, list[uuid.UUID]]]


@dataclass(frozen=True)
class Others:
    """Records of others, for one type and one person."""

    importer: Importer
    by: User

    def sees_all(self) -> bool:
        return rights_of(self.by).reach(self.importer.model.permission("view")).everything

    def may_ask(self) -> bool:
        return self.sees_all() or self.importer.may_ask(self.by)

    def unseen(self, met: Met) -> list[tuple[int, uuid.UUID]]:
        """Rows that meet only records which the person does not see, each with one of these."""
        if not met or self.sees_all():
            return []
        keys = {pk for _draft, found in met for pk in found}
        visible = self.importer.model.objects.visible_to(self.by).filter(pk__in=keys)
        seen = set(visible.values_list("pk", flat=True))
        return [(draft.number, found[0]) for draft, found in met if seen.isdisjoint(found)]

    def end_of_checking(self, met: Met, numbers: list[int]) -> int | None:
        """Count what is told. The row behind the last answer of the day, whatever stands in it."""
        unseen = self.unseen(met)
        told = self.importer.tell_of([key for _number, key in unseen], self.by) if unseen else 0
        if not unseen or self.importer.may_ask(self.by):
            return None
        last = unseen[told - 1][0] if told else 0
        return next((number for number in numbers if number > last), None)

    def end_of_writing(self, met: Met) -> int | None:
        """Count what is told. The first row for which no answer is left; that it is there is told by the end."""
        unseen = self.unseen(met)
        told = self.importer.tell_of([key for _number, key in unseen], self.by, one_more=True) if unseen else 0
        return unseen[told][0] if told < len(unseen) else None
