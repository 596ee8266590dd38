"""Keeps the processes of one installation running until it is told to stop."""

from __future__ import annotations

import contextlib
import os
import select
import time
from collections.abc import Callable

from zhike.operations.child import Child
from zhike.operations.installation import say
from zhike.operations.postgres import Server
from zhike.operations.postgres_files import PostgresError

# How long a process may take to finish what it is doing.
GRACE_SECONDS = 15.0
GIVE_UP_AFTER = 4


class StartFailed(Exception):
    """A process does not come up; the message holds its last words."""


class Supervisor:
    """Children, and the embedded database beneath them if there is one."""

    def __init__(self, children: list[Child], server: Server | None) -> None:
        self.children = children
        self.server = server
        self._database_at = 0.0
        self._database_failures = 0

    def start(self) -> None:
        for child in self.children:
            child.start()

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Look after the children until ``ready``.

        Raises:
            StartFailed: one of them ends again and again, or it takes too long.
        """
        end = time.monotonic() + seconds
        while not ready():
            self.look(0.05)
            for child in self.children:
                if child.failures >= GIVE_UP_AFTER:
                    raise StartFailed(f"{child.name} does not start:\n{child.last_words()}")
            if time.monotonic() > end:
                words = "\n".join(f"{child.name}:\n{child.last_words(5)}" for child in self.children)
                raise StartFailed(f"It did not answer within {seconds:.0f} s.\n{words}")

    def run(self) -> None:
        """Look after everything; ends only by an exception."""
        while True:
            self.look(0.25)

    def look(self, seconds: float) -> None:
        """One round: logs, deaths, restarts."""
        waiting = [child.output for child in self.children if child.output is not None]
        select.select(waiting, [], [], seconds)
        for child in self.children:
            child.read()
            if (code := child.ended()) is not None:
                pause = child.plan_restart()
                say(f"{child.name} ended ({_how(code)}); starting it again in {pause:.1f} s. See {child.log}")
            elif child.process is None and time.monotonic() >= child.start_at:
                child.start()
        self._look_after_database()
        self._bury_strangers()

    def _look_after_database(self) -> None:
        server = self.server
        if server is None or server.running() or time.monotonic() < self._database_at:
            return
        say("The database ended; starting it again.")
        try:
            server.start()
            self._database_failures = 0
        except PostgresError as error:
            pause = min(2.0**self._database_failures, 30.0)
            self._database_failures += 1
            self._database_at = time.monotonic() + pause
            say(f"{error}\nThe next try is in {pause:.0f} s.")

    def _bury_strangers(self) -> None:
        """Collect orphans that we inherited (as first process of a container), never children of ours."""
        ours = {child.process.pid for child in self.children if child.process}
        if self.server and self.server.process:
            ours.add(self.server.process.pid)
        with contextlib.suppress(ChildProcessError):
            dead = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if dead and dead.si_pid not in ours:
                os.waitpid(dead.si_pid, os.WNOHANG)

    def stop(self) -> None:
        """Stop everything, the database last."""
        for child in self.children:
            child.ask_to_stop()
        deadline = time.monotonic() + GRACE_SECONDS
        for child in self.children:
            child.stop(deadline)
        if self.server:
            self.server.stop()


def _how(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"
