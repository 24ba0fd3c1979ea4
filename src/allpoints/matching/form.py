"""The form in which a segment holds its postings: what all of them share is written once.

A row is the record's identity (16 bytes), the end of the time, the number of the posting's kind and the end of the
version. Times and versions leave out the leading bytes that are the same in all rows. A kind is register, flags, owner and
the spare bytes together; the segment lists those that occur.
"""

from collections.abc import Callable, Iterable
from functools import reduce
from itertools import takewhile
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from allpoints.ground.refusal import Refusal
from allpoints.matching.ordering import Rows
from allpoints.matching.posting import POSTING_BYTES, RECORD_ID_BYTES

TIME_BYTES = 6
VERSION_BYTES = 3
KIND_BYTES = 7
KINDS_LIMIT = 1 << 24

_TIME = slice(16, 22)
_VERSION = slice(27, 30)
_KIND_COLUMNS = [22, 23, 24, 25, 26, 30, 31]


class Form(NamedTuple):
    """What the postings of a segment share: leading bytes of their times and versions, and their kinds in order."""

    time: bytes
    version: bytes
    kinds: tuple[bytes, ...]

    @classmethod
    def of(cls, postings: Rows) -> Self:
        """The closest form that holds these (n, 32) postings."""
        if not len(postings):
            return cls(bytes(TIME_BYTES), bytes(VERSION_BYTES), ())
        kinds = np.unique(_kind_numbers(postings))
        if len(kinds) > KINDS_LIMIT:
            raise Refusal("SEGMENT-KINDS", f"A segment has postings of at most {KINDS_LIMIT} kinds.")
        listed = tuple(int(kind).to_bytes(KIND_BYTES, "big") for kind in kinds)
        return cls(_shared(postings[:, _TIME]), _shared(postings[:, _VERSION]), listed)

    @classmethod
    def joined(cls, forms: Iterable["Form"]) -> Self:
        """A form that holds whatever any of these holds; one of no kinds holds nothing and counts for nothing."""
        used = [form for form in forms if form.kinds]
        if not used:
            return cls.of(np.zeros((0, POSTING_BYTES), np.uint8))
        kinds = sorted(set().union(*(form.kinds for form in used)))
        time = reduce(_common, (form.time for form in used))
        return cls(time, reduce(_common, (form.version for form in used)), tuple(kinds))

    @property
    def code_bytes(self) -> int:
        """Bytes of a kind's number: none where there is one kind."""
        return ((max(len(self.kinds), 1) - 1).bit_length() + 7) // 8

    @property
    def row_bytes(self) -> int:
        return (
            RECORD_ID_BYTES
            + TIME_BYTES
            - len(self.time)
            + self.code_bytes
            + VERSION_BYTES
            - len(self.version)
        )

    def encode(self, postings: Rows) -> Rows:
        """(n, 32) postings as (n, ``row_bytes``) rows; raises Refusal SEGMENT-FORM for one that is not of this form."""
        codes = self._codes(postings)
        parts = [
            postings[:, :RECORD_ID_BYTES],
            postings[:, 16 + len(self.time) : 22],
            codes,
            postings[:, 27 + len(self.version) : 30],
        ]
        for shared, columns in ((self.time, _TIME), (self.version, _VERSION)):
            if (
                len(postings)
                and (postings[:, columns][:, : len(shared)] != np.frombuffer(shared, np.uint8)).any()
            ):
                raise _not_of_this_form()
        return np.hstack(parts)

    def decode(self, rows: Rows) -> Rows:
        """What ``encode`` was given."""
        made = np.empty((len(rows), POSTING_BYTES), np.uint8)
        made[:, :RECORD_ID_BYTES] = rows[:, :RECORD_ID_BYTES]
        times, codes = 22 - len(self.time) - 16, self.code_bytes
        at = RECORD_ID_BYTES
        made[:, 16 : 16 + len(self.time)] = np.frombuffer(self.time, np.uint8)
        made[:, 16 + len(self.time) : 22] = rows[:, at : at + times]
        at += times
        numbers = np.zeros(len(rows), np.int64)
        for column in range(at, at + codes):
            numbers = numbers << 8 | rows[:, column]
        at += codes
        if len(rows):
            made[:, _KIND_COLUMNS] = self._table()[numbers]
        made[:, 27 : 27 + len(self.version)] = np.frombuffer(self.version, np.uint8)
        made[:, 27 + len(self.version) : 30] = rows[:, at:]
        return made

    def decoder(self) -> Callable[[bytes], bytes]:
        """A function that gives one row as the 32 bytes of its posting."""
        # Every hit comes through here, so what all rows share is joined beforehand.
        time, code_at = self.time, 22 - len(self.time)
        version_at = code_at + self.code_bytes
        heads = [kind[:5] + self.version for kind in self.kinds]
        tails = [kind[5:] for kind in self.kinds]
        number = int.from_bytes

        def decoded(row: bytes) -> bytes:
            kind = number(row[code_at:version_at], "big")
            return row[:16] + time + row[16:code_at] + heads[kind] + row[version_at:] + tails[kind]

        return decoded

    def _codes(self, postings: Rows) -> Rows:
        known = np.array([int.from_bytes(kind, "big") for kind in self.kinds], dtype=np.uint64)
        numbers = _kind_numbers(postings)
        codes = np.searchsorted(known, numbers)
        if len(numbers) and (not len(known) or (known[np.minimum(codes, len(known) - 1)] != numbers).any()):
            raise _not_of_this_form()
        width = self.code_bytes
        return codes.astype(">u4").view(np.uint8).reshape(-1, 4)[:, 4 - width :]

    def _table(self) -> Rows:
        return np.frombuffer(b"".join(self.kinds), np.uint8).reshape(-1, KIND_BYTES)


def _kind_numbers(postings: Rows) -> NDArray[np.uint64]:
    padded = np.zeros((len(postings), 8), np.uint8)
    padded[:, 1:] = postings[:, _KIND_COLUMNS]
    return padded.view(">u8")[:, 0].astype(np.uint64)


def _shared(columns: Rows) -> bytes:
    same = (columns == columns[0]).all(axis=0)
    return bytes(columns[0][: len(list(takewhile(bool, same)))].tolist())


def _common(one: bytes, other: bytes) -> bytes:
    return bytes(
        mine for mine, _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    )


def _not_of_this_form() -> Refusal:
    return Refusal("SEGMENT-FORM", "A posting came that is not of the form announced for its segment.")
