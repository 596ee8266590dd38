"""The commands of this module."""

from __future__ import annotations

from typing import Annotated

import typer


def up(
    port: Annotated[int, typer.Option(help="Port of the pages.")] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0: all.")] = "127.0.0.1",
    empty: Annotated[bool, typer.Option("--empty", help="Without the sample company.")] = False,
    reload: Annotated[bool, typer.Option("--reload", help="For developers: load changed code.")] = False,
) -> int:
    """Run everything on this machine; Ctrl-C stops it."""
    from zhike.operations.up import Options
    from zhike.operations.up import up as run

    return run(Options(host=host, port=port, empty=empty, reload=reload))


def migrate() -> None:
    """Bring the database up to this version."""
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=1)


def manage(
    arguments: Annotated[list[str] | None, typer.Argument(help="A Django command and its options.")] = None,
) -> None:
    """For developers: Django's own commands."""
    from django.core.management import execute_from_command_line

    execute_from_command_line(["zhike manage", *(arguments or ["help"])])
