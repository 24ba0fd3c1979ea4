"""Every parser of what comes from outside, with samples to damage and, where a form has one spelling, the way back.

A parser takes the input or raises ``Refusal``; anything else is a find. What it takes it must write again as the same
bytes, if ``again`` says how: two spellings of one thing would be a way around whatever remembers hashes.
"""

import base64
import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc import jwt
from joserfc.jwk import ECKey
from tests.fuzz.samples import gathered
from tests.identity.country_ca import CountryCa
from tests.node.samples import (
    NOW_MS,
    PASSPORT,
    PERSON,
    approval,
    centre_certificate,
    certificate,
    keys,
    relay_certificate,
    root,
    vocabulary,
)
from tests.registers.exhibits import attachment as attached
from tests.watch.test_opening import ANSWER, QUESTION
from tests.web.test_pages_border import zone

from allpoints.border.extract import Stamp
from allpoints.border.question import Question, understand
from allpoints.identity import (
    admission,
    card,
    id_token,
    joining,
    journey,
    order_file,
    root_files,
    standing,
    tls_certificate,
)
from allpoints.identity.approval import Approval
from allpoints.identity.certificate import Certificate
from allpoints.identity.grant import Grant
from allpoints.identity.id_token import Asked, Terms
from allpoints.identity.proposal import read_proposal
from allpoints.identity.recovery import Recovery, Revocation
from allpoints.identity.root import Root
from allpoints.identity.root_change import RootChange
from allpoints.identity.root_files import Services
from allpoints.ledger import (
    audit_export,
    checkpoint,
    cosignature,
    entry,
    erasing,
    policy,
    proof,
    stub,
    tiles,
    vkey,
    witnessing,
)
from allpoints.ledger.anchor import Anchored
from allpoints.matching import live_log
from allpoints.messages.letter import Letter, received
from allpoints.node import frames, root_changes
from allpoints.registers import blocks, exclusion, file_part, link, record
from allpoints.sealing import cbor, chunks, envelope, epoch, receipt, reception
from allpoints.sealing.audience_tree import Audience
from allpoints.vocabulary import mrz
from allpoints.vocabulary.types import attachment
from allpoints.watch import opening
from allpoints.web import batches
from allpoints.web.pages.searching import understood
from allpoints.web.pages.visit import Entered
from allpoints.web.ranges import wanted as wanted_bytes

NOW = dt.date(2026, 11, 28)
ZONE = zone("AB1234567").encode()


class Parser(NamedTuple):
    """``read`` raises Refusal or gives what it read; ``again`` makes the bytes of that, which must be the same."""

    read: Callable[[bytes], Any]
    samples: Sequence[bytes]
    again: Callable[[Any], bytes] | None = None


def _text(read: Callable[[str], Any]) -> Callable[[bytes], Any]:
    """A parser of text is handed what an interface makes of bytes: bad ones become replacement characters."""
    return lambda data: read(data.decode("utf-8", "replace"))


def _fields(name: str) -> Callable[[bytes], Any]:
    """A record as a program sends it: JSON, cleaned by its register."""
    register = vocabulary().registers[name]
    return lambda data: register.clean(_json(data))


def _json(data: bytes) -> Any:
    """JSON as the HTTP interface decodes it; what is no JSON never reaches a parser of ours."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


def _question(data: bytes) -> Any:
    try:
        question = msgspec.json.decode(data, type=Question)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return understand(question, vocabulary(), NOW)


@cache
def parsers() -> Mapping[str, Parser]:
    """Each by its name."""
    found = gathered()
    return {**_signed(found), **_sealed(found), **_bodies(found), **_texts(found)}


def _signed(found: Mapping[str, list[bytes]]) -> dict[str, Parser]:
    signing, reception = keys("XBM")
    sender = keys("XAV")[0].public
    opened = partial(envelope.open_envelope, me="XBM", key=reception, sender_key=sender, now_ms=NOW_MS)
    return {
        "frame": Parser(frames.decode, found["frame"]),
        "cbor": Parser(lambda data: cbor.decode(data, 1 << 20), found["entry"] + found["envelope"], cbor.encode),
        "entry": Parser(entry.parse, found["entry"], lambda one: bytes(one.encoded)),
        "ledger item": Parser(
            stub.read, [*found["entry"], *(stub.stub_of(entry.parse(one)).encoded for one in found["entry"])],
            lambda one: bytes(one.encoded),
        ),
        "envelope header": Parser(envelope.open_header, found["envelope"]),
        "envelope": Parser(opened, [_own_envelope()]),
        "proof": Parser(_text(proof.parse), [_log_vector("proof")]),
        "tile path": Parser(_text(tiles.parse_path), [b"tile/0/000", b"tile/entries/x001/234.p/5"]),
        "receipt": Parser(receipt.read_receipt, found["receipt"]),
        "obeyed": Parser(
            lambda data: exclusion.check_obeyed(data, signing.public),
            [exclusion.sign_obeyed(exclusion.Obeyed(bytes(32), "XBM", NOW_MS), signing)],
        ),
        "certificate": Parser(Certificate.from_bytes, found["certificate"], Certificate.to_bytes),
        "stamp": Parser(lambda data: frames.body(data, Stamp), found["stamp"]),
        "checkpoint": Parser(_text(checkpoint.parse), found["checkpoint"]),
        "signature line": Parser(
            _text(cosignature.read_line), [one.split(b"\n\n")[1].split(b"\n")[0] + b"\n" for one in found["checkpoint"]]
        ),
        "verifier key": Parser(_text(vkey.parse), [_vkey(signing.public.to_bytes()[:32])], lambda one: one.text().encode()),
        "policy": Parser(policy.read, [_policy(signing.public.to_bytes()[:32])]),
        "join request": Parser(_text(joining.read_join_request), found["join-request"]),
        "admission": Parser(_text(admission.read_admission), found["admission"]),
        "TLS certificate": Parser(tls_certificate.read, [_projection()]),
        "grant": Parser(Grant.from_bytes, found["grant"], Grant.to_bytes),
        "witness request": Parser(_text(witnessing.read_addition), [_addition(one) for one in found["checkpoint"]]),
        "root": Parser(Root.from_bytes, [root().to_bytes()], Root.to_bytes),
        "approval": Parser(Approval.from_bytes, [approval(b"a certificate")], Approval.to_bytes),
        **_held(found),
        **_decided(),
    }  # fmt: skip


def _decided() -> dict[str, Parser]:
    """What is decided about a member and its key."""
    revoked, recovered = _key_orders()
    limited, lifted = _measures()
    return {
        "revocation": Parser(Revocation.from_bytes, [revoked.to_bytes()], Revocation.to_bytes),
        "recovery": Parser(Recovery.from_bytes, [recovered.to_bytes()], Recovery.to_bytes),
        "measure": Parser(standing.Measure.from_bytes, [limited.to_bytes()], standing.Measure.to_bytes),
        "restoration": Parser(
            standing.Restoration.from_bytes, [lifted.to_bytes()], standing.Restoration.to_bytes
        ),
    }


def _key_orders() -> tuple[Revocation, Recovery]:
    own = certificate("XAV", "bureau")
    return (
        Revocation(bytes(16), "XAV", bytes(32), "Stolen", "Holders"),
        Recovery(bytes(16), "XAV", bytes(32), NOW_MS, own, "Lost", "Holders"),
    )


def _held(found: Mapping[str, list[bytes]]) -> dict[str, Parser]:
    """The files of a root's holders; none is under a passphrase, whose cost would be all that is measured."""
    request = found["join-request"][0]
    services = Services("test.allpoints", centre_certificate(), relay_certificate())
    wrapped = root_files.write_approved(request.decode(), [approval(b"a certificate")])
    return {
        "root change": Parser(root_changes.read, [_change()], root_changes.pack),
        "holder's card": Parser(
            _text(root_files.read_card), [root_files.write_card(root().holders[0]).encode()]
        ),
        "services": Parser(_text(root_files.read_services), [root_files.write_services(services).encode()]),
        "root file": Parser(_text(root_files.read_root_file), [root_files.write_root_file(root()).encode()]),
        "approval file": Parser(
            _text(root_files.read_approval),
            [root_files.write_approval(Approval.from_bytes(approval(b"a certificate"))).encode()],
        ),
        "approved request": Parser(_text(root_files.read_approved), [request, wrapped.encode()]),
        "order": Parser(_text(order_file.read_order), _orders()),
        "proposal": Parser(_text(lambda text: read_proposal(text, root())), [request, *_orders()]),
    }


def _change() -> bytes:
    return root_changes.pack(RootChange(root(), centre_certificate(), relay_certificate()))


def _orders() -> list[bytes]:
    return [order_file.write_order(one).encode() for one in (*_measures(), *_key_orders())]


def _measures() -> tuple[standing.Measure, standing.Restoration]:
    times = (NOW_MS, NOW_MS + 1_000_000)
    return (
        standing.Measure(bytes(16), "XAV", standing.SUSPENDED, standing.KINDS, *times, "Misuse", "Authority"),
        standing.Restoration(bytes(16), "XAV", (bytes(16),), "Cleared", "Authority"),
    )


def _projection() -> bytes:
    made = tls_certificate.project(certificate("XBM", "bureau"), keys("XBM")[0], NOW_MS)
    return made.certificate.public_bytes(Encoding.DER)


def _sealed(found: Mapping[str, list[bytes]]) -> dict[str, Parser]:
    parsed = [entry.parse(one) for one in found["entry"]]
    order = entry.parse(_log_entry(2))
    file = chunks.FileKey(bytes(16), bytes(32))
    return {
        "key bundle": Parser(reception.read_bundle, found["bundle"]),
        "chunk": Parser(
            lambda data: chunks.open_chunk(file, 0, data, 90),
            [chunks.seal_chunk(file, 0, bytes(90), last=True)],
            lambda data: chunks.seal_chunk(file, 0, data, last=True),
        ),
        "audience": Parser(
            Audience.from_bytes, [one.audience_bytes for one in parsed if one.audience is not None], Audience.to_bytes
        ),
        "epoch": Parser(epoch.read_packets, [one.sealed for one in parsed if one.header.kind == "audience.epoch"]),
        "order to erase": Parser(
            lambda data: erasing.read_order(msgspec.structs.replace(order, sealed=data)),
            [order.sealed], erasing.order_body,
        ),
        "anchored heads": Parser(
            lambda data: frames.body(data, Anchored),
            [one.sealed for one in parsed if one.header.kind == "audit.anchored"],
        ),
        "audit export": Parser(lambda data: audit_export.check(data.splitlines()), found["audit-export"]),
        "openings question": Parser(opening.read_question, [opening.encode(QUESTION)], opening.encode),
        "openings answer": Parser(opening.read_answer, [opening.encode(ANSWER)], opening.encode),
        "openings signed": Parser(
            opening.read_signed,
            [opening.encode(opening.Signed(QUESTION.id, opening.encode(ANSWER), bytes(64)))],
            opening.encode,
        ),
        "letter": Parser(lambda data: received(frames.body(data, Letter)), [_letter()]),
    }  # fmt: skip


_TOKEN_KEY = ECKey.import_key({"kty": "EC", "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"
})  # fmt: skip
"""The key of RFC 7515, appendix A.3.1: a token under it is the same in every run but for its signature."""


_CARD = CountryCa().issue("Anna Rask")


def _token() -> str:
    now = NOW_MS // 1_000
    said = {"iss": "https://id.example", "aud": "XAV", "iat": now, "exp": now + 60, "nonce": "n", "sub": "8f"}
    return jwt.encode({"alg": "ES256"}, said, _TOKEN_KEY)


def _checked_token(text: str) -> str:
    terms, asked = Terms("https://id.example", "XAV"), Asked("n", NOW_MS, anew=False)
    return id_token.check(text, [_TOKEN_KEY.as_dict(private=False)], terms, asked, NOW_MS)


def _addition(note: bytes) -> bytes:
    return witnessing.Addition(3, (bytes(32), bytes(range(32))), note.decode()).text().encode()


def _letter() -> bytes:
    return msgspec.msgpack.encode(
        Letter("On a traveller", "Do you know this one?", "C-1", "anna", reply_to="00" * 32)
    )


def _log_vector(name: str) -> bytes:
    vectors = json.loads((Path(__file__).parent.parent / "vectors/log/log.json").read_bytes())
    return str(vectors[name]).encode()


def _log_entry(place: int) -> bytes:
    vectors = json.loads((Path(__file__).parent.parent / "vectors/log/log.json").read_bytes())
    return bytes.fromhex(vectors["entries"][place]["entry"])


def _own_envelope() -> bytes:
    """One to a key that this test holds: those of the federation are gone after use."""
    draft = envelope.Draft(
        type="letter", handling="official-use", purpose="locate", body=b"Do you know this traveller?",
        created_ms=NOW_MS, expires_ms=NOW_MS + 1_000_000,
    )  # fmt: skip
    return envelope.seal(draft, "XAV", keys("XAV")[0], {"XBM": keys("XBM")[1].public})


def _vkey(key: bytes, name: str = "log.example", kind: int = vkey.ED25519) -> bytes:
    return vkey.VKey(name, kind, key).text().encode()


def _policy(key: bytes) -> bytes:
    log = _vkey(key).decode()
    witness = _vkey(key, "witness.example", vkey.ED25519_COSIGNATURE).decode()
    return f"log {log}\nwitness one {witness}\ngroup some 1 one\nquorum some\n".encode()


def _bodies(found: Mapping[str, list[bytes]]) -> dict[str, Parser]:
    part = file_part.FilePart(bytes(32), 5, 0, b"bytes")
    named = [exclusion.Named("persons", "P-1", 2), exclusion.Named("travel-documents", "Ä 7", 70_000)]
    return {
        "batch": Parser(record.decode_batch, found["records.entered"]),
        "link": Parser(lambda data: link.decode_link(data, link.Linking), found["link.entered"]),
        "order to delete": Parser(
            exclusion.decode_order, [exclusion.encode_order(named)], exclusion.encode_order
        ),
        "block": Parser(blocks.decode_blocking, found["record.blocked"]),
        "file part": Parser(file_part.decode_bundle, [file_part.encode_bundle((part,))]),
    }


_LIVE = live_log.fixed_bytes(live_log.Place(b"i" * 16, b"r" * 16, 3, b"m" * 32)).ljust(4_096, b"\0")


def _texts(found: Mapping[str, list[bytes]]) -> dict[str, Parser]:
    del found
    words = vocabulary()
    asked = [
        {"mrz": ZONE.decode()},
        {"number": "AB123456", "issuer": "XAV", "family_name": "Torvane", "birth_date": "1979-03-14"},
        {"identifiers": {"vin": "WVWZZZ1JZXW000001", "plate": "XAV AB123CD"}},
    ]
    typed = [
        b"XAV AB123456",
        b"vin: WVWZZZ1J*",
        b"Torvane, Elio 1979",
        b"plate: XAV AB 1?4",
        "Торване".encode(),
    ]
    return {
        "machine-readable zone": Parser(_text(lambda text: mrz.parse(text, today=NOW)), [ZONE]),
        "question": Parser(_question, [msgspec.json.encode(one) for one in asked]),
        "batch": Parser(partial(batches.read, packed=False), [b"\n".join(map(msgspec.json.encode, asked))]),
        "packed batch": Parser(partial(batches.read, packed=True), [msgspec.msgpack.encode(asked)]),
        "search": Parser(_text(lambda text: understood(text, words, NOW_MS)), typed),
        "provider's token": Parser(_text(_checked_token), [_token().encode()]),
        "card": Parser(
            _text(card.read), [quote(_CARD.pem).encode(), b":" + base64.b64encode(_CARD.der) + b":"]
        ),
        "way back": Parser(_text(journey._parts), [b"sign-in.AAAA.L2VuL3N0YXRl"]),
        "header of a live part": Parser(live_log.read_place, [_LIVE]),
        "rows of a live part": Parser(
            partial(live_log.unpack_rows, 7, 0), [live_log.pack_row(7, 0, live_log.end_row(bytes(16), 1))]
        ),
        "range of bytes": Parser(
            _text(lambda text: wanted_bytes(text, 1_000)), [b"bytes=10-", b"bytes=0-5", b"bytes=-7"]
        ),
        "form": Parser(Entered.parse, [b"q=XAV+AB123456&register=&purpose=locate&case=C-1&csrf=00"]),
        "document record": Parser(_fields("travel-documents"), [msgspec.json.encode(PASSPORT)]),
        "person record": Parser(_fields("persons"), [msgspec.json.encode(PERSON)]),
        "file reference": Parser(_text(attachment.parse), [attached(b"front").text().encode()]),
    }
