"""What is found in the rail and in the command box."""

from django.utils.translation import gettext_lazy as _

from zhike.web.navigation import Command, Entry

NAVIGATION = (
    Entry(_("Grading"), "award", "grading:schemes", "customers.customer.view", group="analysis", position=5),
    Entry(_("Purchase records"), "shopping-cart", "/purchases/", "grading.purchase.view", position=40),
    Entry(_("Receivables"), "file-invoice", "/receivables/", "grading.receivable.view", position=42),
    Entry(_("Receipts"), "cash", "/receipts/", "grading.receipt.view", position=44),
)
COMMANDS = (
    Command(_("Assessments"), "clipboard-check", "grading:assessments", "grading.assessment.view", position=62),
    Command(_("Grading rubric"), "table", "grading:rubric", "grading.assessment.view", position=63),
    Command(_("New purchase record"), "shopping-cart", "/purchases/new/", "grading.purchase.create", position=30),
    Command(_("New receipt"), "cash", "/receipts/new/", "grading.receipt.create", position=32),
)
