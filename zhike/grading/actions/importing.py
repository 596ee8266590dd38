"""Many documents at once: the set-based twin of `documents.create`."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from zhike.grading.actions.documents import settle_all, settled
from zhike.grading.models import CustomerDocument, PurchaseRecord, Receipt, Receivable
from zhike.history.action import action
from zhike.kernel.errors import DomainError, Refused
from zhike.records.custom import clean_custom
from zhike.records.importing.bulk import insert, maker, tell
from zhike.records.importing.importer import Draft
from zhike.records.registry import name_of_model
from zhike.staff.models import User


def importing_verb(model: type[CustomerDocument]) -> Any:
    """The action ``<noun>.import``."""
    noun = model.permission_noun

    @action(f"{noun}.import", needs=f"{noun}.import")
    def bring(*, by: User, drafts: list[Draft]) -> None:
        made: list[Any] = []
        new = maker(model)
        for draft in drafts:
            try:
                draft.row = document(new(), draft.values, by=by)
                made.append(draft.row)
            except ValidationError as error:
                for name, messages in error.message_dict.items():
                    draft.refuse(" ".join(messages), name)
            except DomainError as error:
                draft.refuse_by(error)
        unnumbered = [row for row in made if not isinstance(row.number, str) or not row.number]
        for row, number in zip(unnumbered, model.NUMBERS.reserve(len(unnumbered)), strict=True):
            row.number = number
        insert(made)
        tell(f"{noun}.create", made, by=by)
        settle_all(row.receivable_id for row in made if isinstance(row, Receipt) and row.receivable_id)

    return bring


def document(row: Any, values: dict[str, Any], *, by: User) -> Any:
    """A new document with its values, checked field by field."""
    values = {name: value for name, value in values.items() if value is not None and value != ""}
    customer = values.pop("customer", None)
    if customer is None:
        raise Refused(_("Some fields are not right."), fields={"customer": _("Choose a customer.")})
    row.follow(customer)
    custom = values.pop("custom", None)
    if custom is not None:
        row.custom = clean_custom(name_of_model(type(row)), custom)
    for name, value in settled(row, values, by=by).items():
        setattr(row, name, value)
    left_out = {field.name for field in row._meta.fields if field.name not in values or field.is_relation}
    row.clean_fields(exclude=left_out)
    row.validate_constraints(exclude={"number", "company"})
    return row


import_purchases = importing_verb(PurchaseRecord)
import_receivables = importing_verb(Receivable)
import_receipts = importing_verb(Receipt)
