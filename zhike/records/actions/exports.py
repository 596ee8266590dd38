"""Exports: what one sees, as a file, within one's rights, told to the audit."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from zhike.access.rights import rights_of
from zhike.access.take import require
from zhike.history.action import EventDraft, action
from zhike.kernel.clock import now
from zhike.kernel.errors import DomainError, NotFound, Refused
from zhike.records.cells import Cells
from zhike.records.description import Description
from zhike.records.exporting import WRITERS
from zhike.records.files import folder
from zhike.records.filters import Tree
from zhike.records.listing import Listing
from zhike.records.models import ExportFile
from zhike.records.models.export_file import KEPT_FOR
from zhike.records.registry import describe
from zhike.staff.models import User

AT_ONCE = 2000
MOST = 1_000_000


@action("records.export.create", needs=None)
def order(
    *, by: User, of: Description, format: str, columns: tuple[str, ...], tree: Tree, text: str, sort: str,
    event: EventDraft,
) -> ExportFile:  # fmt: skip
    """Ask for an export. What it holds is told with its filter and count.

    Raises:
        Denied: the user may not export this type.
        Refused: the filter is wrong, or there is too much.
    """
    require(by, of.model.permission("export"))
    if format not in WRITERS:
        raise Refused(_("Choose Excel or CSV."))
    listing = export_listing(of, by, tree, text, sort, columns)
    total = listing.queryset().count()
    if total > MOST:
        raise Refused(_("That is more than %d records. Filter the list first.") % MOST)
    event.data |= {"record_type": of.name, "filter": tree, "words": text, "columns": list(columns), "count": total}
    return ExportFile.objects.create(
        record_type=of.name, owner=by, format=format, columns=list(columns), filter=tree, words=text, sort=sort,
        total=total, language=translation.get_language() or "",
    )  # fmt: skip


def export_listing(
    of: Description, by: User, tree: Tree, text: str, sort: str, columns: tuple[str, ...] | list[str]
) -> Listing:
    """The rows that he may export: as far as that permission goes, and no further than he may see."""
    permission = of.model.permission("export")
    listing = Listing(
        of, by, tree=tree, text=text, sort=sort or None, permission=permission, columns=columns, slim=True
    )
    rights = rights_of(by)
    if rights.reach(permission) != rights.reach(of.model.permission("view")):
        listing.condition &= Q(pk__in=of.model.objects.visible_to(by).values("pk"))
    return listing


def begin(export: ExportFile) -> ExportFile:
    """Write it now if it is little, otherwise leave it to a worker."""
    if export.total <= AT_ONCE:
        return write(export.pk)
    from zhike.records.jobs import write_export

    write_export.defer(export_id=str(export.pk))
    return export


def write(key: uuid.UUID) -> ExportFile:
    """Write the file. Begun again after a crash, it begins the file again; what is done stays done."""
    export = ExportFile.objects.select_related("owner__org_unit").get(pk=key)
    if export.state != ExportFile.State.WAITING:
        return export
    path = folder() / export.path
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(f".{uuid.uuid4().hex}")
    try:
        with translation.override(export.language or "zh-hans"):
            _write(export, draft)
        draft.replace(path)
        _finish(export, ExportFile.State.DONE)
    except DomainError as error:
        _finish(export, ExportFile.State.FAILED, str(error.message)[:300])
    finally:
        draft.unlink(missing_ok=True)
    return export


def _write(export: ExportFile, draft: object) -> None:
    of, by = describe(export.record_type), export.owner
    require(by, of.model.permission("export"))
    listing = export_listing(of, by, export.filter, export.words, export.sort, export.columns)
    cells = Cells(of, by, export.columns)

    def tell(number: int) -> None:
        ExportFile.objects.filter(pk=export.pk).update(written=number, updated_at=now())

    export.written = WRITERS[export.format](draft, listing, cells, tell)  # type: ignore[arg-type]


def _finish(export: ExportFile, state: str, message: str = "") -> None:
    export.state, export.message = state, message
    export.save(update_fields=["state", "message", "written", "updated_at"])


def export_of(key: uuid.UUID, *, by: User) -> ExportFile:
    """The user's own export.

    Raises:
        NotFound: there is none.
    """
    found = ExportFile.objects.filter(pk=key, owner=by).first()
    if found is None:
        raise NotFound(_("There is no such export."))
    return found


def expire() -> int:
    """Delete the files that are a day old."""
    old = ExportFile.objects.filter(state=ExportFile.State.DONE, created_at__lt=now() - KEPT_FOR)
    number = 0
    for export in old:
        with transaction.atomic():
            (folder() / export.path).unlink(missing_ok=True)
            _finish(export, ExportFile.State.EXPIRED)
        number += 1
    return number
