"""Addresses of the sales pages."""

from django.urls import path

from zhike.sales.pages import board, closures, leads, opportunities, pipelines, won

app_name = "sales"
urlpatterns = [
    path("opportunities/board/", board.board, name="board"),
    path("opportunities/board/more/<uuid:stage_id>/", board.more, name="board-more"),
    path("opportunities/board/totals/", board.totals, name="board-totals"),
    path("opportunities/board/move/", board.move, name="move"),
    path("opportunities/won/", won.won, name="won"),
    path("opportunities/won/deals/", won.deals, name="won-deals"),
    path("opportunities/<uuid:pk>/moves/", opportunities.moves, name="moves"),
    path("opportunities/<uuid:pk>/closure/<str:outcome>/", closures.closure, name="closure"),
    path("opportunities/<uuid:pk>/reopening/", closures.reopening, name="reopening"),
    path("opportunities/<uuid:pk>/transfer/", opportunities.handover, name="transfer"),
    path("opportunities/<uuid:pk>/competitors/", opportunities.competitors, name="competitors"),
    path("leads/<uuid:pk>/conversion/", leads.conversion, name="conversion"),
    path("leads/<uuid:pk>/conversion/undo/", leads.undo, name="conversion-undo"),
    path("leads/<uuid:pk>/follow-up/", leads.take_up, name="lead-follow"),
    path("leads/<uuid:pk>/invalidity/", leads.invalidity, name="lead-invalid"),
    path("pipelines/", pipelines.index, name="pipelines"),
    path("pipelines/new/", pipelines.new, name="pipeline-new"),
    path("pipelines/reasons/", pipelines.reason_new, name="reason-new"),
    path("pipelines/reasons/<uuid:pk>/", pipelines.reason, name="reason"),
    path("pipelines/<uuid:pk>/", pipelines.pipeline, name="pipeline"),
    path("pipelines/<uuid:pk>/retirement/", pipelines.retirement, name="pipeline-retire"),
    path("pipelines/<uuid:pk>/order/", pipelines.order, name="pipeline-order"),
    path("pipelines/<uuid:pk>/stages/", pipelines.stage_new, name="stage-new"),
    path("pipelines/stages/<uuid:pk>/", pipelines.stage, name="stage"),
    path("pipelines/stages/<uuid:pk>/removal/", pipelines.stage_removal, name="stage-remove"),
]
