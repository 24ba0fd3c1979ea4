"""Looking again: at checks that a post made alone, and at earlier checks when a record comes that concerns them."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from allpoints.border import store
from allpoints.border.checking import Circumstances, examine
from allpoints.border.question import Asked, understand
from allpoints.border.verdict import Answer, Match
from allpoints.ground.clock import day_of
from allpoints.identity.officers import Asker
from allpoints.ledger import audit
from allpoints.matching.posting import Posting
from allpoints.node.check_index import CheckIndex
from allpoints.node.checks import Checks, Known
from allpoints.node.engine import Engine
from allpoints.node.hits import Hits
from allpoints.node.posts import AskedAlone
from allpoints.vocabulary.register import Vocabulary

TOKENS_AT_ONCE = 500


class Node(Protocol):
    """What looking again needs of the node that it is wired into."""

    vocabulary: Vocabulary
    index: CheckIndex
    checks: Checks
    hits: Hits

    def as_of(self) -> int: ...

    def behind(self, posting: Posting) -> Known | None: ...


class SecondLook:
    """Runs what was asked before against what is known now, and raises what it finds."""

    def __init__(self, engine: Engine, node: Node) -> None:
        self.engine = engine
        self.node = node
        self.db = engine.db

    def take_alone(self, alone: AskedAlone, asker: Asker, unproven: str = "") -> None:
        """Take in a check that a post made from its extract: audit it, look again, raise what it found.

        ``unproven`` is why nobody is named as ``asker``.
        """
        if store.kept_check(self.db, alone.check) is not None:
            return
        now = self.engine.clock.now()
        # A post's clock may be ahead; a check of tomorrow would be swept for late hits without end.
        alone = msgspec.structs.replace(alone, asked_ms=min(alone.asked_ms, now))
        asked = understand(alone.question, self.node.vocabulary, day_of(alone.asked_ms))
        audit.record(
            self.db,
            "check:told",
            asker,
            now,
            check=alone.check,
            asked_ms=alone.asked_ms,
            verdict=alone.verdict,
            number=asked.number,
            issuer=asked.issuer,
            **({"unproven": unproven} if unproven else {}),
        )
        self._raise_now(alone, asker, asked)

    def _raise_now(self, alone: AskedAlone, asker: Asker, asked: Asked) -> None:
        pair = self.node.checks.pair_of(asked)
        at = self._circumstances(alone.check, alone.asked_ms, "extract", pair)
        answer = examine(asked, self.node.index.lookup, at)
        self.node.checks.keep(asker, asked, answer)
        for match in answer.matches:
            known = {record for record, _ in alone.records}
            self._raise(asked, answer, match, late=match.record not in known)

    def _circumstances(self, check: str, asked_ms: int, source: str, pair: bytes) -> Circumstances:
        return Circumstances(
            check,
            asked_ms,
            source,
            self.node.as_of(),
            self.node.checks.registers,
            lambda posting: store.is_dismissed(self.db, pair, posting.record_id, posting.version),
        )

    def _raise(self, asked: Asked, answer: Answer, match: Match, *, late: bool) -> None:
        known = self.node.behind(
            Posting(bytes.fromhex(match.record), match.published_ms, 0, 0, match.owner, match.version)
        )
        described = self.node.checks.described(match, known, asked)
        self.node.hits.raise_hit(asked, answer, described, late=late)

    def take_late(self, kept: store.KeptCheck) -> None:
        """Look again at a check that found nothing, since something is on record by now; its hits are late."""
        asked = understand(self.node.checks.question_of(kept), self.node.vocabulary, day_of(kept.at_ms))
        at = self._circumstances(kept.check, kept.at_ms, "live", kept.pair)
        answer = examine(asked, self.node.index.lookup, at)
        for match in answer.matches:
            self._raise(asked, answer, match, late=True)

    def sweep(self, fresh: Sequence[tuple[bytes, Posting]]) -> None:
        """Run new records against the checks of the last 72 hours and raise late hits."""
        since = self.engine.clock.now() - store.LATE_WINDOW_MS
        if not fresh or not store.any_checks(self.db, since):
            return
        by_token: dict[bytes, list[Posting]] = {}
        for token, posting in fresh:
            by_token.setdefault(token, []).append(posting)
        tokens = list(by_token)
        for start in range(0, len(tokens), TOKENS_AT_ONCE):
            part = tokens[start : start + TOKENS_AT_ONCE]
            for kept, token in store.earlier_checks(self.db, part, since):
                for posting in by_token[token]:
                    self._late(kept, posting)

    def _late(self, kept: store.KeptCheck, posting: Posting) -> None:
        question = self.node.checks.question_of(kept)
        asked = understand(question, self.node.vocabulary, day_of(kept.at_ms))
        at = self._circumstances(kept.check, kept.at_ms, "live", kept.pair)
        # The same weighing as at the border, with this one record as all there is.
        answer = examine(asked, lambda kind, value: self._only(posting, kind, value), at)
        for match in answer.matches:
            self._raise(asked, answer, match, late=True)

    def _only(self, posting: Posting, kind: str, value: str) -> list[Posting]:
        """What the index will say of this one record under an identifier of the earlier check."""
        return self.node.index.pending_lookup(kind, value, posting.record_id)
