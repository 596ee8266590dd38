"""What purchases, receivables and receipts have in common: a customer whom they follow, a number, a day, an amount."""

from __future__ import annotations

from typing import Any, Self

from django.db import connection, models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zhike.customers.models import Customer
from zhike.records.models import RecordModel, RecordQuerySet

_KEPT = Q(trashed_at=None)


class NextNumber(models.Func):
    """Prefix, year and at least six digits, made by the database: good for one row and for a COPY of a million."""

    output_field = models.CharField()

    def __init__(self, prefix: str = "", sequence: str = "") -> None:
        super().__init__()
        self.prefix, self.sequence = prefix, sequence

    def deconstruct(self) -> Any:
        return "zhike.grading.models.document.NextNumber", (self.prefix, self.sequence), {}

    def as_sql(
        self,
        compiler: Any,
        connection: Any,
        function: str | None = None,
        template: str | None = None,
        arg_joiner: str | None = None,
        **extra_context: Any,
    ) -> Any:
        return self.text, []

    @property
    def text(self) -> str:
        return (
            f"('{self.prefix}' || to_char(CURRENT_TIMESTAMP AT TIME ZONE 'Asia/Shanghai', 'YYYY')"
            f" || to_char(nextval('{self.sequence}'), 'FM999999000000'))"
        )

    def reserve(self, many: int) -> list[str]:
        """Numbers known before the rows are written, as search needs them."""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {self.text} FROM generate_series(1, %s)", [many])  # noqa: S608
            return [row[0] for row in cursor.fetchall()]


class DocumentQuerySet(RecordQuerySet):
    """Named questions."""

    def of(self, customer: Customer) -> Self:
        return self.kept().filter(customer=customer)

    def counting(self) -> Self:
        """Those that count for totals and grades."""
        return self.kept().filter(state=self.model.COUNTS)


class CustomerDocument(RecordModel):
    """A document of a customer. It belongs to whoever the customer belongs to (`actions.documents.follow`)."""

    owner = models.ForeignKey(
        "staff.User", models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name=_("Owner")
    )
    note = models.CharField(_("Note"), max_length=300, blank=True)

    COUNTS = ""
    NUMBERS: NextNumber

    objects = DocumentQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.number)  # type: ignore[attr-defined]

    @property
    def thread_id(self) -> Any:
        """Events stand on the customer's timeline."""
        return self.customer_id  # type: ignore[attr-defined]

    def follow(self, customer: Customer) -> None:
        """Belong to the customer and to whom it belongs."""
        self.customer = customer  # type: ignore[attr-defined]
        self.owner_id, self.org_unit_id, self.company_id = customer.owner_id, customer.org_unit_id, customer.company_id

    def search_texts(self) -> dict[str, list[str]]:
        return {"names": [], "codes": [self.number]}  # type: ignore[attr-defined]

    @classmethod
    def document_indexes(cls, prefix: str, day: str) -> list[models.Index]:
        """Search; the lists by day within each scope; what belongs to one customer."""
        scopes = (("all", ()), ("unit", ("org_unit",)), ("owner", ("owner",)), ("comp", ("company",)))
        return [
            *RecordModel.common_indexes(prefix),
            *(
                models.Index(*scope, F(day).desc(), F("id").desc(), name=f"{prefix}_{name}_day", condition=_KEPT)
                for name, scope in scopes
            ),
            models.Index("customer", day, name=f"{prefix}_customer"),
        ]
