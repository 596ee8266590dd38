"""Encryption of sensitive fields: AES-256-GCM under a key ring, and blind indexes to find what is encrypted.

The ring is `settings.ENCRYPTION_KEYS`, newest first: the first encrypts, all decrypt, so that a key is
changed by putting a new one in front and encrypting again at leisure.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Undecipherable(Exception):
    """The text was changed, belongs elsewhere, or its key is no longer on the ring."""


@cache
def _derive(key: str, use: str) -> bytes:
    return HKDF(SHA256(), 32, salt=b"zhike", info=use.encode()).derive(key.encode())


def _key_id(key: str) -> str:
    return hashlib.sha256(_derive(key, "id")).hexdigest()[:8]


def encrypt(text: str, *, purpose: str) -> str:
    """The text, readable only with the key and the same ``purpose`` (name of the field, and of the row if possible)."""
    key = settings.ENCRYPTION_KEYS[0]
    nonce = os.urandom(12)
    sealed = AESGCM(_derive(key, "encrypt")).encrypt(nonce, text.encode(), purpose.encode())
    return f"v1.{_key_id(key)}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def decrypt(token: str, *, purpose: str) -> str:
    """What `encrypt` was given.

    Raises:
        Undecipherable: see there.
    """
    try:
        version, key_id, body = token.split(".")
        key = next(key for key in settings.ENCRYPTION_KEYS if _key_id(key) == key_id)
        raw = base64.urlsafe_b64decode(body)
        if version != "v1":
            raise Undecipherable
        return AESGCM(_derive(key, "encrypt")).decrypt(raw[:12], raw[12:], purpose.encode()).decode()
    except (ValueError, StopIteration, InvalidTag) as error:
        raise Undecipherable from error


def needs_encrypting_again(token: str) -> bool:
    """Whether it lies under an older key than the first of the ring."""
    return token.split(".")[1:2] != [_key_id(settings.ENCRYPTION_KEYS[0])]


def blind_indexes(text: str, *, purpose: str) -> list[str]:
    """What equal texts have in common without telling the text: one per key, the one to store first."""
    return [
        hmac.new(_derive(key, "index"), f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()
        for key in settings.ENCRYPTION_KEYS
    ]
