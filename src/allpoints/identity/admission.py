"""Being admitted: a file with whom to trust, whom to call, and the node's own certificate."""

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity import certificate as certificates
from allpoints.identity import row
from allpoints.identity.certificate import Certificate
from allpoints.identity.filed import (
    base64url,
    check_fingerprint,
    fingerprint_of,
    parse,
    read_bytes,
    read_certificate,
    write_json,
)
from allpoints.identity.keys import VerifyKey
from allpoints.identity.names import BUREAU, POST, RELAY, SECRETARIAT, check_label
from allpoints.identity.root import Root

ADDRESS_LIMIT_CHARACTERS = 255

_VERSION = "admission/2"


class Admission(msgspec.Struct, frozen=True):
    """What an admitted node needs: whom it may trust, whom it calls, and its own certificate.

    ``root`` is the first root of the network: what is believed of others is believed because it says so, or because a
    later root does that follows it. ``peer`` is the relay's certificate for a bureau, the bureau's for a post.
    """

    network: str
    address: str
    root: Root
    secretariat: Certificate
    peer: Certificate
    own: Certificate

    def fingerprint(self) -> str:
        """Forty hex digits of the SHA-256 of the file's meaning, to be read over the phone."""
        return fingerprint_of(
            row.encode(
                _VERSION,
                self.network,
                self.address,
                self.root.to_bytes(),
                *(one.to_bytes() for one in (self.secretariat, self.peer, self.own)),
            )
        )

    def write(self) -> str:
        """The file; ``read_admission`` reads it back."""
        return write_json(
            _AdmissionFile(
                allpoints=_VERSION,
                network=self.network,
                subject=self.own.subject,
                address=self.address,
                fingerprint=self.fingerprint(),
                root=base64url(self.root.to_bytes()),
                secretariat=base64url(self.secretariat.to_bytes()),
                peer=base64url(self.peer.to_bytes()),
                own=base64url(self.own.to_bytes()),
            )
        )

    def check(self, own_key: VerifyKey, now_ms: int) -> None:
        """Refuse an admission whose chain does not hold at ``now_ms`` or that is for other keys than ``own_key``."""
        if self.own.verify_key != own_key:
            raise Refusal(
                "NOT-MY-ADMISSION",
                f"This admission is for other keys of {self.own.subject} than the ones kept here.",
                path="own",
                hint="Use the admission that answers this node's own join request.",
            )
        with_post = self.own.role == POST
        self.root.check_first(self.network)
        speaks = self.secretariat.verify_key
        # With these the network began; they may have run out, or others may have taken their place since.
        self.root.check_service(self.secretariat, speaks)
        if with_post:
            certificates.check(self.peer, self.peer.verify_key, now_ms)
            certificates.check(self.own, self.peer.verify_key, now_ms)
        else:
            self.root.check_service(self.peer, speaks)
            certificates.check(self.own, self.own.verify_key, now_ms)


def read_admission(text: str) -> Admission:
    """Read an admission strictly; whether its chain holds is for ``Admission.check``, which knows keys and time."""
    file = parse(text, _AdmissionFile, _VERSION)
    admission = Admission(
        network=check_label(file.network, "network"),
        address=_address(file.address),
        root=Root.from_bytes(read_bytes(file.root, "root")),
        secretariat=read_certificate(file.secretariat, "secretariat"),
        peer=read_certificate(file.peer, "peer"),
        own=read_certificate(file.own, "own"),
    )
    _check_roles(admission)
    if file.subject != admission.own.subject:
        raise Refusal(
            "FILE-CONTRADICTS", "The file is named for another node than its certificate.", path="subject"
        )
    check_fingerprint(file.fingerprint, admission.fingerprint())
    return admission


class _AdmissionFile(msgspec.Struct, forbid_unknown_fields=True):
    allpoints: str
    network: str
    subject: str
    address: str
    fingerprint: str
    root: str
    secretariat: str
    peer: str
    own: str


def _check_roles(admission: Admission) -> None:
    own, peer, secretariat = admission.own, admission.peer, admission.secretariat
    if secretariat.role != SECRETARIAT:
        raise Refusal("BAD-ROLE", "This is no secretariat's certificate.", path="secretariat")
    if own.role not in {BUREAU, POST}:
        raise Refusal("BAD-ROLE", "Bureaus and posts are admitted.", path="own")
    wanted_role, wanted_member = (RELAY, secretariat.member) if own.role == BUREAU else (BUREAU, own.member)
    if (peer.role, peer.member) != (wanted_role, wanted_member):
        raise Refusal("BAD-ROLE", f"A {own.role} calls the {wanted_role} of {wanted_member}.", path="peer")


def _address(text: str) -> str:
    if (
        not 0 < len(text) <= ADDRESS_LIMIT_CHARACTERS
        or not text.isascii()
        or not text.isprintable()
        or " " in text
    ):
        raise Refusal("BAD-ADDRESS", "An address is one word.", path="address", hint="relay.example:7400")
    return text
