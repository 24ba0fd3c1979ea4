"""Wraps, bytes and time by how many of 196 members are left out, beside one HPKE wrap a member and bare AES.

    PYTHONPATH=src python -m benchmarks.audience_wrap

Method: in each round the floors (one AES-256-GCM encryption of a content key, one HPKE encryption of one) are measured
first; then, for each number of members left out at random, a content key is wrapped for the others. Nodes are those of
the cover; bytes are those of the audience as it travels, filled up; opening is as a member that may open. The bare
primitive of a wrap is one AES-256-GCM encryption for each node. An epoch is one packet for each of 196 members. A whole
entry is a record of 600 bytes, sealed and signed. Times are medians of the rounds with the least and the most.
"""

import os
import random
import statistics
import time
from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from allpoints.identity.keys import ReceptionKey, SigningKey
from allpoints.ledger.entry import NO_PREVIOUS, Header, bound, compose
from allpoints.ledger.facts import SEALED
from allpoints.sealing import audience_tree, epoch, wrapping
from benchmarks.measuring import closing, heading, spread

MEMBERS = 196
LEFT_OUT = (0, 1, 3, 10, 98)
ROUNDS = 31
HPKE_ROUNDS = 3
BODY = bytes(600)


def microseconds(act: Callable[[], object], repeats: int = 1) -> float:
    start = time.perf_counter()
    for _ in range(repeats):
        act()
    return (time.perf_counter() - start) * 1e6 / repeats


def sealed_entry(signing: SigningKey, secret: bytes, slots: list[int]) -> bytes:
    """One record as an entry, from the clear body to the bytes that travel."""
    header = Header(
        id=os.urandom(16),
        kind="records.entered",
        author="XAV",
        created_ms=1,
        author_seq=1,
        prev=NO_PREVIOUS,
        sealing=SEALED,
        salt=os.urandom(32),
    )
    context, key = header.to_bytes(), wrapping.new_content_key()
    audience = audience_tree.wrap(secret, bytes(16), slots, key, context)
    sealed = wrapping.seal_body(key, BODY, bound(context, audience.to_bytes()))
    return compose(header, audience, sealed, signing).encoded


def by_left_out(
    count: int, secret: bytes, luck: random.Random, one_wrap: float, hpke: tuple[float, int]
) -> dict[str, float]:
    nodes, sizes, times, opening = [], [], [], []
    for _ in range(ROUNDS):
        slots = luck.sample(range(MEMBERS), MEMBERS - count)
        key, header = os.urandom(32), os.urandom(150)
        audience = audience_tree.wrap(secret, bytes(16), slots, key, header)
        wrap = lambda: audience_tree.wrap(secret, bytes(16), slots, key, header)  # noqa: B023, E731
        times.append(microseconds(wrap, 5))
        keys = audience_tree.path_keys(secret, slots[0])
        opening.append(microseconds(lambda: audience_tree.unwrap(keys, audience, header), 5))  # noqa: B023
        nodes.append(len(audience_tree.cover(slots)))
        sizes.append(len(audience.to_bytes()))
    floor = statistics.mean(nodes) * one_wrap
    print(
        f"{count:>3} left out: {statistics.mean(nodes):5.1f} nodes, {statistics.mean(sizes):7,.0f} bytes; "
        f"wrapping {spread(times)} us (AES alone {floor:,.0f}), opening {spread(opening)} us; "
        f"HPKE a member: {hpke[1] * (MEMBERS - count):,} bytes, {hpke[0] * (MEMBERS - count) / 1e3:,.1f} ms"
    )
    return {
        f"nodes_{count}": statistics.mean(nodes),
        f"bytes_{count}": statistics.mean(sizes),
        f"wrap_us_{count}": statistics.median(times),
        f"open_us_{count}": statistics.median(opening),
    }


def main() -> None:
    heading("Audience tree", f"{MEMBERS} members, {ROUNDS} rounds.")
    luck, secret = random.Random(7), os.urandom(32)
    reception, signing = ReceptionKey.generate(), SigningKey.generate()
    cipher, key = AESGCM(os.urandom(32)), os.urandom(32)
    one_wrap = statistics.median(
        [microseconds(lambda: cipher.encrypt(bytes(12), key, None), 100) for _ in range(ROUNDS)]
    )
    one_hpke = statistics.median(
        [microseconds(lambda: reception.public.seal(key, b"info"), 20) for _ in range(ROUNDS)]
    )
    print(f"floors: AES-256-GCM of a key {one_wrap:.2f} us, HPKE of a key {one_hpke:.0f} us\n")
    size = len(reception.public.seal(key, b"info"))
    figures = {"aes_us": one_wrap, "hpke_us": one_hpke}
    for count in LEFT_OUT:
        figures |= by_left_out(count, secret, luck, one_wrap, (one_hpke, size))
    seats = {f"X{number:03}": epoch.Seat(number, reception.public) for number in range(MEMBERS)}
    packets = epoch.seal_packets("XAV", bytes(16), secret, seats)
    spent = [
        microseconds(lambda: epoch.seal_packets("XAV", bytes(16), secret, seats)) / 1e3
        for _ in range(HPKE_ROUNDS)
    ]
    print(f"\nepoch: {len(packets):,} bytes, {spread(spent)} ms")
    slots = list(range(MEMBERS))
    entries = [microseconds(lambda: sealed_entry(signing, secret, slots)) / 1e3 for _ in range(ROUNDS)]
    signed = [microseconds(lambda: signing.sign(b"label", key)) / 1e3 for _ in range(ROUNDS)]
    whole = len(sealed_entry(signing, secret, slots))
    print(
        f"whole entry of one record: {whole:,} bytes, {spread(entries)} ms (its signatures alone {spread(signed)})\n"
    )
    closing(
        figures | {"epoch_bytes": len(packets), "epoch_ms": statistics.median(spent), "entry_bytes": whole}
    )


if __name__ == "__main__":
    main()
