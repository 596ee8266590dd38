"""The commands of this module."""

from __future__ import annotations

from typing import Annotated

import typer


def migrate() -> None:
    """Bring the database up to this version."""
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=1)


def manage(arguments: Annotated[list[str] | None, typer.Argument(help="A Django command and its options.")] = None) -> None:
    """For developers: Django's own commands."""
    from django.core.management import execute_from_command_line

    execute_from_command_line(["zhike manage", *(arguments or ["help"])])
