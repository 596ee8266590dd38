"""A device with passkeys, as honest or as false as a test wants it."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

FLAG = AuthenticatorData.FLAG


@dataclass
class Device:
    """One passkey. ``counts``: the signature counter goes up; synced passkeys always say 0."""

    origin: str = "http://localhost"
    host: str = "localhost"
    counts: bool = True
    verifies: bool = True
    counter: int = 0
    handle: bytes = b""
    key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def make(self, options: dict[str, Any], **client: Any) -> str:
        """The answer to the options for a new passkey."""
        self.handle = websafe_decode(options["user"]["id"])
        public: Any = ES256.from_cryptography_key(self.key.public_key())
        made = AttestedCredentialData.create(Aaguid.NONE, self.credential_id, public)
        told = AttestationObject.create("none", self._data(FLAG.AT, made), {})
        client_data = self._client(CollectedClientData.TYPE.CREATE, options, client)
        return self._answer(clientDataJSON=client_data, attestationObject=told)

    def answer(self, options: dict[str, Any], **client: Any) -> str:
        """The answer to the options for signing in."""
        data = self._data(FLAG(0), b"")
        client_data = self._client(CollectedClientData.TYPE.GET, options, client)
        signature = self.key.sign(data + client_data.hash, ec.ECDSA(hashes.SHA256()))
        return self._answer(
            clientDataJSON=client_data, authenticatorData=data, signature=signature, userHandle=self.handle
        )

    def _data(self, flags: Any, made: bytes) -> AuthenticatorData:
        self.counter += self.counts
        flags |= FLAG.UP | (FLAG.UV if self.verifies else FLAG(0))
        return AuthenticatorData.create(sha256(self.host.encode()).digest(), flags, self.counter, made)

    def _client(self, kind: Any, options: dict[str, Any], other: dict[str, Any]) -> CollectedClientData:
        values = {"type": kind, "challenge": websafe_decode(options["challenge"]), "origin": self.origin} | other
        return CollectedClientData.create(**values)

    def _answer(self, **response: bytes) -> str:
        key = websafe_encode(self.credential_id)
        said = {name: websafe_encode(bytes(value)) for name, value in response.items()}
        return json.dumps({"id": key, "rawId": key, "type": "public-key", "response": said})
