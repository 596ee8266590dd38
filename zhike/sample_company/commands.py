"""Commands: the sample company."""

from __future__ import annotations

import json
import time
from typing import Annotated

import typer
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from zhike.sample_company.build import DEFAULT_CUSTOMERS, build


def sample_company(
    customers: Annotated[int, typer.Option(min=10, max=5_000_000, help="How many customers.")] = DEFAULT_CUSTOMERS,
    seed: Annotated[int, typer.Option(help="The same seed gives the same company.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> int:
    """Fill an empty system with a believable Chinese group."""
    started = time.perf_counter()
    steps: dict[str, float] = {}

    def tell(step: str, seconds: float) -> None:
        steps[step] = round(seconds, 1)
        typer.echo(f"{step}: {seconds:.1f} s", err=True)

    _bring_up_to_date()
    build(total=customers, seed=seed, tell=tell)
    seconds = round(time.perf_counter() - started, 1)
    if as_json:
        typer.echo(json.dumps({"customers": customers, "seed": seed, "seconds": seconds, "steps": steps}))
    else:
        typer.echo(f"{customers:,} customers in {seconds} s")
    return 0


def _bring_up_to_date() -> None:
    """Make the tables of a database that has none yet."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)
