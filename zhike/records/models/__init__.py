from zhike.records.models.record import RecordModel, RecordQuerySet

__all__ = ["RecordModel", "RecordQuerySet"]
