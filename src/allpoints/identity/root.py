"""The root of a network: which holders decide, so many of them together, and which keys serve it.

A version is good when the holders of the version before and its own both signed it, each in the number that their
version demands; the first when its own did. After The Update Framework, section 5.3 (how a client takes a new root).
"""

import hashlib
from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Self

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity import row
from allpoints.identity.certificate import Certificate, check_signature
from allpoints.identity.filed import fingerprint_of
from allpoints.identity.holder_key import HOLDER_ID_BYTES, HolderKey, HolderPublic
from allpoints.identity.keys import VerifyKey
from allpoints.identity.names import RELAY, SECRETARIAT, check_label

HOLDERS_LIMIT = 11
"""Twice as many signatures, of the holders before and of those now, still make one row."""
SIGNATURES_LIMIT = 2 * HOLDERS_LIMIT
ROOT_LIMIT_BYTES = 160 * 1024
VERSION_LIMIT = 2**31
HASH_BYTES = 32

_ROOT = "allpoints/root/1"
_LABEL = _ROOT.encode()
_BODY = (str, str, int, int, bytes, bytes, bytes)


class RootHolder(msgspec.Struct, frozen=True):
    """One of those who decide, by the name that people know."""

    name: str
    key: HolderPublic


class Root(msgspec.Struct, frozen=True):
    """One version of the root; ``secretariat`` and ``relay`` are the SHA-256 of the keys that serve the network.

    ``body`` is what is signed; ``signatures`` are pairs of a holder's id and its signature, sorted by id.
    """

    network: str
    version: int
    threshold: int
    holders: tuple[RootHolder, ...]
    secretariat: bytes
    relay: bytes
    body: bytes
    signatures: tuple[tuple[bytes, bytes], ...] = ()

    @classmethod
    def draft(
        cls,
        network: str,
        version: int,
        threshold: int,
        holders: Iterable[RootHolder],
        services: tuple[VerifyKey, VerifyKey],
    ) -> Self:
        """A version that nobody has signed yet; ``services`` are the keys of secretariat and relay."""
        ordered = sorted(holders, key=lambda one: one.key.id)
        if len(ordered) > HOLDERS_LIMIT:
            raise _malformed(f"A root has at most {HOLDERS_LIMIT} holders.", "holders")
        listed = _listed([row.encode(one.name, one.key.to_bytes()) for one in ordered])
        secretariat, relay = (key_hash(key) for key in services)
        body = row.encode(_ROOT, network, version, threshold, listed, secretariat, relay)
        return cls.from_bytes(row.encode(body, _listed([])))

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read a root strictly; whether it is believed is for ``check_first`` and ``check_next``."""
        body, signed = row.decode(data, (bytes, bytes), what="root", limit=ROOT_LIMIT_BYTES)
        version_of_form, network, version, threshold, listed, secretariat, relay = row.decode(
            body, _BODY, what="root", limit=ROOT_LIMIT_BYTES
        )
        if version_of_form != _ROOT:
            raise Refusal(
                "ROOT-UNREADABLE", "This form of root is not known to this program.", path="[0]", status=400
            )
        holders = tuple(_holder(one) for one in _items(listed, HOLDERS_LIMIT))
        signatures = tuple(_signature(one) for one in _items(signed, SIGNATURES_LIMIT))
        root = cls(network, version, threshold, holders, secretariat, relay, body, signatures)
        _check_shape(root)
        return root

    def to_bytes(self) -> bytes:
        return row.encode(self.body, _listed([row.encode(*one) for one in self.signatures]))

    @property
    def hash(self) -> bytes:
        """SHA-256 of what is signed, by which approvals name the root."""
        return hashlib.sha256(self.body).digest()

    def fingerprint(self) -> str:
        """Forty hex digits of the SHA-256 of what is signed, to be read over the phone."""
        return fingerprint_of(self.body)

    def holder(self, holder_id: bytes) -> RootHolder | None:
        return next((one for one in self.holders if one.key.id == holder_id), None)

    def signed_by(self, holder: RootHolder) -> bool:
        """Whether this holder signed; refuses a signature in its name that is false."""
        signature = dict(self.signatures).get(holder.key.id)
        if signature is None:
            return False
        holder.key.verify(_LABEL, self.body, signature)
        return True

    def signed(self, key: HolderKey) -> Self:
        """The same root with a holder's signature; signing again changes nothing about who signed."""
        return self._with({key.public.id: key.sign(_LABEL, self.body)})

    def joined(self, other: Self) -> Self:
        """The same root with the signatures of both copies."""
        if other.body != self.body:
            raise Refusal("ROOT-OTHER", "These are signatures over different roots.", status=409)
        return self._with(dict(other.signatures))

    def _with(self, added: dict[bytes, bytes]) -> Self:
        held = added | dict(self.signatures)
        if len(held) > SIGNATURES_LIMIT:
            raise _malformed(f"A root has at most {SIGNATURES_LIMIT} signatures.", "signatures")
        return msgspec.structs.replace(self, signatures=tuple(sorted(held.items())))

    def check_first(self, network: str) -> None:
        """Refuse what is not the first root of this network, signed by as many of its holders as it demands."""
        if self.version != 1 or self.network != network:
            raise Refusal(
                "ROOT-NOT-FIRST", f"This is not the first root of {network}.", path="version", status=403
            )
        self._check_signed(self)

    def check_next(self, before: "Root") -> None:
        """Refuse what does not follow ``before``: the holders of both versions must have signed it."""
        if self.version != before.version + 1 or self.network != before.network:
            raise Refusal(
                "ROOT-NOT-NEXT",
                f"Version {before.version + 1} of the root of {before.network} is next, not this.",
                path="version",
                status=409,
            )
        self._check_signed(self, before)

    def signers(self, *believed: "Root") -> frozenset[bytes]:
        """The ids of the holders who signed; refuses a signature that is false or of nobody in ``believed``."""
        known = {one.key.id: one for root in (self, *believed) for one in root.holders}
        for holder_id, _ in self.signatures:
            if holder_id not in known:
                raise Refusal(
                    "ROOT-SIGNER",
                    f"{holder_id.hex()} is no holder of this root.",
                    path="signatures",
                    status=403,
                )
            self.signed_by(known[holder_id])
        return frozenset(holder_id for holder_id, _ in self.signatures)

    def _check_signed(self, *needed: "Root") -> None:
        signers = self.signers(*needed)
        for root in needed:
            count = sum(one.key.id in signers for one in root.holders)
            if count < root.threshold:
                raise Refusal(
                    "ROOT-THRESHOLD",
                    f"{count} of the holders of version {root.version} signed; it takes {root.threshold}.",
                    path="signatures",
                    status=403,
                )

    def check_service(self, certificate: Certificate, issuer: VerifyKey) -> None:
        """Refuse a certificate of secretariat or relay whose key this root does not name, or that is not signed."""
        named = {SECRETARIAT: self.secretariat, RELAY: self.relay}.get(certificate.role)
        if named != key_hash(certificate.verify_key):
            raise Refusal(
                "NOT-IN-ROOT",
                f"The root of {self.network} names another key than the one of {certificate.subject}.",
                path="verify_key",
                status=403,
            )
        check_signature(certificate, issuer)


def key_hash(key: VerifyKey) -> bytes:
    """The SHA-256 of a node's verification key, by which a root names it."""
    return hashlib.sha256(key.to_bytes()).digest()


def _listed(items: Sequence[bytes]) -> bytes:
    return row.encode(*items)


def _items(data: bytes, limit: int) -> list[bytes]:
    count = data[0] & 31 if data else 0
    if count > limit:
        raise _malformed(f"At most {limit} stand here.", "")
    return row.decode(data, (bytes,) * count, what="root", limit=ROOT_LIMIT_BYTES)


def _holder(data: bytes) -> RootHolder:
    name, key = row.decode(data, (str, bytes), what="root", limit=ROOT_LIMIT_BYTES)
    return RootHolder(check_label(name, "holders"), HolderPublic(key))


def _signature(data: bytes) -> tuple[bytes, bytes]:
    holder_id, signature = row.decode(data, (bytes, bytes), what="root", limit=ROOT_LIMIT_BYTES)
    if len(holder_id) != HOLDER_ID_BYTES:
        raise _malformed(f"A holder's id has {HOLDER_ID_BYTES} bytes.", "signatures")
    return holder_id, signature


def _check_shape(root: Root) -> None:
    check_label(root.network, "network")
    if not 0 < root.version < VERSION_LIMIT:
        raise _malformed("Versions count from 1.", "version")
    ids = [one.key.id for one in root.holders]
    if ids != sorted(set(ids)) or len({one.name for one in root.holders}) != len(ids):
        raise _malformed("Each holder stands once, under one name, sorted by id.", "holders")
    if not 0 < root.threshold <= len(ids):
        raise _malformed(f"The threshold is 1 to {len(ids)}, the number of holders.", "threshold")
    if {len(root.secretariat), len(root.relay)} != {HASH_BYTES}:
        raise _malformed(f"A key's hash has {HASH_BYTES} bytes.", "secretariat")
    signers = [holder_id for holder_id, _ in root.signatures]
    if signers != sorted(set(signers)):
        raise _malformed("Each signature stands once, sorted by its holder's id.", "signatures")


def _malformed(sentence: str, path: str) -> Refusal:
    return Refusal("ROOT-MALFORMED", sentence, path=path, status=422)


def assembled(copies: Sequence[Root]) -> Root:
    """One root with the signatures of all copies of it."""
    return reduce(lambda one, other: one.joined(other), copies)
