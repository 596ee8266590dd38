"""Somebody at work over HTTP, who sends again whatever was not acknowledged, with the same key."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable

import httpx

from zhike.operations.running import ADMIN_EMAIL, ADMIN_PASSWORD, RunningSystem

PATIENCE = 120


class Person:
    """The administrator in a browser without scripts."""

    def __init__(self, system: RunningSystem) -> None:
        self.http = httpx.Client(base_url=system.url, timeout=30)
        self.http.get("/sign-in/").raise_for_status()
        self.send("/sign-in/", username=ADMIN_EMAIL, password=ADMIN_PASSWORD)

    def send(self, path: str, files: dict[str, tuple[str, bytes]] | None = None, **values: str) -> httpx.Response:
        """A form, sent until it is answered."""
        key = str(uuid.uuid4())

        def once() -> httpx.Response:
            token = {"csrfmiddlewaretoken": self.http.cookies["csrftoken"], "_key": key}
            return self.http.post(path, data=token | values, files=files)

        return acknowledged(once)


class Program:
    """A program with a token."""

    def __init__(self, system: RunningSystem) -> None:
        done = system.zhike("token", "create", ADMIN_EMAIL)
        assert done.returncode == 0, done.stderr
        self.http = httpx.Client(base_url=f"{system.url}/api/v1", timeout=30)
        self.http.headers["Authorization"] = f"Bearer {done.stdout.split()[-1]}"

    def create(self, path: str, **values: str) -> httpx.Response:
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        return acknowledged(lambda: self.http.post(path, json=values, headers=headers))


def acknowledged(send: Callable[[], httpx.Response]) -> httpx.Response:
    """Send until there is an answer that is none of a dying server.

    Raises:
        AssertionError: it is refused, shows how the program is made, or never comes.
    """
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            answer = send()
        except httpx.TransportError:
            time.sleep(0.1)
            continue
        assert "Traceback" not in answer.text, answer.text
        if answer.status_code < 400:
            return answer
        assert answer.status_code >= 500, f"{answer.status_code}: {answer.text[-2000:]}"
        time.sleep(0.1)
    raise AssertionError("nobody answered")


class Saving:
    """Several threads that save one record after the other, until they are told to stop."""

    def __init__(self, *saves: Callable[[str], object]) -> None:
        self.said: list[str] = []
        self.errors: list[BaseException] = []
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._go_on, args=[n, save]) for n, save in enumerate(saves)]

    def __enter__(self) -> Saving:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _go_on(self, number: int, save: Callable[[str], object]) -> None:
        count = 0
        while not self._over.is_set():
            name = f"保存{number}之{count}号纺织有限公司{uuid.uuid4().hex[:6]}"
            try:
                save(name)
            except BaseException as error:  # noqa: BLE001 - told to the test
                self.errors.append(error)
                return
            self.said.append(name)
            count += 1
