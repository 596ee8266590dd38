"""Write the reference; with ``--check`` only compare."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from zhike.operations.reference import folder, pages


class Command(BaseCommand):
    help = "Write docs/reference from the code."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="Fail if a page is out of date.")

    def handle(self, *args: Any, **options: Any) -> None:
        stale = []
        for name, text in pages().items():
            path = folder() / name
            if path.exists() and path.read_text() == text:
                continue
            stale.append(name)
            if not options["check"]:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
        if stale and options["check"]:
            raise CommandError(f"Out of date: {', '.join(stale)}. Run bin/check --fix")
