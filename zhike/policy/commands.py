"""`zhike policy run|simulate|replay|explain`."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Annotated, Any

import typer
from django.conf import settings

from zhike.kernel.clock import business_date
from zhike.policy import decisions as kept
from zhike.policy.actions import runs, simulations
from zhike.policy.models import Decision, PolicyVersion, Run
from zhike.policy.rules.dates import months_later

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@app.callback()
def policy() -> None:
    """Run the clauses in force, try a draft, check what was decided."""


@app.command()
def run(as_of: Day = None, as_json: AsJson = False) -> int:
    """Decide what the clauses in force say about everybody; goes on with a run that was interrupted."""
    done = runs.run_now(as_of=_day(as_of))
    steps = [
        {"kind": step.kind, "examined": step.examined, "decided": step.decided, "skipped": step.skipped}
        for step in done.steps.progress()
    ]
    lines = [f"{one['kind']}: {one['examined']:,} / {one['decided']:,} / {one['skipped']:,}" for one in steps]
    result = {"run": str(done.pk), "as_of": done.as_of.isoformat(), "state": done.state, "message": done.message}
    _say(result | {"steps": steps}, "\n".join([f"{done.as_of} {done.state} {done.message}".strip(), *lines]), as_json)
    return 0 if done.state == Run.State.DONE and not any(one["skipped"] for one in steps) else 1


@app.command()
def simulate(
    draft: Annotated[str, typer.Argument(help="Key of the version to try.")],
    months: Annotated[int, typer.Option(help="How many months back from today.", min=1, max=36)] = 12,
    as_json: AsJson = False,
) -> int:
    """Try a version on past months against what is in force."""
    till = business_date()
    version = PolicyVersion.objects.get(pk=draft)
    row = simulations.carry_on(
        simulations.start(by=None, draft=version, since=months_later(till, -months), till=till).pk
    )
    result = {"simulation": str(row.pk), "state": row.state, "subjects": row.done, "differing": row.differing}
    _say(result | row.result, f"{row.state}: {row.done:,} → {row.differing:,}", as_json)
    return 0 if row.state == row.State.DONE else 1


@app.command()
def replay(
    kind: Annotated[str, typer.Option(help="Only this kind of clause.")] = "",
    since: Day = None,
    as_json: AsJson = False,
) -> int:
    """Decide again, from the kept facts, whatever was decided; there should be no difference."""
    rows = Decision.objects.filter(kind=kind) if kind else Decision.objects.all()
    day = _day(since)
    rows = rows.filter(as_of__gte=day) if day else rows
    found = [
        {"decision": str(one.decision_id), "kind": one.kind, "kept": one.kept, "replayed": one.replayed}
        for one in kept.replay(rows.one_by_one())
    ]
    count = rows.count()
    _say({"decisions": count, "differences": found}, f"{count:,} decisions, {len(found)} differences", as_json)
    return 1 if found else 0


@app.command()
def explain(
    decision: Annotated[str, typer.Argument(help="Key of the decision.")],
    language: Annotated[str, typer.Option(help="zh-hans or en.")] = settings.LANGUAGE_CODE,
    as_json: AsJson = False,
) -> int:
    """Why something was decided, and what would have to happen for it to come out otherwise."""
    told = kept.explain(Decision.objects.get(pk=decision), language)
    _say({"why": told.why, "until": told.until}, "\n".join([*told.why, *told.until]), as_json)
    return 0


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _say(result: Any, text: str, as_json: bool) -> None:
    typer.echo(json.dumps(result, ensure_ascii=False, default=str) if as_json else text)
