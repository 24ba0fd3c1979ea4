"""Admitting: the secretariat takes members in, a bureau takes its posts in."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import NamedTuple

from allpoints.ground.refusal import Refusal
from allpoints.identity import policy
from allpoints.identity.approval import ADMISSION
from allpoints.identity.certificate import check
from allpoints.identity.joining import read_join_request
from allpoints.identity.names import check_label
from allpoints.identity.officers import Asker
from allpoints.identity.policy import Act
from allpoints.identity.standing import strictest
from allpoints.ledger import audit
from allpoints.node import frames, membership, own_root, setting_up
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.following import Following
from allpoints.node.outbox import Outbox
from allpoints.node.posts import Posts
from allpoints.vocabulary.register import Vocabulary


class MemberRow(NamedTuple):
    code: str
    label: str
    admitted_ms: int
    active: bool
    mode: str
    """The strictest of what it may do at present: direct, pre-reviewed, receive-only or suspended."""


class NetworkDesk:
    """Who belongs to the network, and who is let in."""

    def __init__(
        self,
        engine: Engine,
        me: Credentials,
        vocabulary: Vocabulary,
        following: Following,
        outbox: Outbox,
        posts: Posts,
    ) -> None:
        self.engine = engine
        self.me = me
        self.vocabulary = vocabulary
        self.following = following
        self.outbox = outbox
        self.posts = posts
        self.require_view: Callable[[], None] = lambda: None
        """Refuses while this node knows too little of the network to let anybody in."""
        self.on_withdrawn: Callable[[str], None] = lambda _post: None
        """Told whose line ends."""

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    def members(self) -> list[MemberRow]:
        now = self.engine.clock.now()
        directory = self.following.directory
        admitted = dict(self.db.execute("SELECT name, admitted_ms FROM state_members").fetchall())
        return [
            MemberRow(
                one.code,
                one.label,
                admitted.get(one.code, 0),
                directory.is_active(one.code, now),
                strictest(tuple(found.measure.mode for found in directory.in_force(one.code, now))),
            )
            for one in directory.members()
        ]

    def admit_member(self, asker: Asker, text: str, address: str, approvals: Sequence[bytes] = ()) -> str:
        """Write a member's admission, or its renewed certificate, to the ledger; returns the file to join with.

        A new member needs the approvals of as many holders of the root as the root demands.
        """
        policy.require(self.vocabulary, asker, Act.ADMINISTER_NETWORK)
        if not self.me.is_secretariat:
            raise Refusal("NOT-SECRETARIAT", "Members are admitted by the secretariat.", status=403)
        request = read_join_request(text)
        now = self.engine.clock.now()
        certificate = request.certificate
        if certificate is None or request.holder.role != "bureau":
            raise Refusal(
                "ADMIT-REQUEST",
                "This is not the join request of a bureau.",
                path="role",
                hint="A post's request goes to its own bureau: allpoints post admit.",
            )
        check(certificate, certificate.verify_key, now)
        directory = self.following.directory
        known = directory.certificate(certificate.subject)
        if known is not None and known.verify_key != certificate.verify_key:
            raise Refusal(
                "ADMISSION-TWICE",
                f"{certificate.subject} is a member already, with other keys.",
                path="subject",
                status=409,
            )
        if not directory.knows(certificate):
            data = certificate.to_bytes()
            given: list[bytes] = []
            if known is None:
                given = own_root.approved(self.me, directory.root, ADMISSION, data, approvals, now)
            admitting = membership.Admitting(data, given)
            self.outbox.write_clear(membership.ADMITTED, frames.pack(admitting))
        audit.record(
            self.db,
            "member:admitted",
            asker,
            now,
            member=certificate.subject,
            fingerprint=request.fingerprint(),
        )
        return setting_up.admission_for_bureau(self.me, request, address).write()

    def admit_post(self, asker: Asker, text: str, address: str) -> str:
        """Sign a certificate for a post of this bureau and return the file that lets it join."""
        policy.require(self.vocabulary, asker, Act.ADMINISTER_NETWORK)
        self.require_view()
        request = read_join_request(text)
        now = self.engine.clock.now()
        admission = setting_up.admission_for_post(self.me, request, address, now)
        self.posts.admit(admission.own, now)
        self.posts.withdrawn.admitted_again(admission.own.subject)
        audit.record(
            self.db,
            "post:admitted",
            asker,
            now,
            post=admission.own.subject,
            fingerprint=request.fingerprint(),
        )
        return admission.write()

    def withdraw_post(self, asker: Asker, name: str, reason: str) -> None:
        """Let nothing count any more that a post of this bureau signs; it forgets its extract when it next calls."""
        policy.require(self.vocabulary, asker, Act.ADMINISTER_NETWORK)
        check_label(reason, "reason")
        now = self.engine.clock.now()
        self.posts.withdrawn.withdraw(name, now)
        self.posts.departed(name)
        self.engine.after(lambda: self.on_withdrawn(name))
        audit.record(self.db, "post:withdrawn", asker, now, post=name, reason=reason)
