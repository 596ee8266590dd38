"""`zhike import`: the same way as the page, in this process."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from django.utils.translation import gettext as _

from zhike.kernel.errors import Refused
from zhike.records.importing import actions
from zhike.records.importing.header import label_key
from zhike.records.importing.pipeline import Run
from zhike.records.importing.problem import Problem
from zhike.records.importing.reading import forget_file, read_batch
from zhike.records.importing.report import labels_of, refused_file, told
from zhike.records.importing.slots import slots_for
from zhike.records.models import ImportBatch, ImportRow
from zhike.staff.models import User

_SHOWN = 20


def import_file(
    kind: Annotated[str, typer.Argument(help="Plural name of the record type, as in the API.")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV, TSV, XLSX, XLS or vCard.")],
    mapping: Annotated[
        Path | None,
        typer.Option("--map", exists=True, help='JSON: {"heading": "field"}; without it the header is matched.'),
    ] = None,
    on_duplicate: Annotated[str, typer.Option(help="refuse, skip, update or merge.")] = "refuse",
    create_missing: Annotated[
        bool, typer.Option("--create-missing", help="Create customers named but missing.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only, write nothing.")] = False,
    by: Annotated[str, typer.Option("--by", help="User name of whose import it is; an administrator without it.")] = "",
    sheet: Annotated[str, typer.Option(help="Sheet of a workbook.")] = "",
    encoding: Annotated[str, typer.Option(help="Text encoding, where the guess is wrong.")] = "",
    refused: Annotated[Path | None, typer.Option("--refused", help="Write the refused rows to this file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> int:
    """Read records from a file."""
    if on_duplicate not in ImportBatch.OnDuplicate.values:
        raise typer.BadParameter(f"{on_duplicate}: one of {', '.join(ImportBatch.OnDuplicate.values)}")
    user = _person(by)
    batch = _read(kind, file, user, sheet=sheet, encoding=encoding)
    if batch.state == ImportBatch.State.UNREADABLE:
        message = str(Problem.from_json(batch.problem or [""]))
        _say(json.dumps({"state": batch.state, "problem": message}, ensure_ascii=False) if as_json else message)
        return 1
    targets = _targets(batch, mapping, user)
    actions.choose_columns(batch, by=user, targets=targets, on_duplicate=on_duplicate, create_missing=create_missing)
    batch = actions.start(batch, by=user, dry_run=dry_run, background=False)
    _work(batch)
    batch.refresh_from_db()
    if refused is not None and batch.counts.get("refused"):
        refused.write_bytes(refused_file(batch, user.language)[2])
    result = _result(batch, dry_run, refused)
    _say(json.dumps(result, ensure_ascii=False) if as_json else _words(result))
    return 1 if batch.counts.get("refused") or batch.problem else 0


def _person(name: str) -> User:
    people = User.objects.active()
    found = people.filter(username__iexact=name) if name else people.filter(roles__is_administrator=True)
    user: User | None = found.order_by("created_at").first()
    if user is None:
        raise Refused(_("There is no user “%s”.") % name if name else _("There is no administrator yet."))
    return user


def _read(kind: str, file: Path, user: User, **options: str) -> ImportBatch:
    with file.open("rb") as content:
        batch = actions.upload(by=user, record_type=kind, file=content, file_name=file.name, background=False)
    for name, value in options.items():
        setattr(batch, name, value)
    read_batch(batch)
    return ImportBatch.objects.select_related("owner").get(pk=batch.pk)


def _targets(batch: ImportBatch, mapping: Path | None, user: User) -> list[str]:
    """The field of each column: from the file of the mapping, by heading or by field's label; else guessed."""
    if mapping is None:
        return [column.get("target", "") for column in batch.columns]
    given: Any = json.loads(mapping.read_text("utf-8"))
    if not isinstance(given, dict):
        raise Refused(_("The mapping must be a JSON object: heading to field."))
    known = {
        label_key(name): slot.key for slot in slots_for(batch.record_type, user) for name in (*slot.labels, slot.key)
    }
    by_heading = {label_key(heading): str(name or "") for heading, name in given.items()}
    targets = []
    for heading in batch.header:
        wanted = by_heading.get(label_key(heading), "")
        if wanted and label_key(wanted) not in known:
            raise Refused(_("There is no field “%s”.") % wanted)
        targets.append(known.get(label_key(wanted), "") if wanted else "")
    return targets


def _work(batch: ImportBatch) -> None:
    def say() -> None:
        batch.refresh_from_db(fields=["counts"])
        sys.stderr.write(f"\r{batch.done:,} / {batch.total:,}")
        sys.stderr.flush()

    Run(batch).work(say)
    sys.stderr.write("\n")
    if not batch.dry_run:
        forget_file(batch)


def _result(batch: ImportBatch, dry_run: bool, refused: Path | None) -> dict[str, Any]:
    labels = labels_of(batch, batch.owner.language)
    rows = batch.rows.filter(state=ImportRow.State.REFUSED, number__gt=batch.header_number).order_by("number")
    counts = {name: batch.counts.get(name, 0) for name in ("created", "updated", "skipped", "refused")}
    return {
        "import": str(batch.pk),
        "state": "CHECKED" if dry_run else batch.state,
        "rows": batch.total,
        **counts,
        "columns": {label: column.get("target", "") for label, column in zip(batch.header, batch.columns, strict=True)},
        "problems": [{"row": row.number, "why": told(row.problems, labels)} for row in rows[:_SHOWN]],
        "ended": str(Problem.from_json(batch.problem)) if batch.problem else None,
        "refused_file": str(refused) if refused is not None and counts["refused"] else None,
    }


def _words(result: dict[str, Any]) -> str:
    lines = [
        _("%(created)s new, %(updated)s changed, %(skipped)s left as they are, %(refused)s refused, of %(rows)s rows.")
        % result
    ]
    lines += [result["ended"]] if result["ended"] else []
    lines += [f"{one['row']}: {one['why']}" for one in result["problems"]]
    return "\n".join(lines)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
