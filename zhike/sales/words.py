"""What the timeline says of the verbs of sales."""

from django.utils.translation import gettext_lazy as _

from zhike.records.timeline import say

for action, words in {
    "sales.opportunity.take_over": _("took over"),
    "sales.opportunity.move_stage": _("moved to another stage"),
    "sales.opportunity.win": _("won"),
    "sales.opportunity.lose": _("lost"),
    "sales.opportunity.invalidate": _("closed as invalid"),
    "sales.opportunity.reopen": _("reopened"),
    "sales.opportunity.transfer": _("handed over"),
    "sales.lead.follow": _("took up"),
    "sales.lead.invalidate": _("marked as invalid"),
    "sales.lead.transfer": _("handed over"),
    "sales.lead.convert": _("converted"),
    "sales.lead.undo_conversion": _("took the conversion back"),
}.items():
    say(action, words)
