"""How long a record is kept, and when its owner is asked whether it still must be."""

import msgspec

from allpoints.ground.clock import DAY
from allpoints.vocabulary.register import Register

NEVER_MS = 2**48 - 1
"""The end of what is kept without end: a moment that no clock here reaches."""

NOTICE_MS = 182 * DAY
"""How long before its end the owner of a record is asked: half a year."""


def ends_ms(register: Register, body: msgspec.Struct, since_ms: int) -> int:
    """When a record whose retention began at ``since_ms`` is deleted, unless its owner renews it."""
    days = register.retention(body)
    return min(since_ms + days * DAY, NEVER_MS - 1) if days else NEVER_MS


def shown_end(expires_ms: int) -> int:
    """The end as it is told: 0 when there is none."""
    return 0 if expires_ms == NEVER_MS else expires_ms


def is_achieved(register: Register, body: msgspec.Struct) -> bool:
    """Whether the status of the record says that its purpose is served, so that it is deleted at once."""
    return bool(register.achieved) and register.status_of(body) in register.achieved
