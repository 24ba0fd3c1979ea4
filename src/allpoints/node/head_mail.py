"""Members tell each other their head by mail: the relay carries it and can neither read nor change it.

A relay that shows two halves of the network two ledgers would have to keep all mail between them back.
"""

from allpoints.ground.clock import MINUTE
from allpoints.ground.refusal import Refusal
from allpoints.ledger import store as ledger_store
from allpoints.ledger.checkpoint import CHECKPOINT_LIMIT_CHARS
from allpoints.node.credentials import Credentials
from allpoints.node.post_office import PostOffice
from allpoints.node.witness_desk import WitnessDesk
from allpoints.sealing.envelope import Opened

HEAD = "ledger.head"
TELL_MS = 10 * MINUTE


class HeadMail:
    """Tells one other member after another what this node holds, and compares what they tell."""

    def __init__(self, me: Credentials, desk: WitnessDesk, mail: PostOffice) -> None:
        self.me = me
        self.desk = desk
        self.mail = mail
        self.mail.handlers[HEAD] = self._told
        self.mail.by_itself.add(HEAD)
        self._told_ms = 0
        self._turn = 0

    def tick(self, now: int) -> None:
        """Every ten minutes, where the network has witnesses, one other member is told."""
        if 0 <= now - self._told_ms < TELL_MS:
            return
        self._told_ms = now
        latest = ledger_store.latest_checkpoint(self.desk.db)
        others = [one.code for one in self.mail.directory.members() if one.code != self.me.name]
        if latest is None or not others or self.desk.policy() is None:
            return
        self._turn += 1
        self.mail.send(HEAD, [others[self._turn % len(others)]], latest[1].encode())

    def _told(self, opened: Opened, sender: str) -> None:
        if len(opened.body) > 4 * CHECKPOINT_LIMIT_CHARS:
            raise Refusal("CHECKPOINT-FORMAT", "This is no checkpoint.", path="checkpoint", status=400)
        self.desk.compare(opened.body.decode("utf-8", "replace"), sender)
