"""Addresses of notices."""

from django.urls import path

from zhike.notices import pages

app_name = "notices"
urlpatterns = [
    path("notices/", pages.index, name="list"),
    path("notices/latest/", pages.latest, name="latest"),
    path("notices/bell/", pages.bell, name="bell"),
    path("notices/read/", pages.read_all, name="read-all"),
    path("notices/<uuid:pk>/", pages.follow, name="follow"),
]
