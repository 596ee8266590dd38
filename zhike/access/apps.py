from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "zhike.access"
    label = "access"
