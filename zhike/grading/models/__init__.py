"""Purchase records, receivables and receipts; schemes, grades, assessments."""

from zhike.grading.models.document import CustomerDocument, DocumentQuerySet
from zhike.grading.models.purchase import PurchaseRecord
from zhike.grading.models.receivable import Receipt, Receivable

__all__ = ["CustomerDocument", "DocumentQuerySet", "PurchaseRecord", "Receipt", "Receivable"]
