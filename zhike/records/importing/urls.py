"""Addresses of importing, under /import/."""

from django.urls import path, re_path

from zhike.records.importing import pages

app_name = "imports"
urlpatterns = [
    path("", pages.index, name="index"),
    path("template/<slug:kind>/", pages.template, name="template"),
    path("<uuid:pk>/", pages.show, name="show"),
    path("<uuid:pk>/columns/", pages.columns, name="columns"),
    path("<uuid:pk>/read/", pages.read_again, name="read"),
    path("<uuid:pk>/refused/", pages.refused, name="refused"),
    re_path(r"^(?P<pk>[0-9a-f-]{36})/(?P<verb>cancel|resume|undo|discard)/$", pages.act, name="act"),
]
