"""Where the published sample files lie, if they are there."""

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[5] / "shared" / "data"
DATA = Path(os.environ.get("SAMPLE_DATA", "")) if os.environ.get("SAMPLE_DATA") else _BESIDE


def sample(name: str) -> Path:
    """The path of a sample file; the test is skipped where the folder is absent."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"sample data not present: {name} (set SAMPLE_DATA to its folder)")
    return path
