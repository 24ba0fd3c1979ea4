"""Invented documents by their number: identifiers, tokens and postings, made in any amount in little memory."""

from collections.abc import Iterator

import numpy as np

from allpoints.border.checking import EFFECT_DOCUMENT
from allpoints.matching.ordering import Rows
from allpoints.matching.posting import Posting, pack
from allpoints.matching.tokens import token, tokens

KEY = b"benchmark key of the check index"
CHUNK = 1 << 19
ISSUERS = [f"{first}{second}{third}" for first in "QX" for second in "MNOPQRSTUVWXYZ" for third in "ABCDEFG"]
"""196 codes of three letters."""
BEGAN_MS = 1_760_000_000_000
YEAR_MS = 365 * 86_400_000


def identifier(number: int) -> str:
    """The normal form of a document's number: its issuer and nine characters."""
    return f"{ISSUERS[number % len(ISSUERS)]}|{'ABCDEFGHKLMNPRST'[number % 16]}{number:08d}"


def token_of(number: int) -> bytes:
    return token(KEY, "document", identifier(number))


def chunks(count: int) -> Iterator[tuple[Rows, Rows]]:
    """Tokens and postings of the documents 0 to ``count``, some hundred thousand at a time."""
    owners = np.frombuffer("".join(ISSUERS).encode(), np.uint8).reshape(-1, 3)
    for start in range(0, count, CHUNK):
        numbers = range(start, min(start + CHUNK, count))
        random = np.random.default_rng(start)
        postings = np.empty((len(numbers), 32), np.uint8)
        pattern = pack(Posting(bytes(16), BEGAN_MS, 6, EFFECT_DOCUMENT, "XAV", 1))
        postings[:] = np.frombuffer(pattern, np.uint8)
        postings[:, :16] = random.integers(0, 256, (len(numbers), 16), dtype=np.uint8)
        published = (BEGAN_MS + random.integers(0, YEAR_MS, len(numbers))).astype(">u8")
        postings[:, 16:22] = published.view(np.uint8).reshape(-1, 8)[:, 2:]
        postings[:, 24:27] = owners[np.arange(start, start + len(numbers)) % len(ISSUERS)]
        yield tokens(KEY, "document", map(identifier, numbers)), postings


def questions(count: int, lot: int, asked: int) -> dict[str, list[str]]:
    """Identifiers that are on record and that are not, other ones in each lot."""
    random = np.random.default_rng([count, lot])
    return {
        "hit": [identifier(number) for number in random.integers(0, count, asked).tolist()],
        "miss": [identifier(number) for number in (count + random.integers(0, count, asked)).tolist()],
    }
