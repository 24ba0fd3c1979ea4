import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Refusal
from allpoints.identity.keys import SigningKey
from allpoints.identity.keystore import Keys
from allpoints.sealing import cbor, padding, wrapping
from allpoints.sealing.envelope import (
    BODY_LIMIT_BYTES,
    ENVELOPE_LIMIT_BYTES,
    SKEW_LIMIT_MS,
    Draft,
    Opened,
    envelope_hash,
    open_envelope,
    open_header,
    seal,
)
from allpoints.sealing.header import RECIPIENTS_LIMIT, Place

KeysOf = Callable[[str], Keys]
NOW = 1_800_000_000_000
LABEL = b"allpoints/envelope/1"
DRAFT = Draft(
    type="hit",
    handling="H1",
    purpose="border-check",
    body=b"A canary sings in the relay.",
    created_ms=NOW,
    expires_ms=NOW + DAY,
    priority=2,
    places={"XBM": Place(4, bytes(range(32)))},
)


def sealed(keys_of: KeysOf, draft: Draft = DRAFT, recipients: tuple[str, ...] = ("XBM", "XCS")) -> bytes:
    return seal(
        draft, "XAV", keys_of("XAV").signing, {name: keys_of(name).reception.public for name in recipients}
    )


def opened(keys_of: KeysOf, data: bytes, me: str = "XBM", now_ms: int = NOW) -> Opened:
    return open_envelope(data, me, keys_of(me).reception, keys_of("XAV").signing.public, now_ms)


def code_of(keys_of: KeysOf, data: bytes, me: str = "XBM", now_ms: int = NOW) -> str:
    try:
        opened(keys_of, data, me, now_ms)
    except Refusal as refusal:
        return refusal.code
    return "opened"


def made_by_hand(
    keys_of: KeysOf,
    data: bytes,
    *,
    header: bytes | None = None,
    signer: SigningKey | None = None,
    **inner: Any,
) -> bytes:
    """What co-recipient XBM, who holds the content key, can make of an envelope."""
    header_bytes, wraps, body = cbor.decode(data, ENVELOPE_LIMIT_BYTES)
    pairs = wrapping.read_wraps(wraps)
    key = wrapping.unwrap(pairs, "XBM", keys_of("XBM").reception, LABEL + header_bytes)
    bound = hashlib.sha256(header_bytes).digest() + hashlib.sha256(cbor.encode(wraps)).digest()
    plain = padding.unpad(wrapping.open_body(key, body, LABEL + bound))
    inner_bytes, signature = cbor.decode(plain, ENVELOPE_LIMIT_BYTES)
    if header is not None:
        header_bytes = header
        recipients = {"XCS": keys_of("XCS").reception.public}
        wraps = [list(pair) for pair in wrapping.wrap(key, recipients, LABEL + header)]
        bound = hashlib.sha256(header).digest() + hashlib.sha256(cbor.encode(wraps)).digest()
    if "body" in inner:
        inner_bytes = cbor.encode([*cbor.decode(inner_bytes, ENVELOPE_LIMIT_BYTES)[:5], inner["body"]])
    if "signature" in inner:
        signature = inner["signature"](signature)
    if signer is not None:
        signature = signer.sign(LABEL, bound + inner_bytes).to_bytes()
    plain = padding.pad(cbor.encode([inner_bytes, signature]))
    return cbor.encode([header_bytes, wraps, wrapping.seal_body(key, plain, LABEL + bound)])


def test_each_recipient_reads_what_was_written(keys_of: KeysOf) -> None:
    data = sealed(keys_of)
    for me in ("XBM", "XCS"):
        message = opened(keys_of, data, me)
        assert (message.type, message.handling, message.purpose) == ("hit", "H1", "border-check")
        assert (message.body, message.reply_to) == (DRAFT.body, b"")
        assert message.envelope_hash == envelope_hash(data) == hashlib.sha256(data).digest()
        assert message.header == open_header(data)
    header = open_header(data)
    assert (header.sender, header.recipients, header.priority) == ("XAV", ("XBM", "XCS"), 2)
    assert header.places == DRAFT.places
    assert header.key_ids["XCS"] == keys_of("XCS").reception.public.key_id


def test_the_relay_sees_no_clear_text(keys_of: KeysOf) -> None:
    data = sealed(keys_of)
    for clear in (DRAFT.body, b"canary", b"border-check"):
        assert clear not in data


def test_a_reply_names_the_envelope_it_answers(keys_of: KeysOf) -> None:
    first = sealed(keys_of)
    reply = sealed(keys_of, msgspec.structs.replace(DRAFT, reply_to=envelope_hash(first)))
    assert opened(keys_of, reply).reply_to == envelope_hash(first)


def test_only_recipients_with_the_named_key_open_it(keys_of: KeysOf) -> None:
    data = sealed(keys_of)
    assert code_of(keys_of, data) == "opened"
    assert code_of(keys_of, data, "XDD") == "NOT-A-RECIPIENT"
    with pytest.raises(Refusal) as refused:
        open_envelope(data, "XBM", keys_of("XCS").reception, keys_of("XAV").signing.public, NOW)
    assert refused.value.code == "UNKNOWN-RECEPTION-KEY"


def test_another_sender_than_the_one_named_is_refused(keys_of: KeysOf) -> None:
    data = sealed(keys_of)
    assert code_of(keys_of, data) == "opened"
    with pytest.raises(Refusal) as refused:
        open_envelope(data, "XBM", keys_of("XBM").reception, keys_of("XCS").signing.public, NOW)
    assert refused.value.code == "BAD-SIGNATURE"


def test_time_is_respected(keys_of: KeysOf) -> None:
    data = sealed(keys_of)
    assert code_of(keys_of, data, now_ms=NOW + DAY - 1) == "opened"
    assert code_of(keys_of, data, now_ms=NOW + DAY) == "ENVELOPE-EXPIRED"
    assert code_of(keys_of, data, now_ms=NOW - SKEW_LIMIT_MS) == "opened"
    assert code_of(keys_of, data, now_ms=NOW - SKEW_LIMIT_MS - 1) == "ENVELOPE-FROM-FUTURE"


@pytest.mark.parametrize("me", ["XBM", "XCS"])
def test_no_flipped_byte_passes_not_even_in_the_other_recipients_wrap(keys_of: KeysOf, me: str) -> None:
    data = sealed(keys_of)
    assert code_of(keys_of, data, me) == "opened"
    accepted = []
    for place in range(len(data)):
        changed = data[:place] + bytes((data[place] ^ (1 << (place * 5 % 8)),)) + data[place + 1 :]
        if code_of(keys_of, changed, me) == "opened":
            accepted.append(place)
    assert accepted == []


def test_cut_off_or_lengthened_envelopes_are_refused(keys_of: KeysOf) -> None:
    data = sealed(keys_of)
    assert code_of(keys_of, data) == "opened"
    for changed in [data[:size] for size in range(0, len(data), 97)] + [data + b"\0", b"\0" + data, data * 2]:
        assert code_of(keys_of, changed) != "opened"


def test_swapped_dropped_renamed_and_foreign_wraps_are_refused(keys_of: KeysOf) -> None:
    data = sealed(keys_of)
    header, (first, second), body = cbor.decode(data, ENVELOPE_LIMIT_BYTES)
    foreign = cbor.decode(sealed(keys_of), ENVELOPE_LIMIT_BYTES)[1]
    assert code_of(keys_of, cbor.encode([header, [first, second], body])) == "opened"
    changes: list[list[Any]] = [
        [["XBM", second[1]], ["XCS", first[1]]],
        [second, first],
        [first],
        [first, first],
        [first, ["XDD", second[1]]],
        [first, foreign[1]],
        [first, ["XCS", bytes(wrapping.WRAP_BYTES)]],
        [first, ["XCS", b""]],
    ]
    for wraps in changes:
        assert code_of(keys_of, cbor.encode([header, wraps, body])) != "opened"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (2, bytes(16)),
        (3, "XDD"),
        (4, ["XBM"]),
        (5, NOW - 1),
        (6, NOW + 2 * DAY),
        (7, 0),
        (8, {"XBM": 5}),
        (9, {"XBM": bytes(32)}),
    ],
)
def test_a_carrier_cannot_change_the_header(keys_of: KeysOf, field: int, value: object) -> None:
    header, wraps, body = cbor.decode(sealed(keys_of), ENVELOPE_LIMIT_BYTES)
    fields = cbor.decode(header, 10_000)
    assert code_of(keys_of, cbor.encode([cbor.encode(fields), wraps, body])) == "opened"
    changed = cbor.encode({**fields, field: value})
    assert code_of(keys_of, cbor.encode([changed, wraps, body])) != "opened"


def test_a_co_recipient_cannot_forge_text(keys_of: KeysOf) -> None:
    data = sealed(keys_of)
    assert code_of(keys_of, made_by_hand(keys_of, data), "XCS") == "opened"
    forged = made_by_hand(keys_of, data, body=b"Other words.")
    own = made_by_hand(keys_of, data, body=b"Other words.", signer=keys_of("XBM").signing)
    assert code_of(keys_of, forged, "XCS") == "BAD-SIGNATURE"
    assert code_of(keys_of, own, "XCS") == "BAD-SIGNATURE"


def test_a_recipient_cannot_re_address_a_signed_text(keys_of: KeysOf) -> None:
    data = sealed(keys_of, recipients=("XBM",))
    fields: Mapping[int, Any] = cbor.decode(cbor.decode(data, ENVELOPE_LIMIT_BYTES)[0], 10_000)
    header = cbor.encode(
        {**fields, 4: ["XCS"], 8: {}, 9: {}, 10: {"XCS": keys_of("XCS").reception.public.key_id}}
    )
    forwarded = made_by_hand(keys_of, data, header=header)
    assert code_of(keys_of, forwarded, "XCS") == "BAD-SIGNATURE"
    # Even a signature of the author over the new place does not make the text one for this header.
    slipped = made_by_hand(keys_of, data, header=header, signer=keys_of("XAV").signing)
    assert code_of(keys_of, slipped, "XCS") == "RE-ADDRESSED"
    assert code_of(keys_of, data) == "opened"


def test_a_co_recipient_cannot_cut_another_off_while_a_third_sees_a_sound_message(keys_of: KeysOf) -> None:
    data = sealed(keys_of, recipients=("XBM", "XCS", "XDD"))
    header, wraps, body = cbor.decode(data, ENVELOPE_LIMIT_BYTES)
    key = wrapping.unwrap(wrapping.read_wraps(wraps), "XBM", keys_of("XBM").reception, LABEL + header)
    bound = hashlib.sha256(header).digest() + hashlib.sha256(cbor.encode(wraps)).digest()
    plain = wrapping.open_body(key, body, LABEL + bound)
    wraps[2][1] = bytes(wrapping.WRAP_BYTES)
    bound = hashlib.sha256(header).digest() + hashlib.sha256(cbor.encode(wraps)).digest()
    cut_off = cbor.encode([header, wraps, wrapping.seal_body(key, plain, LABEL + bound)])
    assert code_of(keys_of, cut_off, "XCS") == "BAD-SIGNATURE"
    assert code_of(keys_of, data, "XCS") == "opened"


def test_either_half_of_the_signature_is_needed(keys_of: KeysOf) -> None:
    data = sealed(keys_of)
    for blank in (lambda s: bytes(64) + s[64:], lambda s: s[:64] + bytes(len(s) - 64)):
        changed = made_by_hand(keys_of, data, signature=blank)
        assert code_of(keys_of, changed, "XCS") == "BAD-SIGNATURE"
    short = made_by_hand(keys_of, data, signature=lambda s: s[:64])
    assert code_of(keys_of, short, "XCS") == "ENVELOPE-UNREADABLE"
    assert code_of(keys_of, made_by_hand(keys_of, data, signature=lambda s: s), "XCS") == "opened"


def test_size_says_little(keys_of: KeysOf) -> None:
    sizes = {
        len(sealed(keys_of, msgspec.structs.replace(DRAFT, body=b"x" * size))) for size in range(300, 320)
    }
    assert len(sizes) == 1


def test_the_largest_body_to_the_most_recipients_fits(keys_of: KeysOf) -> None:
    names = tuple(f"X{chr(65 + n // 8)}{chr(65 + n % 8)}" for n in range(RECIPIENTS_LIMIT))
    public = keys_of("XBM").reception.public
    draft = msgspec.structs.replace(DRAFT, body=b"x" * BODY_LIMIT_BYTES, places={})
    data = seal(draft, "XAV", keys_of("XAV").signing, dict.fromkeys(names, public))
    assert len(data) <= ENVELOPE_LIMIT_BYTES
    message = open_envelope(data, names[-1], keys_of("XBM").reception, keys_of("XAV").signing.public, NOW)
    assert message.body == draft.body


@pytest.mark.parametrize(
    ("change", "recipients"),
    [
        ({"body": b"x" * (BODY_LIMIT_BYTES + 1)}, ("XBM",)),
        ({}, ()),
        ({}, tuple(f"X{n:02}" for n in range(RECIPIENTS_LIMIT + 1))),
        ({"priority": 4}, ("XBM",)),
        ({"expires_ms": NOW}, ("XBM",)),
        ({"reply_to": b"short"}, ("XBM",)),
        ({"type": ""}, ("XBM",)),
        ({"handling": "H" * 65}, ("XBM",)),
        ({"places": {"XDD": Place(1)}}, ("XBM",)),
    ],
)
def test_what_no_one_would_open_is_not_sealed(
    keys_of: KeysOf, change: dict[str, Any], recipients: tuple[str, ...]
) -> None:
    assert sealed(keys_of, recipients=("XBM",))
    public = keys_of("XBM").reception.public
    with pytest.raises(Refusal):
        seal(
            msgspec.structs.replace(DRAFT, **change),
            "XAV",
            keys_of("XAV").signing,
            dict.fromkeys(recipients, public),
        )


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=100))
def test_arbitrary_bytes_are_a_refusal(keys_of: KeysOf, data: bytes) -> None:
    assert code_of(keys_of, data) != "opened"
    with pytest.raises(Refusal):
        open_header(data)


@settings(max_examples=60, deadline=None)
@given(
    body=st.binary(max_size=500),
    purpose=st.text(st.characters(categories=("L", "N")), max_size=64),
    priority=st.integers(0, 3),
)
def test_any_draft_in_bounds_is_read_as_it_was_written(
    keys_of: KeysOf, body: bytes, purpose: str, priority: int
) -> None:
    draft = msgspec.structs.replace(DRAFT, body=body, purpose=purpose, priority=priority)
    message = opened(keys_of, sealed(keys_of, draft))
    assert (message.body, message.purpose, message.header.priority) == (body, purpose, priority)
