"""Invented members, officers and records, and key material that is made once in a process."""

import hashlib
from functools import cache

from allpoints.border.question import Question
from allpoints.ground.clock import DAY, HOUR
from allpoints.identity.approval import ADMISSION, approve
from allpoints.identity.certificate import Certificate, Holder, commitment, issue
from allpoints.identity.grant import Standing
from allpoints.identity.grant import issue as issue_grant
from allpoints.identity.holder_key import HolderKey
from allpoints.identity.keys import ReceptionKey, SigningKey
from allpoints.identity.officers import Asker
from allpoints.identity.root import Root, RootHolder
from allpoints.identity.witness_key import WitnessKey
from allpoints.node import frames, membership
from allpoints.node.credentials import Credentials
from allpoints.registers.entering import Carriage
from allpoints.vocabulary.loading import load
from allpoints.vocabulary.register import Vocabulary

NOW_MS = 1_790_000_000_000
NETWORK = "test.allpoints"
CENTRE, RELAY, POST = "XSC", "XSC/relay", "XBM/post-1"
MEMBERS = ("XAV", "XBM", "XCS")
PURPOSE = "border-control"

ALL_ROLES = frozenset({"border", "desk", "reviewer", "command", "administrator"})
ANNA = Asker("anna", ALL_ROLES, PURPOSE, "C-17")
"""An officer who may do everything, with a purpose and a case."""
CARRIAGE = Carriage(PURPOSE, "official-use")

PASSPORT = {
    "source_ref": "AV-1",
    "document_number": "AB 123456",
    "issuer": "XAV",
    "document_type": "passport",
    "fraud": "stolen",
}
ASKS_PASSPORT = Question(number="AB123456", issuer="XAV", document_type="passport")

PERSON = {
    "source_ref": "P-1",
    "family_name": "Bellweather",
    "given_names": "Tomas",
    "sex": "M",
    "birth_date": "1979-03-14",
    "nationalities": ["XAV"],
    "documents": [{"number": "P1234567", "issuer": "XAV", "type": "passport"}],
    "status_of_person": "wanted",
}
RED = PERSON | {
    "source_ref": "N-1",
    "offences": ["ILM"],
    "facts": "On 3 May 2026 in Port Arven the subject shot and killed a shopkeeper during a robbery and fled"
    " across the border by sea the same night.",
    "charge": "Murder",
    "law": "Criminal code art. 112",
    "request_for": "prosecution",
    "maximum_penalty_months": 240,
    "warrants": [
        {
            "reference": "W-1",
            "authority": "District Court of Port Arven",
            "issued_on": "2026-05-10",
            "country": "XAV",
            "judicial": True,
        }
    ],
    "extradition_assured": True,
    "international_interest": "Believed to travel in the region",
    "urgent": True,
    "public_extract": False,
    "contact": "bureau@xav.example",
    "marks": "Scar on left cheek",
    "height_cm": 182,
}


@cache
def vocabulary() -> Vocabulary:
    return load()


@cache
def keys(name: str) -> tuple[SigningKey, ReceptionKey]:
    return SigningKey.generate(), ReceptionKey.generate()


TERM_DAYS = 365
"""How long certificates are good that are not a post's."""


@cache
def certificate(name: str, role: str, issuer: str = "", days: int = 0) -> Certificate:
    signing, reception = keys(name)
    holder = Holder(name, role, name[:3], f"Office {name}", signing.public, reception.public)
    return issue(
        issuer or name,
        keys(issuer or name)[0],
        holder,
        not_before_ms=NOW_MS - HOUR,
        not_after_ms=NOW_MS + (days or TERM_DAYS) * DAY,
        next_key=commitment(keys(f"{name}/2")[0].public) if role == "bureau" else b"",
    )


def witness_key(member: str) -> WitnessKey:
    return WitnessKey(hashlib.sha256(member.encode()).digest())


def centre_certificate() -> Certificate:
    return certificate(CENTRE, "secretariat")


def relay_certificate() -> Certificate:
    return certificate(RELAY, "relay", CENTRE)


def post_certificate(name: str = POST) -> Certificate:
    return certificate(name, "post", name[:3], 30)


@cache
def holder_key() -> HolderKey:
    """The only holder of the test network's root."""
    return HolderKey.generate()


@cache
def root() -> Root:
    services = (keys(CENTRE)[0].public, keys(RELAY)[0].public)
    return Root.draft(NETWORK, 1, 1, [RootHolder("Ines", holder_key().public)], services).signed(holder_key())


def approved(held: Certificate | bytes) -> bytes:
    """The body of an admission that the holder of the root approved."""
    data = held if isinstance(held, bytes) else held.to_bytes()
    return frames.pack(membership.Admitting(data, [approval(data)]))


def approval(data: bytes, act: str = ADMISSION) -> bytes:
    """The word of the holder of the root for these bytes: that the certificate in them is admitted, or another act."""
    return approve(root(), holder_key(), act, data, NOW_MS + 3_650 * DAY).to_bytes()


def credentials(name: str) -> Credentials:
    """Who a node of the test federation is: XSC, XSC/relay, XAV or XBM/post-1."""
    signing, reception = keys(name)
    centre = centre_certificate()
    if name == RELAY:
        own, role, upper = relay_certificate(), "relay", None
    elif name == CENTRE:
        own, role, upper = centre, "secretariat", relay_certificate()
    elif "/" in name:
        own, role, upper = post_certificate(name), "post", certificate(name[:3], "bureau")
    else:
        own, role, upper = certificate(name, "bureau"), "bureau", relay_certificate()
    index_key, storage_key = name.encode().ljust(32, b"k"), name.encode().ljust(32, b"s")
    witness = witness_key(name) if role == "bureau" else None
    return Credentials(
        name,
        role,
        name[:3],
        NETWORK,
        signing,
        reception,
        own,
        root(),
        centre,
        upper,
        "",
        index_key,
        storage_key,
        witness,
        holder=holder_key() if role == "secretariat" else None,
    )


def standing(asker: Asker = ANNA, *, node: str = POST, signer: str = "", at_ms: int = NOW_MS) -> Standing:
    """By what right an officer at a post asks; ``signer`` is whose key signs, if it is not the node's."""
    known = vocabulary().purposes
    made = issue_grant(node, keys(signer or node)[0], asker.at_post(""), known, at_ms)
    return Standing(made.to_bytes(), asker.purpose, asker.case)
