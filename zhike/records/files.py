"""Files as field values: kept under a key of ours, read by whoever may read the field of the record."""

from __future__ import annotations

import hashlib
import os
import re
import uuid
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from zhike.kernel.errors import NotFound, Refused
from zhike.records.models.stored_file import StoredFile
from zhike.staff.models import User

_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|\u202a-\u202e\u2066-\u2069]")


def keep(upload: UploadedFile[Any], by: User) -> StoredFile:
    """Store what was sent.

    Raises:
        Refused: it is empty or larger than allowed.
    """
    limit = settings.MAX_UPLOAD_BYTES
    if not upload.size:
        raise Refused(_("The file is empty."))
    if upload.size > limit:
        raise Refused(_("The file is larger than %d MB.") % (limit // 1024 // 1024))
    name = _UNSAFE.sub("_", os.path.basename(upload.name or "").strip())[-200:] or "file"
    row = StoredFile(name=name, size=upload.size, sent_by=by)
    path = folder() / row.path
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = hashlib.sha256()
    draft = path.with_suffix(".part")
    with draft.open("wb") as out:
        for chunk in upload.chunks():
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    draft.rename(path)
    row.sha256 = digest.hexdigest()
    row.save()
    return row


def folder() -> Path:
    return Path(settings.MEDIA_ROOT)


def file_for(key: uuid.UUID, user: User) -> StoredFile:
    """The file, if the user may read the field that holds it.

    Raises:
        NotFound: there is none, or he may not.
    """
    from zhike.records.registry import describe

    row = StoredFile.objects.filter(pk=key).first()
    if row is not None and row.record_id is None and row.sent_by_id == user.pk:
        return row
    if row is not None and row.record_id is not None:
        of = describe(row.record_type)
        readable = row.field in of.readable(user) and of.right_of(user, row.field) != "MASKED"
        if readable and of.model.objects.visible_to(user).filter(pk=row.record_id).exists():
            return row
    raise NotFound(_("There is no such file, or you may not read it."))


def claim(record_type: str, row: Any, values: dict[str, Any], by: User | None) -> None:
    """Bind the files among the new custom values to their record.

    Raises:
        Refused: a file is somebody else's, or belongs to another record.
    """
    from zhike.records.custom import custom_fields
    from zhike.records.kinds import Kind

    for field in custom_fields(record_type):
        key = values.get(field.key)
        if field.kind is not Kind.FILE or not key:
            continue
        found = StoredFile.objects.select_for_update().filter(pk=key).first()
        mine = found is not None and found.record_id is None and (by is None or found.sent_by_id == by.pk)
        kept = found is not None and found.record_id == row.pk and found.field == field.name
        if found is None or not (mine or kept):
            raise Refused(_("Some fields are not right."), fields={field.name: _("Choose the file again.")})
        if mine:
            found.record_type, found.record_id, found.field = record_type, row.pk, field.name
            found.save(update_fields=["record_type", "record_id", "field", "updated_at"])


def file_label(key: Any) -> tuple[tuple[str, str], ...]:
    """(key, name) of a stored file for its control."""
    try:
        found = StoredFile.objects.filter(pk=uuid.UUID(str(key))).first() if key else None
    except ValueError:
        found = None
    return ((str(found.pk), found.name),) if found else ()


class FileInput(forms.FileInput):
    """``<name>-file`` is a new file, ``<name>`` the key of the one that is there, ``<name>-clear`` takes it off."""

    needs_multipart_form = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        if files and files.get(f"{name}-file"):
            return files[f"{name}-file"]
        return "" if data.get(f"{name}-clear") else data.get(name, "")


class FileKeyField(forms.Field):
    """The key of a file; one that is sent is stored first."""

    def __init__(self, *, user: User, **kwargs: Any) -> None:
        super().__init__(widget=FileInput(), **kwargs)
        self.user = user

    def clean(self, value: Any) -> Any:
        if isinstance(value, UploadedFile):
            try:
                return str(keep(value, self.user).pk)
            except Refused as refused:
                raise forms.ValidationError(str(refused.message)) from refused
        super().clean(value)
        try:
            return str(uuid.UUID(value)) if value else None
        except ValueError:
            raise forms.ValidationError(_("Choose the file again.")) from None
