"""One file that holds an installation: database, uploaded files, secrets; proved by restoring it.

A tar with ``manifest.json`` (version, time, rows of every table at the moment of the dump), ``database.dump``
(pg_dump's own format), ``files/`` and ``secrets/``. Whoever has it can read everything: keep it safe.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import sql

from zhike import __version__
from zhike.operations.postgres_files import find_binaries

FOLDERS = ("files", "secrets")
_TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind = 'r' ORDER BY 1
"""


class BackupError(Exception):
    """A backup could not be made or brought back; nothing has changed."""


def make(target: Path) -> dict[str, Any]:
    """Write a backup and prove it; the manifest.

    Raises:
        BackupError: it could not be made, or what was made cannot be restored.
    """
    with tempfile.TemporaryDirectory(prefix="zhike-backup-") as work:
        dump = Path(work) / "database.dump"
        rows = _dump(dump)
        with _scratch_database() as name:
            _load(dump, name, rows)
        manifest = {"version": __version__, "made_at": datetime.now(UTC).isoformat(timespec="seconds"), "rows": rows}
        note = Path(work) / "manifest.json"
        note.write_text(json.dumps(manifest, indent=1))
        _pack(target, [note, dump])
    return manifest


def bring_back(source: Path, *, replace: bool) -> dict[str, Any]:
    """Put a backup in the place of an installation that is not running; the manifest.

    The database is restored beside the present one and takes its name at the end.

    Raises:
        BackupError: it is no backup, or there is something in the way and ``replace`` is not set.
    """
    data: Path = settings.DATA_DIR
    if not replace and _has_tables():
        raise BackupError("There is a database already. With --replace the backup takes its place.")
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=data) as work:
        manifest = _unpack(source, Path(work))
        with _scratch_database() as name:
            _load(Path(work) / "database.dump", name, manifest["rows"])
            _take_name(name)
        for folder in FOLDERS:
            _exchange(Path(work) / folder, data / folder, Path(work) / f"{folder}.old")
    return manifest


# The database


def _parameters() -> dict[str, Any]:
    parameters = connection.get_connection_params()
    return {
        key: value for key, value in parameters.items() if key not in ("cursor_factory", "context", "client_encoding")
    }


@contextmanager
def _connected(name: str, **options: Any) -> Iterator[psycopg.Connection]:
    with psycopg.connect(**(_parameters() | {"dbname": name}), **options) as opened:
        yield opened


def _to(name: str) -> str:
    """The option that names a database to PostgreSQL's programs, without the password."""
    parameters = {key: value for key, value in _parameters().items() if key != "password"}
    return "--dbname=" + psycopg.conninfo.make_conninfo(**(parameters | {"dbname": name}))


def _program(name: str) -> str:
    return str(find_binaries(settings.ENV.postgres_bin) / name)


def _run(*command: str) -> None:
    password = str(_parameters().get("password") or "")
    environment = dict(os.environ) | ({"PGPASSWORD": password} if password else {})
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise BackupError(f"{Path(command[0]).name}: {done.stderr.strip()[-2000:]}")


def _dump(target: Path) -> dict[str, int]:
    """Dump one snapshot, and count the rows of the same snapshot."""
    with _connected(connection.settings_dict["NAME"]) as own:
        own.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        found = own.execute("SELECT pg_export_snapshot()").fetchone()
        assert found is not None  # noqa: S101
        rows = _count(own)
        name = _to(connection.settings_dict["NAME"])
        _run(_program("pg_dump"), "--format=custom", f"--snapshot={found[0]}", f"--file={target}", name)
    return rows


def _count(opened: psycopg.Connection) -> dict[str, int]:
    rows = {}
    for (table,) in opened.execute(_TABLES).fetchall():
        found = opened.execute(sql.SQL("SELECT count(*) FROM public.{}").format(sql.Identifier(table))).fetchone()
        rows[table] = found[0] if found else 0
    return rows


@contextmanager
def _scratch_database() -> Iterator[str]:
    """A database of a passing name; gone at the end unless it was renamed."""
    name = f"zhike_restored_{secrets.token_hex(4)}"
    with _connected("postgres", autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        try:
            yield name
        finally:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def _load(dump: Path, name: str, rows: dict[str, int]) -> None:
    """Restore into a database and compare every table's rows."""
    _run(_program("pg_restore"), "--exit-on-error", "--no-owner", "--no-comments", _to(name), str(dump))
    with _connected(name) as restored:
        found = _count(restored)
    if found != rows:
        wrong = sorted(table for table in rows.keys() | found.keys() if rows.get(table) != found.get(table))
        raise BackupError(f"After restoring, these tables differ: {', '.join(wrong)}.")


def _has_tables() -> bool:
    return bool(connection.introspection.table_names())


def _take_name(name: str) -> None:
    """The restored database takes the place of the present one."""
    present = connection.settings_dict["NAME"]
    connection.close()
    with _connected("postgres", autocommit=True) as server:
        old = f"{present}_{secrets.token_hex(4)}"
        try:
            server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*map(sql.Identifier, (present, old))))
        except psycopg.errors.ObjectInUse:
            raise BackupError("Somebody is still using the database. Stop Zhike first.") from None
        server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*map(sql.Identifier, (name, present))))
        server.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(old)))


# The file


def _pack(target: Path, parts: list[Path]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.part")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w") as archive:
                for part in parts:
                    archive.add(part, part.name)
                for name in FOLDERS:
                    if (settings.DATA_DIR / name).exists():
                        archive.add(settings.DATA_DIR / name, name)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def _unpack(source: Path, target: Path) -> dict[str, Any]:
    try:
        with tarfile.open(source) as archive:
            archive.extractall(target, filter="data")
        manifest: dict[str, Any] = json.loads((target / "manifest.json").read_text())
    except (tarfile.TarError, OSError, ValueError) as error:
        raise BackupError(f"{source} is no whole backup of Zhike: {error}") from None
    if not (target / "database.dump").exists():
        raise BackupError(f"{source} holds no database.")
    return manifest


def _exchange(fresh: Path, place: Path, aside: Path) -> None:
    if place.exists():
        place.rename(aside)
    if fresh.exists():
        fresh.chmod(0o700)
        fresh.rename(place)
