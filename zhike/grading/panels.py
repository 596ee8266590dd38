"""What grading puts on record pages, and the words of its events."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.grading.pages import levels, trade
from zhike.records.panels import Panel, register_panel
from zhike.records.stories import Story, register_story
from zhike.records.timeline import say

register_panel(
    Panel(
        "customers", "trade", _("Purchases and receivables"), trade.of_customer, permission="grading.purchase.view",
        position=25, icon="shopping-cart", lazy=True,
    )
)  # fmt: skip

register_panel(
    Panel(
        "customers",
        "levels",
        pgettext_lazy("of a customer", "Grades"),
        levels.panel,
        position=15,
        icon="award",
        lazy=True,
    )
)

register_story(
    Story("levels", pgettext_lazy("of a customer", "Grades"),
          ("grading.level.", "grading.override.", "grading.judgement."), "award", position=65)
)  # fmt: skip
register_story(Story("trade", _("Purchases and payments"), ("grading.purchase.", "grading.receivable.",
                                                            "grading.receipt."), "cash", position=60))  # fmt: skip

for noun, words in {
    "purchase": (_("entered a purchase record"), _("changed a purchase record"), _("deleted a purchase record"),
                 _("restored a purchase record")),
    "receivable": (_("entered a receivable"), _("changed a receivable"), _("deleted a receivable"),
                   _("restored a receivable")),
    "receipt": (_("entered a receipt"), _("changed a receipt"), _("deleted a receipt"), _("restored a receipt")),
}.items():  # fmt: skip
    for verb, text in zip(("create", "update", "trash", "restore"), words, strict=True):
        say(f"grading.{noun}.{verb}", text)

say("grading.level.change", _("changed the level"))
say("grading.cluster.fit", _("clustered the customers anew"))
say("grading.cluster.name", _("named a cluster"))
say("grading.override.ask", _("asked for a level by hand"))
say("grading.override.decide", _("decided about a level by hand"))
say("grading.override.end", _("ended a level set by hand"))
say("grading.judgement.make", _("judged the customer's factors"))
say("grading.level.export", _("exported the history of levels"))
say("grading.assessment.adjust", _("adjusted the assessed level"))
