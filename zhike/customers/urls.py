"""Addresses of customers and contacts beside the generic ones of `records`."""

from django.urls import path

from zhike.customers.pages import codes, consents, contact, customer, new, people, relations, team, timeline

app_name = "customers"
urlpatterns = [
    path("customers/new/", new.new, name="new"),
    path("customers/new/check/", new.check, name="check"),
    path("customers/regions/", codes.region_tree, name="regions"),
    path("customers/<uuid:pk>/", customer.customer, name="customer"),
    path("customers/<uuid:pk>/story/", timeline.timeline, name="timeline"),
    path("customers/<uuid:pk>/people/", people.people_map, name="people"),
    path("customers/<uuid:pk>/confirm/", team.confirm, name="confirm"),
    path("customers/<uuid:pk>/share/", team.share, name="share"),
    path("customers/<uuid:pk>/share/<uuid:user_pk>/end/", team.unshare, name="unshare"),
    path("customers/<uuid:pk>/transfer/", team.transfer, name="transfer"),
    path("customers/<uuid:pk>/relations/new/", relations.new_relation, name="relation-new"),
    path("customers/<uuid:pk>/relations/<uuid:relation_pk>/end/", relations.end_relation, name="relation-end"),
    path("customers/<uuid:pk>/family/new/", relations.new_relative, name="family-new"),
    path("customers/<uuid:pk>/family/<uuid:relation_pk>/remove/", relations.remove_relative, name="family-remove"),
    path("customers/<uuid:pk>/consents/", consents.page, name="consents"),
    path("customers/<uuid:pk>/consents/new/", consents.grant, name="consent-new"),
    path("customers/<uuid:pk>/consents/<uuid:consent_pk>/withdraw/", consents.withdraw, name="consent-withdraw"),
    path("contacts/<uuid:pk>/", contact.contact, name="contact"),
    path("contacts/<uuid:pk>/primary/", people.make_primary, name="contact-primary"),
    path("contacts/<uuid:pk>/left/", people.mark_left, name="contact-left"),
]
