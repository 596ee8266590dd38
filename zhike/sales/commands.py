"""`zhike won-sums`: the sums behind the report of won deals."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from zhike.sales.actions import won_sums as sums
from zhike.sales.models import WonSum


def won_sums(
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Add up every deal anew first.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> int:
    """Compare the sums of won deals with the deals themselves; exit code 1 if a sum is wrong."""
    if rebuild:
        sums.rebuild()
    wrong, rows = sums.wrong(), WonSum.objects.count()
    typer.echo(json.dumps({"sums": rows, "wrong": wrong}) if as_json else f"{rows:,} sums, {wrong:,} wrong")
    return 1 if wrong else 0
