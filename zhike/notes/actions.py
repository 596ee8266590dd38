"""Writing, changing and deleting comments and files."""

from __future__ import annotations

import hashlib
from typing import Any, TypeVar

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.access.rights import rights_of
from zhike.history.action import action
from zhike.kernel.clock import now
from zhike.kernel.errors import Denied, Refused
from zhike.notes.models import Attachment, Comment
from zhike.notes.models.note import Note
from zhike.notes.rules.file_types import clean_name, is_program, sniff
from zhike.notes.subjects import address_of, subject, subject_of
from zhike.notices.actions import notify
from zhike.notices.models import Notice
from zhike.records.naming import naming
from zhike.records.registry import describe_model
from zhike.staff.models import User

N = TypeVar("N", bound=Note)
LONGEST_COMMENT = 5000
SNIFFED = 512


@action("notes.comment.create", needs=None)
def add_comment(*, record: Any, text: str, by: User) -> Comment:
    """Comment on a record. Its owner and whoever commented before are told."""
    name, record = _checked(record, by)
    comment = Comment(text=_checked_text(text), author=by, **_where(name, record))
    comment.save()
    earlier = Comment.objects.on(record).exclude(author=by).values_list("author_id", flat=True)
    people = User.objects.filter(pk__in={*earlier, record.owner_id} - {None})
    readers = [user for user in people if describe_model(record).rows(user).filter(pk=record.pk).exists()]
    params = {"who": by.name, "record": naming(record), "text": comment.text[:80]}
    text_of_notice = gettext_lazy("%(who)s commented on %(record)s: %(text)s")
    notify(readers, text_of_notice, params, link=address_of(name, record), kind=Notice.Kind.COMMENT, by=by)
    return comment


@action("notes.comment.change", needs=None)
def change_comment(comment: Comment, *, text: str, by: User) -> Comment:
    """Change one's own comment."""
    subject_of(comment, by=by)
    if comment.author_id != by.pk:
        raise Denied(_("Only the author may change a comment."))
    comment.text, comment.edited_at = _checked_text(text), now()
    comment.save(update_fields=["text", "edited_at", "updated_at"])
    return comment


@action("notes.attachment.create", needs=None)
def attach(*, record: Any, upload: UploadedFile[Any], by: User) -> Attachment:
    """Put a file on a record."""
    name, record = _checked(record, by)
    filename = clean_name(upload.name or "")
    size = upload.size or 0
    if size == 0:
        raise Refused(_("The file “%(name)s” is empty.") % {"name": filename}, fields={"file": _("Empty file.")})
    if size > settings.MAX_UPLOAD_BYTES:
        limit = settings.MAX_UPLOAD_BYTES // (1024 * 1024)
        text = _("The file “%(name)s” is larger than %(limit)s MB.") % {"name": filename, "limit": limit}
        raise Refused(text, fields={"file": text})
    if is_program(filename):
        text = _("Programs are not accepted: “%(name)s”. Pack it into an archive if you must.") % {"name": filename}
        raise Refused(text, fields={"file": text})
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    kind = sniff(upload.read(SNIFFED), filename)
    upload.seek(0)
    attachment = Attachment(
        name=filename, size=size, content_type=kind, sha256=digest.hexdigest(), author=by, **_where(name, record)
    )
    attachment.file.save(filename, upload, save=False)
    attachment.save()
    return attachment


@action("notes.comment.trash", needs=None)
def trash_comment(comment: Comment, *, by: User) -> Comment:
    """Delete a comment; it can be taken back."""
    return _trash(comment, by)


@action("notes.comment.restore", needs=None)
def restore_comment(comment: Comment, *, by: User) -> Comment:
    return _restore(comment, by)


@action("notes.attachment.trash", needs=None)
def trash_attachment(attachment: Attachment, *, by: User) -> Attachment:
    """Delete a file; it can be taken back."""
    return _trash(attachment, by)


@action("notes.attachment.restore", needs=None)
def restore_attachment(attachment: Attachment, *, by: User) -> Attachment:
    return _restore(attachment, by)


def may_delete(note: Note, user: User) -> bool:
    """One's own, or of others with the right to it."""
    return note.author_id == user.pk or rights_of(user).may("notes.note.moderate")


def _trash(note: N, by: User) -> N:
    subject_of(note, by=by)
    if not may_delete(note, by):
        raise Denied(_("Only the author may delete this."))
    note.trashed_at = now()
    note.save(update_fields=["trashed_at", "updated_at"])
    return note


def _restore(note: N, by: User) -> N:
    subject_of(note, by=by)
    if not may_delete(note, by):
        raise Denied(_("Only the author may restore this."))
    note.trashed_at = None
    note.save(update_fields=["trashed_at", "updated_at"])
    return note


def _checked(record: Any, by: User) -> tuple[str, Any]:
    name = describe_model(record).name
    return name, subject(name, record.pk, by=by)


def _where(name: str, record: Any) -> dict[str, Any]:
    thread_id = getattr(record, "thread_id", None) or record.pk
    return {"subject_type": name, "subject_id": record.pk, "thread_id": thread_id}


def _checked_text(text: str) -> str:
    clean = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not clean:
        raise Refused(_("Write something first."), fields={"text": _("Write something first.")})
    if len(clean) > LONGEST_COMMENT:
        message = _("At most %(limit)s characters.") % {"limit": LONGEST_COMMENT}
        raise Refused(message, fields={"text": message})
    return clean
