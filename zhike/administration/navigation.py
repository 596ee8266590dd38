"""The administrator's entries of the rail and the command box."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zhike.web.navigation import Command, Entry


@dataclass(frozen=True)
class Area:
    """A part of the settings."""

    label: str | Promise
    text: str | Promise
    icon: str
    url: str
    permission: str


AREAS: tuple[Area, ...] = (
    Area(
        _("Organisation"),
        _("Companies, departments and teams as a tree."),
        "hierarchy",
        "administration:organisation",
        "administration.organisation.view",
    ),
    Area(
        _("People"),
        _("Who works here, in which department, with which roles."),
        "users",
        "administration:people",
        "administration.user.view",
    ),
    Area(
        _("Roles and rights"),
        _("Who may see and do what, and how far."),
        "shield",
        "administration:roles",
        "administration.role.view",
    ),
    Area(
        _("Own fields"),
        _("Fields your company adds to customers, contacts and the rest."),
        "adjustments",
        "administration:fields",
        "administration.custom_field.change",
    ),
    Area(
        _("Security"),
        _("Lock-outs, sign-ins, what holds for passwords."),
        "lock",
        "administration:security",
        "administration.security.change",
    ),
)

NAVIGATION = tuple(
    Entry(area.label, area.icon, area.url, area.permission, group="management", position=80 + number)
    for number, area in enumerate(AREAS)
)
COMMANDS = (
    Command(_("Add a person"), "user-plus", "administration:person-new", "administration.user.change", "user employee"),
    Command(_("Change my password"), "key", "account:password", None, "password"),
    Command(_("Devices signed in"), "devices", "account:sessions", None, "session"),
)
