"""What the history of people says."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from zhike.history.models import Event

_WORDS = {
    "staff.user.create": _("Added"),
    "staff.user.create_first_administrator": _("Made first administrator"),
    "staff.user.change": _("Changed"),
    "staff.user.change_own_profile": _("Changed own contact data"),
    "staff.user.set_roles": _("Roles changed"),
    "staff.user.disable": _("Disabled"),
    "staff.user.enable": _("Enabled"),
    "staff.user.reset_password": _("One-time password given"),
    "staff.user.change_password": _("Password changed"),
    "staff.user.reset_link_sent": _("Reset link sent"),
    "staff.user.sign_in": _("Signed in"),
    "staff.user.sign_out": _("Signed out"),
    "staff.user.sign_in_failed": _("Failed sign-in"),
    "staff.user.end_sessions": _("Signed out on other devices"),
    "staff.user.end_all_sessions": _("Signed out everywhere"),
    "staff.user.unlock": _("Unlocked"),
    "staff.user.unlock_address": _("Unlocked"),
    "staff.user.add_second_factor": _("Second factor set up"),
    "staff.user.remove_second_factor": _("Second factor removed"),
    "staff.user.reset_second_factor": _("Second factor removed by an administrator"),
    "staff.user.renew_recovery_codes": _("New recovery codes"),
    "staff.user.use_recovery_code": _("Signed in with a recovery code"),
    "staff.user.add_passkey": _("Passkey added"),
    "staff.user.rename_passkey": _("Passkey renamed"),
    "staff.user.remove_passkey": _("Passkey removed"),
    "staff.user.reset_passkeys": _("Passkeys removed by an administrator"),
    "staff.user.use_passkey": _("Signed in with a passkey"),
    "staff.user.passkey_went_back": _("Passkey refused: its counter went back, a copy may exist"),
}


def told(events: Iterable[Event]) -> list[tuple[str, Event]]:
    """Each event with what it says."""
    return [(str(_WORDS.get(event.action, event.action)), event) for event in events]
