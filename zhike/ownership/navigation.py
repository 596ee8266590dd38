"""Where ownership stands in the rail and in the command box."""

from django.utils.translation import gettext_lazy as _

from zhike.web.navigation import Command, Entry

NAVIGATION = (
    Entry(_("My customers"), "user-check", "ownership:mine", "ownership.customer.return", position=8, go="m"),
    Entry(_("Pools"), "users", "ownership:pools", "ownership.pool.claim", position=13, go="p"),
    Entry(_("Registration desk"), "clipboard-check", "ownership:desk", "ownership.registration.create", position=14),
    Entry(_("Clashes"), "scale", "ownership:clashes", "ownership.clash.view", position=24),
    Entry(_("Appeals"), "gavel", "ownership:appeals", "ownership.appeal.decide", position=25),
    Entry(_("Deposits"), "coins", "/deposits/", "ownership.deposit.view", position=26),
    Entry(
        _("Hand-over"),
        "arrows-exchange",
        "ownership:handover",
        "ownership.handover.run",
        group="management",
        position=50,
    ),
)
COMMANDS = (
    Command(
        _("Register a customer"), "clipboard-check", "ownership:desk", "ownership.registration.create", position=12
    ),
    Command(_("Duplicate check"), "copy-check", "ownership:duplicates", "customers.customer.create", position=13),
    Command(
        _("Customers soon to be released"), "clock", "/my-customers/?soon=1", "ownership.customer.return", position=14
    ),
    Command(_("Customers lost lately"), "history", "ownership:lost", "ownership.customer.return", position=15),
    Command(_("My appeals"), "gavel", "/ownership/appeals/?show=mine", "ownership.customer.return", position=15),
    Command(_("What I was refused"), "help", "ownership:refusals", "ownership.registration.create", position=16),
    Command(_("Serving for colleagues"), "users", "ownership:services", "ownership.customer.return", position=17),
    Command(_("Filings to approve"), "gavel", "ownership:filings", "ownership.registration.rule", position=18),
    Command(_("Violations"), "alert", "/violations/", "ownership.violation.view", position=19),
    Command(_("Set up pools"), "settings", "ownership:pool-new", "ownership.pool.manage", position=60),
)
