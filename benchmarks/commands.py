"""`zhike bench NAME`."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import typer

from benchmarks.core import Report
from zhike.customers.models import Customer
from zhike.sample_company.build import build

NAMES = {
    "pages": "benchmarks.pages",
    "import": "benchmarks.importing",
    "export": "benchmarks.exporting",
    "policy-run": "benchmarks.policy_runs",
    "simulation": "benchmarks.simulation",
    "claim-race": "benchmarks.claiming",
}


def bench(
    name: Annotated[str, typer.Argument(help=", ".join(NAMES))],
    customers: Annotated[int, typer.Option(min=100, help="Size of the sample if the database is empty.")] = 100_000,
    runs: Annotated[int, typer.Option("--n", min=5, help="Calls a case.")] = 60,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> int:
    """Measure, and say whether the aims are met. Use a database of its own: it is filled if it is empty."""
    if name not in NAMES:
        typer.echo(f"There is no benchmark “{name}”. There are: {', '.join(NAMES)}.", err=True)
        return 2
    if not Customer.objects.exists():
        build(total=customers, tell=lambda step, seconds: typer.echo(f"{step}: {seconds:.1f} s", err=True))
    report: Report = import_module(NAMES[name]).run(runs)
    typer.echo(report.as_json() if as_json else report.as_table())
    return 0 if report.ok else 1
