"""Purchase records, receivables and receipts; schemes, grades, assessments."""

from zhike.grading.models.assessment import Assessment, AssessmentRun, AssessmentStep
from zhike.grading.models.cluster import ClusterFit, ClusterName
from zhike.grading.models.document import CustomerDocument, DocumentQuerySet
from zhike.grading.models.grade import Grade, GradeOverride, Judgement
from zhike.grading.models.purchase import PurchaseRecord
from zhike.grading.models.receivable import Receipt, Receivable
from zhike.grading.models.scheme import GradingProgress, GradingScheme

__all__ = [
    "Assessment",
    "AssessmentRun",
    "AssessmentStep",
    "ClusterFit",
    "ClusterName",
    "CustomerDocument",
    "DocumentQuerySet",
    "Grade",
    "GradeOverride",
    "GradingProgress",
    "GradingScheme",
    "Judgement",
    "PurchaseRecord",
    "Receipt",
    "Receivable",
]
