"""A backup is proved by restoring it; doctor says what is wrong."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest

from zhike.operations.running import RunningSystem

pytestmark = pytest.mark.xdist_group("running_system")


def _people(system: RunningSystem) -> list[str]:
    code = "from zhike.staff.models import User; print('people', *User.objects.values_list('name', flat=True))"
    said = system.zhike("manage", "shell", "-v", "0", "-c", code)
    return next(line.split()[1:] for line in said.stdout.splitlines() if line.startswith("people"))


def _rename(system: RunningSystem, name: str) -> None:
    code = f"from zhike.staff.models import User; User.objects.update(name={name!r})"
    done = system.zhike("manage", "shell", "-v", "0", "-c", code)
    assert done.returncode == 0, done.stderr


def test_a_backup_brings_everything_back(running_system: RunningSystem, tmp_path: Path) -> None:
    system, file = running_system, tmp_path / "backup.tar"
    _rename(system, "before")
    uploaded = system.folder / "files" / "a" / "合同.txt"
    uploaded.parent.mkdir(parents=True)
    uploaded.write_text("signed")

    made = system.zhike("backup", "--out", str(file), "--json")
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["rows"] > 0
    assert file.stat().st_mode & 0o077 == 0

    _rename(system, "after")
    uploaded.write_text("torn")
    running = system.zhike("restore", str(file), "--replace")
    assert running.returncode == 1
    assert "already runs" in running.stderr

    system.stop()
    careless = system.zhike("restore", str(file))
    assert careless.returncode == 1
    assert "--replace" in careless.stderr
    restored = system.zhike("restore", str(file), "--replace", "--json")
    assert restored.returncode == 0, restored.stderr
    assert json.loads(restored.stdout)["rows"] == json.loads(made.stdout)["rows"]
    assert uploaded.read_text() == "signed"
    system.start()
    assert _people(system) == ["before"]


def test_half_a_file_is_refused(running_system: RunningSystem, tmp_path: Path) -> None:
    half = tmp_path / "half.tar"
    with tarfile.open(half, "w") as archive:
        archive.add(__file__, "manifest.json")
    running_system.stop()
    done = running_system.zhike("restore", str(half), "--replace")
    assert done.returncode == 1
    assert "no whole backup" in done.stderr
    running_system.start()
    assert _people(running_system)


def test_doctor_is_content_with_a_fresh_system(running_system: RunningSystem) -> None:
    done = running_system.zhike("doctor", "--json")
    found = {each["name"]: each["state"] for each in json.loads(done.stdout)["findings"]}
    assert found["migrations"] == found["PostgreSQL"] == found["indexes"] == found["secrets"] == "ok"


def test_doctor_sees_open_secrets(running_system: RunningSystem) -> None:
    secrets = running_system.folder / "secrets"
    secrets.chmod(0o755)
    done = running_system.zhike("doctor")
    secrets.chmod(0o700)
    assert done.returncode == 1
    assert f"chmod -R go-rwx {secrets}" in done.stdout
