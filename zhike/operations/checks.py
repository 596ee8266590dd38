"""What `bin/check` runs: each check by name, all of them even if one fails."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable

TOOLS: dict[str, list[str]] = {
    "style": ["ruff", "check", "."],
    "types": ["mypy"],
    "layers": ["lint-imports"],
}
# Commands of Django's; they need no database.
DJANGO: dict[str, list[str]] = {
    "settings": ["check", "--fail-level", "WARNING"],
    "migrations": ["makemigrations", "--check", "--dry-run", "-v", "0"],
    "catalogues": ["messages", "check"],
    "reference": ["reference", "--check"],
}


def main(names: list[str]) -> int:
    """Run them, or those named; 1 if any found something."""
    names = names or [*TOOLS, *DJANGO]
    failed = 0
    for name in names:
        if name in TOOLS:
            failed += not told(name, lambda name=name: subprocess.run(TOOLS[name]).returncode == 0)  # type: ignore[misc]
    if any(name in DJANGO for name in names):
        with tempfile.TemporaryDirectory(prefix="zhike-check-") as folder:
            os.environ |= {"ZHIKE_DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "config.settings"}
            # There is no database behind these settings, and nobody needs one.
            warnings.simplefilter("ignore", RuntimeWarning)
            import django

            django.setup()
            for name in names:
                if name in DJANGO:
                    failed += not told(name, lambda name=name: django_command(DJANGO[name]))  # type: ignore[misc]
    return 1 if failed else 0


def told(name: str, check: Callable[[], bool]) -> bool:
    """Run one and say how it went."""
    start = time.monotonic()
    good = check()
    sys.stdout.write(f"{time.monotonic() - start:6.1f} s  {name}: {'ok' if good else 'FAILED'}\n")
    sys.stdout.flush()
    return good


def django_command(arguments: list[str]) -> bool:
    """Whether a command of Django's is content."""
    from django.core.management import CommandError, call_command

    try:
        call_command(*arguments)
    except (CommandError, SystemExit) as error:
        sys.stdout.write(f"{error}\n")
        return isinstance(error, SystemExit) and not error.code
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
