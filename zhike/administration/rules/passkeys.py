"""What a passkey must prove (WebAuthn level 2, chapter 7). The library checks signatures; here is what we ask for.

A passkey belongs to one host name and answers only to its pages, so that no other site can ask for it. The device
must have checked the person (finger, face, PIN): that makes it both factors at once.
"""

from __future__ import annotations

import ipaddress
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from fido2.server import Fido2Server

# ES256, EdDSA, RS256: what devices offer.
_ALGORITHMS = (-7, -8, -257)
_REQUIRED = "required"


class NotAccepted(Exception):
    """What the device answered proves nothing."""


@dataclass(frozen=True)
class Party:
    """To whom passkeys are bound: the host name, and the one origin whose pages may ask for them."""

    host: str
    origin: str


def party(configured: str, *, host: str, secure: bool, any_host: bool) -> Party | None:
    """Who we are for the browser, or None where passkeys cannot work.

    Args:
        configured: the origin that was set; empty: that of the request.
        host: of the request, with its port, one of those we serve.
        secure: whether the browser came by HTTPS.
        any_host: every host name is served, so that the request's says nothing.
    """
    if not configured and any_host:
        return None
    parts = urlsplit(configured or f"{'https' if secure else 'http'}://{host}")
    name = parts.hostname or ""
    local = name == "localhost" or name.endswith(".localhost")
    if not name or _is_address(name) or not (parts.scheme == "https" or local):
        return None
    return Party(name, f"{parts.scheme}://{parts.netloc}".lower())


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def counter_went_back(known: int, told: int) -> bool:
    """Whether a copy of the passkey may be about. Those that do not count always say 0."""
    return (known > 0 or told > 0) and told <= known


@dataclass(frozen=True)
class NewPasskey:
    """What the device made: ``data`` is kept."""

    credential_id: str
    data: bytes
    sign_count: int


@dataclass(frozen=True)
class Answer:
    """What the device says when somebody signs in: which passkey, and whose it believes it to be."""

    credential_id: str
    handle: bytes
    raw: dict[str, Any]


def ask_for_new(one: Party, *, handle: bytes, username: str, name: str, known: list[str]) -> tuple[Any, str]:
    """The options for the browser, and the challenge to be kept. ``known``: passkeys that the person has."""
    from fido2.utils import websafe_decode
    from fido2.webauthn import PublicKeyCredentialDescriptor, PublicKeyCredentialType, PublicKeyCredentialUserEntity

    kind = PublicKeyCredentialType.PUBLIC_KEY
    options, state = _server(one).register_begin(
        PublicKeyCredentialUserEntity(id=handle, name=username, display_name=name),
        [PublicKeyCredentialDescriptor(type=kind, id=websafe_decode(each)) for each in known],
        resident_key_requirement=_REQUIRED,  # type: ignore[arg-type]
        user_verification=_REQUIRED,  # type: ignore[arg-type]
    )
    return json.loads(json.dumps(dict(options)))["publicKey"], state["challenge"]


def ask_for_one(one: Party) -> tuple[Any, str]:
    """The options for the browser, and the challenge to be kept: whichever passkey the person has for us."""
    options, state = _server(one).authenticate_begin(user_verification=_REQUIRED)  # type: ignore[arg-type]
    return json.loads(json.dumps(dict(options)))["publicKey"], state["challenge"]


def new_passkey(one: Party, challenge: str, text: str) -> NewPasskey:
    """What the device made for this challenge.

    Raises:
        NotAccepted: it is for another challenge, origin or host, the person was not checked, or it cannot be read.
    """
    from fido2.utils import websafe_encode
    from fido2.webauthn import RegistrationResponse

    raw = _read(text)
    try:
        told = RegistrationResponse.from_dict(raw)
        _not_framed(told.response.client_data)
        proved = _server(one).register_complete(_state(challenge), told)
        made = proved.credential_data
    except Exception as error:  # whatever the library stumbles over proves nothing
        raise NotAccepted from error
    if made is None or made.public_key.ALGORITHM not in _ALGORITHMS or not 0 < len(made.credential_id) <= 1023:
        raise NotAccepted
    return NewPasskey(websafe_encode(made.credential_id), bytes(made), proved.counter)


def read_answer(text: str) -> Answer:
    """Which passkey answers; nothing is proved yet.

    Raises:
        NotAccepted: it cannot be read, or does not say whose it is.
    """
    from fido2.utils import websafe_encode
    from fido2.webauthn import AuthenticationResponse

    raw = _read(text)
    try:
        told = AuthenticationResponse.from_dict(raw)
        return Answer(websafe_encode(told.raw_id), bytes(told.response.user_handle or b""), raw)
    except Exception as error:  # whatever the library stumbles over proves nothing
        raise NotAccepted from error


def proved_count(one: Party, challenge: str, answer: Answer, data: bytes) -> int:
    """The signature counter of an answer to this challenge, given with the key in ``data``.

    Raises:
        NotAccepted: it is for another challenge, origin, host or key, or the person was not checked.
    """
    from fido2.webauthn import AttestedCredentialData, AuthenticationResponse

    try:
        told = AuthenticationResponse.from_dict(answer.raw)
        _not_framed(told.response.client_data)
        _server(one).authenticate_complete(_state(challenge), [AttestedCredentialData(data)], told)
        return told.response.authenticator_data.counter
    except Exception as error:  # whatever the library stumbles over proves nothing
        raise NotAccepted from error


def _server(one: Party) -> Fido2Server:
    from fido2.server import Fido2Server
    from fido2.webauthn import AttestationConveyancePreference, PublicKeyCredentialRpEntity

    server = Fido2Server(
        PublicKeyCredentialRpEntity(id=one.host, name=_("Zhike")),
        attestation=AttestationConveyancePreference.NONE,
        verify_origin=lambda origin: origin == one.origin,
    )
    server.allowed_algorithms = [each for each in server.allowed_algorithms if each.alg in _ALGORITHMS]
    return server


def _state(challenge: str) -> dict[str, str]:
    return {"challenge": challenge, "user_verification": _REQUIRED}


def _not_framed(client_data: Any) -> None:
    """No page of others may hold ours in a frame while it asks."""
    if client_data.cross_origin:
        raise NotAccepted


def _read(text: str) -> dict[str, Any]:
    try:
        raw = json.loads(text)
    except ValueError as error:
        raise NotAccepted from error
    if not isinstance(raw, dict):
        raise NotAccepted
    return raw
