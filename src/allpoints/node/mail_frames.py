"""Frames about mail: envelopes handed in and fetched, reception keys published and asked for."""

from typing import Annotated

from msgspec import Meta

from allpoints.ground.refusal import Fault
from allpoints.node.framing import LIST_LIMIT, Blobs, Count, Counts, Frame, Name
from allpoints.sealing.chunks import FILE_ID_BYTES, SEALED_CHUNK_BYTES
from allpoints.sealing.header import RECIPIENTS_LIMIT

FileId = Annotated[bytes, Meta(min_length=FILE_ID_BYTES, max_length=FILE_ID_BYTES)]


class Deposit(Frame, frozen=True):
    """Sender to relay: carry this envelope."""

    envelope: bytes


class Deposited(Frame, frozen=True):
    """Relay to sender: on disk, with the relay's signed receipt."""

    hash: bytes
    receipt: bytes


class NotDeposited(Frame, frozen=True):
    hash: bytes
    fault: Fault


class Mail(Frame, frozen=True):
    """Relay to recipient: envelopes with their numbers in the mailbox."""

    numbers: Counts
    envelopes: Blobs


class Took(Frame, frozen=True):
    """Recipient to relay: these are on disk."""

    numbers: Counts


class PublishKeys(Frame, frozen=True):
    """Node to relay: carry these reception keys: the signed bundle of a day, and its one-time keys."""

    bundle: bytes
    one_time: Blobs


class KeysPublished(Frame, frozen=True):
    """Relay to node: the bundle that begins then is on disk."""

    from_ms: Count


class AskKeys(Frame, frozen=True):
    """Node to relay: send what is newer than these bundles of others (name and beginning)."""

    known: Annotated[list[tuple[Name, Count]], Meta(max_length=LIST_LIMIT)]


class PeerKeys(Frame, frozen=True):
    """Relay to node: bundles of others, as they signed them."""

    bundles: Blobs


class AskOneTime(Frame, frozen=True):
    """Node to relay: one-time keys of a peer, at most so many."""

    peer: Name
    count: Count


class OneTimeKeys(Frame, frozen=True):
    """Relay to node: one-time keys of a peer, given to nobody else, with the bundle that proves them."""

    bundle: bytes
    keys: Blobs


class FileOffer(Frame, frozen=True):
    """Sender to relay: a file of so many sealed bytes is to go to these recipients, and wait until then."""

    id: FileId
    size: Count
    recipients: Annotated[list[Name], Meta(max_length=RECIPIENTS_LIMIT)]
    expires_ms: Count


class FileFrom(Frame, frozen=True):
    """Relay to sender: every chunk before this position is on disk; go on from here. To a recipient: did it take this?"""

    id: FileId
    position: Count


class FileChunk(Frame, frozen=True):
    """Sender to relay, relay to recipient: one sealed chunk of a file."""

    id: FileId
    position: Count
    data: Annotated[bytes, Meta(max_length=SEALED_CHUNK_BYTES)]


class AskFile(Frame, frozen=True):
    """Recipient to relay: send chunks from this position on; ``again`` says that what was sent before did not come."""

    id: FileId
    position: Count
    again: bool = False


class FileTook(Frame, frozen=True):
    """Recipient to relay: the file is whole on disk."""

    id: FileId


class FileRefused(Frame, frozen=True):
    """Relay to sender or recipient: this file is not taken, or is not there."""

    id: FileId
    fault: Fault


MailFrame = (
    Deposit
    | Deposited
    | NotDeposited
    | Mail
    | Took
    | PublishKeys
    | KeysPublished
    | AskKeys
    | PeerKeys
    | AskOneTime
    | OneTimeKeys
    | FileOffer
    | FileFrom
    | FileChunk
    | AskFile
    | FileTook
    | FileRefused
)
