from django.apps import AppConfig


class AdministrationConfig(AppConfig):
    name = "zhike.administration"
    label = "administration"
