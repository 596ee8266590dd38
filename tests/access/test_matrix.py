"""Who gets what at which address: the committed table, asked again.

A new address without a row, or a row whose answer has changed, fails. After looking at what changed:
``REGENERATE_MATRIX=1 bin/test tests/access/test_matrix.py`` writes the table anew; with ``MATRIX=all`` for every role.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import transaction

from tests.access.cast import ANONYMOUS, CAST, Cast, gather
from tests.access.routes import Route, routes
from zhike.records.custom import forget

TABLE = Path(__file__).with_name("matrix.txt")
HEAD = """# Who gets what at which address, for a record of the sales representative (team 1 of company North).
# in: sent to the sign-in page. "other": a sales representative of another company. "nobody": without a role.
# -: not asked. MATRIX=all asks everybody everything; without it six people are asked, four where it is about
# what all record types have in common.
# Written by: REGENERATE_MATRIX=1 bin/test tests/access/test_matrix.py
"""

SOME = (ANONYMOUS, "nobody", "other", "sales_rep", "sales_manager", "admin")
FEW = (ANONYMOUS, "other", "sales_rep", "admin")
EVERYBODY = os.environ.get("MATRIX") == "all"

pytestmark = pytest.mark.django_db


def answer(cast: Cast, who: str, method: str, route: Route) -> str:
    """The status of one request, whose effects are taken back."""
    browser = cast.browsers[who]
    cache.clear()
    forget()
    # Errors as JSON: the same status without the frame of a page.
    headers = {"Accept": "text/html,application/json"}
    if route.is_api and who != ANONYMOUS:
        headers["Authorization"] = f"Bearer {cast.tokens[who]}"
    kind = "application/json" if route.is_api else "application/x-www-form-urlencoded"
    with transaction.atomic():
        cookies = browser.cookies.copy()
        response = browser.generic(method, route.path, "{}" if route.is_api else "", kind, headers=headers)
        transaction.set_rollback(True)
        browser.cookies = cookies
    if response.status_code in (302, 303):
        return "in" if response.headers["Location"].startswith("/sign-in/") and who == ANONYMOUS else "302"
    return str(response.status_code)


def askers(route: Route) -> tuple[str, ...]:
    """Who is asked. All in all it is thousands of requests: everybody only if told so."""
    if EVERYBODY:
        return CAST
    return SOME if route.own or route.path.startswith(("/customers/", "/api/v1/customers")) else FEW


def ask(cast: Cast) -> dict[str, dict[str, str]]:
    """Every row. Methods that nobody may use have none."""
    found: dict[str, dict[str, str]] = {}
    for route in routes(cast):
        for method in route.methods:
            first = answer(cast, "admin", method, route)
            if first != "405":
                others = {who: answer(cast, who, method, route) for who in askers(route) if who != "admin"}
                found[f"{method} {route.name}"] = others | {"admin": first}
    return found


def written() -> dict[str, dict[str, str]]:
    """The rows of the table; what was never asked is left out."""
    if not TABLE.exists():
        return {}
    lines = [line.split() for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    return {
        f"{line[0]} {line[1]}": {w: cell for w, cell in zip(lines[0][2:], line[2:], strict=True) if cell != "-"}
        for line in lines[1:]
    }


def write(rows: dict[str, dict[str, str]]) -> None:
    """The table with these answers; what was not asked this time stays."""
    known = written()
    wide = max(len(row.split()[1]) for row in rows) + 2
    text = [f"{'METHOD':7}{'ADDRESS':{wide}}" + " ".join(CAST)]
    for row, answers in rows.items():
        method, address = row.split()
        cells = known.get(row, {}) | answers
        text.append(
            f"{method:7}{address:{wide}}" + " ".join(f"{cells.get(who, '-'):{len(who)}}" for who in CAST).rstrip()
        )
    TABLE.write_text(HEAD + "\n".join(text) + "\n")


def test_everybody_gets_what_the_table_says() -> None:
    rows = ask(gather())
    if os.environ.get("REGENERATE_MATRIX"):
        write(rows)
    known = written()
    broken = {row: cells for row, cells in rows.items() if any(cell.startswith("5") for cell in cells.values())}
    assert not broken
    changed = {
        row: {
            who: (known.get(row, {}).get(who), cell)
            for who, cell in cells.items()
            if known.get(row, {}).get(who) != cell
        }
        for row, cells in rows.items()
    }
    assert {row: cells for row, cells in changed.items() if cells} == {}
    assert sorted(known.keys() - rows.keys()) == []
