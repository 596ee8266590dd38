from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "zhike.search"
    label = "search"
