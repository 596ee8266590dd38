"""Where the database is: `DATABASE_URL`, or the embedded server of the data folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


def database_settings(url: str, data_dir: Path) -> dict[str, Any]:
    """Django's settings for one database.

    Args:
        url: ``postgresql://user:password@host[:port][,host2[:port]]/name?option=value``; empty for the embedded one.
        data_dir: folder whose ``postgres/socket`` the embedded server listens on.
    """
    common: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }
    if not url:
        return common | {
            "NAME": "zhike",
            "USER": "zhike",
            "HOST": str(data_dir / "postgres" / "socket"),
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
