from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig
from django.conf import settings


class PolicyConfig(AppConfig):
    name = "zhike.policy"
    label = "policy"

    def ready(self) -> None:
        """Every module's clause kinds make themselves known."""
        for module in settings.MODULES:
            if module != self.name and find_spec(f"{module}.clauses") is not None:
                import_module(f"{module}.clauses")
