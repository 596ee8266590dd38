from django.apps import AppConfig


class GradingConfig(AppConfig):
    name = "zhike.grading"
    label = "grading"
