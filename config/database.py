"""Where the database is: `DATABASE_URL`, or the embedded server of the data folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

# Under the data folder: the embedded server's folder, its socket, and the note that says where the
# socket is when the usual place has too long a name for one.
SOCKET_NAME = "socket"
SOCKET_NOTE = "socket_folder"


def postgres_home(data_dir: Path) -> Path:
    """The embedded server's folder; in the data folder it may be a link."""
    return (data_dir / "postgres").resolve()


def socket_dir(data_dir: Path) -> Path:
    """The folder with the embedded server's socket."""
    note = postgres_home(data_dir) / SOCKET_NOTE
    try:
        return Path(note.read_text())
    except OSError:
        return postgres_home(data_dir) / SOCKET_NAME


def database_settings(url: str, data_dir: Path) -> dict[str, Any]:
    """Django's settings for one database.

    Args:
        url: ``postgresql://user:password@host[:port][,host2[:port]]/name?option=value``; empty for the embedded one.
        data_dir: the data folder of the embedded server.
    """
    common: dict[str, Any] = {
        "ENGINE": "zhike.kernel.postgresql",
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }
    if not url:
        return common | {
            "NAME": "zhike",
            "USER": "zhike",
            "HOST": str(socket_dir(data_dir)),
            "PORT": "5432",
            "OPTIONS": {"connect_timeout": 5},
        }
    parts = urlsplit(url)
    credentials, _, hosts = parts.netloc.rpartition("@")
    user, _, password = credentials.partition(":")
    pairs = [host.rpartition(":") if ":" in host else (host, "", "5432") for host in hosts.split(",")]
    options: dict[str, Any] = {"connect_timeout": 5} | dict(parse_qsl(parts.query))
    if len(pairs) > 1:
        options.setdefault("target_session_attrs", "read-write")
    host = options.pop("host", ",".join(pair[0] for pair in pairs))
    return common | {
        "NAME": unquote(parts.path.lstrip("/")) or "zhike",
        "USER": unquote(user),
        "PASSWORD": unquote(password),
        "HOST": host,
        "PORT": options.pop("port", ",".join(pair[2] for pair in pairs)),
        "OPTIONS": options,
    }
