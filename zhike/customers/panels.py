"""What customers put on record pages: their own panels, the words of their events, the meaning of codes."""

from django.utils.translation import gettext_lazy as _

from zhike.customers.pages import consents, relations, team
from zhike.customers.rules import industries, regions
from zhike.records.kinds import Kind
from zhike.records.panels import Panel, register_panel
from zhike.records.pickers import Picker, register_picker
from zhike.records.stories import Story, register_story
from zhike.records.timeline import say

register_picker(Picker(Kind.REGION, regions.full_name, regions.search, "customers:regions"))
register_picker(Picker(Kind.INDUSTRY, industries.name_of, industries.search))

register_panel(Panel("customers", "team", _("Team"), render=team.panel, position=20, icon="users-group"))
register_panel(
    Panel("customers", "relations", _("Relations"), render=relations.panel, lazy=True, position=70, icon="hierarchy")
)
register_panel(
    Panel("customers", "consent", _("Consent"), render=consents.panel, lazy=True, position=80, icon="shield")
)

register_story(Story("customer", _("Changes"), ("customers.",), "pencil", position=90))

say("customers.customer.create", _("created the customer"))
say("customers.customer.update", _("changed the customer"))
say("customers.customer.confirm", _("confirmed that the record is right"))
say("customers.customer.transfer", _("gave the customer to another owner"))
say("customers.customer.trash", _("moved the customer to the recycle bin"))
say("customers.customer.restore", _("restored the customer"))
say("customers.customer.share", _("shared the customer"))
say("customers.customer.unshare", _("ended the sharing"))
say("customers.contact.create", _("added the contact"))
say("customers.contact.update", _("changed the contact"))
say("customers.contact.make_primary", _("made primary contact:"))
say("customers.contact.mark_left", _("noted as having left:"))
say("customers.contact.trash", _("moved to the recycle bin: contact"))
say("customers.contact.restore", _("restored the contact"))
say("customers.relation.set", _("set the parent company"))
say("customers.relation.end", _("ended a relation"))
say("customers.family.set", _("recorded a relative"))
say("customers.family.remove", _("took off a relative"))
say("customers.consent.grant", _("recorded a consent"))
say("customers.consent.withdraw", _("recorded a withdrawal of consent"))
