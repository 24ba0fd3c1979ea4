"""Rebuilding: drop what was folded from the ledger and fold all of it again. What officers did stays.

State is a fold of the ledger and of nothing else, so dropping it loses nothing. The whole rebuild is one
transaction: a node that is killed in the middle starts with the state that it had.
"""

from contextlib import closing

from allpoints.ground.clock import SystemClock
from allpoints.ground.disk import FolderDisk
from allpoints.ground.refusal import Refusal
from allpoints.ledger.entry import Entry
from allpoints.node import founding, membership, setting_up, witnesses
from allpoints.node.bureau import Bureau
from allpoints.node.refolding import Progress, empty, entries, quiet, refold_bureau
from allpoints.node.relay import Relay
from allpoints.node.settings import Settings
from allpoints.vocabulary.loading import load


class _Nowhere:
    """The carrier of a node that talks to nobody."""

    def send(self, peer: str, frame: bytes) -> None:
        """Lose the frame, as a line that is down does."""


def rebuild(settings: Settings, progress: Progress = quiet) -> int:
    """Rebuild the stopped node of a folder, and the relay beside the secretariat's desk; returns the entries folded."""
    me = setting_up.credentials(settings)
    if me.role == "post":
        raise Refusal(
            "REBUILD-POST",
            "A post folds no ledger.",
            hint="Its bureau sends the extract again when the post connects.",
            status=409,
        )
    clock, carrier, disk = SystemClock(), _Nowhere(), FolderDisk(settings.folder)
    with closing(Bureau(disk, clock, carrier, me, load(settings.vocabulary_folders))) as desk:
        # One that an older version left was folded again as it was opened.
        folded = desk.following.size if desk.folds_anew else refold(desk, progress)
    if me.is_secretariat:
        relay_disk = FolderDisk(settings.folder / founding.RELAY_FOLDER)
        relay_me = setting_up.relay_credentials(settings, me)
        with closing(Relay(relay_disk, clock, carrier, relay_me)) as relay:
            refold(relay)
    return folded


def refold(node: Bureau | Relay, progress: Progress = quiet) -> int:
    """Empty every ``state_*`` table and the index, fold the ledger again, and return how many entries it has.

    For a node that talks to nobody at the time. Raises the Refusal of an entry that cannot be read, and then
    nothing has changed: run ``allpoints verify``.
    """
    if isinstance(node, Bureau):
        return refold_bureau(node, progress)
    try:
        folded: int = node.do(lambda: _refold_relay(node, progress))
    except Refusal:
        node.reload()
        raise
    return folded


def _refold_relay(relay: Relay, progress: Progress) -> int:
    empty(relay.db)
    directory = membership.load(relay.db, relay.me)
    total = 0
    for total, item in entries(relay.db, progress):
        if isinstance(item, Entry):
            witnesses.fold(relay.db, relay.me, item, total)
            membership.fold_at_relay(relay.db, directory, relay.me, item, total)
    relay.after(relay.reload)
    return total
