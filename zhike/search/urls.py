"""Addresses of search."""

from django.urls import path

from zhike.search import pages

app_name = "search"
urlpatterns = [
    path("search/", pages.results, name="page"),
    path("search/box/", pages.box, name="box"),
]
