"""Links between records at a node: said by a member that owns one of the two, read by whoever may read both."""

import sqlite3
from typing import Protocol

import msgspec

from allpoints.identity import policy
from allpoints.identity.officers import Asker
from allpoints.identity.policy import Act
from allpoints.ledger import audit
from allpoints.ledger.entry import Entry
from allpoints.ledger.erasing import ERASED, read_order
from allpoints.node import membership
from allpoints.node.audience import Audience
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.following import Following
from allpoints.node.records import Records
from allpoints.registers import link, linking, store, visibility
from allpoints.registers.link import End, Link, Linking, Undoing, decode_link, encode_link
from allpoints.registers.linking import Between, Shown
from allpoints.registers.reading import ReadRecord, register_of
from allpoints.vocabulary.declaration import words
from allpoints.vocabulary.register import Vocabulary

RELATIONS = "relations"
NOWHERE = b""
"""No link: what one between records that are closed to the officer is treated as."""


class LinkView(msgspec.Struct, frozen=True):
    """One link of a record: ``phrase`` leads from it to the other one, ``record``, in words.

    ``outward`` says that the relation's own direction does too. ``undone_ms`` is 0 while the link counts.
    """

    link: str
    relation: str
    phrase: str
    outward: bool
    record: str
    register: str
    owner: str
    ref: str
    caption: str
    author: str
    by_role: str
    reason: str
    at_ms: int
    undone_ms: int = 0
    undone_reason: str = ""


class Node(Protocol):
    """What links need of the node that they are wired into."""

    me: Credentials
    vocabulary: Vocabulary
    following: Following
    audience: Audience
    records: Records


class RecordLinks:
    """One node's links."""

    def __init__(self, engine: Engine, node: Node) -> None:
        self.engine = engine
        self.node = node
        self.me = node.me
        node.following.openers[membership.LINKED] = self._fold_link
        node.following.openers[membership.UNLINKED] = self._fold_undo
        node.following.clear_openers[ERASED] = self._fold_erased

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    def enter(self, asker: Asker, said: Between) -> str:
        """Link two records, of which this member owns one at least; gives the link's identifier."""
        policy.require(self.node.vocabulary, asker, Act.LINK)
        said = said._replace(by_role=f"desk of {self.me.member}")
        relations, readable = self.node.vocabulary.terms(RELATIONS), self._readable(asker)
        body = linking.prepare_link(self.db, relations, said, self.node.records.reader(), readable)
        audit.record(
            self.db,
            "link:entered",
            asker,
            self.engine.clock.now(),
            source=said.source.hex(),
            target=said.target.hex(),
            relation=said.relation,
            reason=body.reason,
        )
        return self._write(membership.LINKED, body, body.excluded).hex()

    def undo(self, asker: Asker, identifier: bytes, reason: str) -> None:
        """Take a link of this member's back; that it was there stays known."""
        policy.require(self.node.vocabulary, asker, Act.LINK)
        role = f"desk of {self.me.member}"
        said = identifier if self._sees(asker, identifier) else NOWHERE
        body = linking.prepare_undo(self.db, said, self.me.member, reason, role)
        now = self.engine.clock.now()
        audit.record(self.db, "link:undone", asker, now, link=identifier.hex(), reason=body.reason)
        one = link.link(self.db, identifier)
        self._write(membership.UNLINKED, body, linking.left_out(self.db, one) if one is not None else ())

    def _write(self, kind: str, body: Linking | Undoing, excluded: tuple[str, ...]) -> bytes:
        return self.node.audience.write(kind, encode_link(body), excluded)

    def _fold_link(self, entry: Entry, body: bytes, seq: int) -> None:
        said, header = decode_link(body, Linking), entry.header
        one = Link(
            header.id,
            seq,
            header.author,
            header.created_ms,
            said.source,
            said.target,
            said.relation,
            said.reason,
            said.by_role,
            " ".join(said.excluded),
        )
        linking.apply_link(self.db, self.node.vocabulary.terms(RELATIONS), said, one)

    def _fold_undo(self, entry: Entry, body: bytes, seq: int) -> None:
        said, header = decode_link(body, Undoing), entry.header
        end = End(said.link, header.author, seq, header.created_ms, said.reason, said.by_role)
        linking.apply_undo(self.db, said, end)

    def _fold_erased(self, entry: Entry, _seq: int) -> None:
        """What an author has erased of its links goes from the state too, as it would when the ledger is folded anew."""
        for one in read_order(entry):
            link.erase(self.db, one.id, entry.header.author)

    def read(
        self, asker: Asker, identifier: bytes, *, undone: bool = False
    ) -> tuple[ReadRecord, list[LinkView]]:
        """A record with its links; the line in the audit log names the records that were shown with it."""
        shown = linking.shown(
            self.db, identifier, self.node.records.reader(), self._readable(asker), undone=undone
        )
        about = {"linked": " ".join(one.other.record_id.hex() for one in shown)} if shown else {}
        found = self.node.records.read(asker, identifier, **about)
        return found, [self._view(one) for one in shown]

    def _view(self, one: Shown) -> LinkView:
        said, other = one.link, one.other
        register = register_of(self.node.vocabulary, other.register)
        term = self.node.vocabulary.terms(RELATIONS)[said.relation]
        return LinkView(
            link=said.link_id.hex(),
            relation=said.relation,
            phrase=words(term.label if one.outward else term.description),
            outward=one.outward,
            record=other.record_id.hex(),
            register=register.name if register else "",
            owner=other.owner,
            ref=other.ref,
            caption=register.caption(register.decode(other.body)) if register and other.body else "",
            author=said.author,
            by_role=said.by_role,
            reason=said.reason,
            at_ms=said.at_ms,
            undone_ms=one.end.at_ms if one.end else 0,
            undone_reason=one.end.reason if one.end else "",
        )

    def _sees(self, asker: Asker, identifier: bytes) -> bool:
        """Whether this officer may know of a link: of one whose records are both open to it."""
        one, readable = link.link(self.db, identifier), self._readable(asker)
        ends = (one.source, one.target) if one is not None else ()
        return all(store.register_of(self.db, end) in {*readable, None} for end in ends)

    def _readable(self, asker: Asker) -> frozenset[int]:
        """Codes of the registers that this officer may read."""
        policy.require_could(self.node.vocabulary, asker, Act.READ)
        return visibility.readable(self.node.vocabulary, asker)
