"""Where a page asks for its live-update address."""

from django.urls import path

from zhike.operations import pages

app_name = "live"
urlpatterns = [path("live/address/", pages.live_address, name="address")]
