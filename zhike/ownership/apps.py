from django.apps import AppConfig


class OwnershipConfig(AppConfig):
    name = "zhike.ownership"
    label = "ownership"
