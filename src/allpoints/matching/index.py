"""The exact index: what was added lately in memory, the rest in immutable segments."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from allpoints.ground.refusal import Refusal
from allpoints.matching.discarding import Discards
from allpoints.matching.durable import BeforeWrite, unhindered
from allpoints.matching.manifest import (
    MANIFEST_NAME,
    Manifest,
    SegmentLine,
    read_manifest,
    remove_strays,
    segment_name,
    write_manifest,
)
from allpoints.matching.merging import MergeJob
from allpoints.matching.opening import open_segment, take_back
from allpoints.matching.ordering import Rows
from allpoints.matching.posting import POSTING_BYTES, RECORD_ID_BYTES, Posting, unpack
from allpoints.matching.segment import Segment
from allpoints.matching.tokens import TOKEN_BYTES
from allpoints.matching.writing import SegmentLabel, write_segment


class IndexStats(msgspec.Struct, frozen=True):
    """How large an index is."""

    live_postings: int
    segments: int
    segment_postings: int
    segment_bytes: int
    discarded: int
    applied_seq: int


class Matches(NamedTuple):
    """What a batch found: ``rows[i]`` is the row of the token behind ``postings[i]``; rows ascend."""

    rows: NDArray[np.int64]
    postings: list[Posting]


class ExactIndex(Discards):
    """Finds the postings of a token; one thread writes and reads, one folder belongs to one index.

    Without a folder all stays in memory. Acts come in the ledger's order, and those since ``applied_seq`` are applied
    again after a stop. A version that was discarded is found again only after ``supersede`` has said so.
    """

    def __init__(self, folder: Path | None = None, before: BeforeWrite = unhindered) -> None:
        """Open the index of a folder, or begin one; raises Refusal INDEX-BROKEN when it must be rebuilt."""
        super().__init__()
        self._folder = folder
        self._before = before
        self._live: dict[bytes, list[bytes]] = {}
        self._live_postings = 0
        self._hold(())
        self._generation = 0
        self._applied_seq = 0
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._read(folder)

    @classmethod
    def reading(cls, folder: Path, earlier: "ExactIndex | None" = None) -> Self:
        """The index of a folder that another process writes: nothing there is touched, and what is added stays here.

        Segments that ``earlier`` has open are not opened again. Raises Refusal INDEX-BROKEN.
        """
        index = cls(None)
        manifest = read_manifest(folder) or Manifest()
        held = {} if earlier is None else {one.digest.hex(): one for one in earlier.segments}
        index._hold(tuple(held.get(line.sha256) or open_segment(folder, line) for line in manifest.segments))
        index._discarded = {bytes.fromhex(key): upto for key, upto in manifest.discarded.items()}
        index._applied_seq = manifest.applied_seq
        return index

    @classmethod
    def erase(cls, folder: Path) -> None:
        """Remove an index's files, before a rebuild; nothing else in the folder is touched."""
        if folder.is_dir():
            (folder / MANIFEST_NAME).unlink(missing_ok=True)
            remove_strays(folder, set())

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The open segments, from the oldest to the newest."""
        return self._segments

    @property
    def applied_seq(self) -> int:
        """The ledger sequence that the last flush named; what came after it must be applied again."""
        return self._applied_seq

    def add(self, token: bytes, posting: bytes) -> None:
        """Let a token find a packed posting; raises Refusal INDEX-ROW for wrong lengths."""
        if len(token) != TOKEN_BYTES or len(posting) != POSTING_BYTES:
            raise Refusal("INDEX-ROW", "A token has 16 bytes and a posting 32.")
        self._live.setdefault(token, []).append(posting)
        self._live_postings += 1

    def lookup(self, token: bytes) -> list[Posting]:
        """The postings of a token that are not dead, each once: live ones first, then from the newest segment."""
        found = self._live.get(token)
        for look in self._looks:
            if more := look(token):
                found = found + more if found else more
        return self._alive(found) if found else []

    def lookup_any(self, tokens: Iterable[bytes]) -> list[Posting]:
        """The postings of any of the tokens, each once, in the order of the tokens."""
        found: dict[Posting, None] = {}
        for token in tokens:
            found.update(dict.fromkeys(self.lookup(token)))
        return list(found)

    def lookup_many(self, tokens: Rows) -> Matches:
        """Look up (n, 16) tokens at once, as ``lookup`` would one by one."""
        found = self._live_rows(tokens) if self._live else {}
        for segment in reversed(self._segments):
            first, counts = segment.lookup_many(tokens)
            hits = np.flatnonzero(counts)
            rows = np.repeat(hits, counts[hits])
            # The n-th posting of a token stands n rows after its first.
            nth = np.arange(len(rows)) - np.repeat(np.cumsum(counts[hits]) - counts[hits], counts[hits])
            raw = segment.postings(first[rows] + nth).tobytes()
            for number, row in enumerate(rows.tolist()):
                posting = raw[number * POSTING_BYTES : (number + 1) * POSTING_BYTES]
                found.setdefault(row, []).append(posting)
        pairs = [(row, posting) for row in sorted(found) for posting in self._alive(found[row])]
        rows_found = np.array([row for row, _ in pairs], dtype=np.int64)
        return Matches(rows_found, [posting for _, posting in pairs])

    def flush(self, applied_seq: int, now_ms: int = 0) -> None:
        """Make everything durable that was applied up to a ledger sequence.

        Raises OSError when the disk fails: the old state stays on the disk, and nothing is lost in memory.
        """
        if applied_seq < self._applied_seq:
            raise Refusal("INDEX-BACKWARDS", "An index is never flushed at an earlier sequence than before.")
        self._forget_dead_live()
        if self._folder is None:
            self._applied_seq = applied_seq
            return
        if self._live:
            added = self._write_live(self._folder, now_ms)
            try:
                self._commit((*self._segments, added), self._discarded, applied_seq)
            except (OSError, Refusal):
                take_back(self._folder, added)
                raise
            self._live, self._live_postings = {}, 0
        else:
            self._commit(self._segments, self._discarded, applied_seq)

    def prepare_merge(self, now_ms: int = 0) -> MergeJob:
        """A job that merges all present segments and drops what is dead; ``run`` it, then ``adopt`` it."""
        self._forget_dead_live()
        path = None if self._folder is None else self._folder / self._next_name()
        job = MergeJob(path, self._segments, dict(self._discarded), now_ms, self._before)
        job.revivals = dict(self._revivals)
        return job

    def adopt(self, job: MergeJob) -> None:
        """Put a finished merge in the place of its sources, and forget the discards that it carried out.

        Raises Refusal MERGE-UNFINISHED, MERGE-STALE; OSError when the disk fails, and then nothing changed.
        """
        if not job.finished:
            raise Refusal("MERGE-UNFINISHED", "A merge is adopted after it has run.")
        present = len(job.sources)
        if self._segments[:present] != job.sources:
            raise Refusal("MERGE-STALE", "Another merge has replaced this merge's segments.")
        merged = () if job.merged is None else (job.merged,)
        # Live postings were cleared of the dead when the job began. What came back since may have died again, and
        # its postings are not among those that the job went through.
        waiting = {
            key: upto
            for key, upto in self._discarded.items()
            if job.discarded.get(key) != upto or self._revivals.get(key) != job.revivals.get(key)
        }
        if self._folder is None:
            self._discarded = waiting
            return
        self._commit((*merged, *self._segments[present:]), waiting, self._applied_seq)
        for source in job.sources:
            source.close()
            source.path.unlink(missing_ok=True)

    def merge(self, now_ms: int = 0) -> None:
        """Merge all segments into one here and now."""
        job = self.prepare_merge(now_ms)
        job.run()
        self.adopt(job)

    def stats(self) -> IndexStats:
        return IndexStats(
            live_postings=self._live_postings,
            segments=len(self._segments),
            segment_postings=sum(segment.count for segment in self._segments),
            segment_bytes=sum(segment.byte_size for segment in self._segments),
            discarded=len(self._discarded),
            applied_seq=self._applied_seq,
        )

    def close(self) -> None:
        """Give the mapped files back; what was not flushed is gone."""
        segments = self._segments
        self._hold(())
        for segment in segments:
            segment.close()

    def _read(self, folder: Path) -> None:
        manifest = read_manifest(folder) or Manifest()
        remove_strays(folder, {line.file for line in manifest.segments})
        self._hold(tuple(open_segment(folder, line) for line in manifest.segments))
        self._discarded = {bytes.fromhex(key): upto for key, upto in manifest.discarded.items()}
        self._generation = manifest.generation
        self._applied_seq = manifest.applied_seq

    def _alive(self, found: list[bytes]) -> list[Posting]:
        upto = self._discarded
        if len(found) == 1:
            only = unpack(found[0])
            return [only] if only.version > upto.get(only.record_id, -1) else []
        postings = [unpack(data) for data in dict.fromkeys(found)]
        return [posting for posting in postings if posting.version > upto.get(posting.record_id, -1)]

    def _live_rows(self, tokens: Rows) -> dict[int, list[bytes]]:
        joined, live = tokens.tobytes(), self._live
        keys = [joined[at : at + TOKEN_BYTES] for at in range(0, len(joined), TOKEN_BYTES)]
        return {row: list(live[key]) for row, key in enumerate(keys) if key in live}

    def _forget_dead_live(self) -> None:
        upto = self._discarded
        if not upto:
            return
        kept: dict[bytes, list[bytes]] = {}
        for token, postings in self._live.items():
            # Unpacking takes long and few records are discarded, so the identity is asked for first.
            alive = [
                data
                for data in postings
                if data[:RECORD_ID_BYTES] not in upto or unpack(data).version > upto[data[:RECORD_ID_BYTES]]
            ]
            if alive:
                kept[token] = alive
        self._live = kept
        self._live_postings = sum(map(len, kept.values()))

    def _write_live(self, folder: Path, now_ms: int) -> Segment:
        keys = b"".join([token * len(postings) for token, postings in self._live.items()])
        postings = b"".join([posting for listed in self._live.values() for posting in listed])
        path = folder / self._next_name()
        write_segment(
            path,
            np.frombuffer(keys, np.uint8).reshape(-1, TOKEN_BYTES),
            np.frombuffer(postings, np.uint8).reshape(-1, POSTING_BYTES),
            SegmentLabel(created_ms=now_ms),
            self._before,
        )
        return Segment.open(path, verify=False)

    def _next_name(self) -> str:
        # Never the same name twice, so that no manifest on the disk can come to mean another file.
        self._generation += 1
        return segment_name(self._generation)

    def _commit(self, segments: tuple[Segment, ...], discarded: dict[bytes, int], applied_seq: int) -> None:
        if self._folder is not None:
            lines = (SegmentLine(held.path.name, held.digest.hex(), held.count) for held in segments)
            upto = {key.hex(): version for key, version in discarded.items()}
            manifest = Manifest(
                applied_seq=applied_seq,
                generation=self._generation,
                segments=tuple(lines),
                discarded=upto,
            )
            write_manifest(self._folder, manifest, self._before)
        self._hold(segments)
        self._discarded = discarded
        self._applied_seq = applied_seq

    def _hold(self, segments: tuple[Segment, ...]) -> None:
        self._segments = segments
        self._looks = tuple(segment.lookup for segment in reversed(segments))
