"""Every address, module by module."""

from django.urls import URLPattern, URLResolver, include, path

from zhike.integrations.api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
    path("", include("zhike.administration.urls")),
    path("", include("zhike.privacy.urls")),
    path("", include("zhike.sales.urls")),
    path("", include("zhike.integrations.urls")),
    path("import/", include("zhike.records.importing.urls")),
    path("", include("zhike.web.urls")),
    path("", include("zhike.operations.urls")),
    path("", include("zhike.search.urls")),
    path("", include("zhike.notices.urls")),
    path("", include("zhike.notes.urls")),
    path("", include("zhike.policy.urls")),
    path("", include("zhike.ownership.urls")),
    path("", include("zhike.grading.urls")),
    path("", include("zhike.activities.urls")),
    path("", include("zhike.customers.urls")),
    # Last: whatever begins with the name of a record type and is nobody else's.
    path("", include("zhike.records.urls")),
]

handler400 = "zhike.web.errors.bad_request"
handler403 = "zhike.web.errors.denied"
handler404 = "zhike.web.errors.not_found"
handler500 = "zhike.web.errors.crashed"
