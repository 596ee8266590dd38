"""PostgreSQL refuses to run as root. As root it runs as a system user of its own that can do nothing else.

No permission of a folder above ours is ever opened: where that user cannot reach the data folder or
the binaries, the database goes to `/var/lib/zhike` and a link in the data folder says where.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from zhike.operations.postgres_files import PostgresError

NAME = "zhike"
SHARED_PLACE = Path("/var/lib/zhike")


@dataclass(frozen=True)
class RunAs:
    """The account that the database runs under; ``change``: whether that is another than ours."""

    uid: int
    gid: int
    name: str
    change: bool

    def options(self) -> dict[str, object]:
        """Arguments for `subprocess`."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.change else {}

    def reaches(self, path: Path) -> bool:
        """Whether that account can read ``path``."""
        if not self.change:
            return True
        done = subprocess.run(["/bin/sh", "-c", 'test -r "$0"', str(path)], cwd="/", **self.options())  # type: ignore[call-overload]
        return bool(done.returncode == 0)

    def give(self, *paths: Path) -> None:
        """Make that account the owner."""
        for path in paths if self.change else ():
            os.chown(path, self.uid, self.gid)


class NoAccount(PostgresError):
    """There is no account that the database could run under."""


def _of(entry: pwd.struct_passwd) -> RunAs:
    return RunAs(entry.pw_uid, entry.pw_gid, entry.pw_name, change=entry.pw_uid != os.geteuid())


def account_for(home: Path) -> RunAs:
    """Who runs the database kept in ``home``: we ourselves; as root its owner, or the system user."""
    if os.geteuid() != 0:
        try:
            return _of(pwd.getpwuid(os.geteuid()))
        except KeyError:
            raise NoAccount(
                f"User id {os.geteuid()} has no name on this machine, and PostgreSQL needs one. "
                "Run as a user that exists, or set DATABASE_URL."
            ) from None
    if home.exists() and home.stat().st_uid != 0:
        return _of(pwd.getpwuid(home.stat().st_uid))
    return _of(_system_user())


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        pass
    if shutil.which("useradd"):
        command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        command += ["--shell", "/usr/sbin/nologin", NAME]
    else:
        command = ["adduser", "-S", "-D", "-H", "-s", "/sbin/nologin", NAME]
    done = subprocess.run(command, capture_output=True, text=True)
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        raise NoAccount(
            f"As root the database needs the system user “{NAME}”, and making it failed: {done.stderr.strip()}. "
            "Make it yourself, run as an ordinary user, or set DATABASE_URL."
        ) from None


def place_home(home: Path, run_as: RunAs) -> None:
    """Make the database's folder; where the account cannot get to it, elsewhere with a link to it."""
    home.parent.mkdir(parents=True, exist_ok=True)
    if home.exists():
        return
    home.mkdir(mode=0o700)
    run_as.give(home)
    if run_as.reaches(home):
        return
    home.rmdir()
    real = SHARED_PLACE / f"database-{secrets.token_hex(4)}"
    real.mkdir(parents=True, mode=0o700)
    SHARED_PLACE.chmod(0o755)
    run_as.give(real)
    home.symlink_to(real)


def reachable_binaries(bin_dir: Path, run_as: RunAs) -> Path:
    """``bin_dir``, or a copy of the packaged PostgreSQL where the account can run it."""
    if run_as.reaches(bin_dir / "postgres"):
        return bin_dir
    package = bin_dir.parent.parent
    stamp = f"{(bin_dir / 'postgres').stat().st_mtime_ns:x}"
    copy = SHARED_PLACE / f"binaries-{stamp}"
    if not copy.exists():
        draft = SHARED_PLACE / f".binaries-{os.getpid()}"
        shutil.copytree(package / "pginstall", draft / package.name / "pginstall", symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name)
        for folder in (SHARED_PLACE, draft):
            folder.chmod(0o755)
        draft.rename(copy)
    return copy / package.name / "pginstall" / "bin"
