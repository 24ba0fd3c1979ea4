"""What this part needs from the vocabulary's declaration of a notice kind."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec


class Kind(Protocol):
    @property
    def name(self) -> str:
        """``red``."""
        ...

    def clean(self, raw: Mapping[str, object], /) -> msgspec.Struct:
        """The normalised body; raises Refusal with every fault."""
        ...

    def keys(self, body: Any, /) -> Sequence[tuple[str, str]]:
        """The person's keys for the check index: kind of key and its normal form."""
        ...

    def names(self, body: Any, /) -> Sequence[str]:
        """The person's folded names for name search."""
        ...

    def caption(self, body: Any, /) -> str:
        """How lists call the person."""
        ...
