"""Makes tests/vectors/messages/*.json: run as ``python -m tests.messages.making_message_vectors``.

Sealing and signing are randomised, so each run gives other bytes; what the files say of them is then checked by the tests.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import msgspec

from allpoints.ground.clock import DAY
from allpoints.identity.keys import ReceptionKey, SigningKey
from allpoints.sealing import chunks, envelope, receipt, reception
from allpoints.sealing.header import Place

FOLDER = Path(__file__).parents[1] / "vectors" / "messages"
NOW_MS = 1_790_000_000_000
SENDER = SigningKey.from_seeds(bytes(range(64)))
RECIPIENT = SigningKey.from_seeds(bytes(range(64, 128)))
RECEPTION = {
    name: ReceptionKey.from_seeds(bytes((0xB0 + at,)) * 32) for at, name in enumerate(("XBM", "XCS"))
}
ONE_TIME = [ReceptionKey.from_seeds(bytes((0xC0 + at,)) * 32) for at in range(2)]
FILE = chunks.FileKey(bytes(range(16)), bytes(range(32, 64)))
FILE_SIZES = (1, 600, chunks.CHUNK_BYTES + 5)


def envelopes() -> dict[str, Any]:
    """One to two recipients with a place among earlier ones, and another sealing of it for one of them."""
    first = envelope.Draft(
        type="letter", handling="official-use", purpose="locate",
        body="Do you know this traveller? Знаете ли вы его?".encode(),
        created_ms=NOW_MS, expires_ms=NOW_MS + 30 * DAY, priority=2, reply_to=bytes(range(32)),
        places={"XBM": Place(7, bytes((7,)) * 32), "XCS": Place(1)},
    )  # fmt: skip
    made = envelope.seal(first, "XAV", SENDER, {name: key.public for name, key in RECEPTION.items()})
    again = msgspec.structs.replace(
        first, first=envelope.envelope_hash(made), places={"XBM": Place(8, envelope.envelope_hash(made))}
    )
    remade = envelope.seal(again, "XAV", SENDER, {"XBM": ONE_TIME[0].public})
    return {
        "sender": "XAV",
        "sender_key": SENDER.public.to_bytes().hex(),
        "cases": [
            _case("to two", made, first, RECEPTION),
            _case("sealed again for one", remade, again, {"XBM": ONE_TIME[0]}),
        ],
    }


def _case(what: str, made: bytes, draft: envelope.Draft, keys: dict[str, ReceptionKey]) -> dict[str, Any]:
    header = envelope.open_header(made)
    return {
        "what": what,
        "envelope": made.hex(),
        "hash": envelope.envelope_hash(made).hex(),
        "reception_seeds": {name: key.seeds.hex() for name, key in keys.items()},
        "id": header.id.hex(),
        "created": draft.created_ms,
        "expires": draft.expires_ms,
        "priority": draft.priority,
        "places": {name: [place.sequence, place.previous.hex()] for name, place in draft.places.items()},
        "inner": [
            draft.type, draft.handling, draft.purpose, draft.reply_to.hex(), draft.body.hex(), draft.first.hex(),
        ],
    }  # fmt: skip


def receipts() -> dict[str, Any]:
    """One of each kind, of which the last says why."""
    said = [
        receipt.Receipt(kind, bytes((at,)) * 32, "XBM", role, NOW_MS + at, reason)
        for at, (kind, role, reason) in enumerate(
            (
                (receipt.RELAYED, "", ""),
                (receipt.DELIVERED, "", ""),
                (receipt.READ, "officer", ""),
                (receipt.UNOPENED, "", receipt.KEY_UNKNOWN),
            )
        )
    ]
    return {
        "key": RECIPIENT.public.to_bytes().hex(),
        "cases": [
            {
                "receipt": receipt.sign_receipt(one, RECIPIENT).hex(),
                "fields": [one.kind, one.envelope_hash.hex(), one.by, one.role, one.at_ms, one.reason],
            }
            for one in said
        ],
    }


def bundles() -> dict[str, Any]:
    """A day's keys with two for one message each."""
    daily = RECEPTION["XBM"].public.to_bytes()
    one_time = [key.public.to_bytes() for key in ONE_TIME]
    hashes = tuple(reception.hash_of(key) for key in one_time)
    bundle = reception.Bundle("XBM", NOW_MS, NOW_MS + reception.KEPT_MS, daily, hashes)
    return {
        "key": RECIPIENT.public.to_bytes().hex(),
        "bundle": reception.sign_bundle(bundle, RECIPIENT).hex(),
        "node": bundle.node,
        "from": bundle.from_ms,
        "kept": bundle.kept_ms,
        "daily_seed": RECEPTION["XBM"].seeds.hex(),
        "daily": daily.hex(),
        "one_time_seeds": [key.seeds.hex() for key in ONE_TIME],
        "one_time": [key.hex() for key in one_time],
    }


def files() -> dict[str, Any]:
    """Files of three sizes, whose byte at ``n`` is ``n mod 251``; of a full chunk the hash of the sealed one."""
    cases = []
    for at, size in enumerate(FILE_SIZES):
        # No two files have one key, here as anywhere.
        file = chunks.FileKey(FILE.id[:-1] + bytes((at,)), FILE.key[:-1] + bytes((at,)))
        sealed = [_sealed(file, size, position) for position in range(chunks.count_of(size))]
        cases.append({"id": file.id.hex(), "key": file.key.hex(), "size": size, "chunks": sealed})
    return {"cases": cases}


def _sealed(file: chunks.FileKey, size: int, position: int) -> dict[str, str]:
    data = content(size)[position * chunks.CHUNK_BYTES :][: chunks.CHUNK_BYTES]
    sealed = chunks.seal_chunk(file, position, data, last=position == chunks.count_of(size) - 1)
    digest = {"sha256": hashlib.sha256(sealed).hexdigest()}
    return digest if len(sealed) == chunks.SEALED_CHUNK_BYTES else digest | {"sealed": sealed.hex()}


def content(size: int) -> bytes:
    """The words of a file of the vectors."""
    return (bytes(range(251)) * (size // 251 + 1))[:size]


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    made = {"envelope": envelopes(), "receipt": receipts(), "bundle": bundles(), "chunk": files()}
    for name, vectors in made.items():
        text = json.dumps(vectors, indent=1, ensure_ascii=False) + "\n"
        (FOLDER / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
