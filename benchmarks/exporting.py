"""An export as people run it: the list's own order, columns, rights and masks, to a file."""

from __future__ import annotations

import tempfile
import time
from itertools import islice
from pathlib import Path

from benchmarks.core import Report, Result
from zhike.customers.models import Customer
from zhike.records.actions.exports import export_listing
from zhike.records.cells import Cells
from zhike.records.exporting import WRITERS
from zhike.records.listing import Listing
from zhike.records.registry import describe
from zhike.staff.models import User

ROWS = 20_000
AIM = 5.0  # seconds


class First:
    """The first rows of a list."""

    def __init__(self, listing: Listing, rows: int) -> None:
        self.listing, self.rows = listing, rows

    def each(self, chunk: int) -> object:
        return islice(self.listing.each(chunk), self.rows)


def run(n: int = ROWS) -> Report:
    """Export 20,000 customers with the columns of their list, and with every column."""
    report = Report("export", Customer.objects.count())
    by = User.objects.filter(roles__is_administrator=True).order_by("created_at").first()
    if by is None:
        raise SystemExit("There is no administrator.")
    of = describe("customers")
    wide = tuple(of.readable(by))
    for case, columns in ((f"{len(of.columns)} columns", of.columns), (f"{len(wide)} columns", wide)):
        for form, write in WRITERS.items():
            with tempfile.TemporaryDirectory() as folder:
                listing = First(export_listing(of, by, {}, "", "", columns), ROWS)
                started = time.perf_counter()
                rows = write(Path(folder) / "export", listing, Cells(of, by, columns), lambda rows: None)  # type: ignore[arg-type]
                seconds = time.perf_counter() - started
            aimed = columns is not wide
            report.results.append(
                Result(
                    f"{rows:,} customers, {form}, {case}", 1, p50_ms=seconds * 1000, per_s=rows / seconds,
                    aim=f"≤ {AIM:.0f} s" if aimed else "", ok=not aimed or seconds <= AIM,
                )
            )  # fmt: skip
    return report
