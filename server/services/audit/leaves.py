"""How the facts of a branch stand in its tree."""

from __future__ import annotations

import hmac

from server.domain.audit.leaves import leaf_of
from server.store.facts import SealedFact, row_bytes
from server.store.keyring import Keyring


class Leaves:
    """Writes facts as leaves; each is sealed with a blind of its own, which the key file gives."""

    def __init__(self, keys: Keyring) -> None:
        self._secret = keys.blind

    def write(self, place: int, fact: SealedFact) -> str:
        """Write a fact as the leaf at a place of its branch's tree."""
        blind = hmac.digest(self._secret, fact.feed_number.to_bytes(8, "big"), "sha256")
        row = row_bytes(fact.feed_number, fact)
        return leaf_of(place, fact.type, fact.at, fact.data, row, blind)
