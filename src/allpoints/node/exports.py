"""A member's own records out again, piece by piece, so that the node goes on answering in between."""

from allpoints.identity import policy
from allpoints.identity.officers import Asker
from allpoints.identity.policy import Act
from allpoints.ledger import audit
from allpoints.node.records import Records
from allpoints.registers import exporting
from allpoints.registers.exporting import Page


class Exports:
    """What one node gives out of its registers as files."""

    def __init__(self, records: Records) -> None:
        self.records = records

    def begin(self, asker: Asker, name: str, form: str) -> bytes:
        """The head of a file of this member's records in a register; the audit line is written first."""
        records = self.records
        policy.require_proved(records.vocabulary, asker, Act.EXPORT, records.engine.clock.now())
        head = exporting.head(records.known_register(asker, name), form)
        audit.record(
            records.db, "records:exported", asker, records.engine.clock.now(), register=name, form=form
        )
        return head

    def page(self, name: str, form: str, after: int) -> Page:
        """The next piece of an export that was begun."""
        records = self.records
        return exporting.page(records.db, records.register(name), records.me.member, form, after)
