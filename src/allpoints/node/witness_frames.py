"""What relay and witnesses say to each other about checkpoints."""

from typing import Annotated

from msgspec import Meta

from allpoints.ground.refusal import Fault
from allpoints.ledger.witnessing import PROOF_LIMIT_HASHES
from allpoints.node.framing import Count, Frame


class AddCheckpoint(Frame, frozen=True):
    """Relay to witness: cosign this checkpoint; ``proof`` leads to it from the size that was cosigned last."""

    old_size: Count
    proof: Annotated[list[bytes], Meta(max_length=PROOF_LIMIT_HASHES)]
    checkpoint: str


class Cosigned(Frame, frozen=True):
    """Witness to relay: its signature line, and the size it stands at now; that is on disk."""

    size: Count
    line: str


class NotCosigned(Frame, frozen=True):
    """Witness to relay: why not, and the size that it cosigned last."""

    size: Count
    fault: Fault


class Witnessed(Frame, frozen=True):
    """Relay to follower: a checkpoint with the cosignatures of a quorum."""

    checkpoint: str
