"""`zhike export`: the list of a record type as a file, in this process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from zhike.kernel.errors import Refused
from zhike.records.actions import exports
from zhike.records.exporting import WRITERS
from zhike.records.files import folder
from zhike.records.importing.command import _person
from zhike.records.pages.state import read_filter
from zhike.records.registry import describe


def export_file(
    kind: Annotated[str, typer.Argument(help="Plural name of the record type, as in the API.")],
    out: Annotated[Path, typer.Option("--out", help="The file to write: .csv or .xlsx.")],
    filter: Annotated[str, typer.Option("--filter", help="Filter as JSON, as in the API.")] = "",
    columns: Annotated[str, typer.Option(help="Fields, with commas between; those of the list without it.")] = "",
    sort: Annotated[str, typer.Option(help="Field to sort by; - before it for falling.")] = "",
    by: Annotated[str, typer.Option("--by", help="User name of whose rights hold; an administrator without it.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> int:
    """Write records to a file."""
    format = out.suffix.lower().removeprefix(".")
    if format not in WRITERS:
        raise typer.BadParameter("--out must end with .csv or .xlsx")
    of, user = describe(kind), _person(by)
    readable = of.readable(user)
    names = tuple(name for name in (columns.split(",") if columns else of.columns) if name in readable or columns)
    unknown = [name for name in names if name not in readable]
    if unknown:
        raise typer.BadParameter(f"{kind} has no field {', '.join(unknown)}")
    try:
        export = exports.order(
            by=user, of=of, format=format, columns=names, tree=read_filter(filter), text="", sort=sort
        )
    except Refused as refused:
        typer.echo(json.dumps({"refused": str(refused.message)}, ensure_ascii=False) if as_json else refused.message)
        return 1
    export = exports.write(export.pk)
    if export.state != export.State.DONE:
        typer.echo(export.message, err=True)
        return 1
    out.write_bytes((folder() / export.path).read_bytes())
    result = {"kind": kind, "file": str(out), "records": export.written}
    typer.echo(json.dumps(result, ensure_ascii=False) if as_json else f"{export.written:,} → {out}")
    return 0
