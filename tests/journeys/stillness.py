"""After a journey nothing of the live server may touch the database: the emptying of the tables would wait for it.

A request that has begun and one that has only been sent both count: the answer may be slow, and the browser that
asked may be gone already.
"""

from __future__ import annotations

import contextlib
import http.client
import threading

from django.db import connection

from zhike.operations.processes import wait_until

# Seconds that requests may take to end by themselves; after that their connections are cut.
PATIENCE = 30.0
# How Python names the threads of a threading server.
_ANSWERING = "process_request_thread"
_OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


def settle(host: str, port: int, patience: float = PATIENCE) -> None:
    """Wait until no request is under way; cut off those that do not end.

    Raises:
        AssertionError: even then they go on.
    """
    accept_all(host, port)
    if wait_until(lambda: not answering(), patience, pause=0.01):
        return
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_terminate_backend(pid) {_OTHERS} AND backend_type = 'client backend'")
    assert wait_until(lambda: not answering(), patience, pause=0.01), [thread.name for thread in answering()]


def accept_all(host: str, port: int) -> None:
    """Have every connection that waits for the server accepted: they are taken in turn, and ours is the last."""
    last = http.client.HTTPConnection(host, port, timeout=60)
    with contextlib.closing(last), contextlib.suppress(OSError, http.client.HTTPException):
        last.request("GET", "/healthz", headers={"Connection": "close"})
        last.getresponse().read()


def answering() -> list[threading.Thread]:
    """The threads of the live server that still serve somebody."""
    return [thread for thread in threading.enumerate() if _ANSWERING in thread.name]
