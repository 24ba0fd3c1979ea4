"""Keys and certificates of the sample network; keys are made once a process, because making them takes long."""

import hashlib
from functools import cache
from typing import NamedTuple

import msgspec

from allpoints.ground.clock import DAY, MINUTE
from allpoints.identity.certificate import Certificate, Holder, commitment, issue
from allpoints.identity.holder_key import HolderKey
from allpoints.identity.keys import ReceptionKey, SigningKey
from allpoints.identity.root import Root, RootHolder
from allpoints.identity.root_change import RootChange
from allpoints.identity.witness_key import WitnessKey
from allpoints.node.credentials import Credentials

NETWORK = "example.allpoints"
DESK, RELAY = "XSC", "XSC/relay"
BUREAUS = ("XAV", "XBM", "XCS", "XDV", "XEL")
POSTS = ("XAV/post-1", "XBM/post-1", "XCS/post-1", "XDV/post-1")
LABELS = {
    "XSC": "Secretariat",
    "XAV": "Arvandia",
    "XBM": "Belmora",
    "XCS": "Castrovia",
    "XDV": "Dovenia",
    "XEL": "Elandria",
}


class Pair(NamedTuple):
    signing: SigningKey
    reception: ReceptionKey


@cache
def pair(name: str) -> Pair:
    # Certificates differ by seed, keys need not: no decision rests on their values.
    seed = hashlib.shake_256(b"allpoints/simulator/" + name.encode()).digest(96)
    return Pair(SigningKey.from_seeds(seed[:64]), ReceptionKey.from_seeds(seed[64:]))


@cache
def holder(version: int = 1) -> HolderKey:
    """The only holder of a version of the root."""
    return HolderKey(hashlib.shake_256(b"allpoints/simulator/holder/%d" % version).digest(64))


@cache
def root() -> Root:
    services = (pair(DESK).signing.public, pair(RELAY).signing.public)
    return Root.draft(NETWORK, 1, 1, [RootHolder("Holder", holder().public)], services).signed(holder())


def role(name: str) -> str:
    if name == DESK:
        return "secretariat"
    if name == RELAY:
        return "relay"
    return "post" if "/" in name else "bureau"


def upper(name: str) -> str | None:
    """Whom a node dials."""
    if name == RELAY:
        return None
    return name[:3] if role(name) == "post" else RELAY


def numbered(name: str, number: int) -> Pair:
    """A node's keys of some number; those with which it comes have number 0."""
    return pair(f"{name}#{number}" if number else name)


class Papers:
    """The certificates of one play, each made by its node's own clock."""

    def __init__(self) -> None:
        self._certificates: dict[str, Certificate] = {}
        self._numbers: dict[str, list[int]] = {}
        self._firsts: dict[str, Certificate] = {}
        self.root = root()
        """The version of the root that is in force."""

    def certificate(self, name: str, now_ms: int = 0) -> Certificate:
        held = self._certificates.get(name)
        if held is None:
            held = self._certificates[name] = self._issue(name, now_ms)
        return held

    def _issue(self, name: str, now_ms: int) -> Certificate:
        keys, kind = pair(name), role(name)
        label = LABELS.get(name, f"{LABELS[name[:3]]} {name[4:]}")
        holder = Holder(name, kind, name[:3], label, keys.signing.public, keys.reception.public)
        issuer = name[:3] if "/" in name else name
        days = 30 if kind == "post" else 365
        return issue(
            issuer,
            pair(issuer).signing,
            holder,
            not_before_ms=now_ms,
            not_after_ms=now_ms + days * DAY - MINUTE,
            next_key=commitment(pair(f"{name}#1").signing.public) if kind == "bureau" else b"",
        )

    def number(self, name: str) -> int:
        """The number of a bureau's present keys; each is committed to the number after it."""
        return self._numbers.get(name, [0])[-1]

    def following(self, name: str, now_ms: int) -> Certificate:
        """The certificate by a bureau's next keys, committed to those that follow them."""
        return self.by(name, self.number(name) + 1, now_ms)

    def by(self, name: str, number: int, now_ms: int) -> Certificate:
        """A bureau's certificate by its keys of some number."""
        own, present = numbered(name, number), self._certificates[name]
        holder = msgspec.structs.replace(
            present.holder, verify_key=own.signing.public, reception_key=own.reception.public
        )
        return issue(
            name,
            own.signing,
            holder,
            not_before_ms=now_ms,
            not_after_ms=now_ms + 365 * DAY,
            next_key=commitment(numbered(name, number + 1).signing.public),
        )

    def rotated(self, name: str, certificate: Certificate) -> None:
        """A bureau has its next keys from its next start on."""
        self.took(name, self.number(name) + 1, certificate)

    def took(self, name: str, number: int, certificate: Certificate) -> None:
        """A bureau has the keys of some number from its next start on."""
        self._numbers.setdefault(name, [0]).append(number)
        self._certificates[name] = certificate

    def next_root(self, now_ms: int) -> RootChange:
        """The next version: held by somebody else, with next keys of the secretariat and its relay."""
        pairs = [pair(f"{name}#{self.number(name) + 1}") for name in (DESK, RELAY)]
        certificates = [
            issue(
                DESK,
                pairs[0].signing,
                msgspec.structs.replace(
                    self._certificates[name].holder,
                    verify_key=own.signing.public,
                    reception_key=own.reception.public,
                ),
                not_before_ms=now_ms,
                not_after_ms=now_ms + 365 * DAY,
            )
            for name, own in zip((DESK, RELAY), pairs, strict=True)
        ]
        version = self.root.version + 1
        own = RootHolder(f"Holder {version}", holder(version).public)
        drafted = Root.draft(NETWORK, version, 1, [own], (pairs[0].signing.public, pairs[1].signing.public))
        signed = drafted.signed(holder(version)).signed(holder(version - 1))
        return RootChange(signed, certificates[0], certificates[1])

    def changed(self, change: RootChange) -> None:
        """Secretariat and relay have their next keys from their next start on."""
        for name, certificate in ((DESK, change.secretariat), (RELAY, change.relay)):
            self._firsts.setdefault(name, self._certificates[name])
            self.rotated(name, certificate)
        self.root = change.root

    def first(self, name: str) -> Certificate:
        """The certificate with which a node began."""
        return self._firsts.get(name) or self.certificate(name)

    def credentials(self, name: str) -> Credentials:
        own, above = [numbered(name, one) for one in self._numbers.get(name, [0])], upper(name)
        bureau = role(name) in {"bureau", "secretariat"}
        return Credentials(
            name,
            role(name),
            name[:3],
            NETWORK,
            own[-1].signing,
            own[-1].reception,
            self.certificate(name),
            root(),
            self.first(DESK),
            self.first(above) if above else None,
            "",
            hashlib.sha256(b"index" + name.encode()).digest() if bureau else b"",
            hashlib.sha256(b"storage" + name.encode()).digest() if bureau else b"",
            WitnessKey(hashlib.sha256(b"witness" + name.encode()).digest())
            if role(name) == "bureau"
            else None,
            former=tuple(one.reception for one in reversed(own[:-1])),
            first_relay=self.first(RELAY) if name == RELAY else None,
        )
