"""`zhike up --reload`: changed code answers, without being started anew by hand."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from zhike.operations.processes import wait_until
from zhike.operations.running import RunningSystem

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The code in a place where it may be changed."""
    for name in ("zhike", "config"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    tmp_path.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


@pytest.fixture
def system(copy: Path) -> Iterator[RunningSystem]:
    system = RunningSystem(options=("--empty", "--reload"), ZHIKE_WEB_PROCESSES="1", ZHIKE_WORKERS="1")
    yield system
    system.close()


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_changed_code_and_templates_answer(copy: Path, system: RunningSystem) -> None:
    system.start()
    page = system.get("/sign-in/")[1]
    assert "<h1>" in page
    change(copy / "zhike/web/pages.py", 'response["Vary"] = "HX-Request"', 'response.write("changed code")')
    assert wait_until(lambda: "changed code" in system.get("/sign-in/")[1], 120), system.said()
    template = copy / "zhike/administration/templates/administration/sign_in.html"
    change(template, '<h1>{{ _("Sign in") }}</h1>', "<h1>changed template</h1>")
    assert wait_until(lambda: "<h1>changed template</h1>" in system.get("/sign-in/")[1], 120), system.said()
    assert not system.ended()
