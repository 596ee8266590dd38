"""Commands: API tokens."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from django.db.models import Q
from django.utils.translation import gettext as _

from zhike.history.action import via
from zhike.history.models import Event
from zhike.integrations.actions import create_token
from zhike.kernel.errors import NotFound
from zhike.staff.models import User

app = typer.Typer()


@app.callback()
def tokens() -> None:
    """API tokens."""


@app.command("create")
def create(
    user: Annotated[str, typer.Argument(help="User name or e-mail.")],
    scope: Annotated[list[str] | None, typer.Option(help="read, write, customers:read …; may be repeated.")] = None,
    name: Annotated[str, typer.Option(help="Which program uses it.")] = "command line",
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> int:
    """Make an API token for a user and print it; it is not shown again."""
    found = User.objects.active().filter(Q(username__iexact=user) | Q(email__iexact=user)).first()
    if found is None:
        raise NotFound(_("There is no active user “%s”.") % user)
    via.set(Event.Via.COMMAND)
    token = create_token(by=found, name=name, scopes=scope or ["write"])
    plain = token.plain_token  # type: ignore[attr-defined]
    typer.echo(json.dumps({"token": plain, "scopes": token.scopes, "user": found.username}) if as_json else plain)
    return 0
