"""What a TLS terminator says of a caller's card: believed of the terminators of the settings, stripped of all others.

Two things must hold, the address that the connection comes from and a secret: an address alone would let anybody through who
reaches the node by way of the terminator with a header of one's own.
"""

import hmac
from collections.abc import MutableMapping
from typing import Any

from allpoints.node import card_settings
from allpoints.node.setting import blocks
from allpoints.node.settings import Settings
from allpoints.web.quotas import is_within

CERTIFICATE, SECRET = b"client-cert", b"allpoints-terminator"
_OURS = frozenset({CERTIFICATE, SECRET})

Scope = MutableMapping[str, Any]


class Terminators:
    """Who may say whose card it was."""

    def __init__(self, settings: Settings) -> None:
        self._blocks = blocks(settings.text("card.terminators"))
        self._secret = card_settings.secret(settings)

    def strip(self, scope: Scope) -> None:
        """Leave the certificate of a card in a request only where a terminator put it, and the secret never."""
        headers = scope["headers"]
        ours = [one for one in headers if one[0].lower() in _OURS]
        if not ours:
            return
        kept = [one for one in headers if one[0].lower() not in _OURS]
        certificates = [one for one in ours if one[0].lower() == CERTIFICATE]
        if len(certificates) == 1 and self._are_of_one(scope, ours):
            kept += certificates
        scope["headers"] = kept

    def _are_of_one(self, scope: Scope, ours: list[tuple[bytes, bytes]]) -> bool:
        secrets = [value for name, value in ours if name.lower() == SECRET]
        client = scope.get("client")
        if not self._secret or len(secrets) != 1 or not client:
            return False
        return hmac.compare_digest(secrets[0], self._secret) and is_within(str(client[0]), self._blocks)
