"""What the secretariat is asked to examine."""

from typing import Any

import msgspec


class Request(msgspec.Struct, frozen=True):
    """A submission as the review sees it.

    ``submission`` are the owner's signed bytes, opaque here; ``equivalent`` names the owner's open notices on the
    same case, ``updates`` the one that this request is to replace. Together with a rule version it holds all that
    a gate may look at.
    """

    id: str
    kind: str
    owner: str
    owner_ref: str
    revision: int
    body: dict[str, Any]
    submitted_ms: int
    urgent: bool = False
    updates: str = ""
    equivalent: tuple[str, ...] = ()
    submission: bytes = b""
