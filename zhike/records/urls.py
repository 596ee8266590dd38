"""Addresses of the generic pages. The first part names the record type; anything else falls through."""

from __future__ import annotations

from django.urls import path, register_converter

from zhike.kernel.errors import NotFound
from zhike.records.description import Description
from zhike.records.pages import cells, forms, lists, records
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
    path("<record_type:of>/", lists.index, name="list"),
    path("<record_type:of>/count/", lists.count, name="count"),
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
