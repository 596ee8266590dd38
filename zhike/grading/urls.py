"""Addresses of the grading pages."""

from django.urls import path

from zhike.grading.pages import assessments, clusters, exports, levels, rubric, schemes

app_name = "grading"
urlpatterns = [
    path("grading/", schemes.overview, name="schemes"),
    path("grading/schemes/<str:scheme>/", schemes.one, name="scheme"),
    path("grading/schemes/<str:scheme>/settings/", schemes.set_up, name="scheme-settings"),
    path("grading/clusters/names/", clusters.name, name="clusters-name"),
    path("grading/clusters/fit/", clusters.fit, name="clusters-fit"),
    path("grading/rubric/", rubric.rubric, name="rubric"),
    path("grading/rubric/preview/", rubric.preview, name="rubric-preview"),
    path("grading/approvals/", levels.approvals, name="approvals"),
    path("grading/approvals/decision/", levels.decide_many, name="approvals-decide"),
    path("grading/overrides/<uuid:pk>/decision/", levels.decide, name="override-decide"),
    path("grading/overrides/<uuid:pk>/end/", levels.end, name="override-end"),
    path("grading/assessments/", assessments.index, name="assessments"),
    path("grading/assessments/<uuid:pk>/", assessments.one, name="assessment"),
    path("grading/assessments/<uuid:pk>/move/", assessments.move, name="assessment-move"),
    path("grading/assessments/<uuid:pk>/export/", exports.sheets, name="assessment-export"),
    path("customers/<uuid:pk>/levels/export/", exports.history, name="levels-export"),
    path("grading/sheets/<uuid:pk>/", assessments.sheet, name="sheet"),
    path("customers/<uuid:pk>/levels/", levels.sheet, name="levels"),
    path("customers/<uuid:pk>/levels/new/", levels.ask, name="ask"),
    path("customers/<uuid:pk>/judgement/", levels.judging, name="judging"),
]
