"""A real server under load: granian with two workers, clients in threads, on the loopback address only."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def per_second(path: str, session: str, *, clients: int, seconds: float) -> float:
    """Answers a second of one page with so many clients at once.

    Raises:
        RuntimeError: an answer is not 200.
    """
    port = free_port()
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "2", "--blocking-threads", "1", "--no-ws", "config.wsgi:application",
    ]  # fmt: skip
    server = subprocess.Popen(  # noqa: S603
        command, env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"}, stdout=subprocess.DEVNULL
    )
    try:
        _wait(port, workers=2)
        return _load(port, path, session, clients, seconds)
    finally:
        server.terminate()
        server.wait(20)


def _wait(port: int, workers: int) -> None:
    """Until every worker listens: who comes before that finds one of them and stays with it."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if _listeners(port) >= workers:
            return
        time.sleep(0.2)
    raise RuntimeError("the server did not start")


def _listeners(port: int) -> int:
    """Sockets that listen at a port of 127.0.0.1; each worker has its own (SO_REUSEPORT)."""
    address = f"0100007F:{port:04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[1] == address and row[3] == "0A" for row in rows)


def _load(port: int, path: str, session: str, clients: int, seconds: float) -> float:
    counts = [0] * clients
    faults: list[str] = []
    start = threading.Barrier(clients + 1)

    def client(number: int) -> None:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        headers = {"Cookie": f"sessionid={session}", "Host": "localhost"}
        for _ in range(3):
            _get(link, path, headers, faults)
        start.wait()
        until = time.monotonic() + seconds
        while time.monotonic() < until and not faults:
            _get(link, path, headers, faults)
            counts[number] += 1

    threads = [threading.Thread(target=client, args=(number,), daemon=True) for number in range(clients)]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.monotonic()
    for thread in threads:
        thread.join()
    if faults:
        raise RuntimeError(faults[0])
    return sum(counts) / (time.monotonic() - began)


def _get(link: http.client.HTTPConnection, path: str, headers: dict[str, str], faults: list[str]) -> None:
    link.request("GET", path, headers=headers)
    answer = link.getresponse()
    answer.read()
    if answer.status != 200:
        faults.append(f"{path} answered {answer.status}")
