"""Whole checks in one process: from the scanned zone to the answer, hit and miss, at 100 thousand and 10 million documents.

    python -m benchmarks.check_process [--documents 100000 10000000] [--rounds 7]

Each check reads the zone with all its check digits, makes the tokens of document and bearer, asks the index for each, and
weighs what comes back. Checks from a typed number skip the zone. No audit line, no disk: that is what check_http measures.
"""

import argparse
import datetime as dt
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from demo import world

from allpoints.border.checking import EFFECT_DOCUMENT, Circumstances, Lookup, examine
from allpoints.border.question import Question, understand
from allpoints.border.verdict import Verdict
from allpoints.matching.index import ExactIndex
from allpoints.matching.posting import Posting, pack
from allpoints.matching.tokens import token
from allpoints.matching.writing import SegmentLabel, write_segment
from allpoints.sample.countries import LETTERS
from allpoints.vocabulary.loading import load
from allpoints.vocabulary.register import Vocabulary
from benchmarks import measuring

KEY = b"benchmark key of the check index"
TODAY = dt.date(2026, 11, 23)
ASKED = 2_000
AT = Circumstances(
    "bench", 1_790_000_000_000, "live", 1_790_000_000_000, {1: "travel-documents"}, lambda _: False
)


def number(n: int) -> str:
    return f"{LETTERS[n % 22]}{n:08d}"


def build(folder: Path, documents: int) -> ExactIndex:
    """An index of ``documents`` documents of one issuer, in one segment."""
    keys = np.empty((documents, 16), np.uint8)
    joined = b"".join(token(KEY, "document", f"XAV|{number(n)}") for n in range(documents))
    keys[:] = np.frombuffer(joined, np.uint8).reshape(-1, 16)
    posting = pack(Posting(bytes(16), 1_790_000_000_000, 1, EFFECT_DOCUMENT, "XAV", 1))
    postings = np.tile(np.frombuffer(posting, np.uint8), (documents, 1))
    postings[:, :8] = np.arange(documents, dtype=">u8").view(np.uint8).reshape(-1, 8)
    index = ExactIndex(folder)
    path = folder / "segment-bench"
    write_segment(path, keys, postings, SegmentLabel())
    index.close()
    return _opened(folder, path)


def _opened(folder: Path, path: Path) -> ExactIndex:
    from allpoints.matching.manifest import Manifest, SegmentLine, segment_name, write_manifest
    from allpoints.matching.segment import Segment

    named = path.rename(folder / segment_name(1))
    with_digest = Segment.open(named)
    line = SegmentLine(named.name, with_digest.digest.hex(), with_digest.count)
    with_digest.close()
    write_manifest(folder, Manifest(applied_seq=1, generation=1, segments=(line,), discarded={}))
    return ExactIndex(folder)


def timed(questions: Sequence[Question], vocabulary: Vocabulary, lookup: Lookup, wanted: Verdict) -> float:
    """Microseconds a check."""
    began = time.perf_counter_ns()
    for question in questions:
        answer = examine(understand(question, vocabulary, TODAY), lookup, AT)
        if answer.verdict is not wanted:
            raise RuntimeError(f"{answer.verdict} where {wanted} is right")
    return (time.perf_counter_ns() - began) / 1e3 / len(questions)


def questions(documents: int, chance: np.random.Generator) -> dict[str, tuple[list[Question], Verdict]]:
    known = [number(int(n)) for n in chance.integers(0, documents, ASKED)]
    unknown = [number(int(n)) for n in chance.integers(50_000_000, 99_000_000, ASKED)]

    def zones(numbers: list[str]) -> list[Question]:
        return [Question(mrz=world.passport(one, "XAV", "Roe", "Iris", "1969-01-17")) for one in numbers]

    return {
        "zone, hit": (zones(known), Verdict.DOCUMENT),
        "zone, miss": (zones(unknown), Verdict.CLEAR),
        "number, hit": ([Question(number=one, issuer="XAV") for one in known], Verdict.DOCUMENT),
        "number, miss, near numbers asked too": (
            [Question(number=one, issuer="XAV") for one in unknown],
            Verdict.CLEAR,
        ),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, nargs="+", default=[100_000, 10_000_000])
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    measuring.heading(
        "Whole checks in process", f"{ASKED:,} checks a round, {options.rounds} rounds, one thread"
    )
    vocabulary = load()
    figures: dict[str, float] = {}
    for documents in options.documents:
        with tempfile.TemporaryDirectory() as folder:
            index = build(Path(folder), documents)
            asked = questions(documents, np.random.default_rng(1))

            def lookup(kind: str, value: str, index: ExactIndex = index) -> list[Posting]:
                return index.lookup(token(KEY, kind, value))

            for name, (several, wanted) in asked.items():
                took = [timed(several, vocabulary, lookup, wanted) for _ in range(options.rounds)]
                middle = sorted(took)[options.rounds // 2]
                print(
                    f"{documents:>12,}  {name:<38} {measuring.spread(took)} µs, {1e6 / middle:,.0f} checks/s/core"
                )
                figures[f"{name.split(',')[0]}_{wanted}_us_{documents}"] = middle
            index.close()
    measuring.closing(figures)


if __name__ == "__main__":
    main()
