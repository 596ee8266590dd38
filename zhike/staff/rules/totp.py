"""Time-based one-time codes (RFC 6238, SHA-1, 30 seconds, 6 digits: what every authenticator app reads)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import struct
from urllib.parse import quote, urlencode

PERIOD = 30
DIGITS = 6
# Clocks differ: one step before and one after are good as well.
WINDOW = 1


def new_secret() -> str:
    """160 bits in base 32, as apps take it."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def code_at(secret: str, step: int, digits: int = DIGITS) -> str:
    """The code of one time step."""
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def matching_step(secret: str, code: str, seconds: float, after_step: int = 0) -> int | None:
    """The time step whose code this is, or None. Steps up to ``after_step`` were used: no code works twice."""
    code = "".join(sign for sign in code if not sign.isspace())
    now = int(seconds // PERIOD)
    for step in range(now - WINDOW, now + WINDOW + 1):
        if step > after_step and hmac.compare_digest(code_at(secret, step).encode(), code.encode()):
            return step
    return None


def setup_uri(secret: str, account: str, issuer: str) -> str:
    """What the QR code says to the app."""
    label = quote(f"{issuer}:{account}")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': issuer})}"
