"""Writes the published vector of the TLS projection anew: python -m tests.identity.making_tls_vectors."""

import json
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from allpoints.identity import tls_certificate
from allpoints.identity.certificate import Holder, issue
from allpoints.identity.keys import ReceptionKey, SigningKey

FOLDER = Path(__file__).parents[1] / "vectors" / "tls"
NOW_MS = 1_790_000_000_000


def main() -> None:
    signing, other = (SigningKey.from_seeds(bytes([place]) * 64) for place in (1, 2))
    reception = ReceptionKey.from_seeds(bytes([3]) * 32)
    holder = Holder("XBM", "bureau", "XBM", "Bureau of Belmora", signing.public, reception.public)
    tree = issue(
        "XBM",
        signing,
        holder,
        not_before_ms=NOW_MS - 1,
        not_after_ms=NOW_MS + 86_400_000 * 365,
        serial=bytes(16),
    )
    made = tls_certificate.project(tree, signing, NOW_MS).certificate
    forged = tls_certificate.project(tree, other, NOW_MS).certificate
    said = tls_certificate.read(made.public_bytes(Encoding.DER))
    vector = {
        "subject": "XBM",
        "verify_key": signing.public.to_bytes().hex(),
        "certificate": tree.to_bytes().hex(),
        "extension": tls_certificate.EXTENSION.dotted_string,
        "key_sha256": said.key_hash.hex(),
        "not_before_ms": said.not_before_ms,
        "not_after_ms": said.not_after_ms,
        "x509": made.public_bytes(Encoding.DER).hex(),
        "refused": [
            {"why": "expired", "at_ms": said.not_after_ms, "x509": made.public_bytes(Encoding.DER).hex()},
            {"why": "another key", "at_ms": NOW_MS, "x509": forged.public_bytes(Encoding.DER).hex()},
        ],
    }
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "projection.json").write_text(json.dumps(vector, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
