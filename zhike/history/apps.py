from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig
from django.conf import settings


class HistoryConfig(AppConfig):
    name = "zhike.history"
    label = "history"

    def ready(self) -> None:
        """Every module's reactions make themselves known."""
        for module in settings.MODULES:
            if module != self.name and find_spec(f"{module}.reactions") is not None:
                import_module(f"{module}.reactions")
