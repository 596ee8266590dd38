from django.apps import AppConfig


class HistoryConfig(AppConfig):
    name = "zhike.history"
    label = "history"
