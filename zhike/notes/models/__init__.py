from zhike.notes.models.attachment import Attachment
from zhike.notes.models.comment import Comment

__all__ = ["Attachment", "Comment"]
