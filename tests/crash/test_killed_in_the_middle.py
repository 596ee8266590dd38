"""Web, worker and database are killed in the middle of an import, a bulk edit and saves, all under way at once.

After the restart everything acknowledged is there, the jobs go on and finish, and nothing is there twice.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.crash.person import Person, Program, Saving
from zhike.operations.processes import wait_until
from zhike.operations.running import RunningSystem

pytestmark = pytest.mark.xdist_group("running_system")
# An import has three chunks of 2,000 under way at once, a bulk edit one of 200: both need many times that, or there is no
# middle to be killed in.
ROWS = 20000
EDITED = 10000


@dataclass
class Work:
    """An import and a bulk edit under way."""

    system: RunningSystem
    batch: str
    operation: str

    def imported(self) -> tuple[str, int]:
        """State of the import; rows done."""
        question = "SELECT state, coalesce((counts->>'created')::int, 0) FROM records_importbatch WHERE id = %s"
        return self.system.sql(question, [self.batch])[0]

    def edited(self) -> tuple[str, int]:
        """State of the bulk edit; records done."""
        question = (
            "SELECT state, (SELECT count(*) FROM records_bulkitem WHERE operation_id = o.id AND state = 'DONE')"
            " FROM records_bulkoperation o WHERE id = %s"
        )
        return self.system.sql(question, [self.operation])[0]

    def in_the_middle(self) -> bool:
        """Both have written chunks and neither is over."""
        state, done = self.imported()
        bulk, changed = self.edited()
        assert (state, bulk) == ("RUNNING", "RUNNING"), f"one was over before the other had begun: {state} {bulk}"
        return done > 0 and changed > 0


@pytest.fixture(scope="module")
def person(running_system: RunningSystem) -> Iterator[Person]:
    found = Person(running_system)
    lines = "\n".join(["客户名称", *(f"库存{n}号物流有限公司" for n in range(EDITED))])
    batch = upload(found, lines)
    found.send(f"/import/{batch}/columns/", **{"column-0": "name", "on_duplicate": "refuse", "do": "run"})
    assert wait_until(lambda: running_system.sql("SELECT state FROM records_importbatch") == [("DONE",)], 120)
    yield found
    found.http.close()


@pytest.fixture(scope="module")
def program(running_system: RunningSystem) -> Program:
    return Program(running_system)


def upload(person: Person, text: str) -> str:
    """Send a file of customers; the number of the import, when it has been read."""
    answer = person.send("/import/", files={"file": ("客户.csv", text.encode())}, kind="customers")
    address = answer.headers["Location"]
    assert wait_until(lambda: "column-0" in person.http.get(address).text, 60, pause=0.1)
    return address.strip("/").split("/")[-1]


def begin(system: RunningSystem, person: Person, word: str) -> Work:
    batch = upload(person, "\n".join(["客户名称", *(f"{word}第{n}精密机械有限公司" for n in range(ROWS))]))
    asked = {"verb": "edit", "all": "1", "go": "1", "set": "remark", "remark": f"整批改为{word}"}
    # By name, so that what is imported and saved meanwhile does not belong to it.
    edit = person.send("/customers/bulk/?q=库存", **asked)
    person.send(f"/import/{batch}/columns/", **{"column-0": "name", "on_duplicate": "refuse", "do": "run"})
    found = re.search(r"/bulk/([0-9a-f-]{36})/", edit.headers["Location"])
    assert found
    return Work(system, batch, found[1])


def kill(system: RunningSystem, victim: str) -> None:
    kinds = ["web-worker", "web"] if victim == "web" else [victim]
    for pid in [pid for kind in kinds for pid in system.processes(kind)]:
        os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("victim", ["web", "worker", "database"])
def test_nothing_is_lost_and_nothing_is_there_twice(
    running_system: RunningSystem, person: Person, program: Program, victim: str
) -> None:
    system = running_system

    def by_form(name: str) -> None:
        person.send("/customers/new/", kind="ENTERPRISE", name=name, status="PROSPECT")

    def by_api(name: str) -> None:
        program.create("/customers", kind="ENTERPRISE", name=name, status="PROSPECT")

    with Saving(by_form, by_form, by_api, by_api) as saving:
        work = begin(system, person, victim)
        assert wait_until(lambda: saving.errors or (work.in_the_middle() and len(saving.said) > 8), 120)
        before = len(saving.said), work.imported()[1], work.edited()[1]
        kill(system, victim)
        # What had been said before is there, and all three go on.
        assert wait_until(lambda: saving.errors or len(saving.said) >= before[0] + 8, 120), system.said()
        saving.stop()
    assert saving.errors == []
    system.wait_ready()
    assert work.imported()[1] >= before[1]
    assert work.edited()[1] >= before[2]
    assert wait_until(lambda: (work.imported()[0], work.edited()[0]) == ("DONE", "DONE"), 240, pause=0.2), (
        work.imported(), work.edited(), system.said(),
    )  # fmt: skip
    assert work.imported()[1] == ROWS
    assert work.edited()[1] == EDITED
    everything_once(system, victim, saving.said)


def everything_once(system: RunningSystem, word: str, said: list[str]) -> None:
    """Every record that was acknowledged is there once, with one event that says so."""
    rows = system.sql(
        "SELECT count(*), count(DISTINCT name) FROM customers_customer WHERE name LIKE %s", [f"{word}第%"]
    )
    assert rows == [(ROWS, ROWS)]
    changed = "SELECT count(*) FROM customers_customer WHERE remark = %s"
    assert system.sql(changed, [f"整批改为{word}"]) == [(EDITED,)]
    twice = (
        "SELECT subject_id FROM history_event WHERE action = 'customers.customer.create'"
        " GROUP BY subject_id HAVING count(*) > 1"
    )
    assert system.sql(twice) == []
    told = (
        "SELECT count(*), count(DISTINCT subject_id) FROM history_event"
        " WHERE action = 'customers.customer.update' AND data->'changes'->'remark'->>1 = %s"
    )
    assert system.sql(told, [f"整批改为{word}"]) == [(EDITED, EDITED)]
    saved = system.sql("SELECT name, count(*) FROM customers_customer WHERE name = ANY(%s) GROUP BY name", [said])
    assert dict(saved) == dict.fromkeys(said, 1)
