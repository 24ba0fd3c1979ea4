"""The list of an index's segments: the one small file whose renaming makes a change take effect."""

import hashlib
import re
from pathlib import Path

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.matching.durable import PART_SUFFIX, BeforeWrite, DurableFile, unhindered

MANIFEST_NAME = "index.json"
"""The manifest's name in the index's folder."""

MANIFEST_FORMAT = "allpoints-index/1"
"""The only format that this program reads and writes."""

MANIFEST_LIMIT_BYTES = 256 * 1024 * 1024
"""Room for about five million discarded records between two merges."""

SEGMENTS_LIMIT = 1_024
"""An index has at most so many segments; each costs every look-up about half a microsecond."""

_SEGMENT_NAME = re.compile(r"segment-[0-9]{10}\.aps")


class SegmentLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One segment of the index: its file and the digest that it must have."""

    file: str
    sha256: str
    count: int


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The state of an index on the disk; segments stand from the oldest to the newest."""

    format: str = MANIFEST_FORMAT
    applied_seq: int = 0
    generation: int = 0
    segments: tuple[SegmentLine, ...] = ()
    discarded: dict[str, int] = {}


class _Sealed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sha256: str
    manifest: msgspec.Raw


def segment_name(generation: int) -> str:
    """The file name of the segment that was begun as the ``generation``-th."""
    return f"segment-{generation:010d}.aps"


def write_manifest(folder: Path, manifest: Manifest, before: BeforeWrite = unhindered) -> None:
    """Put a manifest in the place of the one before it, wholly or not at all.

    Raises Refusal INDEX-TOO-LARGE; OSError when the disk fails.
    """
    body = msgspec.json.encode(manifest)
    if len(body) > MANIFEST_LIMIT_BYTES or len(manifest.segments) > SEGMENTS_LIMIT:
        raise Refusal(
            "INDEX-TOO-LARGE", "The index has too many segments or discarded records.", hint="Merge it first."
        )
    sealed = _Sealed(hashlib.sha256(body).hexdigest(), msgspec.Raw(body))
    with DurableFile(folder / MANIFEST_NAME, before) as file:
        file.write(msgspec.json.encode(sealed))


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a folder, None when the index was never flushed; raises Refusal INDEX-BROKEN."""
    path = folder / MANIFEST_NAME
    try:
        if path.stat().st_size > MANIFEST_LIMIT_BYTES + 1_024:
            raise _broken("is larger than any that was written")
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        sealed = msgspec.json.decode(data, type=_Sealed)
        body = bytes(sealed.manifest)
        manifest = msgspec.json.decode(body, type=Manifest)
        discarded = {bytes.fromhex(record_id) for record_id in manifest.discarded}
    except (msgspec.DecodeError, ValueError):
        raise _broken("cannot be read") from None
    if hashlib.sha256(body).hexdigest() != sealed.sha256:
        raise _broken("does not match its hash")
    if msgspec.json.encode(sealed) != data:
        raise _broken("was changed")
    names = [line.file for line in manifest.segments]
    if (
        manifest.format != MANIFEST_FORMAT
        or not all(_SEGMENT_NAME.fullmatch(name) for name in names)
        or any(len(record_id) != 16 for record_id in discarded)
    ):
        raise _broken("names things that no index has")
    return manifest


def remove_strays(folder: Path, kept: set[str]) -> None:
    """Delete segments and unfinished files that a crash left behind and no manifest names."""
    for path in folder.iterdir():
        unfinished = path.name.endswith(PART_SUFFIX)
        if unfinished or (_SEGMENT_NAME.fullmatch(path.name) and path.name not in kept):
            path.unlink(missing_ok=True)


def _broken(why: str) -> Refusal:
    return Refusal(
        "INDEX-BROKEN", f"The index's manifest {why}.", hint="Rebuild the index from the ledger.", status=503
    )
