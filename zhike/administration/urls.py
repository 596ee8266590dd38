"""Addresses of sign-in, my account and the settings."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from zhike.administration.pages import (
    access,
    account,
    custom_fields,
    home,
    organisation,
    passkeys,
    people,
    roles,
    security,
    sign_in,
)

_settings = [
    path("", home.home, name="home"),
    path("organisation/", organisation.tree, name="organisation"),
    path("organisation/new/", organisation.new_unit, name="unit-new"),
    path("organisation/pick/", organisation.pick_unit, name="pick-unit"),
    path("organisation/<uuid:pk>/", organisation.unit, name="unit"),
    path("organisation/<uuid:pk>/move/", organisation.move, name="unit-move"),
    path("organisation/<uuid:pk>/close/", organisation.close, name="unit-close"),
    path("organisation/<uuid:pk>/reopen/", organisation.reopen, name="unit-reopen"),
    path("people/", people.people, name="people"),
    path("people/new/", people.new_person, name="person-new"),
    path("people/pick/", people.pick_person, name="pick-person"),
    path("people/<uuid:pk>/", people.person, name="person"),
    path("people/<uuid:pk>/roles/", people.roles, name="person-roles"),
    path("people/<uuid:pk>/disable/", people.disable, name="person-disable"),
    path("people/<uuid:pk>/enable/", people.enable, name="person-enable"),
    path("people/<uuid:pk>/password/", people.password, name="person-password"),
    path("people/<uuid:pk>/second-factor/", people.second_factor, name="person-second-factor"),
    path("people/<uuid:pk>/passkeys/", people.passkeys, name="person-passkeys"),
    path("people/<uuid:pk>/sessions/", people.end_sessions, name="person-sessions"),
    path("people/<uuid:pk>/unlock/", people.unlock, name="person-unlock"),
    path("roles/", roles.roles, name="roles"),
    path("roles/new/", roles.new_role, name="role-new"),
    path("roles/<uuid:pk>/", roles.role, name="role"),
    path("roles/<uuid:pk>/name/", roles.rename, name="role-name"),
    path("roles/<uuid:pk>/delete/", roles.delete, name="role-delete"),
    path("roles/<uuid:pk>/fields/<slug:record_type>/", roles.fields, name="role-fields"),
    path("access/", access.access, name="access"),
    path("fields/", custom_fields.fields, name="fields"),
    path("fields/<slug:record_type>/", custom_fields.fields, name="fields-of"),
    path("fields/<slug:record_type>/new/", custom_fields.new_field, name="field-new"),
    path("field/<uuid:pk>/", custom_fields.field, name="field"),
    path("field/<uuid:pk>/retire/", custom_fields.retire, name="field-retire"),
    path("field/<uuid:pk>/restore/", custom_fields.restore, name="field-restore"),
    path("field/<uuid:pk>/move/", custom_fields.move, name="field-move"),
    path("security/", security.security, name="security"),
    path("security/<int:pk>/unlock/", security.unlock, name="unlock"),
]
_account = [
    path("", account.home, name="home"),
    path("security/", account.security, name="security"),
    path("password/", account.password, name="password"),
    path("second-factor/", account.second_factor, name="second-factor"),
    path("passkeys/", passkeys.passkeys, name="passkeys"),
    path("passkeys/options/", passkeys.options, name="passkey-options"),
    path("passkeys/<uuid:pk>/", passkeys.passkey, name="passkey"),
    path("sessions/", account.sessions, name="sessions"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-in/code/", sign_in.sign_in_code, name="sign-in-code"),
    path("sign-in/passkey/", passkeys.sign_in, name="sign-in-passkey"),
    path("sign-in/passkey/options/", passkeys.sign_in_options, name="sign-in-passkey-options"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("password-reset/", sign_in.forgotten, name="password-forgotten"),
    path("password-reset/<str:uid>/<str:token>/", sign_in.reset, name="password-reset"),
    path("settings/", include((_settings, "administration"))),
    path("account/", include((_account, "account"))),
]
