"""Taking a notice back: the owner's right at any time, its duty once the purpose is achieved."""

import sqlite3

import msgspec

from allpoints.notices import store
from allpoints.notices.notice import Withdrawn, decode_withdrawn, encode
from allpoints.notices.rules import may_withdraw
from allpoints.notices.state import NoticeState
from allpoints.notices.store import Held
from allpoints.notices.submitting import held


class Reason(msgspec.Struct, frozen=True):
    """Who withdraws (a member's code), for which reason code, in which words."""

    by: str
    code: str
    text: str


def withdraw_submission(db: sqlite3.Connection, submission_id: str, reason: Reason, now_ms: int) -> Held:
    """Take back what is not published; the node tells the secretariat unless it was only a draft."""
    found = held(db, submission_id)
    may_withdraw(found.submission.owner, found.state, reason.by, reason.code).require()
    after = msgspec.structs.replace(found, state=NoticeState.WITHDRAWN, changed_ms=now_ms)
    store.keep_submission(db, after)
    return after


def withdraw_notice(db: sqlite3.Connection, notice_id: str, reason: Reason) -> Withdrawn:
    """The body of the ``notice.withdrawn`` entry that the owner appends; the fold of that entry ends the notice."""
    row = store.known_notice(db, notice_id)
    may_withdraw(row.owner, row.state, reason.by, reason.code).require()
    return decode_withdrawn(encode(Withdrawn(notice_id, reason.text.strip(), reason.code)))
