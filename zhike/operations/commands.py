"""The commands of this module."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
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

    from zhike.operations.migrating import skip_needless_rendering

    skip_needless_rendering()
    call_command("migrate", interactive=False, verbosity=1)


def manage(
    arguments: Annotated[list[str] | None, typer.Argument(help="A Django command and its options.")] = None,
) -> None:
    """For developers: Django's own commands."""
    from django.core.management import execute_from_command_line

    execute_from_command_line(["zhike manage", *(arguments or ["help"])])


def backup(
    out: Annotated[Path | None, typer.Option(help="The file to write; else one in DIR/backups.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> int:
    """Keep database, files and secrets in one file, proved by restoring it."""
    from django.conf import settings

    from zhike.operations.backup import BackupError, make

    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    target = (out or settings.DATA_DIR / "backups" / f"zhike-{stamp}.tar").resolve()
    try:
        manifest = make(target)
    except BackupError as error:
        typer.echo(str(error), err=True)
        return 1
    rows = sum(manifest["rows"].values())
    if as_json:
        typer.echo(json.dumps({"file": str(target), "bytes": target.stat().st_size, "rows": rows}))
    else:
        typer.echo(f"{target}: {rows:,} rows, {target.stat().st_size:,} bytes, restored once as a proof.")
    return 0


def restore(
    source: Annotated[Path, typer.Argument(help="A file that `zhike backup` wrote.", exists=True, dir_okay=False)],
    replace: Annotated[bool, typer.Option("--replace", help="Give up what is there now.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> int:
    """Bring a backup back into a system that is not running."""
    from zhike.operations.installation import django_ready, nobody_runs

    with nobody_runs(), django_ready():
        from zhike.operations.backup import BackupError, bring_back

        try:
            manifest = bring_back(source, replace=replace)
        except BackupError as error:
            typer.echo(str(error), err=True)
            return 1
    rows = sum(manifest["rows"].values())
    result = {"rows": rows, "made_at": manifest["made_at"], "version": manifest["version"]}
    typer.echo(json.dumps(result) if as_json else f"Restored: {rows:,} rows of {manifest['made_at']}.")
    return 0


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False) -> int:
    """Look for what is wrong, and say what to do."""
    from zhike.operations import doctor as looks
    from zhike.operations.installation import NotReady, django_ready, settings_of_environment

    env, folder = settings_of_environment()
    found = list(looks.of_folder(folder, env))
    try:
        with django_ready():
            found += looks.of_database()
    except NotReady as error:
        found.append(looks.Finding("database", "fault", str(error)))
    well = all(each.state != "fault" for each in found)
    if as_json:
        typer.echo(json.dumps({"ok": well, "findings": [asdict(each) for each in found]}, ensure_ascii=False))
    else:
        for each in found:
            typer.echo(f"{each.state:<8} {each.name:<13} {each.says}")
    return 0 if well else 1
