"""What an officer does with records that have files, and how much of a file lies at a node."""

import hashlib
from pathlib import Path
from typing import Any

from tests.node.federation import AnyNode, Federation
from tests.node.samples import ANNA, CARRIAGE, PURPOSE
from tests.registers.exhibits import NAME, attachment, exhibit, png

from allpoints.node import membership
from allpoints.node.bureau import Bureau
from allpoints.registers.entering import Carriage
from allpoints.registers.file_part import PART_BYTES

CANARY = b"Quetzalcoatlus"
"""A word that no schema, library or header contains."""

CANARY_IMAGE = png(filling=(CANARY + b"\n") * (2 * PART_BYTES // 15 + 900))
"""An image of three parts, in each of which the word can be read."""

PLAIN_IMAGE = png(filling=b"nothing in particular")


def upload(bureau: Bureau, content: bytes, media_type: str = "image/png", name: str = "front.png") -> str:
    """Put a file into the spool, as the API does; gives the reference for the record."""
    reference = attachment(content, media_type, name)
    arrived = bureau.records.files.folder() / "arriving"
    arrived.write_bytes(content)
    bureau.do(lambda: bureau.records.files.take(ANNA, arrived, reference))
    return reference.text()


def enter(
    federation: Federation,
    *contents: bytes,
    ref: str = "E-1",
    excluded: tuple[str, ...] = (),
    uploading: bool = True,
    **carried: Any,
) -> str:
    """Enter a record of Arvandia's with these images, and let everybody learn of it."""
    owner = federation.bureau("XAV")
    views = [
        upload(owner, content, name=f"{at}.png")
        if uploading
        else attachment(content, name=f"{at}.png").text()
        for at, content in enumerate(contents)
    ]
    carriage = Carriage(PURPOSE, "official-use", excluded, **carried) if excluded or carried else CARRIAGE
    whole = exhibit(ref, views=views)
    identifier: str = owner.do(lambda: owner.records.enter(ANNA, NAME, whole, carriage))
    federation.pump()
    return identifier


def withdraw(federation: Federation, ref: str = "E-1") -> None:
    owner = federation.bureau("XAV")
    owner.do(lambda: owner.records.withdraw(ANNA, NAME, ref, "Given back."))
    federation.pump()


def shown(federation: Federation, member: str, identifier: str, content: bytes) -> bytes:
    """A file as an officer of a member reads it with its record; raises what is refused."""
    bureau = federation.bureau(member)
    sha256 = hashlib.sha256(content).hexdigest()
    opened = bureau.do(lambda: bureau.records.read_file(ANNA, bytes.fromhex(identifier), sha256))
    opened.check()
    return bytes(opened.content)


def parts_held(federation: Federation) -> dict[str, int]:
    """Bytes of files in the state of every bureau that holds any."""
    held = {
        name: int(
            node.db.execute("SELECT coalesce(sum(length(data)), 0) FROM state_file_parts").fetchone()[0]
        )
        for name, node in federation.nodes.items()
        if isinstance(node, Bureau)
    }
    return {name: total for name, total in held.items() if total}


def state_with(node: AnyNode, word: bytes) -> list[str]:
    """The ``state_*`` tables of a node in which a word stands."""
    tables = [name for (name,) in node.db.execute("SELECT name FROM sqlite_master WHERE type='table'")]
    return [
        name
        for name in tables
        if name.startswith("state_")
        and any(
            word in value
            for row in node.db.execute(f"SELECT * FROM {name}")
            for value in row
            if isinstance(value, bytes)
        )
    ]


def files_with(node: AnyNode, word: bytes) -> list[str]:
    """The files of a node, write-ahead log and all, in which a word can be read."""
    folder: Path = node.disk.folder
    return [path.name for path in sorted(folder.rglob("*")) if path.is_file() and word in path.read_bytes()]


def entries_with_parts(federation: Federation) -> int:
    """How many entries of the ledger hold parts of files."""
    counted = "SELECT count(*) FROM ledger_entries WHERE kind=?"
    (count,) = federation.relay.db.execute(counted, (membership.FILE_PART,)).fetchone()
    return int(count)
