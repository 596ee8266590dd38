"""The lock files hold what pyproject.toml asks for, by version and hash, and no address."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.architecture.source import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def _names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=!~; ]", each, maxsplit=1)[0].lower().replace("_", "-") for each in requirements}


@pytest.mark.parametrize("lock", ["core", "dev", "build"])
def test_lock_holds_what_is_asked_for(lock: str) -> None:
    extras = PROJECT["optional-dependencies"]
    asked = {
        "core": PROJECT["dependencies"],
        "dev": PROJECT["dependencies"] + extras["dev"],
        "build": extras["build"],
    }[lock]
    text = (ROOT / "locks" / f"{lock}.txt").read_text()
    entries = re.split(r"\n(?=\S)", text.strip())
    pinned = {entry.split("==")[0].split("[")[0] for entry in entries}
    assert not _names(asked) - pinned
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text
