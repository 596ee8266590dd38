from zhike.access.models.grant import FieldRight, Grant
from zhike.access.models.owned import OwnedQuerySet, OwnedRecord, owned_models

__all__ = ["FieldRight", "Grant", "OwnedQuerySet", "OwnedRecord", "owned_models"]
