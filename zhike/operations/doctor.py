"""`zhike doctor`: looks for what is wrong, says what to do. It changes nothing."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from config.env import Env

GB = 1024**3


@dataclass(frozen=True)
class Finding:
    """One thing looked at. ``state``: ok, warning (look at it), fault (repair it)."""

    name: str
    state: str
    says: str


def of_folder(folder: Path, env: Env) -> Iterator[Finding]:
    """What can be seen without the database."""
    free = shutil.disk_usage(folder).free
    state = "fault" if free < GB else "warning" if free < 5 * GB else "ok"
    yield Finding("disk", state, f"{free / GB:.1f} GB free at {folder}")
    secrets = folder / "secrets"
    if secrets.exists() and stat.S_IMODE(secrets.stat().st_mode) & 0o077:
        yield Finding("secrets", "fault", f"Others can read {secrets}: chmod -R go-rwx {secrets}")
    else:
        yield Finding("secrets", "ok", "for the owner only")
    yield _backups(folder)
    if not env.smtp_url:
        yield Finding("mail", "warning", "Mail is only logged: set ZHIKE_SMTP_URL.")
    bundle = Path(__file__).parents[1] / "web" / "static" / "dist" / "manifest.json"
    yield Finding("front end", *(("ok", "built") if bundle.exists() else ("fault", "Not built: run bin/up once.")))


def _backups(folder: Path) -> Finding:
    times = [path.stat().st_mtime for path in (folder / "backups").glob("*.tar")]
    if not times:
        return Finding("backup", "warning", "There is none yet: zhike backup")
    days = (datetime.now(UTC).timestamp() - max(times)) / 86400
    return Finding("backup", "ok" if days < 7 else "warning", f"The newest is {days:.0f} days old.")


def of_database() -> Iterator[Finding]:
    """What only the database knows; Django is set up and it answers."""
    from django.conf import settings
    from django.db import connection

    version = connection.get_database_version()[0]
    yield Finding("PostgreSQL", "ok" if version >= 15 else "fault", f"version {version}; 15 or newer is needed")
    with connection.cursor() as cursor:

        def one(question: str) -> object:
            cursor.execute(question)
            row = cursor.fetchone()
            return row[0] if row else None

        encoding = one("SHOW server_encoding")
        yield Finding("encoding", "ok" if encoding == "UTF8" else "fault", str(encoding))
        skew = abs(float(str(one("SELECT extract(epoch FROM clock_timestamp())"))) - datetime.now(UTC).timestamp())
        yield Finding("clock", "ok" if skew < 5 else "fault", f"{skew:.1f} s between here and the database")
        size = float(str(one("SELECT pg_database_size(current_database())")))
        yield Finding("size", "ok", f"{size / GB:.2f} GB")
        yield from _of_tables(one, bool(settings.DEBUG))


def _of_tables(one: Callable[[str], object], debug: bool) -> Iterator[Finding]:
    from zhike.operations import health

    migrations = health.checks().get("migrations", "not known")
    yield Finding("migrations", "ok" if migrations == "ok" else "fault", f"{migrations}; zhike migrate applies them")
    if migrations == "ok":
        failed = one("SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'")
        yield Finding("jobs", "warning" if failed else "ok", f"{failed} failed in the past week; see logs/worker-*.log")
        waiting = one(
            "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND "
            "coalesce(scheduled_at, now()) < now() - interval '10 minutes'"
        )
        yield Finding("queue", "warning" if waiting else "ok", f"{waiting} jobs overdue by ten minutes")
    broken = one("SELECT string_agg(indexrelid::regclass::text, ', ') FROM pg_index WHERE NOT indisvalid")
    yield Finding("indexes", "fault" if broken else "ok", f"to be rebuilt: {broken}" if broken else "all valid")
    idle = one(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE state LIKE 'idle in tr%' AND state_change < now() - interval '5 minutes'"
    )
    yield Finding("transactions", "warning" if idle else "ok", f"{idle} left open for five minutes")
    if debug:
        yield Finding("debug", "fault", "ZHIKE_DEBUG is on: never where real data is.")
