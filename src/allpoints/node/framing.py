"""What all frames have in common: their base, and the limits of what stands in them."""

from typing import Annotated

import msgspec
from msgspec import Meta

COUNT_LIMIT = 2**53
LIST_LIMIT = 4_096
"""Items of one frame; each costs the receiver a statement or more, however small it is."""
NAME_LIMIT_CHARACTERS = 64

Count = Annotated[int, Meta(ge=0, le=COUNT_LIMIT)]
"""A place in the ledger, the extract or the mailbox; larger than any will be, and small enough for every table."""

Counts = Annotated[list[Count], Meta(max_length=LIST_LIMIT)]
Blobs = Annotated[list[bytes], Meta(max_length=LIST_LIMIT)]
Name = Annotated[str, Meta(max_length=NAME_LIMIT_CHARACTERS)]


class Frame(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """The base of all frames."""
