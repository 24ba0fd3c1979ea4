"""Frames between nodes, as an interface that promises nothing.

A frame may be lost, doubled, delayed or overtaken. Whoever sends keeps what it sent until the other side
has said, in a frame of its own, that it is on its disk.
"""

from typing import Protocol

FRAME_LIMIT_BYTES = 8 * 1024 * 1024
"""No frame is larger; a peer that announces more is cut off."""


class Carrier(Protocol):
    def send(self, peer: str, frame: bytes) -> None:
        """Hand one frame to the line to ``peer`` (a node's name); never waits, never fails."""
        ...
