from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig
from django.conf import settings


class RecordsConfig(AppConfig):
    name = "zhike.records"
    label = "records"

    def ready(self) -> None:
        """Every module's descriptions, and how they are imported, make themselves known."""
        for chapter in ("records", "imports"):
            for module in settings.MODULES:
                if module != self.name and find_spec(f"{module}.{chapter}") is not None:
                    import_module(f"{module}.{chapter}")
        from zhike.records.naming import named
        from zhike.web.formats import FILTERS

        FILTERS["named"] = named
