from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "zhike.integrations"
    label = "integrations"
