"""A device with passkeys as a program: it answers as a browser would, or as somebody who cheats."""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import bytes_to_base64url as text_of

_PRESENT, _VERIFIED, _WITH_KEY = 1, 4, 64


class Authenticator:
    """Has one key; what it says of site, owner and use can be made wrong."""

    def __init__(self, name: str = "numerek.test") -> None:
        self.name = name
        self.origin = f"https://{name}"
        self.verifies = True
        self.count = 0
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._id = os.urandom(16)

    def make(self, options: str) -> str:
        """Answer the wish for a new passkey."""
        numbers = self._key.public_key().public_numbers()
        x, y = (part.to_bytes(32, "big") for part in (numbers.x, numbers.y))
        key = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        more = bytes(16) + len(self._id).to_bytes(2, "big") + self._id + key
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": self._data(_WITH_KEY) + more})
        client = self._client("webauthn.create", options)
        return self._answer({"clientDataJSON": text_of(client), "attestationObject": text_of(attested)})

    def prove(self, options: str) -> str:
        """Answer the wish for a proof."""
        self.count += 1
        data, client = self._data(0), self._client("webauthn.get", options)
        signed = self._key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        parts = {"clientDataJSON": client, "authenticatorData": data, "signature": signed}
        return self._answer({name: text_of(part) for name, part in parts.items()})

    def _data(self, flags: int) -> bytes:
        flags |= _PRESENT | (_VERIFIED if self.verifies else 0)
        return hashlib.sha256(self.name.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, options: str) -> bytes:
        challenge = json.loads(options)["challenge"]
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, response: dict[str, Any]) -> str:
        name = text_of(self._id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})
