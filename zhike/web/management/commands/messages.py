"""`manage.py messages extract|compile|check [module …]`: the translations."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from zhike.web import catalogues


class Command(BaseCommand):
    help = "Extract the texts of the modules, compile their translations, or check that nothing is missing."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["extract", "compile", "check"])
        parser.add_argument("modules", nargs="*", help="names of modules; none: all")

    def handle(self, *args: Any, what: str, modules: list[str], **options: Any) -> None:
        unknown = set(modules) - set(catalogues.modules())
        if unknown:
            raise CommandError(f"no such module: {', '.join(sorted(unknown))}")
        match what:
            case "extract":
                for module, count in catalogues.extract(modules or catalogues.modules()).items():
                    self.stdout.write(f"{module}: {count} to translate in {catalogues.path_of(module)}")
            case "compile":
                self.stdout.write(f"{catalogues.compile_all()} catalogues compiled")
            case "check":
                found = catalogues.faults(modules or None)
                for line in found:
                    self.stdout.write(line)
                if found:
                    raise CommandError(f"{len(found)} faults in the translations")
                self.stdout.write("all translated")
