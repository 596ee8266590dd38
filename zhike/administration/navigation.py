"""The administrator's entries of the rail and the command box."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhike.web.navigation import Command, Entry

NAVIGATION = (
    Entry(
        _("Organisation"),
        "hierarchy",
        "administration:organisation",
        "administration.organisation.view",
        group="management",
        position=80,
        text=_("Companies, departments and teams as a tree."),
    ),
    Entry(
        _("People"),
        "users",
        "administration:people",
        "administration.user.view",
        group="management",
        position=81,
        text=_("Who works here, in which department, with which roles."),
    ),
    Entry(
        _("Roles and rights"),
        "shield",
        "administration:roles",
        "administration.role.view",
        group="management",
        position=82,
        text=_("Who may see and do what, and how far."),
    ),
    Entry(
        _("Who can see it"),
        "eye",
        "administration:access",
        "administration.role.view",
        group="management",
        position=82,
        text=_("Who can see a record, and by which role, department or share."),
    ),
    Entry(
        _("Own fields"),
        "adjustments",
        "administration:fields",
        "administration.custom_field.change",
        group="management",
        position=83,
        text=_("Fields your company adds to customers, contacts and the rest."),
    ),
    Entry(
        _("Security"),
        "lock",
        "administration:security",
        "administration.security.change",
        group="management",
        position=84,
        text=_("Lock-outs, sign-ins, what holds for passwords."),
    ),
)
COMMANDS = (
    Command(_("Add a person"), "user-plus", "administration:person-new", "administration.user.change", "user employee"),
    Command(_("Change my password"), "key", "account:password", None, "password"),
    Command(_("Devices signed in"), "devices", "account:sessions", None, "session"),
)
