from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "zhike.privacy"
    label = "privacy"
