"""The child process of `test_killed`: a run over made-up subjects whose `apply` writes one notice for each."""

from __future__ import annotations

import sys
import time
import uuid


def rows(org_unit_id: str, count: int):
    from zhike.policy.tests.samples import Silence

    return [Silence(uuid.UUID(int=number), uuid.UUID(org_unit_id), None, 9) for number in range(1, count + 1)]


def prepare(org_unit_id: str, user_id: str, *, chunk: int, slow: float, count: int = 200) -> None:
    from zhike.notices.models import Notice
    from zhike.policy.actions import engine
    from zhike.policy.tests.samples import WORLD, Quiet

    def apply(self, decisions, *, run):
        for one in decisions:
            Notice.objects.create(user_id=user_id, text=str(one.subject_id))
        time.sleep(slow)

    WORLD.rows = rows(org_unit_id, count)
    Quiet.apply = apply
    engine.CHUNK = chunk


def main(run_id: str, org_unit_id: str, user_id: str) -> None:
    import django

    django.setup()
    prepare(org_unit_id, user_id, chunk=10, slow=0.1)
    from zhike.policy.actions import runs

    runs.carry_on(uuid.UUID(run_id))


if __name__ == "__main__":
    main(*sys.argv[1:])
