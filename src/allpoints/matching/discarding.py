"""Which versions of which records no token finds any more, until a merge or a bulk load leaves their postings out."""

from allpoints.ground.refusal import Refusal
from allpoints.matching.posting import RECORD_ID_BYTES, VERSION_LIMIT


class Discards:
    """What has ended since the segments were written; acts come in the ledger's order."""

    def __init__(self) -> None:
        self._discarded: dict[bytes, int] = {}
        self._revivals: dict[bytes, int] = {}

    def discard(self, record_id: bytes, version: int) -> None:
        """Let no token find this record any more in this version or an older one."""
        if len(record_id) != RECORD_ID_BYTES or not 0 <= version <= VERSION_LIMIT:
            raise Refusal("INDEX-ROW", "A record's identity has 16 bytes and its version three.")
        if version > self._discarded.get(record_id, -1):
            self._discarded[record_id] = version

    def supersede(self, record_id: bytes, version: int) -> None:
        """Let this record be found from now on in this version alone: older ones end, and this one's end is taken back.

        All its postings are to be added again after this: a merge may have dropped them.
        """
        if version <= self._discarded.get(record_id, -1):
            self._revivals[record_id] = self._revivals.get(record_id, 0) + 1
            del self._discarded[record_id]
        if version > 1:
            self.discard(record_id, version - 1)
