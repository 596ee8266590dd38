from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "zhike.kernel"
    label = "kernel"
