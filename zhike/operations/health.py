"""Whether the installation is well, in words and in figures."""

from __future__ import annotations

import os

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest, multiprocess

_WORKERS = "SELECT extract(epoch FROM now() - max(last_heartbeat)) FROM procrastinate_workers"
_JOBS = "SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY status"
_migrated = False


def checks() -> dict[str, str]:
    """Each check by name: ``ok``, or what is wrong."""
    database = _database()
    if database != "ok":
        return {"database": database}
    return {"database": database, "migrations": _migrations(), "worker": _worker()}


def _database() -> str:
    try:
        connection.close_if_unusable_or_obsolete()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        connection.close()
        return "does not answer"
    return "ok"


def _migrations() -> str:
    """Asked until they are all there; then remembered, since only a new version brings new ones."""
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        if waiting:
            return f"{waiting} not applied"
        _migrated = True
    return "ok"


def _worker() -> str:
    with connection.cursor() as cursor:
        cursor.execute(_WORKERS)
        age = cursor.fetchone()[0]
    if age is None:
        return "no worker"
    return "ok" if age <= settings.JOB_STALLED_SECONDS * 2 else f"silent for {age:.0f} s"


def metrics() -> bytes:
    """Figures of all web processes, of the jobs and of the workers, as Prometheus reads them."""
    registry: CollectorRegistry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    lines = [generate_latest(registry).decode().rstrip("\n")]
    good = _database() == "ok"
    lines += ["# TYPE zhike_database_up gauge", f"zhike_database_up {int(good)}"]
    if good:
        with connection.cursor() as cursor:
            cursor.execute(_JOBS)
            lines.append("# TYPE zhike_jobs gauge")
            lines += [f'zhike_jobs{{status="{status}"}} {count}' for status, count in cursor.fetchall()]
            cursor.execute(_WORKERS)
            age = cursor.fetchone()[0]
        lines += ["# TYPE zhike_worker_silent_seconds gauge"]
        lines += [f"zhike_worker_silent_seconds {age if age is not None else 'NaN'}"]
    return ("\n".join(lines) + "\n").encode()
