"""Addresses of the shell."""

from django.urls import URLPattern, path

from zhike.web import screens

app_name = "web"
urlpatterns: list[URLPattern] = [
    path("", screens.home, name="home"),
    path("components/", screens.components, name="components"),
    path("preferences/", screens.preferences, name="preferences"),
    path("signed-in/", screens.signed_in, name="signed-in"),
]
