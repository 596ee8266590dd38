"""Addresses of the administration of other programs."""

from django.urls import path

from zhike.integrations import pages

app_name = "integrations"
urlpatterns = [
    path("settings/tokens/", pages.tokens, name="tokens"),
    path("settings/tokens/<uuid:pk>/revoke/", pages.revoke, name="revoke"),
]
