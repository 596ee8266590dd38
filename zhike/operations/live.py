"""The live-update process: server-sent events for any number of open pages over one LISTEN connection.

A raw ASGI application. A stream costs one queue and no database connection; who may listen is told by
the signature of the address alone (`zhike.web.live`).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import django

from zhike.operations.processes import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import psycopg  # noqa: E402
import structlog  # noqa: E402
from django.db import connection  # noqa: E402

from zhike.web.live import CHANNEL, signed_user  # noqa: E402

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]

log = structlog.get_logger(__name__)
# A page that does not read falls behind; past this many messages it is let go and connects anew.
MOST_WAITING = 50
COMMENT_SECONDS = 20.0
STREAMS_A_PERSON = 20


class Streams:
    """The open streams of every person."""

    def __init__(self) -> None:
        self.of: dict[str, set[asyncio.Queue[bytes | None]]] = defaultdict(set)

    @contextlib.contextmanager
    def open(self, user: str) -> Any:
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(MOST_WAITING)
        self.of[user].add(queue)
        try:
            yield queue
        finally:
            self.of[user].discard(queue)
            if not self.of[user]:
                del self.of[user]

    def deliver(self, payload: str) -> None:
        told = json.loads(payload)
        text = f"data: {json.dumps(told['message'], ensure_ascii=False)}\n\n".encode()
        for user in told["to"]:
            for queue in tuple(self.of.get(user, ())):
                if queue.full():
                    queue.get_nowait()
                    queue.put_nowait(None)
                else:
                    queue.put_nowait(text)


streams = Streams()
_listener: asyncio.Task[None] | None = None


async def _listen() -> None:
    """One connection for everybody; opened again when the database was away."""
    parameters = connection.get_connection_params()
    for name in ("cursor_factory", "context"):
        parameters.pop(name, None)
    while True:
        try:
            listener = await psycopg.AsyncConnection.connect(**parameters, autocommit=True)
            async with listener:
                await listener.execute(f"LISTEN {CHANNEL}".encode())
                async for notice in listener.notifies():
                    try:
                        streams.deliver(notice.payload)
                    except (ValueError, KeyError, TypeError):
                        log.warning("live_message_unreadable", payload=notice.payload[:200])
        except psycopg.Error as error:
            log.warning("live_database_away", error=str(error))
        await asyncio.sleep(1)


async def _answer(send: Send, status: int, body: bytes = b"") -> None:
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _stream(user: str, receive: Receive, send: Send) -> None:
    headers = [
        (b"content-type", b"text/event-stream"),
        (b"cache-control", b"no-store"),
        # The address is the key and no cookie counts, so any page may use it.
        (b"access-control-allow-origin", b"*"),
        (b"x-accel-buffering", b"no"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    with streams.open(user) as queue:
        gone = asyncio.create_task(_until_gone(receive))
        try:
            await send({"type": "http.response.body", "body": b"retry: 3000\n\n", "more_body": True})
            while not gone.done():
                try:
                    text = await asyncio.wait_for(queue.get(), COMMENT_SECONDS)
                except TimeoutError:
                    text = b":\n\n"
                if text is None:
                    break
                await send({"type": "http.response.body", "body": text, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        except (OSError, RuntimeError):
            log.debug("live_stream_broken")
        finally:
            gone.cancel()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """`/live?key=<signed address>`; `/healthz`."""
    global _listener
    if scope["type"] != "http":
        return
    if _listener is None or _listener.done():
        _listener = asyncio.create_task(_listen())
    if scope["path"] == "/healthz":
        return await _answer(send, 200, b"ok")
    if scope["path"] != "/live" or scope["method"] != "GET":
        return await _answer(send, 404)
    key = parse_qs(scope["query_string"].decode("latin-1")).get("key", [""])[0]
    user = signed_user(key)
    if not user:
        return await _answer(send, 403)
    if len(streams.of.get(user, ())) >= STREAMS_A_PERSON:
        return await _answer(send, 429)
    await _stream(user, receive, send)


die_with_parent(signal.SIGKILL)
