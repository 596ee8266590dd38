"""What each web worker loads: the application, warm before its first request."""

import signal

from zhike.operations.processes import die_with_parent

die_with_parent(signal.SIGKILL)

from config.wsgi import application  # noqa: E402


def warm_up() -> None:
    """Load the addresses and open the database connection now."""
    from django.db import DatabaseError, connection
    from django.urls import get_resolver

    get_resolver().url_patterns  # noqa: B018
    try:
        connection.ensure_connection()
    except DatabaseError:
        connection.close()


warm_up()

__all__ = ["application"]
