"""`zhike up`: one supervisor, everything restarted, nothing left behind."""

from __future__ import annotations

import json
import socket
import time
import urllib.error
import urllib.request

import pytest

from zhike.operations.processes import wait_until
from zhike.operations.running import ADMIN_EMAIL, RunningSystem

pytestmark = pytest.mark.xdist_group("running_system")


def test_answers_with_health_and_figures(running_system: RunningSystem) -> None:
    assert running_system.get("/healthz") == (200, "ok")
    assert running_system.checks() == {"database": "ok", "migrations": "ok", "worker": "ok"}
    status, figures = running_system.get("/metrics")
    assert status == 200
    assert "zhike_database_up 1" in figures
    assert "zhike_request_seconds_bucket" in figures or running_system.get("/")[0]
    assert f"The administrator signs in as {ADMIN_EMAIL}" in running_system.said()


def test_figures_are_for_this_machine_only(running_system: RunningSystem) -> None:
    request = urllib.request.Request(f"{running_system.url}/metrics", headers={"X-Forwarded-For": "203.0.113.9"})
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(request, timeout=10)


@pytest.mark.parametrize("kind", ["web-worker", "web", "live", "worker", "database"])
def test_what_is_killed_comes_back(running_system: RunningSystem, kind: str) -> None:
    running_system.kill_and_wait(kind)
    assert running_system.checks() == {"database": "ok", "migrations": "ok", "worker": "ok"}


def test_a_second_one_on_the_same_folder_is_refused(running_system: RunningSystem) -> None:
    done = running_system.zhike("up", "--port", "1")
    assert done.returncode == 1
    assert f"already runs on {running_system.folder}" in done.stderr


def test_a_command_uses_the_running_database(running_system: RunningSystem) -> None:
    done = running_system.zhike("manage", "showmigrations", "staff")
    assert done.returncode == 0, done.stderr
    assert "[X] 0001_initial" in done.stdout


def test_killed_and_stopped_it_leaves_nothing_running_and_starts_again(running_system: RunningSystem) -> None:
    people = _count_people(running_system)
    running_system.kill("supervisor")
    assert wait_until(lambda: not running_system.everything(), 30), running_system.everything()
    running_system.start()
    assert _count_people(running_system) == people
    assert running_system.stop() == 0
    assert not running_system.everything()
    assert "Stopping…" in running_system.said()
    running_system.start()


def _count_people(system: RunningSystem) -> str:
    code = "from zhike.staff.models import User; print('people', User.objects.count())"
    done = system.zhike("manage", "shell", "-v", "0", "-c", code)
    assert done.returncode == 0, done.stderr
    return next(line for line in done.stdout.splitlines() if line.startswith("people"))


@pytest.fixture
def idle_system() -> RunningSystem:
    return RunningSystem()


def test_a_taken_port_is_named(idle_system: RunningSystem) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", idle_system.port))
        taken.listen()
        done = idle_system.zhike("up", "--empty", "--port", str(idle_system.port))
    idle_system.close()
    assert done.returncode == 1
    assert f"Port {idle_system.port} is taken" in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("ZHIKE_COLOUR", "red", "unknown setting: ZHIKE_COLOUR"),
        ("ZHIKE_WORKERS", "many", "ZHIKE_WORKERS"),
        ("ZHIKE_HTTPS", "perhaps", "ZHIKE_HTTPS"),
        ("ZHIKE_POSTGRES_BIN", "/nowhere", "/nowhere holds no PostgreSQL"),
    ],
)
def test_a_wrong_setting_stops_the_start(idle_system: RunningSystem, name: str, value: str, words: str) -> None:
    idle_system.settings[name] = value
    done = idle_system.zhike("up", "--empty", "--port", str(idle_system.port))
    idle_system.close()
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_without_an_administrator_it_says_how_to_make_one(idle_system: RunningSystem) -> None:
    idle_system.settings["ZHIKE_ADMIN_EMAIL"] = ""
    done = idle_system.zhike("up", "--empty", "--port", str(idle_system.port))
    left = idle_system.everything()
    idle_system.close()
    assert done.returncode == 1
    assert "ZHIKE_ADMIN_EMAIL" in done.stderr
    assert not left


def test_wrong_use_is_two(idle_system: RunningSystem) -> None:
    assert idle_system.zhike("fly").returncode == 2
    assert idle_system.zhike("migrate", "--quickly").returncode == 2
    assert idle_system.zhike("up", "--data").returncode == 2
    idle_system.close()


def test_pages_hear_what_is_pushed(running_system: RunningSystem) -> None:
    code = (
        "import uuid; from zhike.web.live import push, sign; from zhike.staff.models import User;"
        "who = User.objects.first(); print('key', sign(who.pk))"
    )
    said = running_system.zhike("manage", "shell", "-v", "0", "-c", code).stdout
    key = next(line.split()[1] for line in said.splitlines() if line.startswith("key"))
    live = f"http://127.0.0.1:{running_system.port + 1}/live"
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(f"{live}?key={key}x", timeout=10)
    with urllib.request.urlopen(f"{live}?key={key}", timeout=30) as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        pushing = "from zhike.web.live import push; from zhike.staff.models import User; import sys;"
        pushing += "push('greeting', to=[User.objects.first().pk], words='你好')"
        deadline = time.monotonic() + 60
        running_system.zhike("manage", "shell", "-v", "0", "-c", pushing)
        line = b""
        while not line.startswith(b"data:") and time.monotonic() < deadline:
            line = stream.readline()
    assert json.loads(line[5:]) == {"kind": "greeting", "words": "你好"}
