"""Addresses of ownership."""

from django.urls import path

from zhike.ownership.pages import clashes, deals, desk, mine, pools

app_name = "ownership"
urlpatterns = [
    path("my-customers/", mine.index, name="mine"),
    path("my-customers/lost/", mine.lost, name="lost"),
    path("ownership/customers/<uuid:pk>/why/", mine.why, name="why"),
    path("ownership/customers/<uuid:pk>/appeal/", mine.appeal, name="appeal"),
    path("ownership/appeals/<uuid:pk>/", mine.decide_appeal, name="appeal-decide"),
    path("customers/<uuid:pk>/return/", mine.give_back, name="return"),
    path("customers/<uuid:pk>/lock/", mine.lock, name="lock"),
    path("customers/<uuid:pk>/unlock/", mine.unlock, name="unlock"),
    path("customers/<uuid:pk>/extension/", mine.extension, name="extension"),
    path("customers/<uuid:pk>/extension/decision/", mine.decide_extension, name="extension-decide"),
    path("customers/<uuid:pk>/standing/", desk.standing, name="standing"),
    path("customers/<uuid:pk>/clash/", clashes.raise_, name="clash-raise"),
    path("customers/<uuid:pk>/attribution/", deals.decide, name="attribution-decide"),
    path("pools/", pools.index, name="pools"),
    path("pools/settings/", pools.settings, name="pool-new"),
    path("pools/<uuid:pk>/", pools.index, name="pool"),
    path("pools/<uuid:pk>/claim/", pools.take, name="pool-claim"),
    path("pools/<uuid:pk>/assignment/", pools.give, name="pool-assign"),
    path("pools/<uuid:pk>/settings/", pools.settings, name="pool-settings"),
    path("pools/<uuid:pk>/members/", pools.member, name="pool-member"),
    path("pools/<uuid:pk>/members/<uuid:member_pk>/removal/", pools.leave, name="pool-leave"),
    path("registrations/desk/", desk.desk, name="desk"),
    path("registrations/referral/", desk.referral, name="referral"),
    path("registrations/<uuid:pk>/cancellation/", desk.end, {"how": "cancellation"}, name="registration-cancel"),
    path("registrations/<uuid:pk>/voidance/", desk.end, {"how": "void"}, name="registration-void"),
    path("registrations/<uuid:pk>/prolongation/", desk.end, {"how": "extension"}, name="registration-extend"),
    path("duplicates/", desk.duplicate_check, name="duplicates"),
    path("deposits/<uuid:pk>/confirmation/", desk.confirm, name="deposit-confirm"),
    path("deposits/<uuid:pk>/settlement/", desk.settle, name="deposit-settle"),
    path("clashes/board/", clashes.board, name="clashes"),
    path("clashes/<uuid:pk>/", clashes.case, name="clash"),
    path("clashes/<uuid:pk>/evidence/", clashes.step, {"what": "evidence"}, name="clash-evidence"),
    path("clashes/<uuid:pk>/ruling/", clashes.step, {"what": "ruling"}, name="clash-ruling"),
    path("clashes/<uuid:pk>/appeal/", clashes.step, {"what": "appeal"}, name="clash-appeal"),
    path("clashes/<uuid:pk>/withdrawal/", clashes.step, {"what": "withdrawal"}, name="clash-withdraw"),
    path("attributions/<uuid:pk>/", deals.attribution, name="attribution"),
    path("handover/", deals.handover, name="handover"),
]
