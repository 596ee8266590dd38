"""Addresses of the generic pages. The first part names the record type; anything else falls through."""

from __future__ import annotations

from django.urls import path, register_converter

from zhike.kernel.errors import NotFound
from zhike.records.description import Description
from zhike.records.pages import bulk, cells, columns, exports, filters, forms, lists, lookup, records, views
from zhike.records.registry import describe


class RecordType:
    """Matches the name of a described record type only, so that other modules' addresses stay theirs."""

    regex = "[a-z][a-z0-9-]*"

    def to_python(self, value: str) -> Description:
        try:
            return describe(value)
        except NotFound as error:
            raise ValueError(value) from error

    def to_url(self, value: Description | str) -> str:
        return value if isinstance(value, str) else value.name


register_converter(RecordType, "record_type")

app_name = "records"
urlpatterns = [
    path("lookup/<slug:what>/", lookup.lookup, name="lookup"),
    path("files/<uuid:pk>/", lookup.file, name="file"),
    path("bulk/<uuid:pk>/", bulk.progress, name="bulk-progress"),
    path("bulk/<uuid:pk>/undo/", bulk.undo, name="bulk-undo"),
    path("exports/<uuid:pk>/", exports.page, name="export-page"),
    path("exports/<uuid:pk>/file/", exports.download, name="export-file"),
    path("<record_type:of>/", lists.index, name="list"),
    path("<record_type:of>/filter/", filters.editor, name="filter"),
    path("<record_type:of>/bulk/", bulk.bulk, name="bulk"),
    path("<record_type:of>/export/", exports.order, name="export"),
    path("<record_type:of>/columns/", columns.chooser, name="columns"),
    path("<record_type:of>/views/new/", views.new, name="view-new"),
    path("<record_type:of>/views/<uuid:pk>/edit/", views.edit, name="view-edit"),
    path("<record_type:of>/views/<uuid:pk>/keep/", views.keep, name="view-keep"),
    path("<record_type:of>/views/<uuid:pk>/move/", views.move, name="view-move"),
    path("<record_type:of>/views/<uuid:pk>/prefer/", views.prefer, name="view-prefer"),
    path("<record_type:of>/views/<uuid:pk>/delete/", views.delete, name="view-delete"),
    path("<record_type:of>/views/<uuid:pk>/restore/", views.restore, name="view-restore"),
    path("<record_type:of>/count/", lists.count, name="count"),
    path("<record_type:of>/number/", lists.number, name="number"),
    path("<record_type:of>/trash/", lists.recycle_bin, name="bin"),
    path("<record_type:of>/new/", forms.new, name="new"),
    path("<record_type:of>/<uuid:pk>/", records.page, name="page"),
    path("<record_type:of>/<uuid:pk>/edit/", forms.edit, name="edit"),
    path("<record_type:of>/<uuid:pk>/cell/<str:field>/", cells.cell, name="cell"),
    path("<record_type:of>/<uuid:pk>/timeline/", records.earlier, name="timeline"),
    path("<record_type:of>/<uuid:pk>/panel/<slug:code>/", records.panel, name="panel"),
    path("<record_type:of>/<uuid:pk>/trash/", records.trash, name="trash"),
    path("<record_type:of>/<uuid:pk>/restore/", records.restore, name="restore"),
]
