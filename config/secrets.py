"""Secrets of an installation that were not given by the environment: made once, kept in the data folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def keep_secret(data_dir: Path, name: str) -> str:
    """The secret ``name``; made on first use. Two processes that start together get the same one."""
    folder = data_dir / "secrets"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / name
    try:
        # Written under another name and linked: a reader never sees half a key.
        draft = folder / f".{name}.{os.getpid()}"
        draft.write_text(secrets.token_urlsafe(48))
        draft.chmod(0o600)
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink(missing_ok=True)
    return path.read_text().strip()
