"""Before the first page: migrations, the first administrator, the sample company."""

from __future__ import annotations

import getpass
import os
import sys
import time
from importlib.util import find_spec
from pathlib import Path

from zhike.operations.installation import NotReady, django_without_database, say, settings_of_environment

SAMPLE_MARK = "sample_company"


def main(arguments: list[str]) -> int:
    """0 done; 1 not possible."""
    env, folder = settings_of_environment()
    try:
        with django_without_database():
            forget_half_a_company(folder)
            migrate()
            if not has_people():
                if "--empty" in arguments or env.admin_email:
                    first_administrator(env.admin_email, env.admin_password)
                else:
                    sample_company(folder)
            else:
                new_permissions()
    except NotReady as error:
        say(str(error))
        return 3
    except KeyboardInterrupt:
        return 1
    return 0


def migrate() -> None:
    """Bring the database up to this version; tell only what was done."""
    from django.core.management import call_command
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    from zhike.operations.migrating import skip_needless_rendering

    skip_needless_rendering()
    start = time.monotonic()
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        raise NotReady(f"The database does not answer: {error}") from None
    if plan:
        call_command("migrate", interactive=False, verbosity=0)
        say(f"{time.monotonic() - start:6.1f} s  {len(plan)} migrations")


def has_people() -> bool:
    from zhike.staff.models import User

    return bool(User.objects.exists())


def new_permissions() -> None:
    """Give the built-in roles what this version brings."""
    from zhike.administration.actions import install_builtin_roles

    install_builtin_roles(by=None)


def first_administrator(email: str, password: str) -> None:
    """From the environment, else asked at the terminal.

    Raises:
        NotReady: neither is possible, or what was given will not do.
    """
    from zhike.administration.actions import create_first_administrator
    from zhike.kernel.errors import DomainError

    asked = not email
    if asked and not sys.stdin.isatty():
        raise NotReady(
            "This system is empty and has no administrator. Set ZHIKE_ADMIN_EMAIL and ZHIKE_ADMIN_PASSWORD, "
            "or start it once from a terminal."
        )
    if not asked and not password:
        raise NotReady("ZHIKE_ADMIN_EMAIL is set and ZHIKE_ADMIN_PASSWORD is not.")
    while True:
        name = _ask("Name of the first administrator: ") if asked else email.partition("@")[0]
        email = _ask("E-mail: ") if asked else email
        password = getpass.getpass("Password: ") if asked else password
        try:
            create_first_administrator(name=name, email=email, password=password, by=None)
            say(f"The administrator signs in as {email}.")
            return
        except DomainError as error:
            text = "\n".join([str(error.message), *(f"  {name}: {words}" for name, words in error.fields.items())])
            if not asked:
                raise NotReady(text) from None
            say(text)


def _ask(question: str) -> str:
    while True:
        sys.stderr.write(question)
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            raise NotReady("No answer: the system has no administrator yet.")
        if line.strip():
            return line.strip()


def sample_company(folder: Path) -> None:
    """Load the sample company and keep its sign-ins for the start page."""
    if find_spec("zhike.sample_company.build") is None:
        raise NotReady("There is no sample company in this version: start with --empty.")
    from zhike.sample_company.build import build
    from zhike.sample_company.organisation import sign_ins

    start = time.monotonic()
    half = folder / f"{SAMPLE_MARK}.half"
    half.touch()
    build()
    lines = [f"{who.username:<14} {who.password:<14} {who.role}" for who in sign_ins()]
    (folder / SAMPLE_MARK).write_text("\n".join(lines) + "\n")
    half.unlink()
    say(f"{time.monotonic() - start:6.1f} s  sample company")


def forget_half_a_company(folder: Path) -> None:
    """A first start that was killed while it loaded the sample company begins anew."""
    half = folder / f"{SAMPLE_MARK}.half"
    if not half.exists():
        return
    if os.environ.get("DATABASE_URL"):
        raise NotReady(f"Loading the sample company was interrupted. Empty the database and remove {half}.")
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")
    half.unlink()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    sys.exit(main(sys.argv[1:]))
