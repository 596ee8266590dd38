from zhike.records.models.bulk import BulkItem, BulkOperation
from zhike.records.models.custom_field import CustomField
from zhike.records.models.export_file import ExportFile
from zhike.records.models.import_batch import ImportBatch, ImportMapping, ImportRow
from zhike.records.models.record import RecordModel, RecordQuerySet
from zhike.records.models.saved_view import SavedView, ViewPreference
from zhike.records.models.stored_file import StoredFile

__all__ = [
    "BulkItem",
    "BulkOperation",
    "CustomField",
    "ExportFile",
    "ImportBatch",
    "ImportMapping",
    "ImportRow",
    "RecordModel",
    "RecordQuerySet",
    "SavedView",
    "StoredFile",
    "ViewPreference",
]
