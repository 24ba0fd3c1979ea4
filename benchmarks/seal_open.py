"""Sealing and opening an envelope by how many it is for and how large it is, beside the bare primitives.

    PYTHONPATH=src python -m benchmarks.seal_open

Method: for each size and each number of recipients an envelope is sealed and opened in each round, and in the same round
the primitives that no envelope of this form can do without: for sealing one hybrid signature (Ed25519 and ML-DSA-65) over
as many bytes as the body, one HPKE encryption of a content key a recipient and one AES-256-GCM encryption of as many
bytes, padded; for opening one verification, one HPKE decryption and one AES-256-GCM decryption. The ratio of a round is the primitives' time over the
envelope's. All is processor time of one thread, since a wait is none of the code's. Medians of the rounds with the least
and the most.
"""

import os
import statistics
import time
from collections.abc import Callable
from functools import partial

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from allpoints.identity.keys import ReceptionKey, SigningKey
from allpoints.sealing import envelope, padding
from allpoints.sealing.parties import SIGNATURE_BYTES
from allpoints.sealing.wrapping import CONTENT_KEY_BYTES
from benchmarks.measuring import closing, heading, spread

RECIPIENTS = (1, 5, 20, 64)
SIZES = {"256 B": 256, "64 KiB": 64 * 1024, "4 MiB": 4 * 1024 * 1024}
ROUNDS = 15
NOW_MS = 1_790_000_000_000
LABEL, INFO = b"benchmark", b"info"


def milliseconds(act: Callable[[], object]) -> float:
    start = time.thread_time()
    act()
    return (time.thread_time() - start) * 1e3


class Bench:
    """Keys of one sender and of the most recipients."""

    def __init__(self) -> None:
        self.signing = SigningKey.generate()
        self.keys = {f"X{number:02}": ReceptionKey.generate() for number in range(max(RECIPIENTS))}
        self.cipher = AESGCM(os.urandom(32))
        self.content_key = os.urandom(CONTENT_KEY_BYTES)
        self.wrapped = self.keys["X00"].public.seal(self.content_key, INFO)

    def primitives(self, body: bytes) -> dict[str, float]:
        """One of each, in milliseconds; the signatures are over ``body``."""
        key, signature = self.keys["X00"], self.signing.sign(LABEL, body)
        padded = body.ljust(padding.padded_size(len(body) + SIGNATURE_BYTES), b"\0")
        sealed = self.cipher.encrypt(bytes(12), padded, None)
        acts: dict[str, Callable[[], object]] = {
            "sign": lambda: self.signing.sign(LABEL, body),
            "verify": lambda: self.signing.public.verify(LABEL, body, signature),
            "aes_seal": lambda: self.cipher.encrypt(bytes(12), padded, None),
            "aes_open": lambda: self.cipher.decrypt(bytes(12), sealed, None),
            "hpke_seal": lambda: key.public.seal(self.content_key, INFO),
            "hpke_open": lambda: key.open(self.wrapped, INFO),
        }
        return {name: statistics.median(milliseconds(act) for _ in range(5)) for name, act in acts.items()}

    def measure(self, name: str, size: int, count: int) -> dict[str, float]:
        """All rounds of one size and number."""
        to = {one: self.keys[one].public for one in list(self.keys)[:count]}
        draft = envelope.Draft(
            type="letter", handling="official-use", purpose="locate", body=os.urandom(size),
            created_ms=NOW_MS, expires_ms=NOW_MS + 86_400_000,
        )  # fmt: skip
        seal = partial(envelope.seal, draft, "XAV", self.signing, to)
        data = seal()
        sender, key = self.signing.public, self.keys["X00"]
        read = partial(envelope.open_envelope, data, "X00", key, sender, NOW_MS)
        seals, opens, seal_ratios, open_ratios = [], [], [], []
        for _ in range(ROUNDS):
            seals.append(milliseconds(seal))
            opens.append(milliseconds(read))
            bare = self.primitives(draft.body)
            seal_ratios.append((bare["sign"] + count * bare["hpke_seal"] + bare["aes_seal"]) / seals[-1])
            open_ratios.append((bare["verify"] + bare["hpke_open"] + bare["aes_open"]) / opens[-1])
        print(
            f"{name:>6} to {count:>2}: {len(data):>9,} bytes; sealing {spread(seals)} ms, ratio {spread(seal_ratios)}; "
            f"opening {spread(opens)} ms, ratio {spread(open_ratios)}"
        )
        point = f"{size}_{count}"
        return {
            f"bytes_{point}": len(data),
            f"seal_ms_{point}": statistics.median(seals),
            f"seal_ratio_{point}": statistics.median(seal_ratios),
            f"open_ms_{point}": statistics.median(opens),
            f"open_ratio_{point}": statistics.median(open_ratios),
        }


def main() -> None:
    heading("Sealing and opening", f"{ROUNDS} rounds for each size and number of recipients; processor time.")
    bench, figures = Bench(), {}
    for label, size in SIZES.items():
        rounds = [bench.primitives(os.urandom(size)) for _ in range(ROUNDS)]
        for name in rounds[0]:
            values = [one[name] for one in rounds]
            print(f"floor {name:>9}, {label:>6}: {spread(values)} ms")
            figures[f"{name}_ms_{size}"] = statistics.median(values)
    print()
    for name, size in SIZES.items():
        for count in RECIPIENTS:
            figures |= bench.measure(name, size, count)
    print()
    closing(figures)


if __name__ == "__main__":
    main()
