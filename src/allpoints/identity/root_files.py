"""What the holders of a root hand to each other and to the secretariat, as files that a person can read."""

from collections.abc import Sequence

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity.approval import Approval
from allpoints.identity.certificate import Certificate, check_signature
from allpoints.identity.filed import (
    base64url,
    check_fingerprint,
    fingerprint_of,
    parse,
    read_bytes,
    read_certificate,
    version_of,
    write_json,
)
from allpoints.identity.holder_key import HolderPublic
from allpoints.identity.names import RELAY, SECRETARIAT, check_label
from allpoints.identity.root import HOLDERS_LIMIT, Root, RootHolder

_CARD, _SERVICES, _ROOT = "holder/1", "services/1", "root/1"
_APPROVAL, _APPROVED = "approval/1", "approved-request/1"


class Services(msgspec.Struct, frozen=True):
    """The certificates of the secretariat and the relay that a root is to name."""

    network: str
    secretariat: Certificate
    relay: Certificate

    def fingerprint(self) -> str:
        """Forty hex digits over both certificates, to be read over the phone."""
        return fingerprint_of(self.secretariat.to_bytes() + self.relay.to_bytes())


def write_card(holder: RootHolder) -> str:
    """A holder's public key, to be put into a root."""
    key = holder.key
    return write_json(_CardFile(_CARD, holder.name, key.fingerprint(), base64url(key.to_bytes())))


def read_card(text: str) -> RootHolder:
    """Read it strictly; whose key it is, people tell each other by its fingerprint."""
    file = parse(text, _CardFile, _CARD)
    key = HolderPublic(read_bytes(file.key, "key"))
    check_fingerprint(file.fingerprint, key.fingerprint())
    return RootHolder(check_label(file.name, "name"), key)


def write_services(services: Services) -> str:
    """What a secretariat gives the holders before there is a root."""
    secretariat, relay = (base64url(one.to_bytes()) for one in (services.secretariat, services.relay))
    return write_json(_ServicesFile(_SERVICES, services.network, services.fingerprint(), secretariat, relay))


def read_services(text: str) -> Services:
    """Read it strictly; both certificates must be signed by the secretariat's key."""
    file = parse(text, _ServicesFile, _SERVICES)
    services = Services(
        check_label(file.network, "network"),
        read_certificate(file.secretariat, "secretariat"),
        read_certificate(file.relay, "relay"),
    )
    if (services.secretariat.role, services.relay.role) != (SECRETARIAT, RELAY):
        raise Refusal("BAD-ROLE", "These are the certificates of other nodes.", path="secretariat")
    for one in (services.secretariat, services.relay):
        check_signature(one, services.secretariat.verify_key)
    check_fingerprint(file.fingerprint, services.fingerprint())
    return services


def write_root_file(root: Root) -> str:
    """A root with the signatures that it has."""
    return write_json(
        _RootFile(
            _ROOT,
            root.network,
            root.version,
            root.threshold,
            [one.name for one in root.holders],
            root.fingerprint(),
            base64url(root.to_bytes()),
        )
    )


def read_root_file(text: str) -> Root:
    """Read it strictly; whether enough holders signed is for ``check_first`` and ``check_next``."""
    file = parse(text, _RootFile, _ROOT)
    root = Root.from_bytes(read_bytes(file.document, "document"))
    said = (file.network, file.version, file.threshold, file.holders)
    if said != (root.network, root.version, root.threshold, [one.name for one in root.holders]):
        raise Refusal(
            "FILE-CONTRADICTS", "The file says something else than the root in it.", path="document"
        )
    check_fingerprint(file.fingerprint, root.fingerprint())
    return root


def write_approval(approval: Approval) -> str:
    """A holder's approval, for the secretariat."""
    return write_json(
        _ApprovalFile(
            _APPROVAL,
            approval.network,
            approval.version,
            approval.act,
            approval.holder.hex(),
            approval.expires_ms,
            base64url(approval.to_bytes()),
        )
    )


def read_approval(text: str) -> Approval:
    """Read it strictly; whether it counts is for ``check_approvals``."""
    file = parse(text, _ApprovalFile, _APPROVAL)
    approval = Approval.from_bytes(read_bytes(file.document, "document"))
    said = (file.network, file.version, file.act, file.holder, file.expires_ms)
    holds = (approval.network, approval.version, approval.act, approval.holder.hex(), approval.expires_ms)
    if said != holds:
        raise Refusal(
            "FILE-CONTRADICTS", "The file says something else than the approval in it.", path="document"
        )
    return approval


def _approvals(texts: Sequence[str]) -> list[bytes]:
    """Approvals as they come within a file, at most as many as a root has holders."""
    if len(texts) > HOLDERS_LIMIT:
        raise Refusal("APPROVALS-TOO-MANY", f"At most {HOLDERS_LIMIT} approvals are taken.", status=413)
    return [read_bytes(one, "approvals") for one in texts]


def write_approved(request: str, approvals: Sequence[bytes]) -> str:
    """A join request with the approvals that it was given, as they are handed to the secretariat's node."""
    return write_json(_ApprovedFile(_APPROVED, request, [base64url(one) for one in approvals]))


def read_approved(text: str) -> tuple[str, list[bytes]]:
    """The join request, unread, and the approvals; a bare request has none."""
    if version_of(text) != _APPROVED:
        return text, []
    file = parse(text, _ApprovedFile, _APPROVED)
    return file.request, _approvals(file.approvals)


class _CardFile(msgspec.Struct, forbid_unknown_fields=True):
    allpoints: str
    name: str
    fingerprint: str
    key: str


class _ServicesFile(msgspec.Struct, forbid_unknown_fields=True):
    allpoints: str
    network: str
    fingerprint: str
    secretariat: str
    relay: str


class _RootFile(msgspec.Struct, forbid_unknown_fields=True):
    allpoints: str
    network: str
    version: int
    threshold: int
    holders: list[str]
    fingerprint: str
    document: str


class _ApprovalFile(msgspec.Struct, forbid_unknown_fields=True):
    allpoints: str
    network: str
    version: int
    act: str
    holder: str
    expires_ms: int
    document: str


class _ApprovedFile(msgspec.Struct, forbid_unknown_fields=True):
    allpoints: str
    request: str
    approvals: list[str]
