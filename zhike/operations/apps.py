from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "zhike.operations"
    label = "operations"
