"""Addresses of requests about personal data. List and form are those of every record type."""

from django.urls import path

from zhike.privacy import pages

app_name = "privacy"
urlpatterns = [
    path("privacy-requests/<uuid:pk>/", pages.request_page, name="request"),
    path("privacy-requests/<uuid:pk>/identity/", pages.identity, name="identity"),
    path("privacy-requests/<uuid:pk>/copy/", pages.copy, name="copy"),
    path("privacy-requests/<uuid:pk>/erasure/", pages.erasure, name="erasure"),
    path("privacy-requests/<uuid:pk>/answer/", pages.answer, name="answer"),
]
