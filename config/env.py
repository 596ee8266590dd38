"""Every setting that comes from the environment, read once, typed, with a help text.

An unknown name that begins with ``ZHIKE_`` stops the start: a misspelt setting must not be ignored.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


class Origin(str):
    """Scheme, host name and port of a site, as browsers write them."""


def _setting(default: Any, help_text: str, *, secret: bool = False) -> Any:
    return field(default=default, metadata={"help": help_text, "secret": secret})


@dataclass(frozen=True)
class Env:
    """The settings; the name in the environment is ``ZHIKE_`` and the field name in upper case."""

    data_dir: Path = _setting(Path("var"), "Folder of the database, uploads, secrets and logs.")
    secret_key: str = _setting("", "Signing key; empty: one is made and kept in the data folder.", secret=True)
    encryption_keys: str = _setting(
        "", "Comma-separated keys (newest first) for encrypted fields; empty: one is made.", secret=True
    )
    allowed_hosts: str = _setting("localhost,127.0.0.1,[::1]", "Comma-separated host names served.")
    trusted_origins: str = _setting("", "Comma-separated origins (https://crm.example.cn) for forms behind a proxy.")
    https: bool = _setting(False, "Served over HTTPS: secure cookies and HSTS.")
    passkey_origin: Origin = _setting(
        "", "Where people open the pages (https://crm.example.cn): passkeys belong to its host name and work nowhere"
        " else; empty: the host of the request, if it is one of the host names served."
    )  # fmt: skip
    proxies: int = _setting(0, "Reverse proxies in front whose X-Forwarded-For is believed; 0: none.")
    debug: bool = _setting(False, "Developer mode: never in production.")
    live_url: str = _setting("", "Public address of the live-update process; empty: same host, port + 1.")
    live_port: int = _setting(0, "Port of the live-update process; 0: the port of the pages + 1.")
    web_processes: int = _setting(2, "How many processes serve pages.")
    workers: int = _setting(2, "How many processes run background jobs.")
    metrics_token: str = _setting("", "Bearer token for /metrics; empty: only from this machine.", secret=True)
    admin_email: str = _setting("", "E-mail of the first administrator of an empty system.")
    admin_password: str = _setting("", "Password of the first administrator of an empty system.", secret=True)
    sample: bool = _setting(False, "Sample mode: the sign-in page shows the sample users.")
    smtp_url: str = _setting("", "smtp://user:password@host:587 for outgoing mail; empty: mail is logged.", secret=True)
    mail_from: str = _setting("Zhike <no-reply@localhost>", "Sender of outgoing mail.")
    max_upload_mb: int = _setting(50, "Largest file accepted, in megabytes.")
    postgres_bin: str = _setting("", "Folder of the PostgreSQL programs to run; empty: the packaged ones.")
    log_level: str = _setting("INFO", "DEBUG, INFO, WARNING or ERROR.")


class UnknownSetting(Exception):
    """A ``ZHIKE_`` variable that no setting has."""


def _convert(kind: Any, raw: str, name: str) -> Any:
    if kind in (bool, "bool"):
        if raw.lower() in {"1", "true", "yes", "on"}:
            return True
        if raw.lower() in {"", "0", "false", "no", "off"}:
            return False
        raise ValueError(f"{name}: expected true or false, got {raw!r}")
    if kind in (int, "int"):
        try:
            return int(raw)
        except ValueError:
            raise ValueError(f"{name}: expected a whole number, got {raw!r}") from None
    if kind in (Path, "Path"):
        return Path(raw)
    if kind in (Origin, "Origin") and raw:
        return _origin(raw, name)
    return raw


def _origin(raw: str, name: str) -> Origin:
    parts = urlsplit(raw.strip().rstrip("/").lower())
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.path or parts.query or "@" in parts.netloc:
        raise ValueError(f"{name}: expected an origin such as https://crm.example.cn, got {raw!r}")
    return Origin(f"{parts.scheme}://{parts.netloc}")


def read(environ: Mapping[str, str] | None = None) -> Env:
    """Read the environment.

    Raises:
        UnknownSetting: a ``ZHIKE_`` name is not a setting.
        ValueError: a value has the wrong type.
    """
    environ = os.environ if environ is None else environ
    known = {f"ZHIKE_{f.name.upper()}": f for f in fields(Env)}
    unknown = sorted(name for name in environ if name.startswith("ZHIKE_") and name not in known)
    if unknown:
        raise UnknownSetting(f"unknown setting: {', '.join(unknown)}; known: {', '.join(sorted(known))}")
    values = {f.name: _convert(f.type, environ[name], name) for name, f in known.items() if name in environ}
    return Env(**values)
