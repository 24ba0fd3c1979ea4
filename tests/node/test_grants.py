"""Grants between a post and its bureau: with every question, ended with session, role or officer."""

from typing import Any

import msgspec
import pytest
from tests.node.federation import Federation
from tests.node.samples import ANNA, ASKS_PASSPORT, NOW_MS, POST, standing

from allpoints.border.verdict import Answer
from allpoints.ground.clock import HOUR, MINUTE
from allpoints.ground.refusal import Refusal
from allpoints.identity import officers, sessions, tokens
from allpoints.identity.grant import TERM_LIMIT_MS, Grant, Standing
from allpoints.identity.officers import Asker
from allpoints.ledger import audit
from allpoints.node import frames
from allpoints.node.posts import CHECK_LABEL, AskedAlone

PURPOSE = {"purpose": "border-control", "case": "C-1"}


def told(posted: Federation, shown: Standing, check: str = "c" * 24, asked_ms: int = 0) -> str:
    """The fault of the bureau's answer to a question of the post, or nothing."""
    asker = frames.pack(shown)
    at_ms = asked_ms or posted.clock.now()
    posted.tell(POST, "XBM", frames.Ask(check, frames.pack(ASKS_PASSPORT), asker, at_ms))
    answers = [one.frame for one in posted.wire.queue if isinstance(one.frame, frames.Answered)]
    fault = answers[-1].fault
    return fault.code if fault is not None else ""


def signed_in(posted: Federation, name: str = "pia") -> Asker:
    """An officer of the post with a session, who says why."""
    post = posted.post()

    def begin() -> Asker:
        if officers.find_officer(post.db, name) is None:
            officers.add_officer(post.db, name, ["border"], posted.clock.now())
        return sessions.begin(post.db, name, "passkey", posted.clock.now()).asker

    asker: Asker = post.do(begin)
    return msgspec.structs.replace(asker, **PURPOSE)


def checked(posted: Federation, asker: Asker) -> Answer | Refusal:
    replies: list[Answer | Refusal] = []
    posted.post().do(lambda: posted.post().check(asker, ASKS_PASSPORT, replies.append))
    posted.pump()
    assert len(replies) == 1
    return replies[0]


def test_a_question_is_answered_by_its_grant_and_by_no_other(posted: Federation) -> None:
    now = posted.clock.now()
    good = standing(at_ms=now)
    assert told(posted, good, "1" * 24) == ""
    line = audit.lines(posted.bureau("XBM").db)[0]
    assert (line.event, line.officer, line.post, line.case_ref) == ("check:asked", "anna", POST, "C-17")
    for number, (shown, expected) in enumerate(
        (
            (standing(node="XBM/post-9", signer=POST, at_ms=now), "GRANT-OTHER"),
            (standing(signer="XAV", at_ms=now), "BAD-SIGNATURE"),
            (standing(at_ms=now - TERM_LIMIT_MS - HOUR), "GRANT-ENDED"),
            (standing(at_ms=now + HOUR), "GRANT-ENDED"),
            (msgspec.structs.replace(good, purpose="curiosity"), "GRANT-PURPOSE"),
            (msgspec.structs.replace(good, purpose=""), "NO-PURPOSE"),
            (msgspec.structs.replace(good, grant=b""), "GRANT-UNREADABLE"),
            (standing(Asker("rita", frozenset({"reviewer"}), "border-control"), at_ms=now), "NOT-ALLOWED"),
        )
    ):
        assert told(posted, shown, f"{number:024d}") == expected
    assert told(posted, good, "2" * 24) == ""


def test_an_old_instant_does_not_bring_an_ended_grant_back(posted: Federation) -> None:
    issued_ms = posted.clock.now() - TERM_LIMIT_MS - 15 * MINUTE
    shown = standing(at_ms=issued_ms)
    assert told(posted, shown, "1" * 24, asked_ms=issued_ms + HOUR) == "GRANT-ENDED"
    late = standing(at_ms=posted.clock.now() - TERM_LIMIT_MS - 5 * MINUTE)
    assert told(posted, late, "2" * 24, asked_ms=posted.clock.now() - 6 * MINUTE) == ""


def test_one_session_has_one_grant_until_it_is_renewed(posted: Federation) -> None:
    asker, post = signed_in(posted), posted.post()
    assert isinstance(checked(posted, asker), Answer)
    first: Grant = post.do(lambda: post.grants.of(asker))
    assert post.do(lambda: post.grants.of(asker)) == first
    other = signed_in(posted)
    assert post.do(lambda: post.grants.of(other)).binding != first.binding
    posted.clock.now_ms += TERM_LIMIT_MS
    renewed = post.do(lambda: post.grants.of(asker))
    assert (renewed.binding, renewed.serial != first.serial) == (first.binding, True)


@pytest.mark.parametrize("way", ["signed out", "other roles", "removed", "ended by the administrator"])
def test_a_grant_ends_at_the_bureau_with_what_it_rests_on(posted: Federation, way: str) -> None:
    asker, post = signed_in(posted), posted.post()
    assert isinstance(checked(posted, asker), Answer)
    shown: Standing = post.do(lambda: post.grants.standing(asker))
    assert told(posted, shown, "1" * 24) == ""
    ends: dict[str, Any] = {
        "signed out": lambda: post.db.execute("DELETE FROM office_sessions"),
        "other roles": lambda: officers.set_roles(post.db, "pia", ["administrator"]),
        "removed": lambda: officers.remove_officer(post.db, "pia"),
        "ended by the administrator": lambda: sessions.end_all(post.db, "pia"),
    }
    post.do(ends[way])
    posted.tick(2_000)
    posted.pump()
    assert told(posted, shown, "2" * 24) == "GRANT-REVOKED"
    if way != "removed":
        post.do(lambda: officers.set_roles(post.db, "pia", ["border"]))
    assert isinstance(checked(posted, signed_in(posted)), Answer)


def test_a_grant_of_a_token_ends_with_the_token(posted: Federation) -> None:
    signed_in(posted)
    post = posted.post()
    token = post.do(lambda: tokens.issue_token(post.db, "pia", posted.clock.now()))
    asker = msgspec.structs.replace(tokens.asker_of_token(post.db, token), **PURPOSE)
    shown: Standing = post.do(lambda: post.grants.standing(asker))
    posted.tick(2_000)
    posted.pump()
    assert told(posted, shown, "1" * 24) == ""
    post.do(lambda: tokens.revoke_token(post.db, "pia"))
    posted.tick(2_000)
    posted.pump()
    assert told(posted, shown, "2" * 24) == "GRANT-REVOKED"


def test_a_check_made_alone_without_a_good_grant_is_taken_and_names_nobody(posted: Federation) -> None:
    bureau, now = posted.bureau("XBM"), posted.clock.now()
    for number, (shown, officer, unproven) in enumerate(
        (
            (standing(at_ms=now), "anna", None),
            (standing(signer="XAV", at_ms=now), "", "BAD-SIGNATURE"),
            (Standing(b"", "border-control", "C-1"), "", "GRANT-UNREADABLE"),
        )
    ):
        check = f"{number:024d}"
        clear = frames.pack(AskedAlone(check, ASKS_PASSPORT, shown, now, "clear"))
        sealed = bureau.me.reception.public.seal(clear, CHECK_LABEL + check.encode())
        posted.tell(POST, "XBM", frames.Record(check, sealed))
        line = audit.lines(bureau.db)[0]
        detail = msgspec.json.decode(line.detail)
        assert (line.event, line.officer, detail.get("unproven")) == ("check:told", officer, unproven)


def test_the_samples_are_of_the_time_they_are_tested_at() -> None:
    assert Grant.from_bytes(standing(ANNA).grant).issued_ms == NOW_MS
