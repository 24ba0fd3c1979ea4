"""Who a node is: its keys, its certificate, and whom it trusts because it was told so when it joined."""

import msgspec

from allpoints.identity.certificate import Certificate
from allpoints.identity.holder_key import HolderKey
from allpoints.identity.keys import ReceptionKey, SigningKey
from allpoints.identity.names import POST, RELAY
from allpoints.identity.root import Root
from allpoints.identity.witness_key import WitnessKey
from allpoints.ledger.log_key import LogKey


class Credentials(msgspec.Struct, frozen=True):
    """A node's identity and its anchors.

    ``root`` is the network's trust anchor, its first root; it names the key of ``secretariat``, as it was then: what they
    are at present is for the directory. ``upper`` is the node it dials: the relay for a bureau and for the secretariat's desk, the bureau for a post, nobody for the relay.
    ``index_key`` (32 bytes) is the national key of the check index; posts get it from their bureau. ``storage_key`` (32 bytes) seals the mail that the node
    keeps; it never leaves the node. ``witness`` cosigns the ledger, at a bureau that has one. ``log`` signs
    checkpoints for public tools: the relay has it, and the secretariat's desk, which writes its public half into the
    first entry. ``holder`` approves admissions in a network for trials, whose only holder is the secretariat itself.
    """

    name: str
    role: str
    member: str
    network: str
    signing: SigningKey
    reception: ReceptionKey
    certificate: Certificate
    root: Root
    secretariat: Certificate
    upper: Certificate | None = None
    address: str = ""
    index_key: bytes = b""
    storage_key: bytes = b""
    witness: WitnessKey | None = None
    log: LogKey | None = None
    former: tuple[ReceptionKey, ...] = ()
    """Reception keys from before rotations: what was sealed to them is opened again when the ledger is folded anew."""
    holder: HolderKey | None = None
    first_relay: Certificate | None = None
    """The relay's certificate in the first entry, for the relay itself, once it has another one."""

    @property
    def relay(self) -> Certificate | None:
        """The certificate with which the relay began; a post has nothing to do with it."""
        if self.role == RELAY:
            return self.first_relay or self.certificate
        return self.upper if self.role != POST else None

    @property
    def is_secretariat(self) -> bool:
        return self.role == "secretariat"
