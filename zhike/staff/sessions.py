"""The session engine: Django's database engine on our own table. What the row tells is kept in the session
under the names below, because the engine sees no request. The row brings its person along."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils.dateparse import parse_datetime

from zhike.kernel.clock import now
from zhike.kernel.prepared import Prepared
from zhike.staff import along

if TYPE_CHECKING:
    from zhike.staff.models import User

STARTED, SEEN, ADDRESS, DEVICE = "_started_at", "_seen_at", "_address", "_device"


class SessionStore(DatabaseStore):
    #: Whose session was found; None before it is asked for, and for a session of nobody or of a leaver.
    person: User | None = None

    @classmethod
    def get_model_class(cls) -> type[Any]:
        from zhike.staff.models import Session

        return Session

    def _get_session_from_db(self) -> Any:
        found = _alive(self.session_key, now()) if self.session_key else []
        if not found:
            self._session_key = None
            return None
        self.person = _person(found[0])
        return found[0]

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row: Any = super().create_model_instance(data)
        row.user_id = data.get(SESSION_KEY)
        row.started_at = parse_datetime(data.get(STARTED, ""))
        row.seen_at = parse_datetime(data.get(SEEN, ""))
        row.address = data.get(ADDRESS, "")
        row.device = data.get(DEVICE, "")
        return row


def _person(row: Any) -> User | None:
    user: User | None = row.user
    if user is None or not user.is_active:
        return None
    user.along = {name: getattr(row, f"along_{name}") for name in along.expressions}
    return user


def _of_key(key: str, at: datetime) -> Any:
    sessions = SessionStore.get_model_class().objects.filter(session_key=key, expire_date__gt=at)
    brought = {f"along_{name}": expression for name, expression in along.expressions.items()}
    return sessions.select_related("user__org_unit", "user__company").annotate(**brought)


_alive = Prepared(_of_key)
