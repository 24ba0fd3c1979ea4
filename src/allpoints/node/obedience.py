"""The word of members on orders to delete: whoever obeyed tells the owner by mail, signed, until the owner has it."""

import sqlite3
from typing import Protocol

from allpoints.ground.clock import HOUR, MINUTE
from allpoints.ground.refusal import Refusal
from allpoints.messages.letter import Receipt as ShownReceipt
from allpoints.node.credentials import Credentials
from allpoints.node.engine import Engine
from allpoints.node.post_office import PostOffice
from allpoints.registers import exclusion_store
from allpoints.registers.exclusion import Obeyed, check_obeyed, sign_obeyed
from allpoints.sealing.envelope import Opened
from allpoints.sealing.receipt import UNOPENED

OBEYED = "readers.obeyed"
AT_ONCE = 50
AGAIN_MS = HOUR
"""A word that could not be read (its signer rotated its key, say) is signed anew after so long."""
WAIT_MS = MINUTE
"""An owner that is suspended is told nothing; whether it still is, is looked at this often."""


class Node(Protocol):
    """What obedience needs of the node that it is wired into."""

    me: Credentials
    mail: PostOffice


class Obedience:
    """Says that this node obeyed, and keeps what others say."""

    def __init__(self, engine: Engine, node: Node) -> None:
        self.engine = engine
        self.me = node.me
        self.mail = node.mail
        self.mail.handlers[OBEYED] = self._taken
        self.mail.by_itself.add(OBEYED)
        self.mail.on_receipt.append(self._receipt)

    @property
    def db(self) -> sqlite3.Connection:
        return self.engine.db

    def tick(self, now_ms: int) -> None:
        """Tell owners of what was obeyed and not told yet."""
        for answer in exclusion_store.unanswered(self.db, now_ms, AT_ONCE):
            word = Obeyed(answer.commitment, self.me.name, answer.obeyed_ms)
            message = self.mail.send(OBEYED, [answer.owner], sign_obeyed(word, self.me.signing))
            exclusion_store.answered(self.db, answer.commitment, message, now_ms + WAIT_MS)

    def _receipt(self, message: bytes, receipt: ShownReceipt) -> None:
        if receipt.kind == UNOPENED:
            exclusion_store.answer_again(self.db, message, self.engine.clock.now() + AGAIN_MS)

    def _taken(self, opened: Opened, sender: str) -> None:
        certificate = self.mail.directory.certificate(sender)
        if certificate is None:
            raise Refusal("MAIL-UNKNOWN-SENDER", f"{sender} is no member of this network.", status=403)
        word = check_obeyed(opened.body, certificate.verify_key)
        if word.by != sender:
            raise Refusal("OBEYED-BY-ANOTHER", "A member speaks of its own obedience alone.", status=403)
        at_ms = min(word.at_ms, self.engine.clock.now())
        if not exclusion_store.obeyed(self.db, word, at_ms, opened.body):
            raise Refusal("OBEYED-UNKNOWN", "No such order was given to this member.", status=404)
