"""What people find of policies in the rail and in the command box."""

from django.utils.translation import gettext_lazy as _

from zhike.web.navigation import Command, Entry

NAVIGATION = (
    Entry(_("Policies"), "book", "policy:index", None, position=95, go="y"),
    Entry(_("How policies are kept"), "progress-check", "policy:compliance", "policy.compliance.view",
          group="analysis", position=60),
    Entry(_("Policy runs"), "refresh", "policy:runs", "policy.run.view", group="management", position=45),
)  # fmt: skip
COMMANDS = (
    Command(_("New policy"), "book", "policy:new", "policy.document.write", position=80),
)  # fmt: skip
