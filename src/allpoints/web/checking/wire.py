"""What a node and one of its check workers say to each other, over a pair of sockets that nobody else has."""

import asyncio
import socket
from typing import Any

import msgspec

LENGTH_BYTES = 4
MESSAGE_LIMIT_BYTES = 1024 * 1024


class Start(msgspec.Struct, frozen=True, array_like=True, tag="start"):
    """The first word of the node: what a worker is to be.

    ``values`` are the node's settings by path, ``kinds`` the identifiers that its vocabulary knows, ``policy`` the
    digest of its policy set.
    """

    folder: str
    values: dict[str, Any]
    index_key: bytes
    policy: str
    kinds: tuple[str, ...]


class Ready(msgspec.Struct, frozen=True, array_like=True, tag="ready"):
    """The first word of a worker: it has the index and answers."""


class Who(msgspec.Struct, frozen=True, array_like=True, tag="who"):
    """A worker asks who this is and whether it may check."""

    id: int
    headers: dict[str, str]


class Problem(msgspec.Struct, frozen=True, array_like=True):
    """A refusal as it goes out: its status, its code, its problem document and after how many seconds to ask again."""

    status: int
    code: str
    body: bytes
    retry_s: int = 0


class Standing(msgspec.Struct, frozen=True, array_like=True, tag="standing"):
    """Who asks, or why not: ``outright`` whatever the purpose is, ``so`` with the purpose that was stated."""

    id: int
    officer: str = ""
    purpose: str = ""
    emergency: str = ""
    emergency_ends_ms: int = 0
    outright: Problem | None = None
    so: Problem | None = None


class Ask(msgspec.Struct, frozen=True, array_like=True, tag="ask"):
    """A worker hands a whole check over."""

    id: int
    headers: dict[str, str]
    body: bytes


class Told(msgspec.Struct, frozen=True, array_like=True, tag="told"):
    """The node's answer to a check that was handed over."""

    id: int
    status: int
    body: bytes
    retry_s: int = 0


class Counted(msgspec.Struct, frozen=True, array_like=True, tag="counted"):
    """What a worker refused since it last said so, by code."""

    refusals: dict[str, int]


ToWorker = Start | Standing | Told
ToNode = Ready | Who | Ask | Counted

_encode = msgspec.msgpack.Encoder().encode
to_worker = msgspec.msgpack.Decoder(ToWorker)
to_node = msgspec.msgpack.Decoder(ToNode)


class Link:
    """One end of the pair."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def over(cls, end: socket.socket) -> "Link":
        end.setblocking(False)
        return cls(*await asyncio.open_connection(sock=end))

    def say(self, message: ToWorker | ToNode) -> None:
        data = _encode(message)
        self._writer.write(len(data).to_bytes(LENGTH_BYTES, "big") + data)

    async def hear(self) -> bytes | None:
        """The next message as it came, None once the other end is gone or says what nobody says."""
        try:
            size = int.from_bytes(await self._reader.readexactly(LENGTH_BYTES), "big")
            return await self._reader.readexactly(size) if size <= MESSAGE_LIMIT_BYTES else None
        except (asyncio.IncompleteReadError, OSError):
            return None

    def close(self) -> None:
        self._writer.close()
