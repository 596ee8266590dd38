"""What policies show on the pages of records: what clauses decided about them."""

from django.utils.translation import gettext_lazy as _

from zhike.policy.pages.decisions import panel
from zhike.records.panels import Panel, register_panel

register_panel(
    Panel("customers", "decisions", _("Decided by the policy"), panel, lazy=True, position=60, icon="progress-check")
)
