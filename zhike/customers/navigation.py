"""Where customers stand in the rail and in the command box."""

from django.utils.translation import gettext_lazy as _

from zhike.web.navigation import Command, Entry

NAVIGATION = (
    Entry(_("Customers"), "building", "/customers/", "customers.customer.view", position=10, go="c", phone=True),
    Entry(_("Contacts"), "address-book", "/contacts/", "customers.contact.view", position=12, go="k"),
)
COMMANDS = (
    Command(_("New customer"), "plus", "customers:new", "customers.customer.create", words="xinjian kehu", position=10),
    Command(
        _("New contact"),
        "user-plus",
        "/contacts/new/",
        "customers.contact.create",
        words="xinjian lianxiren",
        position=11,
    ),
    Command(
        _("Recycle bin of customers"), "trash", "/customers/trash/", "customers.customer.delete", words="huishouzhan"
    ),
)
