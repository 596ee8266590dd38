"""One-time passwords and recovery codes: easy to read aloud, hard to guess."""

from __future__ import annotations

import hashlib
import secrets

# Without letters and digits that are taken for one another.
_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"


def _group(length: int) -> str:
    return "".join(secrets.choice(_SIGNS) for _ in range(length))


def one_time_password() -> str:
    """About 59 bits, to be changed at the first sign-in."""
    return "-".join(_group(4) for _ in range(3))


def recovery_codes(count: int = 10) -> list[str]:
    """About 50 bits each."""
    return [f"{_group(5)}-{_group(5)}" for _ in range(count)]


def recovery_code_hash(user_id: object, code: str) -> str:
    """What is kept of a recovery code; blanks, dashes and capitals do not matter."""
    plain = "".join(sign for sign in code.lower() if sign.isalnum())
    return hashlib.sha256(f"{user_id}:{plain}".encode()).hexdigest()
