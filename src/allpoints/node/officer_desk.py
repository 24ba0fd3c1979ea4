"""What an administrator does with the officers of a node: each act needs a fresh proof, and leaves its audit line."""

from collections.abc import Iterable

from allpoints.identity import (
    certifying,
    enrolment,
    officers,
    passkeys,
    passwords,
    policy,
    sessions,
    tokens,
    vouched,
)
from allpoints.identity.officers import Asker
from allpoints.identity.passkeys import Passkey
from allpoints.identity.policy import Act
from allpoints.identity.vouched import Vouched
from allpoints.ledger import audit
from allpoints.node.engine import Engine
from allpoints.registers import visibility
from allpoints.vocabulary.register import Vocabulary


class OfficerDesk:
    """The officers of one office, changed by its administrators. Run each act in the engine."""

    def __init__(self, office: Engine, vocabulary: Vocabulary) -> None:
        self.office = office
        self.vocabulary = vocabulary
        self.certifiable = visibility.certifiable(vocabulary)

    def list_(self, asker: Asker) -> list[officers.Officer]:
        """All officers, by name."""
        policy.require(self.vocabulary, asker, Act.ADMINISTER_OFFICERS)
        return officers.list_officers(self.office.db)

    def add(self, asker: Asker, name: str, roles: Iterable[str]) -> str:
        """Enter an officer; answers with the enrolment code, shown this once."""
        now = self._allowed(asker)
        officers.add_officer(self.office.db, name, roles, now)
        code = enrolment.issue_code(self.office.db, name, now)
        self._record("officer:added", asker, now, name)
        return code

    def code(self, asker: Asker, name: str) -> str:
        """A new enrolment code for an officer, shown this once."""
        now = self._allowed(asker)
        code = enrolment.issue_code(self.office.db, name, now)
        self._record("officer:code", asker, now, name)
        return code

    def roles(self, asker: Asker, name: str, roles: Iterable[str]) -> None:
        """Change what an officer may do; the officer's sessions end."""
        now = self._allowed(asker)
        named = sorted(set(roles))
        officers.set_roles(self.office.db, name, named)
        self._record("officer:roles", asker, now, name, roles=" ".join(named))

    def token(self, asker: Asker, name: str, may: Iterable[str]) -> str:
        """A token for an officer's programs, shown this once."""
        now = self._allowed(asker)
        wanted = sorted(set(may))
        issued = tokens.issue_token(self.office.db, name, now, wanted)
        self._record("officer:token", asker, now, name, may=" ".join(wanted))
        return issued

    def password(self, asker: Asker, name: str) -> str:
        """A new password for an officer, shown this once."""
        now = self._allowed(asker)
        made = passwords.set_password(self.office.db, name)
        self._record("officer:password", asker, now, name)
        return made

    def remove(self, asker: Asker, name: str) -> None:
        """Take an officer out, with everything that proved who it was."""
        now = self._allowed(asker)
        officers.remove_officer(self.office.db, name)
        self._record("officer:removed", asker, now, name)

    def certify(self, asker: Asker, name: str, register: str) -> None:
        """Let an officer read a register that only certified officers read."""
        now = self._allowed(asker)
        certifying.certify(self.office.db, name, register, self.certifiable, now)
        self._record("officer:certified", asker, now, name, register=register)

    def decertify(self, asker: Asker, name: str, register: str) -> None:
        """Take a certification back."""
        now = self._allowed(asker)
        certifying.decertify(self.office.db, name, register)
        self._record("officer:decertified", asker, now, name, register=register)

    def passkeys(self, asker: Asker, name: str) -> list[Passkey]:
        """The passkeys of an officer, oldest first."""
        policy.require(self.vocabulary, asker, Act.ADMINISTER_OFFICERS)
        officers.existing(self.office.db, name)
        return passkeys.list_passkeys(self.office.db, name)

    def remove_passkey(self, asker: Asker, name: str, passkey: str) -> None:
        """Remove a passkey that was lost, the last one too; the officer's sessions end."""
        now = self._allowed(asker)
        passkeys.remove_passkey(self.office.db, name, passkey, last=True)
        sessions.end_all(self.office.db, name)
        self._record("officer:passkey-removed", asker, now, name, passkey=passkey)

    def vouched(self, asker: Asker, name: str) -> list[Vouched]:
        """The subjects and certificates that are the officer, oldest first."""
        policy.require(self.vocabulary, asker, Act.ADMINISTER_OFFICERS)
        officers.existing(self.office.db, name)
        return vouched.list_vouched(self.office.db, name)

    def vouch(self, asker: Asker, name: str, kind: str, value: str) -> Vouched:
        """Say that a provider's subject or a card's certificate is this officer."""
        now = self._allowed(asker)
        made = vouched.vouch(self.office.db, name, kind, value, now)
        self._record("officer:vouched", asker, now, name, kind=kind, vouched=made.id)
        return made

    def unvouch(self, asker: Asker, name: str, one: str) -> None:
        """Take it back; the officer's sessions end."""
        now = self._allowed(asker)
        vouched.unvouch(self.office.db, name, one)
        sessions.end_all(self.office.db, name)
        self._record("officer:unvouched", asker, now, name, vouched=one)

    def end_sessions(self, asker: Asker, name: str) -> int:
        """End all sessions of an officer; answers how many there were."""
        now = self._allowed(asker)
        ended = sessions.end_all(self.office.db, name)
        self._record("officer:sessions-ended", asker, now, name, count=ended)
        return ended

    def _allowed(self, asker: Asker) -> int:
        """The instant, once it is clear that this asker may change officers now."""
        now = self.office.clock.now()
        policy.require_proved(self.vocabulary, asker, Act.CHANGE_OFFICERS, now)
        return now

    def _record(self, event: str, asker: Asker, now_ms: int, name: str, **more: object) -> None:
        audit.record(self.office.db, event, asker, now_ms, name=name, **more)
