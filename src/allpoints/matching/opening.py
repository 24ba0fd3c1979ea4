"""Segments as a manifest names them: opened when they are the right ones, taken back when no manifest came to name them."""

from pathlib import Path

from allpoints.ground.refusal import Refusal
from allpoints.matching.manifest import SegmentLine, read_manifest
from allpoints.matching.segment import Segment


def open_segment(folder: Path, line: SegmentLine) -> Segment:
    """The segment that a manifest names, checked; raises Refusal INDEX-BROKEN."""
    try:
        segment = Segment.open(folder / line.file)
    except Refusal as refusal:
        raise _broken(refusal.sentence) from refusal
    if segment.digest.hex() != line.sha256 or segment.count != line.count:
        segment.close()
        raise _broken(f"The segment {line.file} is not the one that the manifest names.")
    return segment


def _broken(why: str) -> Refusal:
    return Refusal("INDEX-BROKEN", why, hint="Rebuild the index from the ledger.", status=503)


def take_back(folder: Path, added: Segment) -> None:
    """Remove a segment whose manifest failed, unless that manifest reached the disk before it failed."""
    try:
        manifest = read_manifest(folder)
    except (OSError, Refusal):
        return
    if manifest is None or added.path.name not in {line.file for line in manifest.segments}:
        added.path.unlink(missing_ok=True)
