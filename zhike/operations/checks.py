"""What `bin/check` runs: each check by name, all of them even if one fails."""

from __future__ import annotations

import subprocess
import sys
import time

CHECKS: dict[str, list[str]] = {
    "style": ["ruff", "check", "."],
    "types": ["mypy"],
    "layers": ["lint-imports"],
}


def main() -> int:
    """Run them; 1 if any found something."""
    failed = []
    for name, command in CHECKS.items():
        start = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True)
        word = "ok" if done.returncode == 0 else "FAILED"
        sys.stdout.write(f"{time.monotonic() - start:6.1f} s  {name}: {word}\n")
        if done.returncode:
            failed.append(name)
            sys.stdout.write(f"{done.stdout}{done.stderr}\n")
        sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
