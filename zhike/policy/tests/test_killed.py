"""kill -9 in the middle of a run, three times: it goes on, and nothing is done twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from zhike.notices.models import Notice
from zhike.policy.actions import runs
from zhike.policy.models import Decision, Run
from zhike.policy.tests.killed import prepare
from zhike.policy.tests.samples import WORLD, Quiet, document, put_in_force, version


def url() -> str:
    found = connection.get_connection_params()
    host = found.get("host") or ""
    port = found.get("port") or 5432
    where = f"?host={host}&port={port}" if host.startswith("/") else ""
    address = "" if where else f"{host}:{port}"
    return f"postgresql://{found.get('user', '')}:{found.get('password') or ''}@{address}/{found['dbname']}{where}"


@pytest.mark.django_db(transaction=True)
def test_killed_and_carried_on(org, monkeypatch):
    put_in_force(version(document(org.group)))
    monkeypatch.setattr(Quiet, "apply", Quiet.apply)
    WORLD.rows = []
    run = runs.start(by=None)
    environment = os.environ | {
        "DATABASE_URL": url(), "DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONPATH": str(settings.BASE_DIR),
    }  # fmt: skip
    for rounds in range(3):
        before = Notice.objects.count()
        child = subprocess.Popen(
            [
                sys.executable,
                str(Path(__file__).with_name("killed.py")),
                str(run.pk),
                str(org.team.pk),
                str(org.rep.pk),
            ],
            env=environment,
            stderr=subprocess.PIPE,
        )
        deadline = time.monotonic() + 600
        while Notice.objects.count() < before + 20 and time.monotonic() < deadline and child.poll() is None:
            time.sleep(0.05)
        assert child.poll() is None, child.stderr.read().decode()[-2000:]
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        assert Run.objects.get().is_running and before + 20 <= Notice.objects.count() < 200, rounds
    prepare(str(org.team.pk), str(org.rep.pk), chunk=10, slow=0)
    done = runs.carry_on(run.pk)
    told = Counter(Notice.objects.values_list("text", flat=True))
    assert done.state == "DONE" and done.steps.get().examined == 200
    assert len(told) == 200 and set(told.values()) == {1} and Decision.objects.count() == 200
